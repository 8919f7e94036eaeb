"""What the owner of a task does next, and by when."""

from typing import Any

import pytest

from streams.core.next_action import next_action
from streams.core.policy import WaitDays
from tests.streams.core.driver import RENT, Driver, policy


def action(home: Driver, **values: Any) -> tuple[str, str | None]:
    assert home.household.task is not None
    what, on = next_action(home.household, home.household.task, policy(**values))
    return what, on.isoformat() if on else None


@pytest.mark.rule("owner", "due.regular")
def test_a_rung_is_due_by_its_timer_and_until_somebody_was_there_by_law_as_well() -> None:
    slow = WaitDays(letter=40, phone=40)
    home = Driver(policy(wait_days=slow))
    home.report(RENT)
    assert action(home) == ("letter", "2026-02-16")
    assert action(home, wait_days=slow) == ("letter", "2026-03-02")
    home.outcome("attempt", on="2026-02-03")
    assert action(home, wait_days=slow) == ("letter", "2026-03-14")


@pytest.mark.rule("joint_visit")
@pytest.mark.parametrize(("visit", "first"), [("2026-02-24", "joint_home_visit"), ("2026-02-25", "wait")])
def test_a_visit_on_the_last_day_of_waiting_comes_first(visit: str, first: str) -> None:
    home = Driver()
    home.report(RENT)
    home.outcome("contact", on="2026-02-03")
    home.outcome("joint_visit", visit_at=f"{visit}T09:00:00+01:00")
    assert action(home) == (first, "2026-02-24")


@pytest.mark.rule("register_check")
def test_a_look_in_the_register_on_the_day_that_somebody_left_is_enough_and_an_older_word_of_it_is_not() -> None:
    home = Driver()
    home.report(RENT, months=2)
    home.facts(children=True, on="2026-02-04")
    home.moved("left", on="2026-02-04")
    assert action(home)[0] == "register_check", "what was said that day may be from before"
    home.outcome("attempt", channel="Administratief", on="2026-02-04")
    assert action(home)[0] == "home_visit"


@pytest.mark.rule("register_check")
def test_the_latest_move_counts() -> None:
    home = Driver()
    home.report(RENT, months=2)
    home.moved("left", on="2026-02-05", signalled="2026-02-05")
    home.moved("moved", on="2026-02-06", signalled="2026-02-03", everyone=False)
    assert action(home)[0] == "register_check"
