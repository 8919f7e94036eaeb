"""What was promised comes back when its day goes by unheard; contact keeps it; so it goes with a joint visit."""

from datetime import date
from typing import Any

import pytest

from streams.core.next_action import next_action
from tests.streams.core.driver import RENT, Driver

ON, BY = "2026-02-10", "consulent"


def home_with_a_promise(kind: str = "contact", **values: Any) -> Driver:
    home = Driver()
    home.report()
    home.outcome(kind, promised_on=ON, promised_by=BY, **values)
    return home


@pytest.mark.rule("promise")
@pytest.mark.parametrize(("kind", "before"), [("attempt", "open"), ("contact", "waiting"), ("accepted", "helped")])
def test_a_promise_past_its_day_comes_back_on_the_list_on_the_same_rung(kind: str, before: str) -> None:
    home = home_with_a_promise(kind)
    assert (home.status, home.task.promise and home.task.promise.by) == (before, BY)
    home.advance_to(ON)
    assert (home.status, home.reasons) == (before, {"first_signal"})
    home.advance_to("2026-02-11")
    assert (home.status, home.rung, home.changed_on) == ("open", "letter", "2026-02-11")
    assert home.reasons == {"first_signal", "promise"}


@pytest.mark.rule("promise", "rung")
def test_the_rung_of_a_task_that_comes_back_begins_that_day() -> None:
    home = home_with_a_promise()
    assert home.advance_to("2026-02-24").rung == "letter"
    assert home.advance_to("2026-02-25").rung == "phone"


@pytest.mark.rule("promise")
def test_a_promise_on_an_open_task_leaves_its_rung_alone() -> None:
    home = home_with_a_promise("attempt")
    assert home.advance_to("2026-02-16").rung == "phone"
    assert "promise" in home.reasons


@pytest.mark.rule("promise.kept")
@pytest.mark.parametrize(
    ("kind", "day", "kept"),
    [
        ("attempt", "2026-02-09", False),
        ("attempt", ON, True),
        ("contact", "2026-02-03", True),
        ("accepted", ON, True),
    ],
)
def test_contact_keeps_a_promise_and_an_attempt_does_on_its_day(kind: str, day: str, *, kept: bool) -> None:
    home = home_with_a_promise()
    home.outcome(kind, on=day)
    home.advance_to("2026-02-12")
    assert ("promise" in home.reasons) is not kept
    assert (home.task.promise is None) is kept


@pytest.mark.rule("promise", "promise.kept")
def test_a_new_promise_takes_the_place_of_the_old_one_and_may_be_broken_again() -> None:
    home = home_with_a_promise()
    home.advance_to("2026-02-11")
    home.outcome("contact", promised_on="2026-02-20", promised_by="collega", on="2026-02-12")
    assert home.status == "waiting"
    assert home.advance_to("2026-02-20").status == "waiting"
    assert home.advance_to("2026-02-21").status == "open"
    assert home.task.promise is not None
    assert home.task.promise.by == "collega"


@pytest.mark.rule("promise", "silence")
def test_silence_comes_first_when_its_day_is_first() -> None:
    home = Driver()
    home.report()
    home.outcome("contact", promised_on="2026-04-01", promised_by=BY)
    home.advance_to("2026-02-23")
    assert (home.status, home.rung) == ("open", "phone")
    assert "promise" not in home.reasons
    assert "promise" in home.advance_to("2026-04-02").reasons


@pytest.mark.rule("promise")
@pytest.mark.parametrize("end", ["closed", "refused"])
def test_a_promise_and_a_visit_end_with_their_task(end: str) -> None:
    home = home_with_a_promise()
    home.outcome("joint_visit", visit_at="2026-02-06T09:30:00+01:00", acted_by=BY)
    home.outcome(end)
    assert (home.status, home.task.promise, home.task.visit) == ("ended", None, None)
    assert not home.wait(40).live


@pytest.mark.rule("promise", "suppressed")
def test_a_promise_on_a_suppressed_task_waits_until_the_reason_has_gone() -> None:
    home = home_with_a_promise()
    home.facts(excluded="unsafe", on="2026-02-03")
    assert home.advance_to("2026-02-20").status == "suppressed"
    home.facts(excluded=None)
    assert (home.status, "promise" in home.reasons) == ("open", True)


@pytest.mark.rule("promise", "owner")
@pytest.mark.parametrize(
    ("promised", "action"),
    [
        (ON, ("promise", date(2026, 2, 10))),
        ("2026-02-23", ("promise", date(2026, 2, 23))),
        ("2026-02-24", ("wait", date(2026, 2, 23))),
    ],
)
def test_a_promise_is_the_next_action_when_nothing_comes_before_it(promised: str, action: tuple[str, date]) -> None:
    home = Driver()
    home.report(RENT)
    home.outcome("contact", promised_on=promised, promised_by=BY)
    assert next_action(home.household, home.task, home.policies.on(date(2026, 2, 2))) == action


@pytest.mark.rule("promise", "time")
def test_a_promise_that_is_told_after_its_day_comes_back_at_once() -> None:
    home = Driver()
    home.report()
    home.outcome("contact", promised_on="2026-02-04", promised_by=BY, signalled="2026-02-03", on="2026-02-06")
    assert (home.status, home.reasons) == ("open", {"first_signal", "promise"})


@pytest.mark.rule("promise", "answer.lenient")
def test_a_promise_in_the_interchange_format_may_be_nobodys() -> None:
    home = Driver()
    home.report(RENT)
    home.outcome("attempt", promised_on="2026-02-09")
    assert home.task.promise is not None
    assert home.task.promise.by == ""


@pytest.mark.rule("promise")
@pytest.mark.parametrize(("promised", "visit"), [("2026-02-10", "2026-02-11"), ("2026-02-11", "2026-02-10")])
def test_of_a_promise_and_a_visit_each_passes_on_its_own_day_and_is_one_reason(promised: str, visit: str) -> None:
    home = Driver()
    home.report(RENT)
    home.outcome("contact", promised_on=promised, promised_by=BY)
    home.outcome("joint_visit", visit_at=f"{visit}T09:30:00+01:00", acted_by=BY)
    for day, gone in (("2026-02-11", "2026-02-10"), ("2026-02-12", "2026-02-11")):
        home.advance_to(day)
        task = home.household.task
        assert task is not None
        assert task.promise is not None
        assert task.visit is not None
        assert (task.promise.passed, task.visit.passed) == (promised <= gone, visit <= gone)
        assert task.lasting == ("promise",)
