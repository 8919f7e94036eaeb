"""Moves inside the municipality: what is open goes along, once, and those who stay keep their task."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from schemas.codes import AddressEvent, SignalType
from streams.core.household import decide, take_in
from streams.core.next_action import next_action
from streams.core.records import Address, Record
from streams.core.situation import OpenClaim, situation
from streams.core.state import Household
from streams.core.told import tellings
from tests.streams.core.driver import ENERGY, RENT, WATER, Driver, policy
from tests.streams.core.strategies import DEFAULT, histories
from tests.streams.core.test_properties import thorough

NEW = "nieuw"


def street() -> tuple[Driver, Driver]:
    return Driver(), Driver(key=NEW)


@pytest.mark.rule("moved.along", "due.regular")
def test_what_is_open_goes_along_with_its_ids_and_dates() -> None:
    home, new = street()
    home.report(RENT, id="huur", months=2)
    home.report(ENERGY, id="stroom", on="2026-02-04")
    home.moves_to(new, on="2026-02-12", id="verhuizing")
    assert (home.status, home.reasons) == ("ended", {"first_signal", "multiple", "rent_months", "moved_within"})
    assert (new.status, new.level, new.due, new.members) == ("open", "home_visit", "2026-03-02", {"huur", "stroom"})
    assert new.versions[-1].caused_by == "verhuizing"
    assert new.task.opened_on == date(2026, 2, 12)


@pytest.mark.rule("moved.along", "due.crisis")
def test_a_crisis_keeps_its_three_working_days() -> None:
    home, new = street()
    home.report(RENT, crisis="eviction", on="2026-02-02")
    assert home.moves_to(new, on="2026-02-04").due == "2026-02-05"


@pytest.mark.rule("moved.along")
def test_only_the_open_episode_goes_and_what_is_over_stays_behind() -> None:
    home, new = street()
    home.report(RENT, id="oud", on="2026-02-02")
    home.paid(RENT, on="2026-02-10")
    home.report(RENT, id="nieuw", on="2026-03-03")
    home.report(WATER, id="water", on="2026-03-03")
    home.paid(WATER, on="2026-03-04")
    assert home.moves_to(new, on="2026-03-05").members == {"nieuw"}
    assert [claim.key for claim in new.household.claims] == ["woonstichting\x1fHuur\x1fH-100"]
    assert [entry.id for entry in new.household.claims[0].entries] == ["nieuw"]


@pytest.mark.rule("moved.along", "self_report")
def test_who_asked_for_help_is_helped_at_the_new_address() -> None:
    home, new = street()
    home.asks()
    assert home.moves_to(new, on="2026-02-05").reasons == {"self_report"}
    assert new.due == "2026-03-02"
    assert not home.live


@pytest.mark.rule("moved.once", "duplicate")
def test_a_transfer_that_comes_again_changes_nothing() -> None:
    home, new = street()
    home.report(RENT)
    home.moves_to(new, on="2026-02-05")
    before = new.household
    assert new.take_in(home.transfers[0]).result == "duplicate"
    assert new.household == before
    assert len(new.versions) == 1


@pytest.mark.rule("moved.once")
def test_the_next_residents_of_the_old_address_are_told_nothing_of_the_last_ones() -> None:
    home, new = street()
    home.report(RENT, crisis="eviction", months=3)
    home.moves_to(new, on="2026-02-05")
    home.report(WATER, id="anders", on="2026-02-20")
    assert (home.level, home.members, home.reasons) == ("letter", {"anders"}, {"first_signal"})


@pytest.mark.rule("moved.once")
def test_who_comes_back_has_everything_at_the_first_address_again() -> None:
    home, new = street()
    home.report(RENT, id="huur")
    home.moves_to(new, on="2026-02-05")
    new.moves_to(home, on="2026-02-20", id="terug")
    assert (home.status, home.members, home.task.opened_on) == ("open", {"huur"}, date(2026, 2, 20))
    assert not new.live
    home.paid(RENT, on="2026-02-23")
    assert home.status == "withdrawn"
    assert len(home.transfers) == 1, "it stays here now"


@pytest.mark.rule("moved.once")
def test_whoever_has_moved_on_before_it_arrived_is_followed() -> None:
    home, new = street()
    last = Driver(key="laatst")
    home.report(RENT, id="huur")
    home.moved("moved", everyone=True, on="2026-02-05", to=NEW, to_address={"postcode": "9901AB", "number": 90})
    new.moves_to(last, on="2026-02-09")
    assert not last.live
    home.delivers_to(new)
    assert not new.live
    assert new.delivers_to(last).members == {"huur"}


@pytest.mark.rule("moved.once", "handover")
def test_whoever_has_left_the_municipality_before_it_arrived_is_not_looked_for() -> None:
    home, new = street()
    home.report(RENT)
    home.moved("moved", everyone=True, on="2026-02-05", to=NEW, to_address={"postcode": "9901AB", "number": 90})
    new.moved("abroad", everyone=True, on="2026-02-09")
    assert not home.delivers_to(new).live


@pytest.mark.rule("moved.along", "handover.stays")
@pytest.mark.parametrize("more", [{"everyone": False}, {"everyone": None}, {"to": None}, {"to": "huishouden"}])
def test_nothing_goes_while_somebody_stays_or_nobody_knows_where_to(more: dict[str, Any]) -> None:
    home = Driver()
    home.report(RENT)
    to_address = {"postcode": "9901AB", "number": 90}
    home.moved("moved", **{"everyone": True, "to": NEW, "to_address": to_address, **more})
    assert home.status == "open"
    assert home.transfers == []


@pytest.mark.rule("moved.along")
def test_where_nobody_was_ever_heard_of_nothing_is_written() -> None:
    home, new = street()
    home.facts(children=True)
    assert home.moves_to(new).household == Household(NEW)


@pytest.mark.rule("moved.memory", "told.fixed_day")
def test_a_partner_is_told_once_wherever_people_live() -> None:
    home, new = street()
    home.report(RENT)
    home.moves_to(new, on="2026-02-20")
    before = home.household, new.household
    home.wait(30)
    new.wait(30)
    assert tellings(before[0], home.household) == []
    assert [telling.told.picked_up for telling in tellings(before[1], new.household)] == [False]


@pytest.mark.rule("moved.memory")
def test_what_was_told_before_is_not_told_again_on_arrival() -> None:
    home, new = street()
    home.report(RENT)
    home.outcome("attempt")
    home.moves_to(new, on="2026-02-20")
    assert tellings(Household(NEW), new.household, home.transfers[0].carried) == []


@pytest.mark.rule("moved.memory", "repeated")
def test_arrears_that_were_picked_up_are_repeated_at_the_new_address_too() -> None:
    home, new = street()
    home.report(RENT)
    home.outcome("attempt")
    home.moves_to(new, on="2026-02-20")
    assert new.report(RENT, id="weer", on="2026-03-02").result == "repeated"


@pytest.mark.rule("moved.memory", "closed.known")
def test_what_was_closed_stays_closed_until_it_is_reported_anew() -> None:
    home, new = street()
    home.report(RENT)
    home.outcome("closed", on="2026-02-10")
    home.moves_to(new, on="2026-02-20")
    assert not new.wait(30).live
    assert new.report(RENT, id="meer", amount=90_000).result == "accepted"
    assert new.live


@pytest.mark.rule("moved.memory", "cool_down")
def test_who_refused_is_left_alone_for_the_rest_of_the_cool_down() -> None:
    home, new = street()
    home.report(RENT)
    home.outcome("refused", on="2026-02-10")
    home.moves_to(new, on="2026-02-20")
    assert not new.advance_to("2026-04-11").versions
    assert new.advance_to("2026-04-12").live


@pytest.mark.rule("moved.memory", "objection")
def test_an_objection_goes_along_and_a_person_still_decides() -> None:
    home, new = street()
    home.report(RENT)
    home.outcome("objection")
    home.moves_to(new, on="2026-02-20")
    assert (new.status, "objection" in new.reasons) == ("suppressed", True)
    assert home.household.objection is None


@pytest.mark.rule("moved.memory", "suppressed", "handover.deceased")
def test_an_exclusion_and_a_death_are_known_at_the_new_address() -> None:
    home, new = street()
    home.report(RENT)
    home.facts(excluded="unsafe", shared_address=True)
    home.moved("deceased", everyone=False)
    home.moves_to(new, on="2026-02-20")
    assert (new.status, new.rung) == ("suppressed", "phone")
    assert new.household.facts is not None
    assert new.household.facts.shared_address is None, "that is of the address"


@pytest.mark.rule("moved.follows")
def test_a_payment_sent_to_the_old_address_is_known_at_the_new_one() -> None:
    home, new = street()
    home.report(RENT)
    home.moves_to(new, on="2026-02-05")
    home.paid(RENT, on="2026-02-10")
    assert home.delivers_to(new).status == "withdrawn"


@pytest.mark.rule("moved.follows", "duplicate")
def test_a_report_sent_to_the_old_address_counts_at_the_new_one_and_there_alone() -> None:
    home, new = street()
    home.report(RENT)
    home.moves_to(new, on="2026-02-05")
    home.report(RENT, amount=120_000, id="later", on="2026-03-03")
    assert not home.live
    assert home.delivers_to(new).members == {"woonstichting-1", "later"}
    assert "high_amount" in new.reasons
    assert home.pipe(home.raws[-1]).result == "duplicate"


def action(home: Driver) -> str:
    assert home.household.task is not None
    return next_action(home.household, home.household.task, policy())[0]


@pytest.mark.rule("register_check")
def test_after_somebody_left_a_visit_waits_for_the_register() -> None:
    home = Driver()
    home.report(RENT, months=2)
    assert action(home) == "home_visit"
    home.moved("left", on="2026-02-04")
    assert action(home) == "register_check"
    home.outcome("attempt", channel="Telefoon", on="2026-02-05")
    assert action(home) == "register_check"
    home.outcome("attempt", channel="Administratief", on="2026-02-06")
    assert action(home) == "home_visit"


@pytest.mark.rule("register_check")
def test_the_registers_own_later_word_is_enough_and_a_letter_waits_for_nothing() -> None:
    home = Driver()
    home.report(RENT)
    home.moved("left", on="2026-02-04")
    assert action(home) == "letter"
    home.report(RENT, months=2, on="2026-02-05")
    home.facts(children=True, on="2026-02-06")
    assert action(home) == "home_visit"


def said(one: OpenClaim) -> tuple[object, ...]:
    """All that the rules read of an open claim."""
    found = one.episode
    reports = [(report.id, report.signalled_on, report.received_at, report.repeated) for report in found.reports]
    return one.claim.key, reports, found.first_received_at, found.amount_cents, found.months, found.crises


@pytest.mark.rule("moved.along", "moved.once", "duplicate")
@thorough
@given(histories(handover=False, most=9), st.integers(0, 3), st.integers(0, 20))
def test_each_open_claim_is_at_one_address_and_as_it_was(records: list[Record], again: int, days: int) -> None:
    old, new = Household("oud"), Household(NEW)
    for record in records:
        old = decide(old, record, DEFAULT).household
    last = records[-1]
    move = Record(
        "verhuizing",
        "gemeente",
        SignalType.ADDRESS,
        last.day + timedelta(days=days),
        last.received_at + days * 24 * 3600 * 1000,
        last.address,
        address_event=AddressEvent.MOVED,
        everyone=True,
        to_address=Address("9901AB", 90),
        to_household=NEW,
    )
    before = situation(replace(old, today=max(old.today, move.day)), DEFAULT.on(move.day), disputed=True)
    decision = decide(old, move, DEFAULT)
    old = decision.household
    if decision.transfer is None:
        assert not before.open
        return
    for _ in range(again + 1):
        new = take_in(new, decision.transfer, DEFAULT).household
    for record in records:
        old = decide(old, replace(record, received_at=move.received_at), DEFAULT).household
    here, there = (situation(one, DEFAULT.on(one.today), disputed=True) for one in (old, new))
    assert here.open == []
    assert [said(one) for one in there.open] == [said(one) for one in before.open]
