"""What a caseworker's outcome does: every cell of the table, and what time makes of it afterwards."""

from datetime import date
from uuid import uuid5

import pytest

from schemas.codes import OutcomeKind
from streams.core.outcomes import ContradictionError
from streams.core.policy import BUILT_IN
from streams.core.task import TASKS
from streams.wire import task_of
from tests.streams.core.driver import ENERGY, RENT, Claim, Driver

LEADS_TO = {"open": None, "waiting": "contact", "helped": "accepted", "ended": "closed"}


def home_that_is(status: str, claim: Claim = RENT) -> Driver:
    """A household whose task has this status since 2 February."""
    home = Driver()
    home.report(claim)
    before = LEADS_TO[status]
    if before:
        home.outcome(before)
    assert home.status == status
    return home


@pytest.mark.rule(
    "outcome.attempt.open",
    "outcome.attempt.waiting",
    "outcome.attempt.helped",
    "outcome.contact.open",
    "outcome.contact.waiting",
    "outcome.contact.helped",
    "outcome.accepted.open",
    "outcome.accepted.waiting",
    "outcome.accepted.helped",
    "outcome.refused.open",
    "outcome.refused.waiting",
    "outcome.refused.helped",
    "outcome.closed",
    "outcome.reopened.open",
    "outcome.reopened.waiting",
    "outcome.reopened.helped",
    "outcome.reopened.ended",
)
@pytest.mark.parametrize(
    ("kind", "before", "after"),
    [
        ("attempt", "open", "open"),
        ("attempt", "waiting", "waiting"),
        ("attempt", "helped", "helped"),
        ("contact", "open", "waiting"),
        ("contact", "waiting", "waiting"),
        ("contact", "helped", "helped"),
        ("accepted", "open", "helped"),
        ("accepted", "waiting", "helped"),
        ("accepted", "helped", "helped"),
        ("refused", "open", "ended"),
        ("refused", "waiting", "ended"),
        ("refused", "helped", "ended"),
        ("closed", "open", "ended"),
        ("closed", "waiting", "ended"),
        ("closed", "helped", "ended"),
        ("reopened", "open", "open"),
        ("reopened", "waiting", "open"),
        ("reopened", "helped", "open"),
        ("reopened", "ended", "open"),
    ],
)
def test_each_cell_of_the_table(kind: str, before: str, after: str) -> None:
    home = home_that_is(before)
    told = len(home.versions)
    answer = home.outcome(kind, on="2026-02-03")
    assert answer.result == "accepted"
    assert home.status == after
    assert len(home.tasks) == 1
    assert len(home.versions) == told + (before != after), "what is noted is no version"


@pytest.mark.rule("outcome.no_task")
@pytest.mark.parametrize("kind", [kind for kind in OutcomeKind if kind != "reopened"])
@pytest.mark.parametrize("ended_by", ["closed", "refused"])
def test_an_outcome_on_a_task_that_has_ended_is_refused(kind: str, ended_by: str) -> None:
    home = Driver()
    home.report()
    home.outcome(ended_by)
    before = home.task
    assert home.outcome(kind, on="2026-02-03").reason == "no_task"
    assert home.task == before


@pytest.mark.rule("outcome.no_task")
@pytest.mark.parametrize("kind", list(OutcomeKind))
def test_an_outcome_on_no_task_or_a_withdrawn_one_is_refused(kind: str) -> None:
    home = Driver()
    assert home.outcome(kind).reason == "no_task"
    home.report()
    home.paid()
    assert home.outcome(kind, on="2026-02-03").reason == "no_task"
    assert home.status == "withdrawn"


@pytest.mark.rule("outcome.attempt.open", "picked_up", "cured")
def test_an_attempt_on_an_open_task_counts_as_one() -> None:
    home = home_that_is("open")
    home.outcome("attempt", on="2026-02-03")
    assert home.household.task is not None
    assert home.household.task.picked_up_on == date(2026, 2, 3)
    home.paid()
    assert "cured" in home.reasons


@pytest.mark.rule("outcome.accepted.open", "outcome.accepted.waiting", "outcome.accepted.helped")
@pytest.mark.parametrize("before", ["open", "waiting"])
def test_accepted_help_pauses_collection_for_30_days_once(before: str) -> None:
    home = home_that_is(before)
    home.outcome("accepted", on="2026-02-03")
    assert home.task.collection_paused_until == date(2026, 3, 5)
    home.outcome("accepted", on="2026-02-10")
    assert home.household.task is not None
    assert home.household.task.collection_paused_until == date(2026, 3, 5)


