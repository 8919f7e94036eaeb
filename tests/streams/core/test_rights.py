"""What a resident asks by right: to be left alone, or to have a record put right."""

from datetime import date

import pytest
from hypothesis import given, settings

from schemas.codes import DISPUTES, RightKind
from streams.core.admission import Refused, admit
from streams.core.agreements import Agreements
from streams.core.household import decide
from streams.core.records import Record
from streams.core.state import Household, Status
from streams.wire import task_of
from tests.streams.core.driver import ENERGY, RENT, Driver, policy, raw_report
from tests.streams.core.strategies import DEFAULT, histories

OUTSIDE = {"event": "moved", "everyone": True, "to_address": None}


def next_action(home: Driver) -> tuple[str, date | None]:
    told = task_of(home.household, home.versions[-1], policy())
    return told["next_action"], told["next_action_on"]


def home_with_objection(**report: object) -> Driver:
    home = Driver()
    home.report(**report)  # type: ignore[arg-type]
    assert home.outcome("objection", on="2026-02-10").result == "accepted"
    return home


@pytest.mark.rule("objection", "rights.decide_by")
@pytest.mark.parametrize("before", [None, "contact", "accepted"])
def test_an_objection_holds_the_task_until_a_person_decides_within_a_month(before: str | None) -> None:
    home = Driver()
    home.report()
    if before:
        home.outcome(before)
    home.outcome("objection", on="2026-02-10")
    assert home.status == "suppressed"
    assert "objection" in home.reasons
    assert next_action(home) == ("decide", date(2026, 3, 10))
    home.advance_to("2026-07-01")
    assert home.rung == "letter", "no timer runs"
    assert "no_response" not in home.reasons


@pytest.mark.rule("objection")
def test_what_comes_in_meanwhile_is_kept_and_changes_nothing_of_that() -> None:
    home = home_with_objection()
    home.report(ENERGY, on="2026-02-12")
    assert home.status == "suppressed"
    assert len(home.members) == 2
    assert home.outcome("objection", on="2026-02-13").result == "accepted"
    assert next_action(home) == ("decide", date(2026, 3, 10)), "the first one counts"


@pytest.mark.rule("objection", "rights.decide_by")
def test_a_crisis_under_an_objection_is_shown_to_a_person_by_its_own_date() -> None:
    home = home_with_objection()
    home.report(ENERGY, crisis="cutoff", on="2026-02-12")
    assert home.status == "suppressed"
    assert {"crisis", "objection"} <= home.reasons
    assert home.task.band == 2
    assert next_action(home) == ("decide", date(2026, 2, 17))


@pytest.mark.rule("objection", "joint_visit", "consultation")
def test_a_visit_that_was_planned_is_off_and_nobody_is_asked_about_them() -> None:
    home = Driver()
    home.report()
    home.stop()
    visit = {"visit_at": "2026-02-20T09:00:00+01:00", "acted_by": "wijkagent"}
    assert home.outcome("joint_visit", **visit).result == "accepted"
    home.outcome("objection", on="2026-02-10")
    assert home.task.visit is None
    assert home.outcome("joint_visit", **visit).reason == "contradiction"
    asked = {"acted_by": "wijkcoach", "acting_for": "wijkteam", "why": "Waar is de bewoner?"}
    assert home.outcome("consultation", **asked).reason == "contradiction"


@pytest.mark.rule("objection.opens")
def test_without_a_task_an_objection_keeps_signals_from_opening_one() -> None:
    home = Driver()
    assert home.outcome("objection").result == "accepted"
    home.report(on="2026-02-03")
    home.report(ENERGY, amount=500_000, on="2026-02-04")
    home.wait(days=120)
    assert home.versions == []


@pytest.mark.rule("objection.opens")
@pytest.mark.parametrize("asked_by", ["crisis", "self_report", "warm_handover"])
def test_a_new_crisis_or_the_residents_own_request_opens_a_task_to_decide_upon(asked_by: str) -> None:
    home = Driver()
    home.outcome("objection")
    home.report(on="2026-02-03")
    if asked_by == "crisis":
        home.report(ENERGY, crisis="cutoff", on="2026-02-04")
    elif asked_by == "self_report":
        home.asks(on="2026-02-04")
    else:
        home.referred(on="2026-02-04")
    assert home.status == "suppressed"
    assert {asked_by, "objection"} <= home.reasons
    assert next_action(home)[0] == "decide"


@pytest.mark.rule("objection.opens")
def test_a_lost_contact_opens_nothing_against_an_objection() -> None:
    home = Driver()
    home.outcome("objection")
    home.report(RENT, on="2026-02-03")
    home.stop(on="2026-02-04")
    assert home.versions == []


