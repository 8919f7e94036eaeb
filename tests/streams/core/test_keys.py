"""Whose a record is: an address's, and at a shared one a person's."""

from datetime import date
from typing import Any

import pytest
from msgspec.structs import replace

from schemas.codes import SignalType
from streams.core.admission import Refused, admit
from streams.core.agreements import Agreements
from streams.core.keys import Keys, Person, SharedListError, one_form, person_in, shared_addresses
from streams.core.next_action import next_action
from streams.core.records import Address, Record
from tests.streams.core.driver import ADDRESS, ENERGY, RENT, Driver, policy, raw_report
from tests.streams.core.strategies import DEFAULT

HOME = Address("9901AB", 12)
ANNA = {"birth_date": "2001-05-17", "surname": "van der Wal"}
BRAM = {"birth_date": "2002-11-03", "surname": "Bakker"}


def keys() -> Keys:
    return Keys(b"geheim", frozenset({HOME}))


def placed(raw: dict[str, Any]) -> tuple[str, Record] | None:
    record = admit(raw, DEFAULT, Agreements())
    assert not isinstance(record, Refused), record
    return keys().place(record, raw)


def found_at(raw: dict[str, Any]) -> tuple[str, Record]:
    found = placed(raw)
    assert found is not None
    return found


def household(**more: Any) -> str:
    """Of a report that tells the person, or names the household."""
    raw = raw_report(RENT, **more)
    found = found_at(raw)
    assert not found[1].unsorted
    assert found[0] == keys().of(HOME, raw) or "household" in raw
    return found[0]


def own(kind_of: str, /, **more: Any) -> dict[str, Any]:
    """What the municipality says itself."""
    base = {"id": "eigen", "partner": "gemeente", "type": kind_of, "signalled_on": "2026-02-02", "address": ADDRESS}
    return {**base, "received_at": "2026-02-02T09:00:00Z", **more}


@pytest.mark.rule("shared.person")
def test_at_a_shared_address_each_person_is_a_household() -> None:
    found = {household(**ANNA), household(**BRAM), keys().of(Address("9901AB", 13), {})}
    assert len(found) == 3
    assert None not in found


@pytest.mark.rule("shared.person")
@pytest.mark.parametrize("surname", ["Wal", "WAL", " van der wal ", "v.d. Wál"])
def test_a_surname_has_one_form_whoever_writes_it(surname: str) -> None:
    assert household(**{**ANNA, "surname": surname}) == household(**ANNA)


@pytest.mark.rule("shared.person")
@pytest.mark.parametrize(("written", "form"), [("de Vries-Jansen", "VRIESJANSEN"), ("Ten", "TEN"), ("123", "")])
def test_what_stands_before_a_name_is_left_out_and_the_name_never(written: str, form: str) -> None:
    assert one_form(written) == form


@pytest.mark.rule("shared.alone")
@pytest.mark.parametrize(
    "more",
    [
        {},
        {"birth_date": "2001-05-17"},
        {"surname": "Wal"},
        {**ANNA, "birth_date": "17-5-2001"},
        {**ANNA, "surname": "-"},
    ],
)
def test_without_birth_date_or_surname_nobody_is_matched(more: dict[str, Any]) -> None:
    found = found_at(raw_report(RENT, **more))
    assert found[1].unsorted
    assert found[0] not in {household(**ANNA), keys().of(Address("9901AB", 13), {})}


@pytest.mark.rule("shared.alone")
def test_without_a_person_all_of_one_claim_are_together_and_nothing_else_is() -> None:
    rent, _ = found_at(raw_report(RENT))
    assert found_at(raw_report(RENT, id="betaald", kind="paid"))[0] == rent
    others = [raw_report(ENERGY), raw_report(RENT._replace(reference="H-101")), raw_report(partner="een-ander")]
    asked = [own("Zelfmelding", id="een", partner="inwoner"), own("Zelfmelding", id="twee", partner="inwoner")]
    apart = [found_at(raw)[0] for raw in (raw_report(RENT), *others, *asked)]
    assert len(set(apart)) == len(apart)


@pytest.mark.rule("shared.alone")
def test_what_was_written_out_of_the_log_says_again_that_it_is_not_known_whose_it_is() -> None:
    key, record = found_at(raw_report(RENT))
    assert found_at(raw_report(RENT, household=key, unsorted=True)) == (key, record)
    assert found_at(raw_report(RENT, household=key)) == (key, replace(record, unsorted=False))