@pytest.mark.rule("silence")
def test_silence_for_21_days_after_contact_opens_the_task_one_rung_up() -> None:
    home = home_that_is("waiting")
    assert home.wait(20).status == "waiting"
    home.wait(1)
    assert (home.status, home.rung, home.changed_on) == ("open", "phone", "2026-02-23")
    assert home.reasons == {"first_signal", "silence"}
    assert home.wait(6).rung == "phone"
    assert home.wait(1).rung == "home_visit"


@pytest.mark.rule("silence")
def test_silence_leads_to_a_home_visit_at_most() -> None:
    home = Driver()
    home.report(months=2)
    home.outcome("contact")
    home.wait(21)
    assert (home.status, home.rung) == ("open", "home_visit")
    assert "silence" in home.reasons


@pytest.mark.rule("silence")
def test_silence_at_a_joint_visit_stays_there() -> None:
    home = Driver()
    home.report(RENT)
    home.stop()
    home.outcome("contact")
    home.wait(21)
    assert (home.status, home.rung) == ("open", "joint_home_visit")


@pytest.mark.rule("silence", "outcome.contact.waiting", "outcome.attempt.waiting")
@pytest.mark.parametrize("kind", ["contact", "attempt"])
def test_another_outcome_restarts_the_clock_of_silence(kind: str) -> None:
    home = home_that_is("waiting")
    home.outcome(kind, on="2026-02-22")
    assert home.advance_to("2026-03-14").status == "waiting"
    assert home.advance_to("2026-03-15").status == "open"


@pytest.mark.rule("follow_up")
def test_help_without_an_outcome_for_56_days_is_followed_up_on_the_same_rung() -> None:
    home = home_that_is("helped")
    assert home.wait(55).status == "helped"
    home.wait(1)
    assert (home.status, home.rung, home.changed_on) == ("open", "letter", "2026-03-30")
    assert home.reasons == {"first_signal", "follow_up"}
    assert home.wait(13).rung == "letter"
    assert home.wait(1).rung == "phone"


@pytest.mark.rule("follow_up", "outcome.contact.helped", "outcome.attempt.helped", "outcome.accepted.helped")
@pytest.mark.parametrize("kind", ["contact", "attempt", "accepted"])
def test_any_outcome_puts_the_follow_up_off(kind: str) -> None:
    home = home_that_is("helped")
    home.outcome(kind, on="2026-03-29")
    assert home.advance_to("2026-05-23").status == "helped"
    assert home.advance_to("2026-05-24").status == "open"


@pytest.mark.rule("rung.no_response", "outcome.contact.open", "outcome.accepted.open")
@pytest.mark.parametrize("status", ["waiting", "helped"])
def test_rung_timers_do_not_run_while_waiting_or_helped(status: str) -> None:
    home = home_that_is(status)
    assert home.wait(20).rung == "letter"


@pytest.mark.rule("reopens.raised")
@pytest.mark.parametrize("status", ["waiting", "helped"])
def test_a_raised_level_opens_the_task_and_its_rung_begins_that_day(status: str) -> None:
    home = home_that_is(status, ENERGY)
    home.report(RENT, on="2026-02-10")
    assert (home.status, home.level, home.rung) == ("open", "phone", "phone")
    assert home.advance_to("2026-02-16").rung == "phone"
    assert home.advance_to("2026-02-17").rung == "home_visit"


@pytest.mark.rule("reopens.raised")
def test_a_level_that_is_raised_below_the_rung_opens_the_task_too() -> None:
    home = Driver()
    home.report(ENERGY)
    home.wait(14)
    home.outcome("contact")
    home.amount(ENERGY, 100_000)
    assert (home.status, home.level, home.rung) == ("open", "phone", "phone")
    assert home.wait(7).rung == "home_visit"


@pytest.mark.rule("reopens.raised")
@pytest.mark.parametrize("status", ["waiting", "helped"])
def test_more_of_the_same_level_leaves_the_task_as_it_is(status: str) -> None:
    home = Driver()
    home.report(RENT, months=2)
    home.outcome(next(kind for name, kind in LEADS_TO.items() if name == status and kind))
    home.report(ENERGY)
    assert home.status == status
    assert home.members == {"woonstichting-1", "stroomnet-3"}


