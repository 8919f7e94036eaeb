"""A real Prometheus for a test: short intervals, the rules of this repository, targets on this machine."""

import json
import os
import shutil
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest

from lantaarn.embedded.ports import free_port
from lantaarn.embedded.process import ManagedProcess
from tests.streams.live import until

SWITCH = "LANTAARN_TEST_PROMETHEUS"
MISSING = (
    "no `prometheus` on the path: install it (Debian: apt-get install prometheus), or say that these tests are not to "
    f"run with {SWITCH}=off"
)


def binary(name: str) -> str:
    """Where Prometheus is; a test that cannot have it fails, unless it was told not to ask."""
    if os.environ.get(SWITCH) == "off":
        pytest.skip(f"{SWITCH}=off")
    found = shutil.which(name)
    if found is None:
        pytest.fail(MISSING)
    return found


class Prometheus:
    def __init__(self, folder: Path, rules: Mapping[str, Any], targets: Mapping[str, int]) -> None:
        self._folder = folder
        self._port = free_port()
        jobs = [{"targets": [f"127.0.0.1:{port}"], "labels": {"process": process}} for process, port in targets.items()]
        config = {
            "global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
            "rule_files": ["rules.json"],
            "scrape_configs": [{"job_name": "lantaarn", "static_configs": jobs}],
        }
        # JSON is YAML too.
        for name, value in (("prometheus.json", config), ("rules.json", rules)):
            (folder / name).write_text(json.dumps(value), encoding="utf-8")

    def __enter__(self) -> Self:
        self._process = ManagedProcess(
            "Prometheus",
            [
                binary("prometheus"),
                f"--config.file={self._folder / 'prometheus.json'}",
                f"--storage.tsdb.path={self._folder / 'tsdb'}",
                f"--web.listen-address=127.0.0.1:{self._port}",
                "--log.level=warn",
            ],
            self._folder / "prometheus.log",
        )
        self._process.wait_for_port(self._port)
        until(self._ready, check=self._process.check)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.stop()

    def query(self, expression: str) -> list[tuple[dict[str, str], float]]:
        """Labels and value of each sample of an instant query."""
        asked = urllib.parse.urlencode({"query": expression})
        with urllib.request.urlopen(f"http://127.0.0.1:{self._port}/api/v1/query?{asked}", timeout=10) as answer:
            found = json.load(answer)["data"]["result"]
        return [(each["metric"], float(each["value"][1])) for each in found]

    def _ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self._port}/-/ready", timeout=10):
                return True
        except urllib.error.HTTPError:
            return False

    def firing(self) -> set[str]:
        """Names of the alerts that fire now."""
        return {labels["alertname"] for labels, _ in self.query('ALERTS{alertstate="firing"}')}