@pytest.mark.rule("objection.upheld", "objection.opens")
def test_upheld_ends_the_task_and_only_a_crisis_not_known_then_asks_again() -> None:
    home = home_with_objection(crisis="eviction")
    assert home.outcome("objection_upheld", on="2026-02-20").result == "accepted"
    assert home.status == "ended"
    assert "objection" in home.reasons
    home.report(crisis="eviction", on="2026-03-02")
    home.report(ENERGY, on="2026-03-03")
    assert len(home.tasks) == 1, "known then, or no crisis"
    home.report(ENERGY, crisis="cutoff", on="2026-04-02")
    assert len(home.tasks) == 2
    assert home.status == "suppressed"


@pytest.mark.rule("objection.upheld")
def test_an_objection_upheld_by_mistake_is_undone_and_stands_as_before() -> None:
    home = home_with_objection()
    home.outcome("objection_upheld", on="2026-02-20")
    home.outcome("reopened", on="2026-02-21")
    assert len(home.tasks) == 1
    assert home.status == "suppressed"
    assert home.household.objection is not None
    assert home.household.objection.upheld_by is None
    home.outcome("objection_lifted", on="2026-02-22")
    assert home.status == "open"
    assert "objection" not in home.reasons


@pytest.mark.rule("objection.upheld")
def test_upheld_without_a_task_stands_and_opens_nothing() -> None:
    home = Driver()
    home.outcome("objection")
    assert home.outcome("objection_upheld", on="2026-02-03").result == "accepted"
    home.report(on="2026-02-04")
    assert home.versions == []


@pytest.mark.rule("objection.lifted")
def test_lifted_the_task_goes_on_that_day() -> None:
    home = home_with_objection()
    home.outcome("objection_lifted", on="2026-03-20")
    assert home.status == "open"
    assert home.task.rung_since == date(2026, 3, 20)
    assert "overdue" in home.reasons, "the date that the law gives has not moved"


@pytest.mark.rule("objection.lifted")
def test_lifted_without_a_task_what_is_open_opens_one() -> None:
    home = Driver()
    home.outcome("objection")
    home.report(on="2026-02-03")
    home.outcome("objection_lifted", on="2026-02-20")
    assert home.status == "open"
    assert home.due == "2026-03-03"


@pytest.mark.rule("objection.lifted")
def test_taken_back_after_it_was_upheld_what_is_open_opens_a_task() -> None:
    home = home_with_objection()
    home.outcome("objection_upheld", on="2026-02-20")
    home.outcome("objection_lifted", on="2026-02-25")
    assert len(home.tasks) == 2
    assert home.status == "open"


@pytest.mark.rule("objection.gone")
def test_an_objection_leaves_with_those_who_made_it() -> None:
    home = home_with_objection()
    home.moved("moved", everyone=True, on="2026-02-20")
    assert home.status == "ended"
    home.report(ENERGY, on="2026-03-02")
    assert home.status == "open", "who lives here now has not objected"


@pytest.mark.rule("rights.no_outcome")
def test_an_objection_picks_nothing_up() -> None:
    home = home_with_objection()
    home.paid(on="2026-02-12")
    assert home.status == "withdrawn"
    other = home_with_objection()
    assert other.report(on="2026-03-02").result == "accepted", "not a repeated one"


@pytest.mark.rule("rights.no_subject")
@pytest.mark.parametrize("kind", ["objection_upheld", "objection_lifted"])
def test_a_decision_on_no_objection_is_refused(kind: str) -> None:
    home = Driver()
    home.report()
    assert home.outcome(kind) == (f"gemeente-{2}", "refused", "no_subject", None)
    assert home.status == "open"


@pytest.mark.rule("disputed", "disputed.held", "rights.decide_by")
def test_a_disputed_report_counts_for_nothing_and_a_person_decides() -> None:
    home = Driver()
    home.report(id="huur")
    home.outcome("disputed", disputed_signal="huur", on="2026-02-10")
    assert home.status == "suppressed"
    assert home.reasons == {"disputed"}
    assert next_action(home) == ("decide", date(2026, 3, 10))
    assert home.members == {"huur"}, "whoever decides sees what it is about"


@pytest.mark.rule("disputed")
def test_what_is_not_in_dispute_goes_on() -> None:
    home = Driver()
    home.report(id="huur", months=3)
    home.report(ENERGY, id="stroom")
    assert home.level == "home_visit"
    home.outcome("disputed", disputed_signal="huur", on="2026-02-10")
    assert home.status == "open"
    assert home.level == "letter"
    assert home.members == {"stroom"}
    assert home.reasons == {"first_signal", "disputed"}


@pytest.mark.rule("disputed")
def test_a_disputed_amount_is_as_it_was_before() -> None:
    home = Driver()
    home.report()
    home.amount(RENT, 150_000, id="hoger")
    assert home.level == "phone"
    home.outcome("disputed", disputed_signal="hoger", on="2026-02-03")
    assert home.level == "letter"
    assert home.reasons == {"first_signal", "disputed"}


