"""Deliberate acts of a task's owner: the question to the benefits caseworker, and the joint visit."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given

from streams.core.admission import admit
from streams.core.agreements import Agreements
from streams.core.household import Decision, decide
from streams.core.next_action import next_action
from streams.core.records import Record
from streams.core.state import Household
from streams.wire import consultation_of
from tests.streams.core.driver import ADDRESS, ENERGY, RENT, Driver, policy
from tests.streams.core.strategies import DEFAULT, histories
from tests.streams.core.test_properties import thorough

ASKED: dict[str, Any] = {"acted_by": "consulent", "acting_for": "wijkteam", "why": "wij vinden niemand thuis"}
FRIDAY = {"acted_by": "consulent", "visit_at": "2026-02-06T09:30:00+01:00"}


def lost() -> Driver:
    """A household whose resident cannot be found."""
    home = Driver()
    home.report(RENT)
    home.stop()
    assert "lost_contact" in home.reasons
    return home


def asked(home: Driver, **values: Any) -> Decision:
    """What the household makes of a question; it stays as it was."""
    raw = {
        "id": "vraag",
        "partner": "gemeente",
        "type": "Uitkomst",
        "kind": "consultation",
        "signalled_on": "2026-02-03",
        "received_at": "2026-02-03T13:00:00+01:00",
        "address": ADDRESS,
        **ASKED,
        **values,
    }
    record = admit(raw, home.policies, Agreements())
    assert isinstance(record, Record)
    return decide(home.household, record, home.policies)


@pytest.mark.rule("consultation")
def test_the_owner_of_a_task_asks_and_the_question_holds_who_and_why_and_nothing_that_was_signalled() -> None:
    home = lost()
    decision = asked(home)
    assert decision.receipt.result == "accepted"
    assert decision.consultation is not None
    assert consultation_of(decision.consultation) == {
        "id": "vraag",
        "asked_on": date(2026, 2, 3),
        "asked_by": "consulent",
        "team": "wijkteam",
        "why": "wij vinden niemand thuis",
        "address": {**ADDRESS, "letter": None, "addition": None},
    }


@pytest.mark.rule("consultation")
def test_nobody_but_the_owner_may_ask() -> None:
    home = lost()
    for team in ("wijkteam zuid", "schuldhulpverlening", None):
        decision = asked(home, acting_for=team)
        assert (decision.receipt.reason, decision.receipt.field) == ("contradiction", "acting_for")
        assert decision.consultation is None
    home.facts(known_at_debt_help=True)
    assert asked(home).receipt.field == "acting_for"
    assert asked(home, acting_for="schuldhulpverlening").consultation is not None


@pytest.mark.rule("consultation")
def test_only_a_lost_contact_may_be_asked_about() -> None:
    home = Driver()
    home.report(RENT, months=4, crisis="eviction")
    home.stop("other")
    assert home.outcome("consultation", **ASKED).field == "kind"
    home = lost()
    home.paid(RENT)
    home.asks()
    assert "lost_contact" not in home.reasons
    assert (home.outcome("consultation", **ASKED).reason, home.live) == ("contradiction", True)


@pytest.mark.rule("consultation", "outcome.no_task")
def test_without_a_live_task_nothing_is_asked() -> None:
    home = lost()
    home.outcome("closed")
    assert home.outcome("consultation", **ASKED).reason == "no_task"


@pytest.mark.rule("consultation", "duplicate")
def test_a_question_that_comes_twice_is_asked_once() -> None:
    home = lost()
    home.household = asked(home).household
    again = asked(home)
    assert (again.receipt.result, again.consultation) == ("duplicate", None)


@pytest.mark.rule("consultation.deliberate")
@thorough
@given(histories())
def test_nothing_is_asked_but_by_an_accepted_question(records: list[Record]) -> None:
    home = Household("huishouden")
    for record in records:
        decision = decide(home, record, DEFAULT)
        home = decision.household
        on_purpose = record.kind == "consultation" and decision.receipt.result == "accepted"
        assert (decision.consultation is not None) == on_purpose
        if decision.consultation is not None:
            assert decision.consultation.id == record.id


@pytest.mark.rule("acts")
@thorough
@given(histories())
def test_a_question_changes_nothing_of_any_history(records: list[Record]) -> None:
    home, without = Household("huishouden"), Household("huishouden")
    for record in records:
        home = decide(home, record, DEFAULT).household
        if record.kind != "consultation":
            without = decide(without, record, DEFAULT).household
            assert (home.task, home.ending) == (without.task, without.ending)


@pytest.mark.rule("joint_visit", "rung.visit", "acts")
def test_a_caseworker_decides_on_a_joint_visit_and_nothing_is_picked_up_by_it() -> None:
    home = Driver()
    home.report(RENT)
    assert home.outcome("joint_visit", visit_with="woonstichting", **FRIDAY).result == "accepted"
    assert (home.level, home.rung, home.status) == ("letter", "joint_home_visit", "open")
    assert home.task.picked_up_on is None
    visit = home.task.visit
    assert visit is not None
    assert (visit.on, visit.by, visit.partner) == (date(2026, 2, 6), "consulent", "woonstichting")
    action = next_action(home.household, home.task, home.policies.on(date(2026, 2, 2)))
    assert action == ("joint_home_visit", date(2026, 2, 6))


@pytest.mark.rule("joint_visit")
@pytest.mark.parametrize("partner", ["stroomnet", "een andere verhuurder"])
def test_only_a_landlord_that_has_signalled_comes_along(partner: str) -> None:
    home = Driver()
    home.report(RENT)
    home.report(ENERGY)
    answer = home.outcome("joint_visit", visit_with=partner, **FRIDAY)
    assert (answer.reason, answer.field) == ("contradiction", "visit_with")
    assert home.task.visit is None


@pytest.mark.rule("joint_visit")
def test_a_landlord_that_was_paid_does_not_come_along() -> None:
    home = Driver()
    home.report(RENT)
    home.report(ENERGY)
    home.paid(RENT)
    assert home.outcome("joint_visit", visit_with="woonstichting", **FRIDAY).field == "visit_with"
    assert home.outcome("joint_visit", **FRIDAY).result == "accepted"


@pytest.mark.rule("joint_visit", "suppressed")
def test_nobody_visits_where_it_is_not_safe() -> None:
    home = Driver()
    home.report(RENT)
    home.facts(excluded="unsafe")
    assert home.outcome("joint_visit", **FRIDAY).field == "kind"


@pytest.mark.rule("joint_visit")
def test_a_visit_is_not_decided_on_afterwards() -> None:
    home = Driver()
    home.report(RENT)
    assert home.outcome("joint_visit", on="2026-02-07", **FRIDAY).field == "visit_at"
    same_day = {**FRIDAY, "visit_at": "2026-02-07T08:00:00+01:00"}
    assert home.outcome("joint_visit", on="2026-02-07", **same_day).result == "accepted"


@pytest.mark.rule("joint_visit", "promise", "promise.kept")
@pytest.mark.parametrize(("heard", "back"), [(None, True), ("2026-02-05", True), ("2026-02-06", False)])
def test_a_visit_of_which_nothing_was_heard_comes_back(heard: str | None, *, back: bool) -> None:
    home = Driver()
    home.report(RENT)
    home.outcome("joint_visit", **FRIDAY)
    if heard:
        home.outcome("contact", on=heard)
    home.advance_to("2026-02-07")
    assert ("promise" in home.reasons) is back
    assert home.status == ("open" if back else "waiting")


@pytest.mark.rule("consultation", "owner")
def test_the_owner_is_the_team_of_the_neighbourhood() -> None:
    home = Driver(policy(teams={"99": "wijkteam noord"}))
    home.report(RENT)
    home.stop()
    assert asked(home).receipt.field == "acting_for"
    assert asked(home, acting_for="wijkteam noord").consultation is not None


@pytest.mark.rule("joint_visit", "rung.visit")
def test_the_rung_of_a_visit_counts_from_the_day_it_was_decided_and_from_earlier_where_it_was_that_already() -> None:
    home = Driver()
    home.report(RENT)
    home.outcome("joint_visit", on="2026-02-04", **FRIDAY)
    assert home.task.rung_since == date(2026, 2, 4)
    home.outcome("joint_visit", on="2026-02-05", **{**FRIDAY, "visit_at": "2026-02-09T09:30:00+01:00"})
    assert home.task.rung_since == date(2026, 2, 4)
    assert home.task.visit is not None
    assert home.task.visit.on == date(2026, 2, 9)


@pytest.mark.rule("joint_visit", "consultation", "answer.lenient")
def test_an_act_in_the_interchange_format_may_be_nobodys() -> None:
    home = Driver()
    home.report(RENT)
    home.outcome("joint_visit", visit_at=FRIDAY["visit_at"])
    assert home.task.visit is not None
    assert home.task.visit.by == ""
    decision = asked(lost(), acted_by=None, why=None)
    assert decision.consultation is not None
    assert (decision.consultation.asked_by, decision.consultation.why) == ("", "")
