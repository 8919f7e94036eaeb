"""``deploy/make-secrets``: makes, never overwrites, lets nobody else in."""

import re
import subprocess
from pathlib import Path

from tests.deploy.files import DEPLOY, ROOT


def _run(folder: Path) -> str:
    done = subprocess.run([DEPLOY / "make-secrets", folder], capture_output=True, text=True, check=True)
    return done.stdout


def _kept(folder: Path) -> dict[str, str]:
    return {file.name: file.read_text(encoding="utf-8") for file in folder.iterdir()}


def test_passwords_are_long_and_all_differ(made_secrets: Path) -> None:
    found = [text for name, text in _kept(made_secrets).items() if "." not in name]
    assert all(re.fullmatch(r"[0-9a-f]{48}", text) for text in found)
    assert len(set(found)) == len(found) == 15


def test_folder_is_closed_and_its_files_can_be_read_in_a_container(made_secrets: Path) -> None:
    assert made_secrets.stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in made_secrets.iterdir()} == {0o444}


def test_nothing_is_overwritten_and_nothing_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    told, before = _run(folder), _kept(folder)
    assert not any(text.strip() in told for name, text in before.items() if name != ".gitignore")
    assert _run(folder) == ""
    assert _kept(folder) == before


def test_one_password_can_be_changed_and_what_follows_from_it_follows(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    _run(folder)
    before = _kept(folder)
    (folder / "postgres-lantaarn").unlink()
    _run(folder)
    after = _kept(folder)
    assert {name for name in after if after[name] != before[name]} == {"postgres-lantaarn", "case-store.toml"}
    assert after["postgres-lantaarn"] in after["case-store.toml"]


def test_git_does_not_see_them(made_secrets: Path) -> None:
    assert (made_secrets / ".gitignore").read_text(encoding="utf-8") == "*\n"
    tracked = subprocess.run(["git", "ls-files", "secrets"], cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S607
    assert tracked.stdout == ""
