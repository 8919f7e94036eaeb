"""What is wrong with the settings is told by name, and never with what they hold."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from lantaarn.loading import load_settings
from lantaarn.settings import CONFIG, SettingsError

ROOT = Path(__file__).parents[2]
SECRET = "geheim123"  # noqa: S105 - invented


def told(monkeypatch: pytest.MonkeyPatch, **environment: str) -> str:
    """What is wrong with this environment."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as raised:
        load_settings()
    assert raised.value.__context__ is None, "a traceback would show what the error was made from"
    return str(raised.value)


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    made = tmp_path / "settings.toml"
    monkeypatch.setenv(CONFIG, str(made))
    return made


def test_a_command_never_shows_a_password_under_a_mistyped_name(file: Path) -> None:
    file.write_text(f'sasl_pasword = "{SECRET}"\n', encoding="utf-8")
    command = [sys.executable, "-m", "lantaarn", "topics", "show"]
    done = subprocess.run(command, env=os.environ, capture_output=True, text=True, cwd=ROOT, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert line == f"lantaarn: sasl_pasword: unknown setting, in the file that {CONFIG} names"


@pytest.mark.parametrize(
    "text",
    [f'sasl_pasword = "{SECRET}"', f'[sasl_password]\nvalue = "{SECRET}"', f'sasl_password = "{SECRET}',
     f'oin = "{SECRET}"', f'sasl_password = "{SECRET}"\npartitions = "{SECRET}"', f"sasl_password = {SECRET}"],
)  # fmt: skip
def test_no_fault_in_the_file_is_told_with_what_is_in_it(
    text: str, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write_text(text, encoding="utf-8")
    assert SECRET not in told(monkeypatch)


def test_a_wrong_value_names_its_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    said = told(monkeypatch, LANTAARN_PARTITIONS="abc", LANTAARN_OIN="12")
    assert "partitions (LANTAARN_PARTITIONS): Input should be a valid integer" in said
    assert "oin (LANTAARN_OIN): String should match" in said


def test_a_file_that_cannot_be_read_is_named(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert told(monkeypatch) == f"{CONFIG}: {file}: no such file"
    file.write_text("partitions = \n", encoding="utf-8")
    assert told(monkeypatch).startswith(f"{CONFIG}: {file}: not TOML: Invalid value (at line 1")
    file.write_bytes(f'sasl_password = "{SECRET}'.encode() + b'\xe9"\n')
    assert told(monkeypatch) == f"{CONFIG}: {file}: not UTF-8"


@pytest.mark.parametrize("name", ["sasl_password", "pseudonym_secret", "registry_auth"])
def test_a_secrets_file_that_cannot_be_read_is_named_with_its_setting(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret, variable = tmp_path / "secret", f"LANTAARN_{name.upper()}_FILE"
    assert told(monkeypatch, **{variable: str(secret)}) == (
        f"{name}_file ({variable}): {secret}: No such file or directory"
    )
    secret.write_bytes(SECRET.encode() + b"\xe9")
    assert told(monkeypatch) == f"{name}_file ({variable}): {secret}: not UTF-8"


def test_every_process_and_command_reads_its_settings_here() -> None:
    files = [file for room in ("lantaarn", "deploy") for file in (ROOT / room).rglob("*.py")]
    elsewhere = [file.name for file in files if "Settings()" in file.read_text(encoding="utf-8")]
    assert elsewhere == ["loading.py"]
