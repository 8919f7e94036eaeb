"""A file that cannot be used is told with file, entry and field."""

from pathlib import Path

import pytest

from lantaarn.scenarios.making import base_policy, make
from lantaarn.scenarios.reading import ScenarioError, read, read_folder

GOOD = """
title = "A story"

[[record]]
on = 2026-02-02
type = "Huur"

[[expect]]
on = 2026-02-02
level = "letter"
"""


def written(folder: Path, text: str, name: str = "story.toml") -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("was", "becomes", "told"),
    [
        ('title = "A story"', "", "title: Field required"),
        ('title = "A story"', 'titel = "A story"', "titel: is not known here"),
        ('type = "Huur"', 'type = "Hur"', "record 1: type: Input should be 'Huur'"),
        ('type = "Huur"', "", "record 1: type: is missing; one of Huur"),
        ('type = "Huur"', 'type = "Huur"\nmonhts = 2', 'record 1: monhts: "monhts" is not known; is "months" meant?'),
        ("on = 2026-02-02\ntype", 'on = "2 feb"\ntype', "record 1: on: is not a date like 2026-02-02, without quotes"),
        ("on = 2026-02-02\nlevel", "on = 2026-02-31\nlevel", "Invalid date or datetime (at line 9"),
        ('level = "letter"', 'level = "bellen"', 'expect 1: level: "bellen" is not known; known: home_visit'),
        ('level = "letter"', 'lvl = "letter"', 'expect 1: lvl: "lvl" is not known; is "level" meant?'),
        ('level = "letter"', "", "expect 1: says nothing that could be checked"),
        ('level = "letter"', 'reasons = ["frist_signal"]', 'expect 1: reasons: "frist_signal" is not known; is "first'),
        ('level = "letter"', 'members = ["huur"]', 'expect 1: members: "huur" is not known; known: 1'),
        ('level = "letter"', 'level = "letter"\ntask = false', "expect 1: task: is false, and yet something is said"),
        ('level = "letter"', 'address = "hme"\ntasks = 1', 'expect 1: address: "hme" is not known; is "home" meant?'),
        ('type = "Huur"', 'type = "Huur"\nmissing = ["call"]', "record 1: missing 1: Input should be"),
        ('type = "Huur"', 'again = "first"', 'record 1: again: "first" is not known'),
        ('type = "Huur"', 'type = "Uitkomst"\ndisputed_signal = "x"', 'record 1: disputed_signal: "x" is not known'),
        ("[[expect]]", '[receipts]\nwater = "refused"\n[[expect]]', 'receipts: "water" is not known; known: 1'),
    ],
)
def test_what_is_wrong_is_told_with_file_entry_and_field(tmp_path: Path, was: str, becomes: str, told: str) -> None:
    file = written(tmp_path, GOOD.replace(was, becomes))
    with pytest.raises(ScenarioError) as error:
        read(file)
    assert any(line.startswith(f"{file}: {told}") for line in str(error.value).splitlines())


def test_all_files_that_are_wrong_are_told_at_once(tmp_path: Path) -> None:
    written(tmp_path, GOOD.replace("Huur", "Hur"), "a.toml")
    written(tmp_path, "title = ", "b.toml")
    written(tmp_path, GOOD, "c.toml")
    with pytest.raises(ScenarioError, match=r"(?s)a\.toml: record 1.*b\.toml: "):
        read_folder(tmp_path)


def test_a_folder_without_scenarios_is_told(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="no scenario here"):
        read_folder(tmp_path)


def test_a_policy_value_that_is_none_is_told_with_the_file(tmp_path: Path) -> None:
    base = base_policy(written(tmp_path, 'version = "1"\nvalid_from = 2025-01-01\n', "policy.toml"))
    file = written(tmp_path, GOOD.replace("[[record]]", "[policy]\nnaer_days = 3\n[[record]]"))
    with pytest.raises(ScenarioError, match=r"story\.toml: policy: .*naer_days"):
        make(read(file), base)


def test_an_agreement_that_contradicts_itself_is_told_with_the_file(tmp_path: Path) -> None:
    base = base_policy(written(tmp_path, 'version = "1"\nvalid_from = 2025-01-01\n', "policy.toml"))
    agreement = '[[agreement]]\npartner = "woonstichting"\ntypes = ["Huur"]\nvalid_until = 1999-01-01\n[[record]]'
    file = written(tmp_path, GOOD.replace("[[record]]", agreement))
    with pytest.raises(ScenarioError, match=r"story\.toml: agreement: .*valid_until: is before valid_from"):
        make(read(file), base)
