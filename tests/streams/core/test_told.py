"""What partners are told of their own signals, and when."""

from datetime import date

import pytest

from schemas.codes import EndResult
from streams.core.state import Told
from streams.core.told import tellings
from tests.streams.core.driver import CARE, ENERGY, RENT, Claim, Driver, policy

NOT_YET = None
DAY_28 = "2026-03-02"


def told(home: Driver, claim: Claim = RENT) -> Told | None:
    """What the sender of a claim was told last of its first report."""
    (found,) = [one for one in home.household.claims if one.partner == claim.partner]
    return found.entries[0].told


def test_nothing_is_told_before_anything_happened() -> None:
    home = Driver()
    home.report()
    assert told(home.advance_to("2026-03-01")) is NOT_YET


@pytest.mark.rule("told.fixed_day")
def test_what_nobody_picked_up_is_told_on_the_28th_day() -> None:
    home = Driver()
    home.report()
    assert home.household.wakes_on is not None
    assert told(home.advance_to(DAY_28)) == Told(date(2026, 3, 2))


@pytest.mark.rule("told.fixed_day")
def test_the_day_is_a_policy_value() -> None:
    home = Driver(policy(partner_answer_days=10))
    home.report()
    assert told(home.advance_to("2026-02-11")) is NOT_YET
    assert told(home.advance_to("2026-02-12")) == Told(date(2026, 2, 12))


@pytest.mark.rule("told.outcome")
@pytest.mark.parametrize(
    ("kinds", "said"),
    [
        (["attempt"], Told(date(2026, 2, 9), picked_up=True)),
        (["contact"], Told(date(2026, 2, 9), picked_up=True, reached=True)),
        (
            ["accepted"],
            Told(date(2026, 2, 9), picked_up=True, reached=True, accepted=True, paused_until=date(2026, 3, 11)),
        ),
        (["refused"], Told(date(2026, 2, 9), picked_up=True, reached=True, accepted=False)),
        (["accepted", "refused"], Told(date(2026, 2, 9), picked_up=True, reached=True, accepted=False)),
        (["contact", "attempt"], Told(date(2026, 2, 9), picked_up=True, reached=True)),
    ],
)
def test_an_outcome_tells_picked_up_reached_accepted_and_until_when_to_pause(kinds: list[str], said: Told) -> None:
    home = Driver()
    home.report()
    for kind in kinds:
        home.outcome(kind, on="2026-02-09")
    assert told(home) == said


@pytest.mark.rule("told.outcome")
@pytest.mark.parametrize(
    ("result", "reached", "accepted"),
    [
        (EndResult.NO_CONTACT, False, False),
        (EndResult.NO_REACTION, True, False),
        (EndResult.SELF_RELIANT, True, False),
        (EndResult.PAID_OR_ARRANGED, False, False),
        (EndResult.OTHER_PROGRAMME, False, False),
        (EndResult.ADVICE, True, True),
        (EndResult.REFERRAL_FINANCIAL, True, True),
        (EndResult.REFERRAL_WITHOUT, False, False),
    ],
)
def test_a_close_tells_whether_the_resident_was_reached_and_helped_and_not_the_result(
    result: EndResult,
    *,
    reached: bool,
    accepted: bool,
) -> None:
    home = Driver()
    home.report()
    home.outcome("closed", result=result, on="2026-02-09")
    assert told(home) == Told(date(2026, 2, 9), picked_up=True, reached=reached, accepted=accepted)


@pytest.mark.rule("told.fixed_day", "told.hidden")
@pytest.mark.parametrize("result", list(EndResult)[:6])
def test_a_close_that_says_not_picked_up_is_told_no_sooner_than_silence(result: EndResult) -> None:
    home = Driver()
    home.report()
    home.outcome("closed", result=result, on="2026-02-03")
    assert told(home.advance_to("2026-03-01")) is NOT_YET
    assert told(home.advance_to(DAY_28)) == Told(date(2026, 3, 2))


@pytest.mark.rule("told.hidden")
@pytest.mark.parametrize("facts", [{"excluded": "detention"}, {"known_at_debt_help": True}])
@pytest.mark.parametrize("kind", ["attempt", "contact", "accepted", "refused", "closed"])
def test_an_excluded_or_known_household_looks_like_one_that_nobody_came_to(facts: dict[str, object], kind: str) -> None:
    home = Driver()
    home.facts(**facts)
    home.report()
    home.outcome(kind, on="2026-02-05", result=EndResult.ADVICE if kind == "closed" else None)
    assert told(home.advance_to("2026-03-01")) is NOT_YET
    assert told(home.advance_to(DAY_28)) == Told(date(2026, 3, 2))


@pytest.mark.rule("told.own_time")
def test_nobody_is_told_of_what_was_done_before_its_own_signal() -> None:
    home = Driver()
    home.report(RENT, months=2)
    home.outcome("accepted", on="2026-02-09")
    home.report(ENERGY, on="2026-02-10")
    assert told(home, ENERGY) is NOT_YET
    home.outcome("attempt", on="2026-02-12")
    assert told(home, ENERGY) == Told(
        date(2026, 2, 12), picked_up=True, reached=True, accepted=True, paused_until=date(2026, 3, 11)
    )


@pytest.mark.rule("told.repeated")
def test_a_repeated_report_is_told_to_be_one_only_where_the_arrears_are_known_to_be_picked_up() -> None:
    home = Driver()
    home.report(RENT)
    home.outcome("contact", on="2026-02-09")
    home.report(ENERGY, on="2026-02-10")
    for claim, tells in ((RENT, True), (ENERGY, False)):
        decision = home.decided(claim, on="2026-02-20")
        assert (decision.receipt.result, decision.tells_sender) == ("repeated", tells)