@pytest.mark.rule("reopens.crisis")
@pytest.mark.parametrize("status", ["waiting", "helped"])
def test_a_crisis_new_to_the_task_opens_it_without_a_higher_level(status: str) -> None:
    home = Driver()
    home.report(RENT, months=2, crisis="eviction")
    home.outcome(next(kind for name, kind in LEADS_TO.items() if name == status and kind))
    home.amount(RENT, crisis="eviction", on="2026-02-03")
    assert home.status == status
    home.report(ENERGY, crisis="cutoff", on="2026-02-04")
    assert (home.status, home.level) == ("open", "home_visit")


@pytest.mark.rule("outcome.reopened.waiting", "outcome.reopened.helped")
@pytest.mark.parametrize("status", ["waiting", "helped"])
def test_reopening_begins_the_rung_that_day(status: str) -> None:
    home = home_that_is(status)
    home.outcome("reopened", on="2026-02-12")
    assert home.advance_to("2026-02-25").rung == "letter"
    assert home.advance_to("2026-02-26").rung == "phone"


@pytest.mark.rule("outcome.reopened.open")
def test_reopening_an_open_task_does_not_restart_its_rung() -> None:
    home = home_that_is("open")
    home.outcome("reopened", on="2026-02-12")
    assert home.advance_to("2026-02-16").rung == "phone"


@pytest.mark.rule("outcome.reopened.ended")
@pytest.mark.parametrize("kind", ["closed", "refused"])
def test_reopening_an_ended_task_undoes_the_end(kind: str) -> None:
    home = home_that_is("waiting")
    first = home.task.id
    home.outcome(kind, on="2026-02-03")
    home.outcome("reopened", on="2026-02-05")
    assert (home.task.id, home.status) == (first, "open")
    home.amount(RENT, 100_000)
    assert home.level == "phone"
    home.advance_to("2026-05-01")
    assert len(home.tasks) == 1


@pytest.mark.rule("outcome.reopened.ended", "handover")
def test_reopening_after_a_handover_drops_its_reason() -> None:
    home = home_that_is("open")
    home.moved("abroad", everyone=True)
    home.outcome("reopened")
    assert (home.status, home.reasons) == ("open", {"first_signal"})


@pytest.mark.rule("outcome.reopened.ended", "self_report")
def test_reopening_brings_a_self_report_back() -> None:
    home = Driver()
    home.asks()
    home.outcome("closed")
    assert home.reasons == {"self_report"}
    home.outcome("reopened", on="2026-02-03")
    assert (home.status, home.reasons) == ("open", {"self_report"})


@pytest.mark.rule("cool_down")
def test_after_a_refusal_the_same_claim_is_left_in_peace_for_60_days_and_then_opens() -> None:
    home = home_that_is("open")
    home.outcome("refused", on="2026-02-09")
    home.report(RENT, on="2026-03-02", months=4)
    home.amount(RENT, 20_000)
    assert not home.advance_to("2026-04-10").live
    home.advance_to("2026-04-11")
    assert (home.status, home.task.sequence, home.task.opened_on) == ("open", 1, date(2026, 4, 11))
    assert len(home.tasks) == 2


@pytest.mark.rule("cool_down")
def test_after_the_cool_down_nothing_opens_for_claims_that_were_paid() -> None:
    home = home_that_is("waiting")
    home.outcome("refused")
    home.paid(on="2026-02-16")
    assert not home.advance_to("2026-06-01").live
    assert len(home.tasks) == 1


@pytest.mark.rule("cool_down")
def test_known_arrears_that_were_paid_and_came_back_stay_quiet_until_the_end() -> None:
    home = home_that_is("open")
    home.outcome("refused")
    home.paid(on="2026-02-16")
    home.report(on="2026-03-02", months=1)
    assert not home.advance_to("2026-04-03").live
    assert home.advance_to("2026-04-04").live


@pytest.mark.rule("cool_down.crisis")
def test_a_crisis_that_was_there_at_the_refusal_opens_nothing_and_a_new_one_does() -> None:
    home = Driver()
    home.report(RENT, crisis="eviction")
    home.outcome("refused")
    home.amount(RENT, crisis="eviction", on="2026-02-10")
    assert home.status == "ended"
    home.amount(RENT, crisis="cutoff")
    assert (home.status, home.level) == ("open", "home_visit")


