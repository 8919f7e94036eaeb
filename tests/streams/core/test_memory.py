"""What a household remembers, and when it forgets."""

from datetime import date

import pytest

from streams.core.records import Address
from streams.core.state import Household
from tests.streams.core.driver import ENERGY, RENT, WATER, Driver


@pytest.mark.rule("retention")
@pytest.mark.parametrize("send", ["stop", "moved", "asks", "referred"])
def test_stops_events_and_requests_are_forgotten_after_the_look_back(send: str) -> None:
    home = Driver()
    getattr(home, send)(signalled="2026-01-05")
    home.advance_to("2026-08-02")
    assert len([*home.household.stops, *home.household.moves, *home.household.requests]) == 1
    home.advance_to("2026-08-03")
    assert [*home.household.stops, *home.household.moves, *home.household.requests] == []


@pytest.mark.rule("retention", "duplicate")
def test_ids_of_outcomes_and_facts_are_remembered_for_the_look_back() -> None:
    home = Driver()
    home.facts(children=True, id="feiten")
    home.outcome("contact", id="uitkomst", on="2026-02-09")
    assert set(home.advance_to("2026-08-02").household.seen) == {"gemeente\x1ffeiten", "gemeente\x1fuitkomst"}
    assert set(home.advance_to("2026-08-03").household.seen) == {"gemeente\x1fuitkomst"}
    assert not home.advance_to("2026-08-10").household.seen


@pytest.mark.rule("retention", "duplicate")
def test_a_claim_is_kept_for_twice_the_look_back_after_its_last_record() -> None:
    home = Driver()
    home.report(id="melding")
    home.paid(on="2026-03-02")
    assert home.advance_to("2027-03-02").household.claims
    assert not home.advance_to("2027-03-03").household.claims


@pytest.mark.rule("retention")
def test_episodes_of_long_ago_are_forgotten_while_their_claim_lives_on() -> None:
    home = Driver()
    home.report(id="oud")
    home.paid(on="2026-02-09")
    home.report(id="nieuw", on="2026-12-01")
    entries = home.advance_to("2027-02-09").household.claims[0].entries
    assert entries[0].id == "oud"
    entries = home.advance_to("2027-02-10").household.claims[0].entries
    assert [entry.id for entry in entries] == ["nieuw"]
    assert home.members == {"nieuw"}


@pytest.mark.rule("retention.stub")
def test_of_a_household_that_is_forgotten_a_stub_stays() -> None:
    home = Driver()
    home.report()
    home.outcome("closed", on="2026-02-09")
    home.advance_to("2027-02-03")
    assert home.household == Household("huishouden", Address("9901AB", 12), date(2027, 2, 3))


@pytest.mark.rule("retention.stub")
def test_a_stub_knows_its_facts() -> None:
    home = Driver()
    home.facts(children=True)
    home.advance_to("2026-08-03")
    assert home.household.wakes_on is None
    assert home.household.facts is not None


@pytest.mark.rule("retention.stub", "look_back")
def test_an_old_record_that_is_applied_again_to_a_stub_opens_nothing() -> None:
    home = Driver()
    home.report(id="melding")
    home.outcome("closed", on="2026-02-09")
    home.advance_to("2027-02-03")
    told = len(home.versions)
    home.report(id="melding", on="2026-02-02")
    assert len(home.versions) == told
    assert not home.household.claims


@pytest.mark.rule("retention.stub", "task.id")
def test_a_new_report_on_a_stub_opens_a_new_task() -> None:
    home = Driver()
    home.report(RENT)
    home.outcome("refused")
    home.advance_to("2027-06-01")
    home.report(RENT)
    assert home.live
    assert home.task.sequence == 1


@pytest.mark.rule("retention", "cured")
def test_a_live_task_is_never_forgotten() -> None:
    home = Driver()
    home.report(RENT)
    home.outcome("accepted")
    home.advance_to("2030-01-01")
    assert home.household.task is not None
    assert home.status == "open"
    assert home.reasons == {"cured", "follow_up", "no_response"}


@pytest.mark.rule("retention")
def test_each_old_episode_is_forgotten_the_day_after_twice_the_look_back() -> None:
    home = Driver()
    home.report(id="eerste")
    home.paid(on="2026-02-09")
    home.report(id="tweede", on="2026-02-09")
    home.paid(on="2026-02-10")
    home.report(id="derde", on="2026-12-01")
    assert home.advance_to("2027-02-10").household.claims[0].entries[0].id == "tweede"
    assert home.advance_to("2027-02-11").household.claims[0].entries[0].id == "derde"