@pytest.mark.rule("disputed", "disputed.held")
def test_a_disputed_benefit_stop_is_no_lost_contact() -> None:
    home = Driver()
    home.stop(id="stop")
    home.moved("left")
    assert home.level == "joint_home_visit"
    home.outcome("disputed", disputed_signal="stop", on="2026-02-10")
    assert home.status == "suppressed"
    assert home.reasons == {"disputed"}


@pytest.mark.rule("disputed_crisis", "rights.decide_by")
def test_a_disputed_crisis_is_still_shown_to_a_person_among_the_crises() -> None:
    home = Driver()
    home.report(ENERGY, id="stroom", crisis="cutoff")
    home.outcome("disputed", disputed_signal="stroom")
    assert home.status == "suppressed"
    assert home.reasons == {"disputed", "disputed_crisis"}
    assert home.task.band == 2
    assert next_action(home) == ("decide", date(2026, 2, 5))


@pytest.mark.rule("disputed.restated")
def test_the_same_said_again_is_in_dispute_as_well() -> None:
    home = Driver()
    home.report(id="huur", months=1)
    home.outcome("disputed", disputed_signal="huur", on="2026-02-10")
    assert home.report(months=1, on="2026-03-02").result == "accepted"
    assert home.amount(RENT, 30_000, on="2026-03-03").result == "accepted"
    assert home.status == "suppressed"


@pytest.mark.rule("disputed.restated")
@pytest.mark.parametrize(
    "values", [{"amount": 30_001}, {"amount": 20_000}, {"months": 2}, {"crisis": "eviction"}], ids=str
)
def test_anything_else_is_the_partners_correction_and_counts(values: dict[str, object]) -> None:
    home = Driver()
    home.report(id="huur", months=1)
    home.outcome("disputed", disputed_signal="huur", on="2026-02-10")
    home.report(id="beter", on="2026-02-12", **{"months": 1, **values})  # type: ignore[arg-type]
    assert home.status == "open"
    assert home.members == {"beter"}
    assert "disputed" in home.reasons, "the old one still is"


@pytest.mark.rule("disputed.restated")
def test_new_arrears_after_payment_are_not_in_dispute() -> None:
    home = Driver()
    home.report(id="huur")
    home.outcome("disputed", disputed_signal="huur", on="2026-02-10")
    home.paid(on="2026-02-12")
    assert home.status == "withdrawn"
    home.report(on="2026-03-02")
    assert home.status == "open"
    assert home.reasons == {"first_signal"}


@pytest.mark.rule("disputed.restated")
def test_the_same_said_again_is_in_dispute_also_when_earlier_arrears_were_paid() -> None:
    home = Driver()
    home.report(id="eerder")
    home.paid(on="2026-02-03")
    home.report(id="huur", on="2026-03-02")
    home.outcome("disputed", disputed_signal="huur", on="2026-03-04")
    home.report(id="weer", on="2026-04-01")
    assert home.status == "suppressed"


@pytest.mark.rule("disputed", "rights.no_outcome")
def test_withdrawn_by_the_partner_the_task_is_withdrawn() -> None:
    home = Driver()
    home.report(id="huur")
    home.outcome("disputed", disputed_signal="huur", on="2026-02-10")
    home.withdrawn(on="2026-02-12")
    assert home.status == "withdrawn"
    assert "disputed" not in home.reasons


@pytest.mark.rule("disputed.lifted")
def test_lifted_it_counts_again_with_what_said_the_same() -> None:
    home = Driver()
    home.report(id="huur")
    home.outcome("disputed", disputed_signal="huur", on="2026-02-10")
    home.report(id="weer", on="2026-03-02")
    home.outcome("dispute_lifted", disputed_signal="huur", on="2026-03-05")
    assert home.status == "open"
    assert home.members == {"huur", "weer"}
    assert "disputed" not in home.reasons


@pytest.mark.rule("disputed.held")
def test_what_is_in_dispute_expires_like_any_report() -> None:
    home = Driver()
    home.report(id="huur")
    home.outcome("disputed", disputed_signal="huur", on="2026-02-10")
    home.advance_to("2026-08-02")
    assert home.status == "suppressed"
    home.advance_to("2026-08-03")
    assert home.status == "withdrawn"


@pytest.mark.rule("rights.no_subject")
@pytest.mark.parametrize(("kind", "signal"), [("disputed", "onbekend"), ("dispute_lifted", "huur"), ("disputed", "af")])
def test_a_dispute_about_what_is_not_there_is_refused(kind: str, signal: str) -> None:
    home = Driver()
    home.report(id="huur")
    home.paid(id="af")
    before = home.household.claims
    assert home.outcome(kind, disputed_signal=signal).reason == "no_subject"
    assert home.household.claims == before