@pytest.mark.rule("cool_down.lost_contact")
def test_a_lost_contact_that_was_not_there_opens_a_task() -> None:
    home = home_that_is("open")
    home.outcome("refused")
    home.stop(on="2026-02-10")
    assert home.live
    assert "lost_contact" in home.reasons


@pytest.mark.rule("cool_down.lost_contact")
def test_a_lost_contact_that_was_there_opens_nothing() -> None:
    home = Driver()
    home.report(RENT)
    home.stop()
    home.outcome("refused")
    home.amount(RENT, 20_000, on="2026-02-10")
    assert not home.wait(30).live


@pytest.mark.rule("cool_down.higher_amount")
@pytest.mark.parametrize(("amount", "opens"), [(29_999, False), (30_000, False), (30_001, True)])
@pytest.mark.parametrize("kind", ["amount", "report"])
def test_a_higher_amount_on_a_known_claim_opens_a_task(amount: int, kind: str, *, opens: bool) -> None:
    home = home_that_is("open")
    home.outcome("refused")
    getattr(home, kind)(RENT, amount=amount, on="2026-02-10")
    assert home.live == opens


@pytest.mark.rule("cool_down.higher_amount")
def test_more_on_one_claim_than_the_sum_is_not_asked() -> None:
    home = Driver()
    home.report(RENT, amount=60_000)
    home.report(ENERGY, amount=10_000)
    home.outcome("refused")
    home.amount(RENT, 20_000, on="2026-02-10")
    home.amount(ENERGY, 10_001)
    assert home.live


@pytest.mark.rule("cool_down.new_claim")
def test_a_claim_not_known_at_the_refusal_opens_a_task() -> None:
    home = home_that_is("open")
    home.outcome("refused")
    home.report(ENERGY, on="2026-02-03", amount=7_500)
    assert home.live
    assert home.members == {"woonstichting-1", "stroomnet-3"}


@pytest.mark.rule("cool_down.new_claim")
@pytest.mark.parametrize("ask", ["asks", "referred"])
@pytest.mark.parametrize("end", ["refused", "closed"])
def test_a_new_request_always_opens_and_one_that_ended_with_its_task_does_not(ask: str, end: str) -> None:
    home = Driver()
    getattr(home, ask)()
    home.outcome(end)
    assert not home.wait(100).live
    getattr(home, ask)()
    assert home.live


@pytest.mark.rule("outcome.refused.helped", "closed.known")
def test_a_refusal_while_helped_ends_the_task_without_a_cool_down() -> None:
    home = home_that_is("helped")
    home.outcome("refused")
    assert home.household.ending is not None
    assert [known.cool_down_until for known in home.household.ending.claims.values()] == [None]
    assert not home.advance_to("2026-05-01").live


@pytest.mark.rule("closed.known")
def test_after_a_close_only_a_report_that_is_not_repeated_opens() -> None:
    home = home_that_is("open")
    home.outcome("closed")
    home.amount(RENT, 29_000, on="2026-02-10")
    assert home.report(RENT, amount=30_000, on="2026-03-02").result == "repeated"
    assert not home.advance_to("2026-06-01").live
    assert home.report(RENT, amount=30_001).result == "accepted"
    assert (home.status, home.task.sequence) == ("open", 1)


@pytest.mark.rule("closed.known")
def test_after_a_close_a_higher_amount_or_a_crisis_without_a_report_opens_nothing() -> None:
    home = home_that_is("open")
    home.outcome("closed")
    home.amount(RENT, 200_000, crisis="eviction", on="2026-02-10")
    assert not home.wait(30).live


@pytest.mark.rule("closed.known", "episode.paid")
def test_after_a_close_a_new_episode_of_a_known_claim_opens_a_task() -> None:
    home = home_that_is("open")
    home.outcome("closed")
    home.paid(on="2026-02-10")
    home.report(RENT, amount=10_000, on="2026-03-02")
    assert home.live


@pytest.mark.rule("closed.known", "repeated.prolongs")
def test_after_a_close_a_late_payment_that_makes_a_repeated_report_a_first_one_opens_a_task() -> None:
    home = home_that_is("open")
    home.outcome("closed")
    home.report(RENT, on="2026-02-20")
    home.paid(signalled="2026-02-10", on="2026-02-23")
    assert home.live
    assert home.members == {"woonstichting-3"}


