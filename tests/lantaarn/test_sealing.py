"""An agreements file that was edited by hand stops intake and the partner commands, before anything is let in by it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from lantaarn.cli import app
from lantaarn.sealing import unbroken_agreements
from lantaarn.settings import Settings, SettingsError
from tests.lantaarn.town import AGREEMENTS, ROOT, WATER


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "agreements.toml"
    file.write_text(AGREEMENTS, encoding="utf-8")
    return file


def seal(file: Path, *options: str) -> Result:
    return CliRunner().invoke(app, ["partner", "seal", *options], env={"LANTAARN_AGREEMENTS": str(file)})


def edit(file: Path, before: str, after: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert before in text
    file.write_text(text.replace(before, after, 1), encoding="utf-8")


def test_it_is_sealed_once_somebody_says_so_and_then_as_it_was(file: Path) -> None:
    shown = seal(file)
    assert f"+ seal {WATER} version 1 (9990)" in shown.output
    assert not file.with_suffix(".lock").exists()
    assert unbroken_agreements(Settings(agreements=file)).entries
    assert seal(file, "--yes").exit_code == 0
    assert "as they were" in seal(file).output
    assert unbroken_agreements(Settings(agreements=file)).entries


def test_intake_does_not_start_on_an_entry_that_was_edited_and_names_it(file: Path) -> None:
    seal(file, "--yes")
    edit(file, "valid_until = 2030-12-31", "valid_until = 2031-12-31")
    policy = ROOT / "examples" / "policy-default.toml"
    env = {"LANTAARN_AGREEMENTS": str(file), "LANTAARN_PSEUDONYM_SECRET": "s", "LANTAARN_POLICIES": str(policy)}
    command = [sys.executable, "-m", "lantaarn", "intake"]
    done = subprocess.run(command, env=os.environ | env, capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 1
    assert "woonstichting-a version 1 (9990): changed in valid_until" in done.stderr
    refused = seal(file, "--yes")
    assert refused.exit_code == 1
    assert "! woonstichting-a version 1 (9990): changed in valid_until" in refused.output


def test_an_entry_added_by_hand_is_let_pass_once_it_is_sealed(file: Path) -> None:
    seal(file, "--yes")
    file.write_text(AGREEMENTS + AGREEMENTS.replace('version = "1"', 'version = "2"'), encoding="utf-8")
    with pytest.raises(SettingsError, match=r"water-b version 2 \(9990\): is not sealed"):
        unbroken_agreements(Settings(agreements=file))
    assert seal(file, "--yes").exit_code == 0
    assert unbroken_agreements(Settings(agreements=file)).entries


def test_a_seal_that_cannot_be_read_is_told(file: Path) -> None:
    file.with_suffix(".lock").write_text("[{", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"agreements\.lock"):
        unbroken_agreements(Settings(agreements=file))


def test_the_example_is_sealed_as_it_is() -> None:
    told = seal(ROOT / "examples" / "agreements.toml").output
    assert told == "All entries are sealed, and as they were.\n"