@pytest.mark.rule("retention", "outcome.reopened.ended")
def test_of_earlier_ends_only_the_one_before_the_last_is_remembered() -> None:
    home = Driver()
    for claim in (RENT, ENERGY, WATER):
        home.report(claim)
        home.outcome("closed")
    assert home.household.ending is not None
    assert home.household.ending.before is not None
    assert home.household.ending.before.before is None


@pytest.mark.rule("retention", "duplicate")
@pytest.mark.parametrize("send", ["stop", "moved", "asks", "referred", "facts"])
def test_what_is_kept_until_today_stays_when_something_older_goes(send: str) -> None:
    home = Driver()
    getattr(home, send)(id="oud")
    getattr(home, send)(id="nieuw", on="2026-02-03")
    home.advance_to("2026-08-03")
    known = home.household
    ids = [
        *(key.partition("\x1f")[2] for key in known.seen),
        *(stop.id for stop in known.stops),
        *(move.id for move in known.moves),
    ]
    ids += [request.id for request in known.requests]
    assert ids == ["nieuw"]


@pytest.mark.rule("retention")
def test_a_claim_that_is_kept_until_today_stays_when_an_older_one_goes() -> None:
    home = Driver()
    home.report(RENT)
    home.report(ENERGY, on="2026-02-03")
    home.advance_to("2027-02-03")
    assert [claim.partner for claim in home.household.claims] == [ENERGY.partner]


@pytest.mark.rule("retention", "closed.known")
def test_an_end_is_remembered_for_as_long_as_its_claims() -> None:
    home = Driver()
    home.report(RENT)
    home.outcome("closed")
    home.report(RENT, on="2026-07-30")
    home.advance_to("2026-08-03")
    assert not home.household.seen
    home.amount(RENT, 20_000)
    assert not home.live
    assert len(home.tasks) == 1


@pytest.mark.rule("retention", "months")
def test_an_end_is_remembered_for_as_long_as_its_request_is_read() -> None:
    home = Driver(start="2026-02-28")
    home.asks()
    home.outcome("closed")
    home.advance_to("2026-08-30")
    home.stop("other")
    assert not home.live
    assert len(home.tasks) == 1


@pytest.mark.rule("retention", "outcome.reopened.ended")
@pytest.mark.parametrize("send", ["stop", "moved"])
def test_a_task_can_be_reopened_for_as_long_as_its_household_is_known(send: str) -> None:
    home = Driver()
    home.asks()
    home.outcome("closed")
    getattr(home, send)(on="2026-02-20")
    home.advance_to("2026-08-10")
    assert not home.household.requests
    assert not home.household.seen
    assert home.outcome("reopened").result == "accepted"


@pytest.mark.rule("retention")
def test_old_episodes_that_ended_on_one_day_are_forgotten_together() -> None:
    home = Driver()
    home.report(id="eerste")
    home.paid(on="2026-02-09")
    home.report(id="tweede")
    home.paid()
    home.report(id="derde", on="2026-12-01")
    assert home.advance_to("2027-02-09").household.claims[0].entries[0].id == "eerste"
    assert home.advance_to("2027-02-10").household.claims[0].entries[0].id == "derde"


@pytest.mark.rule("retention")
def test_an_old_run_is_forgotten_also_when_the_present_one_is_in_dispute() -> None:
    home = Driver()
    home.report(RENT, id="oud")
    home.paid(RENT, on="2026-02-05")
    home.report(RENT, id="nu", on="2027-01-11")
    home.outcome("disputed", disputed_signal="nu", on="2027-01-12")
    home.advance_to("2027-02-06")
    assert [entry.id for entry in home.household.claims[0].entries] == ["nu"]


@pytest.mark.rule("retention", "duplicate")
def test_at_a_months_end_an_id_is_remembered_for_as_long_as_its_record_may_come_again() -> None:
    """31 October is not more than six months after 30 April: the outcome would still be let in."""
    home = Driver(start="2026-04-30")
    home.report(RENT)
    home.outcome("closed", id="uitkomst", on="2026-04-30")
    home.report(WATER, on="2026-10-20")
    assert home.live
    answer = home.outcome("closed", id="uitkomst", on="2026-10-31", signalled="2026-04-30")
    assert (answer.result, home.live) == ("duplicate", True)
