"""What a household makes of people who arrive, beside what it knows of its own."""

from datetime import date

import pytest

from streams.core.arriving import arrived
from streams.core.household import take_in
from streams.core.records import Address
from streams.core.state import Ending, Household, Known
from streams.core.transfers import transfer_id
from tests.streams.core.driver import ENERGY, RENT, WATER, Driver

NEW = "nieuw"
RENT_KEY = "woonstichting\x1fHuur\x1fH-100"


def street() -> tuple[Driver, Driver]:
    return Driver(), Driver(key=NEW)


@pytest.mark.rule("moved.along")
def test_the_new_household_is_at_the_new_address() -> None:
    home, new = street()
    home.report(RENT)
    home.moved("moved", everyone=True, to=NEW, to_address={"postcode": "9901AB", "number": 90})
    assert new.take_in(home.transfers[0]).result == "accepted"
    assert new.household.address == Address("9901AB", 90)


@pytest.mark.rule("moved.along")
def test_what_is_closed_at_both_stays_closed_and_is_asked_again_with_what_is_open() -> None:
    home, new = street()
    new.report(ENERGY, id="stroom")
    new.outcome("closed", on="2026-02-04")
    home.report(RENT)
    home.outcome("closed", on="2026-02-05")
    assert not home.moves_to(new, on="2026-02-12").wait(30).live
    other = Driver(key="ander")
    other.report(WATER, id="water", on="2026-03-16")
    assert other.moves_to(new, on="2026-03-17").members == {"woonstichting-1", "stroom", "water"}


@pytest.mark.rule("moved.memory", "cool_down")
@pytest.mark.parametrize(("here", "there"), [("2026-02-04", "2026-02-10"), ("2026-02-10", "2026-02-04")])
def test_of_two_cool_downs_the_longer_one_counts(here: str, there: str) -> None:
    home, new = street()
    home.report(RENT)
    home.outcome("refused", on=here)
    new.report(ENERGY)
    new.outcome("refused", on=there)
    home.moves_to(new, on="2026-02-20")
    assert not new.advance_to("2026-04-11").live
    assert new.advance_to("2026-04-12").live


def closed_where_who_refused_moves_in() -> Driver:
    home, new = street()
    new.report(ENERGY)
    new.outcome("closed", on="2026-02-03")
    home.report(RENT)
    home.outcome("refused", on="2026-02-04")
    home.moves_to(new, on="2026-02-12")
    return new


@pytest.mark.rule("moved.memory", "closed.known", "cool_down")
def test_a_cool_down_of_who_arrives_holds_back_no_new_report_of_a_claim_that_was_closed_here() -> None:
    new = closed_where_who_refused_moves_in()
    assert new.paid(ENERGY, on="2026-02-16").result == "accepted"
    assert new.report(ENERGY, on="2026-02-20").result == "accepted"
    assert new.live


@pytest.mark.rule("moved.memory", "closed.known", "cool_down")
def test_a_claim_that_was_closed_here_does_not_open_by_itself_when_the_cool_down_of_who_arrived_ends() -> None:
    new = closed_where_who_refused_moves_in()
    new.paid(RENT, on="2026-02-16")
    assert not new.wait(90).live


@pytest.mark.rule("moved.once", "self_report", "warm_handover")
def test_a_request_is_known_by_its_sender_too_when_somebody_arrives_with_the_same_id() -> None:
    home, new = street()
    new.referred(id="1")
    home.asks(id="1")
    home.moves_to(new, on="2026-02-12")
    assert new.reasons >= {"self_report", "warm_handover"}


@pytest.mark.rule("moved.once", "self_report")
def test_a_request_that_comes_back_is_as_unanswered_as_it_was() -> None:
    home, new = street()
    home.asks(id="hulpvraag")
    home.moves_to(new, on="2026-02-12")
    new.moves_to(home, on="2026-02-16", id="terug")
    assert (home.live, home.reasons) == (True, {"self_report"})
    assert [request.id for request in home.household.requests] == ["hulpvraag"]


@pytest.mark.rule("moved.once", "self_report")
def test_who_arrives_answers_no_request_of_who_lives_there() -> None:
    home, new = street()
    new.asks(id="eigen")
    new.outcome("closed", on="2026-02-04")
    home.asks(id="hulpvraag")
    home.moves_to(new, on="2026-02-12")
    assert [request.id for request in new.household.requests] == ["eigen", "hulpvraag"]
    assert new.household.ending is not None
    assert new.household.ending.requests == ("inwoner\x1feigen",)


@pytest.mark.rule("moved.once", "moved.follows")
def test_what_is_sent_about_who_came_back_stays_here() -> None:
    home, new = street()
    home.report(RENT)
    home.moves_to(new, on="2026-02-12")
    new.paid(RENT, on="2026-02-13", id="betaald")
    new.report(ENERGY, on="2026-02-13")
    new.moves_to(home, on="2026-02-16", id="terug")
    home.report(RENT, id="weer", on="2026-03-03")
    assert home.live
    assert "weer" in home.members
    assert len(home.transfers) == 1


@pytest.mark.rule("moved.follows")
def test_what_is_sent_about_the_last_residents_still_follows_them_when_others_arrive() -> None:
    home, new = street()
    other = Driver(key="ander")
    home.report(RENT)
    home.moves_to(new, on="2026-02-12")
    other.report(WATER, id="water")
    other.moved(
        "moved", everyone=True, on="2026-02-16", to="huishouden", to_address={"postcode": "9901AB", "number": 12}
    )
    other.delivers_to(home)
    home.paid(RENT, on="2026-02-17")
    assert home.members == {"water"}
    assert home.delivers_to(new).status == "withdrawn"