@pytest.mark.rule("closed.new_claim")
def test_a_claim_not_known_at_the_close_opens_a_task() -> None:
    home = home_that_is("open")
    home.outcome("closed")
    home.report(ENERGY, on="2026-02-03")
    assert home.live


@pytest.mark.rule("owner")
@pytest.mark.parametrize(
    ("kind", "action", "on"),
    [
        (None, "letter", date(2026, 2, 16)),
        ("contact", "wait", date(2026, 2, 23)),
        ("accepted", "follow_up", date(2026, 3, 30)),
        ("closed", "none", None),
    ],
)
def test_every_open_task_has_an_owner_and_a_next_action_with_a_date(
    kind: str | None, action: str, on: date | None
) -> None:
    home = Driver()
    home.report()
    if kind:
        home.outcome(kind)
    told = task_of(home.household, home.versions[-1], BUILT_IN)
    assert (told["owner"], told["next_action"], told["next_action_on"]) == ("wijkteam", action, on)


@pytest.mark.rule("owner", "suppressed", "known_at_debt_help")
def test_a_suppressed_task_waits_for_a_person_and_a_known_household_belongs_to_debt_help() -> None:
    home = Driver()
    home.report(months=2)
    home.facts(excluded="unsafe", known_at_debt_help=True)
    told = task_of(home.household, home.versions[-1], BUILT_IN)
    assert (told["owner"], told["next_action"], told["next_action_on"]) == (
        "schuldhulpverlening",
        "confirm",
        date(2026, 3, 2),
    )


@pytest.mark.rule("closed.known", "self_report")
def test_a_request_of_an_earlier_task_does_not_come_back_after_a_later_one() -> None:
    home = Driver()
    home.asks()
    home.outcome("closed")
    home.report(RENT, on="2026-02-03")
    assert "self_report" not in home.reasons
    home.outcome("closed")
    assert not home.wait(30).live
    assert len(home.tasks) == 2


@pytest.mark.rule("cool_down", "task.id")
def test_a_record_on_the_last_day_of_the_cool_down_opens_nothing_and_the_refusal_opens_the_task_after_it() -> None:
    home = home_that_is("open")
    home.outcome("refused", id="weigering")
    home.amount(RENT, 20_000, on="2026-04-03")
    assert home.status == "ended"
    home.advance_to("2026-04-04")
    assert home.status == "open"
    assert home.task.id == str(uuid5(uuid5(TASKS, "huishouden"), "weigering"))


@pytest.mark.rule("suppressed", "picked_up")
def test_an_outcome_on_a_suppressed_task_is_noted_and_the_task_stays() -> None:
    home = Driver()
    home.facts(excluded="detention")
    home.report()
    home.outcome("contact", on="2026-02-03")
    assert len(home.tasks) == 1
    assert home.household.task is not None
    assert home.household.task.picked_up_on == date(2026, 2, 3)


@pytest.mark.rule("suppressed")
def test_a_person_who_ends_a_suppressed_task_takes_its_reason_away() -> None:
    home = Driver()
    home.facts(excluded="detention")
    home.report()
    home.outcome("closed")
    assert (home.status, home.reasons) == ("ended", {"first_signal"})


def home_with_an_old_request() -> Driver:
    """A second task, for rent; the first was closed with the request that opened it."""
    home = Driver()
    home.asks()
    home.outcome("closed")
    home.report(RENT, on="2026-02-03")
    assert (home.status, home.reasons) == ("open", {"first_signal"})
    return home


@pytest.mark.rule("closed.known", "self_report")
def test_a_request_of_an_earlier_task_stays_away_from_the_end_of_a_later_one() -> None:
    home = home_with_an_old_request()
    home.outcome("closed")
    assert home.reasons == {"first_signal"}
    home.facts(children=True, on="2026-02-10")
    assert not home.live
    assert len(home.tasks) == 2


@pytest.mark.rule("outcome.reopened.ended", "self_report")
def test_reopening_a_later_task_does_not_bring_back_the_request_of_an_earlier_one() -> None:
    home = home_with_an_old_request()
    home.outcome("closed")
    home.outcome("reopened")
    assert (home.status, home.reasons) == ("open", {"first_signal"})


