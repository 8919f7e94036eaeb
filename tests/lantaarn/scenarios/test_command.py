"""The command as a policy officer sees it."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from lantaarn.cli import app
from tests.lantaarn.scenarios.test_examples import FOLDER
from tests.lantaarn.scenarios.test_reading import GOOD, written

POLICY = 'version = "1"\nvalid_from = 2025-01-01\n'


def run(*command: str) -> Result:
    return CliRunner().invoke(app, ["scenarios", *command], env={"COLUMNS": "160"}, prog_name="lantaarn")


def test_all_as_they_expect_ends_well() -> None:
    done = run(str(FOLDER))
    assert done.exit_code == 0, done.output
    assert "all as they expect" in done.output
    assert "The covenant ran until the end of 2025" in done.output


@pytest.mark.parametrize(
    ("was", "becomes", "row"),
    [
        ('level = "letter"', 'level = "phone"', ["2026-02-02 home", "level", "phone", "letter"]),
        ('level = "letter"', "due_on = 2026-03-01", ["2026-02-02 home", "due_on", "2026-03-01", "2026-03-02"]),
        ('level = "letter"', "members = []", ["2026-02-02 home", "members", "none", "1"]),
        ('level = "letter"', "tasks = 2", ["2026-02-02 home", "tasks", "2", "1"]),
        ('level = "letter"', "task = false", ["2026-02-02 home", "task", "no task", "one that is open"]),
        ('level = "letter"', 'with_reasons = ["crisis"]', ["2026-02-02 home", "reasons", "with crisis"]),
        ('level = "letter"', 'without_reasons = ["first_signal"]', ["reasons", "without first_signal"]),
        ('level = "letter"', 'reasons = ["crisis"]', ["reasons", "crisis", "first_signal"]),
        ("[[expect]]\non = 2026-02-02", "[[expect]]\non = 2026-02-01", ["2026-02-01 home", "a task", "no task"]),
        ('type = "Huur"', 'type = "Huur"\namount = 5', ["receipt of 1", "accepted", "refused: unjustified"]),
        ('"Huur"', '"Huur"\n[receipts]\n1 = "duplicate"', ["receipt of 1", "duplicate", "accepted"]),
    ],
)
def test_what_differs_is_shown_expected_beside_found(tmp_path: Path, was: str, becomes: str, row: list[str]) -> None:
    written(tmp_path, POLICY, "policy.toml")
    file = written(tmp_path, GOOD.replace(was, becomes))
    done = run(str(file))
    assert done.exit_code == 1
    lines = [line for line in done.output.splitlines() if all(word in line for word in row)]
    assert len(lines) == 1, done.output
    assert "1 of 1 differs from what it expects." in done.output


def test_another_policy_shows_which_stories_it_changes(tmp_path: Path) -> None:
    text = (FOLDER / "policy.toml").read_text(encoding="utf-8")
    idea = written(tmp_path, "lost_contact_days = 30\n" + text.replace("scenarios-1", "idea"), "idea.toml")
    done = run(str(FOLDER / "E-out-of-sight"), "--policy", str(idea))
    assert done.exit_code == 1
    assert "2026-03-16 home" in done.output
    assert "joint_home_visit" in done.output


def test_without_a_policy_it_says_where_it_looked(tmp_path: Path) -> None:
    done = run(str(written(tmp_path, GOOD)))
    assert done.exit_code == 1
    assert "no policy.toml there or above" in str(done.exception)
