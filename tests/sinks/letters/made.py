"""Invented senders and situations for residents' texts."""

from datetime import date
from pathlib import Path
from typing import Any

from sinks.letters.contact import Contact
from sinks.letters.texts import OwnSignal, Place, Situation

ROOT = Path(__file__).parents[3]
CONTACT = Contact.read(ROOT / "examples" / "contact.toml")
TODAY = date(2026, 3, 9)
RENT = OwnSignal("woonstichting-de-wende", "Huur", date(2026, 2, 2), crisis=False)
ENERGY = OwnSignal("energie-noorderveld", "Energie", date(2026, 2, 20), crisis=True)
PLACES = (
    Place("Koffie en een luisterend oor", "Buurthuis De Lantaarn", "0599-900201"),
    Place("Budgetcoach", "Gemeente Veenhaven", "0599-900100"),
    Place("Snelle hulp bij een rekening", "Noodfonds Veenhaven", "0599-900203"),
)


def situation(rung: str = "letter", **values: Any) -> Situation:
    task = {"rung": rung, "status": "open", "owner": "wijkteam", "reasons": ["first_signal"]}
    given = {"signals": (RENT,), "deceased": False, "shared_address": False, **values}
    return Situation(task=task | given.pop("task", {}), **given)
