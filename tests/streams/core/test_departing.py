"""What a household sends along with people who move, and what it keeps of it."""

from datetime import date
from uuid import UUID

import pytest

from schemas.codes import AddressEvent
from streams.core.records import Address
from tests.streams.core.driver import ENERGY, RENT, WATER, Driver

NEW = "nieuw"
NOON = 1_770_894_000_000  # 12 February 2026, 12:00 in Amsterdam


def street() -> tuple[Driver, Driver]:
    return Driver(), Driver(key=NEW)


@pytest.mark.rule("moved.along")
def test_a_transfer_says_where_from_where_to_and_by_which_record() -> None:
    home, new = street()
    home.report(RENT)
    home.moves_to(new, on="2026-02-12", clock="12:00:00", signalled="2026-02-10", id="verhuizing")
    home.amount(RENT, 40_000, on="2026-02-13", clock="12:00:00", id="hoger")
    first, second = home.transfers
    for transfer in home.transfers:
        assert (transfer.household, transfer.came_from, transfer.address) == (NEW, "huishouden", Address("9901AB", 90))
        assert (transfer.moved_on, transfer.moved_at) == (date(2026, 2, 10), NOON)
    assert (first.partner, first.caused_by, first.received_at) == ("burgerzaken", "verhuizing", NOON)
    assert (second.partner, second.caused_by, second.received_at) == ("woonstichting", "hoger", NOON + 24 * 3_600_000)
    assert {UUID(first.id).version, UUID(second.id).version} == {5}
    assert first.id != second.id
    (left,) = home.household.departed
    assert left.move.to is not None
    assert (left.move.to.household, left.move.to.address) == (NEW, Address("9901AB", 90))


@pytest.mark.rule("moved.along", "disputed")
def test_what_is_in_dispute_goes_along_in_dispute() -> None:
    home, new = street()
    home.report(RENT, id="huur")
    home.outcome("disputed", disputed_signal="huur")
    home.moves_to(new, on="2026-02-12")
    assert not new.versions
    assert new.household.claims[0].entries[0].dispute is not None


@pytest.mark.rule("moved.memory", "self_report")
def test_a_request_that_was_answered_stays_behind() -> None:
    home, new = street()
    home.asks()
    home.outcome("closed", on="2026-02-04")
    home.moves_to(new, on="2026-02-12")
    assert not new.versions


@pytest.mark.rule("moved.once", "self_report")
def test_a_request_goes_along_where_nobody_has_answered_it() -> None:
    home, new = street()
    home.asks(id="beantwoord")
    home.outcome("closed", on="2026-02-04")
    home.asks(id="open", on="2026-02-05")
    home.moves_to(new, on="2026-02-12", id="verhuizing")
    assert [request.id for request in new.household.requests] == ["open"]
    assert [request.id for request in home.household.departed[0].requests] == ["beantwoord", "open"]
    assert home.household.requests == ()


@pytest.mark.rule("moved.along", "self_report")
@pytest.mark.parametrize(("on", "goes"), [("2026-08-02", True), ("2026-08-03", False)])
def test_a_request_goes_along_for_as_long_as_it_is_read(on: str, goes: bool) -> None:  # noqa: FBT001
    home, new = street()
    home.asks()
    home.moves_to(new, on=on)
    assert new.live == goes


@pytest.mark.rule("moved.memory", "handover.deceased")
@pytest.mark.parametrize(("on", "known"), [("2026-08-02", ["overleden"]), ("2026-08-03", [])])
def test_a_death_goes_along_for_as_long_as_it_is_read_and_no_other_move_does(on: str, known: list[str]) -> None:
    home, new = street()
    home.moved("deceased", everyone=False, id="overleden")
    home.report(RENT, on="2026-07-30")
    home.moved("left", on="2026-08-01")
    home.moves_to(new, on=on)
    assert [move.id for move in new.household.moves if move.event is AddressEvent.DECEASED] == known
    assert len(new.household.moves) == len(known)


@pytest.mark.rule("moved.memory", "closed.known")
def test_what_somebody_works_on_is_held_back_no_more() -> None:
    home, new = street()
    home.report(RENT)
    home.report(ENERGY, id="stroom")
    home.outcome("closed", on="2026-02-04")
    home.report(RENT, id="weer", on="2026-03-03", amount=90_000)
    assert "stroom" in home.members
    home.moves_to(new, on="2026-03-05")
    assert new.household.ending is None
    new.paid(RENT, on="2026-03-06", id="betaald")
    assert (new.live, new.members) == (True, {"stroom"})


@pytest.mark.rule("moved.memory", "cool_down")
def test_a_cool_down_of_claims_that_are_over_stays_behind() -> None:
    home, new = street()
    home.report(RENT)
    home.outcome("refused", on="2026-02-04")
    home.paid(RENT, on="2026-02-05")
    home.outcome("objection", on="2026-02-06")
    home.report(WATER, on="2026-02-09")
    home.moves_to(new, on="2026-02-12")
    assert home.transfers[0].carried.ending is None


@pytest.mark.rule("moved.follows", "repeated")
def test_a_report_that_follows_is_repeated_by_what_was_known_when_the_claim_went() -> None:
    home, new = street()
    home.report(RENT)
    home.outcome("attempt", on="2026-02-04")
    home.moves_to(new, on="2026-02-12")
    assert home.report(RENT, id="weer", on="2026-03-02").result == "repeated"


@pytest.mark.rule("moved.follows", "moved.once")
def test_whatever_follows_all_that_went_stays_gone() -> None:
    home, new = street()
    home.report(RENT)
    home.report(ENERGY)
    home.moves_to(new, on="2026-02-12", id="verhuizing")
    assert home.report(RENT, on="2026-03-02", amount=90_000).result == "accepted"
    assert [len(claim.entries) for claim in home.household.departed[0].claims] == [2, 1]
    assert home.household.claims == ()
    assert not home.live
