"""After everybody has left: nothing that was said of them is said of who lives there next, and nothing is lost."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.codes import AddressEvent, SignalType
from streams.core.household import advance, decide
from streams.core.records import Address, Record
from streams.core.state import Household
from streams.core.told import tellings
from streams.wire import task_of
from tests.streams.core.driver import ENERGY, RENT, WATER, Driver, policy
from tests.streams.core.strategies import DEFAULT, histories
from tests.streams.core.test_properties import report_of_a_new_claim, thorough

NEW = "nieuw"
DEPARTURES = ["abroad", "deceased", "moved"]


def emptied(event: str = "abroad") -> Driver:
    """An address that people left, with an eviction, a lost contact and an exclusion; nobody lives there."""
    home = Driver()
    home.report(RENT, id="huur", crisis="eviction", months=3, amount=240_000)
    home.report(ENERGY, id="stroom")
    home.paid(ENERGY)
    home.moved("left")
    home.stop()
    home.asks()
    home.facts(children=True, excluded="unsafe")
    home.moved(event, everyone=True, on="2026-02-04")
    return home


@pytest.mark.rule("departed", "handover")
@pytest.mark.parametrize("event", DEPARTURES)
def test_who_comes_next_begins_anew(event: str) -> None:
    home = emptied(event)
    assert home.status == "ended"
    home.report(WATER, id="water", on="2026-03-20")
    assert (home.status, home.level, home.rung, home.members) == ("open", "letter", "letter", {"water"})
    assert (home.reasons, home.national, home.due) == ({"first_signal"}, {"single"}, "2026-04-17")
    assert home.household.facts is None


@pytest.mark.rule("departed", "context.alone", "lost_contact")
def test_a_stop_and_a_sign_of_leaving_of_different_people_are_no_lost_contact() -> None:
    home = Driver()
    home.stop()
    home.moved("moved", everyone=True, on="2026-02-04")
    home.report(RENT, months=1, on="2026-02-20")
    assert home.reasons == {"first_signal"}


@pytest.mark.rule("departed.late", "due.regular")
@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("report", {"amount": 300_000, "crisis": "cutoff", "signalled": "2026-02-04"}),
        ("amount", {"amount": 300_000}),
        ("paid", {}),
    ],
)
def test_what_a_creditor_sends_late_about_who_left_is_kept_and_opens_nothing(kind: str, values: dict[str, Any]) -> None:
    home = emptied()
    home.report(WATER, id="water", on="2026-03-20")
    before = len(home.versions)
    assert getattr(home, kind)(RENT, id="laat", on="2026-03-23", **values).result == "accepted"
    assert len(home.versions) == before
    assert any(entry.id == "laat" for entry in home.household.departed[0].claims[0].entries)
    assert home.pipe(home.raws[-1]).result == "duplicate"


@pytest.mark.rule("departed.news", "departed")
def test_a_new_report_from_after_they_left_opens_a_task_and_drags_nothing_along() -> None:
    home = emptied()
    home.report(RENT, id="nieuws", on="2026-02-05", months=1)
    assert (home.status, home.level, home.members) == ("open", "letter", {"nieuws"})
    home.paid(RENT, on="2026-02-06")
    assert home.status == "withdrawn"


@pytest.mark.rule("departed.late", "departed.news", "repeated")
@pytest.mark.parametrize(("amount", "result"), [(15_000, "repeated"), (15_001, "accepted")])
def test_a_report_that_repeats_what_was_picked_up_before_they_left_opens_nothing(amount: int, result: str) -> None:
    home = Driver()
    home.report(RENT, amount=15_000)
    home.outcome("attempt")
    home.moved("abroad", everyone=True, on="2026-02-04")
    assert home.report(RENT, amount=amount, on="2026-03-02").result == result
    assert home.live == (result == "accepted")


@pytest.mark.rule("departed.late", "moved.follows")
def test_a_new_report_about_people_who_moved_inside_follows_them() -> None:
    home, new = Driver(), Driver(key=NEW)
    home.report(RENT)
    home.moves_to(new, on="2026-02-12")
    home.report(RENT, on="2026-03-02", amount=90_000)
    assert not home.live
    assert len(home.transfers) == 2


@pytest.mark.rule("departed.late", "told.fixed_day")
def test_a_creditor_of_who_left_gets_its_answer_on_the_same_day_as_any_other() -> None:
    home = emptied()
    home.report(RENT, id="laat", on="2026-02-10", signalled="2026-02-04")
    before = home.household
    home.advance_to("2026-03-09")
    told = {one.signal_id: one.told for one in tellings(before, home.household)}
    assert told["huur"].on == date(2026, 3, 2)
    assert "laat" not in told
    before = home.household
    home.advance_to("2026-03-10")
    assert [(one.signal_id, one.told.picked_up) for one in tellings(before, home.household)] == [("laat", False)]


@pytest.mark.rule("departed.late", "moved.follows", "departed.facts")
def test_what_the_municipality_says_late_of_a_day_before_they_moved_follows_them() -> None:
    home, new = Driver(), Driver(key=NEW)
    home.report(RENT)
    home.moves_to(new, on="2026-02-12")
    home.report(WATER, on="2026-02-13")
    home.facts(excluded="unsafe", on="2026-02-16", signalled="2026-02-11")
    home.moved("deceased", everyone=False, on="2026-02-16", signalled="2026-02-11")
    home.stop(on="2026-02-16", signalled="2026-02-11")
    assert (home.status, home.rung, home.reasons) == ("open", "letter", {"first_signal"})
    assert len(home.transfers) == 3, "a stop goes nowhere: the register knows where they are"
    home.delivers_to(new)
    assert (new.status, new.rung) == ("suppressed", "phone")


@pytest.mark.rule("departed.facts")
@pytest.mark.parametrize(("stated", "status"), [("2026-02-12", "open"), ("2026-02-13", "suppressed")])
def test_what_is_stated_of_a_day_after_they_left_is_of_who_lives_there_next(stated: str, status: str) -> None:
    """Whether the register or the statement comes first."""
    home, late = Driver(), Driver()
    home.facts(excluded="unsafe", on="2026-02-13", signalled=stated)
    home.moved("abroad", everyone=True, on="2026-02-14", signalled="2026-02-12")
    late.moved("abroad", everyone=True, on="2026-02-13", signalled="2026-02-12")
    late.facts(excluded="unsafe", on="2026-02-14", signalled=stated)
    for each in (home, late):
        each.report(WATER, on="2026-02-16")
        assert each.status == status


@pytest.mark.rule("departed.facts", "shared.unlisted")
def test_that_an_address_is_shared_stays_true_of_the_address() -> None:
    home = Driver()
    home.facts(children=True, shared_address=True)
    home.moved("abroad", everyone=True, on="2026-02-04")
    facts = home.household.facts
    assert facts is not None
    assert (facts.shared_address, facts.children) == (True, None)


@pytest.mark.rule("departed.facts", "suppressed")
@pytest.mark.parametrize(
    ("here", "brought", "since", "expected"),
    [
        ({"children": False}, {"excluded": "unsafe"}, None, (None, "unsafe")),
        ({"excluded": "unsafe"}, {"children": True}, None, (True, "unsafe")),
        ({"excluded": "detention"}, {"excluded": "unsafe"}, None, (None, "unsafe")),
        ({}, {"excluded": "unsafe"}, {"children": True}, (True, None)),
    ],
)
def test_an_exclusion_is_lost_by_no_move(
    here: dict[str, object],
    brought: dict[str, object],
    since: dict[str, object] | None,
    expected: tuple[bool | None, str | None],
) -> None:
    """The later statement holds, with whichever exclusion; what is stated since they came replaces it."""
    home, new = Driver(), Driver(key=NEW)
    new.facts(**here, on="2026-02-02")
    home.report(RENT)
    home.facts(**brought, on="2026-02-03")
    home.moves_to(new, on="2026-02-12")
    if since is not None:
        new.facts(**since, on="2026-02-13")
    facts = new.household.facts
    assert facts is not None
    assert (facts.children, facts.excluded) == expected


@pytest.mark.rule("departed.facts")
def test_an_exclusion_goes_along_with_people_of_whom_no_arrears_are_known() -> None:
    home, new = Driver(), Driver(key=NEW)
    home.facts(excluded="unsafe")
    home.moves_to(new, on="2026-02-12")
    assert new.report(RENT, on="2026-02-13").result == "accepted"
    assert new.status == "suppressed"


@pytest.mark.rule("departed.undone", "outcome.reopened.ended", "suppressed")
def test_when_the_register_was_wrong_everything_is_back() -> None:
    home = Driver()
    home.report(RENT, id="huur", months=2)
    home.facts(children=True)
    home.outcome("attempt")
    home.moved("abroad", everyone=True, on="2026-02-04")
    home.moved("abroad", everyone=True, on="2026-02-04")
    home.amount(RENT, 40_000, crisis="eviction", on="2026-02-05")
    home.outcome("reopened", on="2026-02-06")
    assert (home.status, home.level, home.members) == ("open", "joint_home_visit", {"huur"})
    assert home.household.facts is not None
    home.paid(RENT, on="2026-02-09")
    assert "cured" in home.reasons


@pytest.mark.rule("departed", "known_at_debt_help")
def test_the_last_version_tells_whose_it_was() -> None:
    home = Driver()
    home.facts(known_at_debt_help=True)
    home.report(RENT)
    home.moved("abroad", everyone=True, on="2026-02-04")
    told = task_of(home.household, home.versions[-1], policy())
    assert (told["owner"], told["status"]) == (policy().debt_help_team, "ended")


@pytest.mark.rule("departed", "departed.late", "retention")
def test_people_who_left_are_remembered_for_as_long_as_their_claims() -> None:
    home = emptied()
    home.amount(RENT, 50_000, on="2026-09-01")
    home.advance_to("2027-01-01")
    assert [left.move.id for left in home.household.departed] == ["burgerzaken-8"]
    home.advance_to("2027-09-02")
    assert home.household.departed == ()


@pytest.mark.rule("departed", "departed.late")
@thorough
@given(histories(handover=False, most=9), st.sampled_from(DEPARTURES))
def test_whatever_was_said_of_who_left_nothing_differs_for_who_comes_next(records: list[Record], event: str) -> None:
    old = Household("huishouden")
    for record in records:
        old = decide(old, record, DEFAULT).household
    move = departure(old, event)
    old = decide(old, move, DEFAULT).household
    fresh = decide(Household("huishouden"), move, DEFAULT).household
    late = [record for record in records if record.type is not SignalType.OUTCOME and record.reference is not None]
    for number, record in enumerate(late):
        again = Record(**{f: getattr(record, f) for f in Record.__struct_fields__} | {"id": f"laat-{number}"})
        decision = decide(old, again, DEFAULT)
        assert not [one for one in decision.versions if one.task.status.live]
        assert decision.receipt.result in {"accepted", "repeated"}
        old = decision.household
    tasks = []
    for home in (old, fresh):
        after = decide(home, report_of_a_new_claim(home, None), DEFAULT)
        later, more = advance(
            after.household, after.household.today.replace(year=after.household.today.year + 1), DEFAULT
        )
        tasks.append((after.versions, more, later.task))
    assert tasks[0] == tasks[1]


def departure(home: Household, event: str) -> Record:
    noon = int((home.today - date(1970, 1, 1)).total_seconds() + 12 * 3600) * 1000
    return Record(
        "vertrek",
        "burgerzaken",
        SignalType.ADDRESS,
        home.today,
        noon,
        Address("9901AB", 12),
        address_event=AddressEvent(event),
        everyone=True,
    )


@pytest.mark.rule("departed.late", "lost_contact")
@pytest.mark.parametrize(("said_of", "reasons"), [("2026-02-12", {"first_signal"}), ("2026-02-13", {"lost_contact"})])
def test_a_stop_of_the_day_on_which_they_left_is_theirs(said_of: str, reasons: set[str]) -> None:
    home = Driver()
    home.moved("abroad", everyone=True, on="2026-02-12")
    home.stop(on="2026-02-13", signalled=said_of)
    home.report(RENT, on="2026-02-16")
    assert home.reasons >= reasons
    assert ("lost_contact" in home.reasons) == ("lost_contact" in reasons)
