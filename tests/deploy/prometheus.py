"""A real Prometheus for a test: short intervals, the rules of this repository, targets on this machine."""

import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from lantaarn.embedded.ports import free_port
from lantaarn.embedded.process import ManagedProcess
from tests.streams.live import until
from tests.tools import tool


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
                tool("prometheus", "Debian's package prometheus"),
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
