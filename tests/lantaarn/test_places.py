"""A file that cannot be written is told by name, before the work that it is for."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lantaarn.cli import app
from lantaarn.places import check_place, written_to
from lantaarn.settings import SettingsError

ROOT = Path(__file__).parents[2]
POLICY = str(ROOT / "examples" / "policy-default.toml")


@pytest.mark.parametrize("missing", ["--out", "--receipts"])
def test_a_replay_into_a_folder_that_is_not_there_does_nothing(missing: str, tmp_path: Path) -> None:
    records, good = tmp_path / "records.jsonl", tmp_path / "good.jsonl"
    records.touch()
    places = {"--out": str(good), "--receipts": str(good), missing: str(tmp_path / "none" / "file")}
    given = ["replay", str(records), "--policy", POLICY, "--as-of", "2026-01-31"]
    done = CliRunner().invoke(app, [*given, *(each for pair in places.items() for each in pair)])
    assert done.exit_code == 1
    assert done.output.strip() == f"lantaarn: {tmp_path}/none/file: its folder is not there"
    assert not good.exists()


def test_a_log_is_not_read_for_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    # There is no broker: were the log read first, it would be told that it does not answer.
    done = CliRunner().invoke(app, ["export-log", "--out", str(tmp_path / "none" / "file")])
    assert done.exit_code == 1
    assert done.output.strip() == f"lantaarn: {tmp_path}/none/file: its folder is not there"


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=f"{re.escape(str(tmp_path))}: is a folder"):
        check_place(tmp_path)
    check_place(tmp_path / "new")
    with pytest.raises(SettingsError, match="none/file: No such file or directory"), written_to(tmp_path / "none/file"):
        (tmp_path / "none/file").touch()
