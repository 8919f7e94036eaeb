"""Signals of a shared address of which nobody can tell whose they are, until a person places them."""

from typing import Any

import pytest

from streams.core.next_action import next_action
from streams.core.told import tellings
from tests.streams.core.driver import RENT, WATER, Answer, Driver, policy

BY = {"acted_by": "consulent"}


def unsorted() -> Driver:
    """A household that stands for a claim of whom nobody knows."""
    home = Driver(key="alleen")
    home.report(RENT, unsorted=True)
    return home


def person() -> Driver:
    return Driver(key="anna")


def place(home: Driver, other: Driver, **values: Any) -> Answer:
    answer = home.outcome("placed", to=other.household.key, **BY, **values)
    home.delivers_to(other)
    return answer


def action(home: Driver) -> tuple[str, str | None]:
    what, on = next_action(home.household, home.task, policy())
    return what, on.isoformat() if on else None


@pytest.mark.rule("shared.alone")
def test_a_signal_of_nobody_known_is_a_task_with_its_own_dates_and_nobody_is_approached() -> None:
    home = unsorted()
    assert (home.status, home.level, home.due, action(home)) == (
        "open",
        "letter",
        "2026-03-02",
        ("place", "2026-02-16"),
    )
    home.wait(days=29)
    assert "overdue" in home.reasons
    assert action(home)[0] == "place"


@pytest.mark.rule("shared.alone", "due.crisis")
def test_a_crisis_of_nobody_known_is_due_in_three_working_days_all_the_same() -> None:
    home = Driver(key="alleen")
    home.report(RENT, crisis="eviction", unsorted=True)
    assert (home.due, action(home)[0]) == ("2026-02-05", "place")


@pytest.mark.rule("placed", "moved.along")
def test_what_is_placed_goes_to_the_person_with_its_dates_and_is_matched_there() -> None:
    home, anna = unsorted(), person()
    anna.report(WATER, on="2026-02-03")
    answer = place(home, anna, on="2026-02-20")
    assert answer.result == "accepted"
    assert (home.status, "placed" in home.reasons, action(home)) == ("ended", True, ("none", None))
    assert (anna.members, anna.level, anna.due) == ({"woonstichting-1", "waterbedrijf-1"}, "phone", "2026-03-02")
    assert action(anna)[0] == "phone"


@pytest.mark.rule("placed", "moved.follows")
def test_what_the_creditor_sends_later_follows_to_the_person() -> None:
    home, anna = unsorted(), person()
    place(home, anna, on="2026-02-10")
    home.paid(RENT, on="2026-02-12", unsorted=True)
    home.delivers_to(anna)
    assert anna.status == "withdrawn"


@pytest.mark.rule("placed", "moved.once", "moved.memory")
def test_placing_tells_the_partner_nothing_and_the_day_of_its_answer_stays() -> None:
    home, anna = unsorted(), person()
    before = home.household
    place(home, anna, on="2026-02-20")
    place(home, anna, on="2026-02-20", id="gemeente-2")
    assert tellings(before, home.household) == []
    untold = anna.household
    anna.advance_to("2026-03-02")
    (told,) = tellings(untold, anna.household)
    assert (told.signal_id, told.told.on.isoformat(), told.told.picked_up) == ("woonstichting-1", "2026-03-02", False)
    home.advance_to("2026-03-10")
    assert tellings(before, home.household) == []


@pytest.mark.rule("placed")
def test_only_what_is_of_nobody_known_is_placed_and_with_somebody_else() -> None:
    home, anna = unsorted(), person()
    assert place(home, home).field == "to_household"
    anna.report(WATER)
    assert place(anna, Driver(key="bram")).field == "kind"
    assert home.outcome("closed", result="Niet opgepakt: andere reden").result == "accepted"
    assert place(home, anna).reason == "no_task"


@pytest.mark.rule("placed", "outcome.reopened.ended")
def test_what_was_placed_with_the_wrong_person_goes_to_the_right_one_after_all() -> None:
    home, anna, bram = unsorted(), person(), Driver(key="bram")
    place(home, anna, on="2026-02-10")
    home.transfers.clear()
    home.outcome("reopened", on="2026-02-11", why="verkeerde bewoner", **BY)
    assert "placed" not in home.reasons
    assert place(home, bram, on="2026-02-11").result == "accepted"
    assert (bram.members, bram.due) == ({"woonstichting-1"}, "2026-03-02")
    home.transfers.clear()
    home.paid(RENT, on="2026-02-12", unsorted=True)
    home.delivers_to(bram)
    assert bram.status == "withdrawn"
    anna.outcome("disputed", disputed_signal="woonstichting-1", on="2026-02-12")
    assert anna.status == "suppressed"