@pytest.mark.rule("outcome.reopened.waiting", "self_report")
def test_reopening_a_waiting_task_leaves_the_earlier_end_as_it_was() -> None:
    home = home_with_an_old_request()
    home.outcome("contact")
    home.outcome("reopened")
    assert (home.status, home.reasons) == ("open", {"first_signal"})


@pytest.mark.rule("closed.known", "self_report")
def test_a_closed_claim_that_is_reported_anew_brings_no_request_back() -> None:
    home = Driver()
    home.asks()
    home.report(RENT)
    home.outcome("closed")
    home.report(RENT, amount=31_000, on="2026-02-10")
    assert (home.status, home.reasons) == ("open", {"first_signal"})


@pytest.mark.rule("reopens.raised")
def test_a_task_reopened_by_a_level_below_its_rung_begins_that_rung_anew() -> None:
    home = Driver()
    home.report(ENERGY)
    home.wait(14)
    home.outcome("contact")
    home.amount(ENERGY, 100_000, on="2026-02-20")
    assert (home.status, home.level, home.rung) == ("open", "phone", "phone")
    assert home.advance_to("2026-02-26").rung == "phone"
    assert home.advance_to("2026-02-27").rung == "home_visit"


@pytest.mark.rule("reopens.crisis")
def test_a_crisis_opens_a_task_once() -> None:
    home = Driver()
    home.report(RENT, months=2)
    home.outcome("contact")
    home.report(ENERGY, crisis="cutoff", on="2026-02-04")
    assert home.status == "open"
    home.outcome("contact")
    home.amount(ENERGY, 20_000, on="2026-02-05")
    assert home.status == "waiting"


def test_a_contradiction_says_in_which_field() -> None:
    assert str(ContradictionError("channel")) == "channel"


@pytest.mark.rule("outcome.reopened.ended")
def test_what_is_undone_is_the_latest_outcome_and_the_first_one_stays_the_first() -> None:
    home = Driver()
    home.report(RENT)
    home.outcome("contact", on="2026-02-04")
    home.outcome("closed", reached=True, on="2026-02-05")
    home.outcome("reopened", on="2026-02-06")
    task = home.task
    assert (task.picked_up_on, task.last_outcome_on) == (date(2026, 2, 4), date(2026, 2, 6))
    assert (task.reached, task.reached_last) == (1, False)


@pytest.mark.rule("outcome.reopened.ended", "handover")
def test_a_task_that_nobody_had_picked_up_is_by_being_undone() -> None:
    home = Driver()
    home.report(RENT)
    home.moved("moved", everyone=True, on="2026-02-04")
    home.outcome("reopened", on="2026-02-06")
    assert home.task.picked_up_on == date(2026, 2, 6)


@pytest.mark.rule("outcome.reopened.ended", "objection.lifted")
def test_an_end_by_an_objection_that_was_lifted_since_is_undone_like_any_other() -> None:
    home = Driver()
    home.report(RENT)
    home.outcome("objection", on="2026-02-04")
    home.outcome("objection_upheld", on="2026-02-05")
    home.paid(RENT, on="2026-02-06")
    home.outcome("objection_lifted", on="2026-02-09")
    assert home.outcome("reopened", on="2026-02-10").result == "accepted"
    assert home.status == "open"


@pytest.mark.rule("outcome.closed")
@pytest.mark.parametrize(("reached", "count"), [(True, 1), (False, 0), (None, 0)])
def test_a_close_counts_as_reached_when_it_says_so(reached: bool | None, count: int) -> None:  # noqa: FBT001
    home = Driver()
    home.report(RENT)
    home.outcome("closed", reached=reached)
    assert home.task.reached == count


@pytest.mark.rule("closed.known", "self_report", "warm_handover", "lost_contact")
def test_what_was_known_at_an_end_is_known_by_sender_and_id() -> None:
    asked = Driver()
    asked.asks(id="1")
    asked.outcome("closed", on="2026-02-03")
    asked.referred(id="1", on="2026-03-02")
    stopped = Driver()
    stopped.report()
    stopped.stop(id="1", partner="uwv")
    stopped.outcome("closed", on="2026-02-03")
    assert not stopped.live
    stopped.stop(id="1", partner="isd", on="2026-02-16")
    assert (asked.live, stopped.live) == (True, True)
