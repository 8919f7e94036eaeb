"""A letter, a call, a visit: the resident's own signal, a name and a number, and never where there must be none."""

from typing import Any

import pytest

from sinks.letters.contact import Contact
from sinks.letters.texts import RUNGS, FaultyTextError, NoTextError, OwnSignal, Place, text
from sinks.letters.words import faults
from tests.sinks.letters.made import CONTACT, ENERGY, PLACES, RENT, TODAY, situation

SITUATIONS: dict[str, dict[str, Any]] = {
    "own signal": {},
    "several signals": {"signals": (RENT, ENERGY)},
    "asked for it": {"signals": (), "asked_self": True},
    "handed over": {"signals": (), "asked_by": "buurthuis-de-lantaarn"},
    "no signal": {"signals": ()},
}


def rendered(rung: str = "letter", places: tuple[Place, ...] = PLACES, **values: Any) -> str:
    return text(situation(rung, **values), CONTACT, places, TODAY)


@pytest.mark.parametrize("values", SITUATIONS.values(), ids=SITUATIONS)
@pytest.mark.parametrize("rung", RUNGS)
def test_every_text_is_plain_kind_and_complete(rung: str, values: dict[str, Any]) -> None:
    made = rendered(rung, **values)
    assert list(faults(made)) == []
    assert "Noor Terpstra" in made
    assert "0599-900100" in made
    assert "Dat mag." in made, "one may say no"
    assert "Hoe komen wij aan uw gegevens?" in made
    assert "bezwaar" in made
    assert "Autoriteit Persoonsgegevens" in made
    assert "{" not in made


@pytest.mark.parametrize("rung", ["phone", "home_visit", "joint_home_visit"])
def test_after_a_death_the_text_is_for_who_remains(rung: str) -> None:
    made = rendered(rung, deceased=True)
    assert list(faults(made)) == []
    assert "Gecondoleerd" in made
    assert "0599-900100" in made


@pytest.mark.parametrize("rung", RUNGS)
def test_only_one_signal_is_told_and_of_no_other_partner(rung: str) -> None:
    made = rendered(rung, signals=(RENT, ENERGY))
    assert "Energie Noorderveld" in made, "the one with the most haste"
    assert "Wende" not in made
    assert "huur " not in made
    assert "€" not in made


def test_without_haste_the_first_signal_is_told() -> None:
    later = ENERGY._replace(crisis=False)
    assert "Woonstichting De Wende" in rendered(signals=(later, RENT))


def test_a_partner_without_a_name_is_called_by_its_identifier() -> None:
    assert "Water Van Overal" in rendered(signals=(OwnSignal("water-van-overal", "Water", TODAY, crisis=False),))


def test_the_owner_of_the_task_is_named() -> None:
    made = rendered(task={"owner": "schuldhulpverlening"})
    assert "Sem de Wal" in made
    assert "Noor" not in made


def test_two_places_nearby_are_named() -> None:
    made = rendered()
    assert "Buurthuis De Lantaarn: 0599-900201" in made
    assert "Noodfonds" not in made
    assert "Ook hier kunt u terecht" not in rendered(places=())


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"deceased": True}, "after a death never a letter"),
        ({"task": {"status": "suppressed", "reasons": ["objection"]}}, "suppressed (objection)"),
        ({"task": {"status": "ended"}}, "the task is ended"),
        ({"task": {"status": "waiting"}}, "the task is waiting"),
        ({"shared_address": True}, "several households share this address"),
        ({"among_others": True}, "others live at this address"),
        ({"asked_first": "register_check"}, "look in the BRP first who still lives there"),
    ],
)
def test_there_is_no_letter_where_there_must_be_none(values: dict[str, Any], why: str) -> None:
    with pytest.raises(NoTextError) as told:
        rendered(**values)
    assert why in str(told.value)


@pytest.mark.parametrize("rung", RUNGS)
def test_while_an_objection_stands_nobody_writes_calls_or_goes(rung: str) -> None:
    with pytest.raises(NoTextError):
        rendered(rung, task={"status": "suppressed", "reasons": ["objection", "crisis"]})


def test_a_threat_that_a_file_brings_in_stops_the_text() -> None:
    stern = Contact.model_validate({**CONTACT.model_dump(), "sender": "Team Incasso"})
    with pytest.raises(FaultyTextError, match="Incasso"):
        text(situation(), stern, (), TODAY)