@pytest.mark.rule("intake.invalid")
def test_a_dispute_names_its_signal() -> None:
    raw = {**raw_report(), "type": "Uitkomst", "kind": "disputed"}
    judged = admit(raw, DEFAULT, Agreements())
    assert isinstance(judged, Refused)
    assert judged.field == "disputed_signal"
    other = admit({**raw, "kind": "objection", "disputed_signal": 3}, DEFAULT, Agreements())
    assert isinstance(other, Record), "ignored where it has no use"


@pytest.mark.rule("objection", "disputed")
@pytest.mark.parametrize("kind", list(RightKind))
def test_on_the_caseworkers_topic_a_right_asks_no_channel_result_or_wish(kind: RightKind) -> None:
    raw = {**raw_report(), "type": "Uitkomst", "kind": kind.value, "disputed_signal": "huur", "partner": "gemeente"}
    judged = admit(raw, DEFAULT, Agreements(), owner="gemeente")
    assert isinstance(judged, Record)
    assert (judged.kind, judged.disputed_signal is not None) == (kind, kind in DISPUTES)


@pytest.mark.rule("objection", "objection.opens")
@settings(deadline=None)
@given(histories())
def test_while_an_objection_stands_no_task_is_worked_on(records: list[Record]) -> None:
    household = Household("huishouden")
    for record in records:
        stood = household.objection is not None
        decision = decide(household, record, DEFAULT)
        household = decision.household
        if stood and household.objection is not None:
            for version in decision.versions:
                assert version.task.status in {Status.SUPPRESSED, Status.WITHDRAWN, Status.ENDED}
        if household.objection is not None and household.task is not None:
            assert household.task.status in {Status.SUPPRESSED, Status.WITHDRAWN, Status.ENDED}


@pytest.mark.rule("objection", "objection.upheld")
def test_who_objected_and_who_decided_are_known_by_their_records() -> None:
    home = Driver()
    home.report(RENT, id="huur")
    home.outcome("objection", id="bezwaar", on="2026-02-10")
    assert home.household.objection is not None
    assert home.household.objection.by == "bezwaar"
    home.outcome("objection_upheld", id="besluit", on="2026-02-20")
    assert home.household.objection.upheld_by == "besluit"
    assert home.household.ending is not None
    assert (home.household.ending.by, [*home.household.ending.claims]) == (
        "besluit",
        ["woonstichting\x1fHuur\x1fH-100"],
    )


@pytest.mark.rule("objection.lifted", "closed.known")
def test_what_was_closed_before_an_objection_stays_closed_after_it() -> None:
    home = Driver()
    home.report(RENT)
    home.outcome("closed", on="2026-02-04")
    home.outcome("objection", on="2026-02-05")
    home.outcome("objection_lifted", on="2026-02-06")
    assert not home.wait(days=20).live
    home.report(ENERGY, on="2026-03-02", id="stroom")
    home.outcome("objection", on="2026-03-03")
    home.outcome("objection_upheld", on="2026-03-04")
    home.paid(ENERGY, on="2026-03-05")
    home.outcome("objection_lifted", on="2026-03-06")
    assert not home.live


@pytest.mark.rule("objection.opens", "closed.known")
def test_a_crisis_that_was_known_when_the_last_task_ended_opens_nothing_against_an_objection() -> None:
    home = Driver()
    home.report(RENT, crisis="eviction")
    home.outcome("closed", on="2026-02-04")
    home.outcome("objection", on="2026-02-05")
    assert len(home.tasks) == 1


@pytest.mark.rule("disputed")
def test_of_two_benefit_stops_only_the_one_in_dispute_counts_for_nothing() -> None:
    home = Driver()
    home.stop(id="eerste")
    home.stop(id="tweede")
    home.moved("left")
    home.outcome("disputed", disputed_signal="eerste", on="2026-02-10")
    assert [stop.dispute is not None for stop in home.household.stops] == [True, False]
    assert home.status == "open"


@pytest.mark.rule("disputed.restated", "closed.known")
def test_a_report_that_falls_under_a_dispute_asks_for_no_closed_claim_again_until_that_is_lifted() -> None:
    home = Driver()
    home.report(amount=10_000)
    home.report(id="hoger", amount=20_000, on="2026-02-04")
    home.outcome("disputed", disputed_signal="hoger", on="2026-02-09")
    home.outcome("closed", on="2026-02-10")
    assert home.report(amount=20_000, on="2026-03-02").result == "accepted"
    assert not home.live
    home.outcome("dispute_lifted", disputed_signal="hoger", on="2026-03-03")
    assert home.live