@pytest.mark.rule("told.repeated")
def test_a_report_that_was_told_to_be_repeated_gets_no_other_answer() -> None:
    home = Driver()
    home.report(RENT)
    home.outcome("contact", on="2026-02-09")
    assert home.report(RENT, on="2026-02-20").result == "repeated"
    home.outcome("accepted", on="2026-02-21")
    (claim,) = home.advance_to("2026-05-01").household.claims
    first, second = claim.entries
    assert first.told is not None
    assert first.told.accepted is True
    assert second.told == Told(date(2026, 2, 20), repeated=True)


@pytest.mark.rule("told.reopened")
def test_a_wrong_entry_that_is_taken_back_takes_the_pause_back() -> None:
    home = Driver()
    home.report()
    home.outcome("accepted", on="2026-02-09")
    home.outcome("reopened", on="2026-02-10")
    assert told(home) == Told(date(2026, 2, 10), picked_up=True)
    assert home.task.collection_paused_until is None


@pytest.mark.rule("told.reopened", "outcome.reopened.ended")
@pytest.mark.parametrize(("end", "on"), [("closed", date(2026, 2, 9)), ("refused", date(2026, 2, 13))])
def test_a_wrong_end_that_is_taken_back_leaves_the_pause(end: str, on: date) -> None:
    home = Driver()
    home.report()
    home.outcome("accepted", on="2026-02-09")
    home.outcome(end, on="2026-02-12")
    home.outcome("reopened", on="2026-02-13")
    paused = date(2026, 3, 11)
    assert home.task.collection_paused_until == paused
    assert told(home) == Told(on, picked_up=True, reached=True, accepted=True, paused_until=paused)


@pytest.mark.rule("told.reopened", "outcome.reopened.ended")
def test_a_pause_that_is_over_is_not_told_again() -> None:
    home = Driver()
    home.report()
    home.outcome("accepted", on="2026-02-09")
    home.outcome("closed", on="2026-03-11")
    home.outcome("reopened", on="2026-03-12")
    assert told(home) == Told(date(2026, 3, 12), picked_up=True)


@pytest.mark.rule("told.outcome")
@pytest.mark.parametrize("send", ["asks", "referred"])
def test_who_asked_for_help_is_told_like_a_creditor(send: str) -> None:
    home = Driver()
    getattr(home, send)()
    home.outcome("contact", on="2026-02-09")
    (request,) = home.household.requests
    assert request.told == Told(date(2026, 2, 9), picked_up=True, reached=True)


@pytest.mark.rule("told.outcome")
def test_a_paid_claim_is_told_nothing_more() -> None:
    home = Driver()
    home.report(CARE)
    home.report(RENT)
    home.outcome("attempt", on="2026-02-09")
    home.paid(CARE, on="2026-02-10")
    home.outcome("accepted", on="2026-02-12")
    assert told(home, CARE) == Told(date(2026, 2, 9), picked_up=True)


@pytest.mark.rule("told.outcome")
def test_what_is_said_again_keeps_the_day_on_which_it_was_said_first() -> None:
    home = Driver()
    home.report()
    home.outcome("attempt", on="2026-02-09")
    home.outcome("attempt", on="2026-02-12")
    assert told(home) == Told(date(2026, 2, 9), picked_up=True)


@pytest.mark.rule("told.outcome")
@pytest.mark.parametrize(("on", "until"), [("2026-03-11", date(2026, 3, 11)), ("2026-03-12", None)])
def test_a_pause_that_is_over_is_told_to_nobody_who_came_later(on: str, until: date | None) -> None:
    home = Driver()
    home.report(amount=150_000)
    home.outcome("accepted", on="2026-02-09")
    home.report(ENERGY, on="2026-02-16")
    assert home.status == "helped"
    home.outcome("contact", on=on)
    assert home.status == "helped"
    found = told(home, ENERGY)
    assert found is not None
    assert found.paused_until == until


@pytest.mark.rule("told.fixed_day")
def test_who_asked_for_help_is_told_where_no_creditor_ever_sent_anything() -> None:
    home = Driver()
    home.asks()
    before = home.household
    home.outcome("contact", on="2026-02-09")
    assert [(one.partner, one.told.reached) for one in tellings(before, home.household)] == [("inwoner", True)]


@pytest.mark.rule("told.outcome")
def test_facts_that_hide_nothing_hide_nothing_and_what_is_held_is_hidden() -> None:
    home = Driver()
    home.facts(children=True)
    home.report()
    home.outcome("attempt", on="2026-02-09")
    assert told(home) == Told(date(2026, 2, 9), picked_up=True)
    home = Driver()
    home.report()
    home.outcome("objection")
    assert home.status == "suppressed"
    home.outcome("attempt", on="2026-02-09")
    assert told(home) is NOT_YET


@pytest.mark.rule("told.outcome", "self_report")
def test_what_was_answered_before_keeps_its_answer_and_what_is_answered_twice_keeps_both() -> None:
    home = Driver()
    home.asks(id="eerste")
    home.outcome("contact", on="2026-02-04")
    home.outcome("attempt", on="2026-02-05")
    home.outcome("closed", on="2026-02-06")
    home.asks(id="tweede", on="2026-03-03")
    home.outcome("accepted", on="2026-03-04")
    first, second = (request.told for request in home.household.requests)
    assert first == Told(date(2026, 2, 6), picked_up=True, reached=True, accepted=False)
    until = date(2026, 4, 3)
    assert second == Told(date(2026, 3, 4), picked_up=True, reached=True, accepted=True, paused_until=until)