@pytest.mark.rule("placed")
def test_a_signal_is_placed_with_a_person_by_what_the_register_says_of_them() -> None:
    key, _ = found_at(raw_report(RENT))
    told = found_at(own("Uitkomst", kind="placed", household=key, **ANNA))
    assert (told[0], told[1].to_household) == (key, household(**ANNA))
    assert placed(own("Uitkomst", kind="placed", household=key, **{**ANNA, "surname": "-"})) is None
    written_out = own("Uitkomst", kind="placed", household=key, to_household=household(**ANNA))
    assert found_at(written_out)[1].to_household == household(**ANNA)


@pytest.mark.rule("shared.person")
def test_a_household_that_is_a_person_is_not_told_again_that_the_address_is_shared() -> None:
    _, fact = found_at(own("Huishouden", shared_address=True, children=True, **ANNA))
    assert (fact.type, fact.shared_address, fact.children) == (SignalType.HOUSEHOLD, None, True)
    elsewhere = own("Huishouden", shared_address=True, address={"postcode": "9901AB", "number": 13})
    assert found_at(elsewhere)[1].shared_address is True


@pytest.mark.rule("shared.sort")
@pytest.mark.parametrize("kind", ["Huishouden", "Uitkomst"])
def test_the_municipality_is_asked_whom_it_means(kind: str) -> None:
    assert placed(own(kind, kind="contact", channel="Brief")) is None


@pytest.mark.rule("shared.person")
def test_elsewhere_a_person_makes_no_difference() -> None:
    alone = Keys(b"geheim")
    key = alone.of(HOME, ANNA)
    assert key is not None
    assert key == alone.of(HOME, {}) == alone.of(HOME, BRAM)


@pytest.mark.rule("shared.person")
def test_an_outcome_names_the_household_as_its_task_does() -> None:
    key = household(**ANNA)
    assert household(household=key) == key
    assert placed(own("Uitkomst", kind="contact", household="Wal, 17 mei 2001")) is None


@pytest.mark.rule("shared.sort", "moved.along")
def test_a_move_is_sorted_when_nobody_can_tell_who_it_is_where_they_go() -> None:
    raw = {
        "id": "verhuizing",
        "partner": "gemeente",
        "type": "Adres",
        "address_event": "moved",
        "everyone": True,
        "signalled_on": "2026-02-02",
        "received_at": "2026-02-02T09:00:00Z",
        "address": {"postcode": "9901AB", "number": 13},
        "to_address": ADDRESS,
    }
    record = admit(raw, DEFAULT, Agreements())
    assert isinstance(record, Record)
    assert keys().place(record, raw) is None
    placed = keys().place(record, {**raw, **ANNA})
    assert placed is not None
    assert placed[1].to_household == household(**ANNA)
    named = keys().place(record, {**raw, "to_household": household(**BRAM)})
    assert named is not None
    assert named[1].to_household == household(**BRAM)


@pytest.mark.rule("shared.sort")
def test_a_move_from_a_shared_address_is_sorted_when_nobody_can_tell_whose_it_is() -> None:
    raw = {
        "id": "verhuizing",
        "partner": "gemeente",
        "type": "Adres",
        "address_event": "moved",
        "signalled_on": "2026-02-02",
        "received_at": "2026-02-02T09:00:00Z",
        "address": ADDRESS,
    }
    record = admit(raw, DEFAULT, Agreements())
    assert isinstance(record, Record)
    assert keys().place(record, raw) is None


def test_a_person_is_a_date_and_a_name() -> None:
    assert person_in({"birth_date": date(2001, 5, 17), "surname": "Wal"}) == Person(date(2001, 5, 17), "WAL")


def test_a_list_names_addresses_in_any_writing() -> None:
    text = '[[address]]\npostcode = "9901 ab"\nnumber = "12"\nwhat = "studentenhuis"\n'
    assert shared_addresses(text) == {HOME}
    assert shared_addresses("") == frozenset()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[[address]]\npostcode = "geheim"\nnumber = 1\n', "address 1: postcode: not well-formed"),
        ("address = [1]", "address 1: not a table"),
        ("address", "Expected '=' after a key"),
    ],
)
def test_a_list_that_cannot_be_used_says_where_and_repeats_no_address(text: str, told: str) -> None:
    with pytest.raises(SharedListError, match=told) as raised:
        shared_addresses(text)
    assert "geheim" not in str(raised.value)


@pytest.mark.rule("shared.unlisted")
def test_where_only_the_municipality_says_shared_somebody_sorts_first() -> None:
    home = Driver()
    home.facts(shared_address=True)
    home.report(RENT)
    assert next_action(home.household, home.task, policy())[0] == "sort"
