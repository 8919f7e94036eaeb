"""What somebody can mend is told in one line, on a terminal and in a log; what others' texts hold is told nowhere."""

import json
import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
from confluent_kafka import KafkaError, KafkaException
from typer.testing import CliRunner

from lantaarn.cli import app
from lantaarn.mending import TOLD, reason_of
from sinks.errors import StaleSinkError

ROOT = Path(__file__).parents[2]
AGREEMENTS = ROOT / "examples" / "agreements.toml"


def last_words(*command: str, **environment: str) -> dict[str, object]:
    """What a process that logs as JSON says at its end."""
    env = os.environ | {"LANTAARN_AGREEMENTS": str(AGREEMENTS)} | environment
    line = [sys.executable, "-m", "lantaarn", *command]
    done = subprocess.run(line, env=env, capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 1
    (told,) = done.stderr.splitlines()
    found: dict[str, object] = json.loads(told)
    assert found["event"] == "process ends"
    return found


@pytest.mark.parametrize("name", sorted(TOLD))
def test_each_kind_that_is_told_is_there(name: str) -> None:
    module, _, kind = name.rpartition(".")
    assert issubclass(getattr(import_module(module), kind), Exception)


def test_other_errors_keep_their_text() -> None:
    assert reason_of(ValueError("Jansen, Dorpsstraat 1")) is None
    assert reason_of(KafkaException("Jansen")) is None


def test_a_kind_of_a_told_kind_is_told_and_so_is_what_the_client_says() -> None:
    assert reason_of(StaleSinkError("t", 3)) == "t[3]: the stored offset is no longer what this sink stored last"
    away = KafkaException(KafkaError(KafkaError._TRANSPORT))
    assert reason_of(away) == "the broker: Local: Broker transport failure"


def test_a_wrong_setting_is_told_on_the_terminal_in_one_line() -> None:
    done = CliRunner().invoke(app, ["tasks"], env={"LANTAARN_PARTITIONS": "abc"})
    assert done.exit_code == 1
    assert done.output.startswith("lantaarn: partitions (LANTAARN_PARTITIONS): Input should be a valid integer")
    assert len(done.output.splitlines()) == 1


def test_a_process_that_logs_names_the_wrong_setting_in_its_last_line() -> None:
    told = last_words("sink", LANTAARN_PARTITIONS="abc")
    assert told["error"] == "SettingsError"
    assert str(told["reason"]).startswith("partitions (LANTAARN_PARTITIONS): Input should be a valid integer")


def test_an_adapter_says_what_is_wrong_with_its_file(tmp_path: Path) -> None:
    file = tmp_path / "ad.toml"
    assert last_words("publish", str(file))["reason"] == f"{file}: No such file or directory"
    file.write_text('name = "ad"\nspeed = 5\n', encoding="utf-8")
    told = last_words("publish", str(file))
    assert told["error"] == "ConfigError"
    assert str(told["reason"]).endswith("ad.toml: speed: unknown key")