@pytest.mark.rule("moved.follows", "closed.known")
def test_a_report_that_follows_opens_what_was_closed_and_an_amount_does_not() -> None:
    home, new = street()
    home.report(RENT)
    home.moves_to(new, on="2026-02-12")
    new.outcome("closed", on="2026-02-16")
    home.amount(RENT, 90_000, on="2026-02-17")
    assert not home.delivers_to(new).live
    home.report(RENT, id="weer", on="2026-03-02", amount=95_000)
    assert home.delivers_to(new).live
    assert len(new.tasks) == 2


@pytest.mark.rule("moved.follows", "repeated", "closed.known")
def test_a_repeated_report_that_follows_opens_nothing() -> None:
    home, new = street()
    home.report(RENT)
    home.outcome("attempt", on="2026-02-04")
    home.moves_to(new, on="2026-02-12")
    new.outcome("closed", on="2026-02-16")
    assert home.report(RENT, id="weer", on="2026-03-02").result == "repeated"
    assert not home.delivers_to(new).live


@pytest.mark.rule("moved.follows", "closed.known")
def test_a_report_that_was_here_already_opens_nothing_when_it_follows() -> None:
    home, new = street()
    home.report(RENT)
    home.moves_to(new, on="2026-02-12")
    new.report(RENT, id="weer", on="2026-03-02", amount=95_000)
    new.outcome("closed", on="2026-03-03")
    home.report(RENT, id="weer", on="2026-03-04", amount=95_000)
    assert not home.delivers_to(new).live


@pytest.mark.rule("moved.follows", "closed.known")
def test_a_report_that_follows_to_where_nothing_is_left_of_its_claim_counts_as_new() -> None:
    home, new = street()
    home.report(RENT)
    home.moves_to(new, on="2026-02-12")
    home.report(RENT, id="weer", on="2026-03-02")
    closed = Household(NEW, ending=Ending("besluit", {RENT_KEY: Known(("woonstichting-1",), 30_000)}))
    ending = arrived(closed, home.transfers[1]).ending
    assert ending is not None
    assert ending.claims == {}


@pytest.mark.rule("moved.follows", "repeated")
def test_what_was_picked_up_here_stays_picked_up_when_something_follows() -> None:
    home, new = street()
    home.report(RENT)
    home.moves_to(new, on="2026-02-12")
    new.outcome("attempt", on="2026-02-16")
    new.outcome("closed", on="2026-02-17")
    home.amount(RENT, 20_000, on="2026-02-18")
    home.delivers_to(new)
    assert new.household.claims[0].picked_up_on == date(2026, 2, 16)


@pytest.mark.rule("moved.follows")
def test_what_follows_and_changes_nothing_makes_no_version() -> None:
    home, new = street()
    home.report(RENT)
    home.moves_to(new, on="2026-02-12")
    home.amount(RENT, 30_000, on="2026-02-13")
    home.delivers_to(new)
    assert len(new.versions) == 1


@pytest.mark.rule("moved.memory", "objection")
def test_all_that_arrives_at_once_is_by_the_move() -> None:
    home, new = street()
    home.report(RENT)
    home.outcome("objection")
    home.moves_to(new, on="2026-02-20", id="verhuizing")
    assert [version.caused_by for version in new.versions] == ["verhuizing", "verhuizing"]


@pytest.mark.rule("moved.once")
def test_of_two_moves_since_the_last_one_is_followed_and_those_who_live_here_now_notice_nothing() -> None:
    home, new = street()
    last = Driver(key="laatst")
    home.report(RENT, id="huur")
    home.moved("moved", everyone=True, on="2026-02-05", to=NEW, to_address={"postcode": "9901AB", "number": 90})
    there = {"postcode": "9901AB", "number": 77}
    new.moved("moved", everyone=True, on="2026-02-09", to="eerst", to_address={"postcode": "9901AB", "number": 76})
    new.moved("moved", everyone=True, on="2026-02-10", signalled="2026-02-09", to="laatst", to_address=there)
    new.report(ENERGY, on="2026-02-11")
    arrived = take_in(new.household, home.transfers[0], new.policies)
    assert arrived.receipt.result == "accepted"
    new.take_in(home.transfers[0])
    assert [version.task.sequence for version in new.versions] == [1]
    onward = new.transfers[-1]
    assert onward.id == transfer_id(NEW, home.transfers[0].id)
    assert (onward.household, onward.came_from, onward.address) == ("laatst", NEW, Address("9901AB", 77))
    assert (onward.moved_on, onward.moved_at) == (date(2026, 2, 9), new.household.departed[1].move.received_at)
    assert last.take_in(onward).result == "accepted"
    assert last.members == {"huur"}
    new.report(RENT._replace(reference="H-900"), on="2026-02-12", months=2)
    assert [version.task.sequence for version in new.versions] == [1, 2]


@pytest.mark.rule("moved.once", "handover")
def test_what_comes_for_who_left_the_municipality_meanwhile_is_kept_with_them() -> None:
    home, new = street()
    home.report(RENT)
    home.moved("moved", everyone=True, on="2026-02-05", to=NEW, to_address={"postcode": "9901AB", "number": 90})
    new.moved("abroad", everyone=True, on="2026-02-09", id="emigratie")
    home.delivers_to(new)
    (left,) = new.household.departed
    assert (left.move.id, [claim.key for claim in left.claims]) == ("emigratie", [RENT_KEY])
    assert new.household.claims == ()
