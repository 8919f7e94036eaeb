"""The text for a task as it stands: a letter, a call, a visit. One signal of the resident's own, and nothing else.

Never in it: another partner's signal, an amount, a benefit, a crisis by its name, anything about somebody else at the
address. Whoever opens a letter by mistake learns as little as can be.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined

from schemas.codes import SignalType
from sinks.letters.contact import Contact
from sinks.letters.words import BILLS, faults, long_day

RUNGS = ("letter", "phone", "home_visit", "joint_home_visit")

ASKED_FIRST = {"register_check": "somebody has left this address: look in the BRP first who still lives there"}


class NoTextError(Exception):
    """Nobody should write, call or go there now; says why."""


class FaultyTextError(ValueError):
    """A text that came out would not be fit for a resident; says what is in it."""


class OwnSignal(NamedTuple):
    """The one signal that a text speaks of."""

    partner: str
    type: str
    received_on: date
    crisis: bool


class Situation(NamedTuple):
    """What decides whether there is a text, and which.

    `signals` are the members of the task, whoever sent them: one is chosen. `shared_address` says that nobody knows yet
    whose they are, `among_others` that it is known and that others live at the address. `asked_by` is the partner that
    handed the resident over with consent, `asked_self` whether the resident asked. `asked_first` is what a person does
    before anybody is approached.
    """

    task: Mapping[str, Any]
    signals: Sequence[OwnSignal]
    deceased: bool
    shared_address: bool
    among_others: bool = False
    asked_first: str | None = None
    asked_self: bool = False
    asked_by: str | None = None


class Place(NamedTuple):
    """Help nearby that a text may name."""

    name: str
    organisation: str
    phone: str


environment = Environment(
    loader=PackageLoader("sinks.letters"),
    autoescape=False,  # noqa: S701 - plain text, never HTML
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
environment.filters["dag"] = long_day


def text(found: Situation, contact: Contact, places: Sequence[Place], today: date) -> str:
    """What to write or say at the task's present rung, in plain Dutch.

    Args:
        found: The task and what it rests on.
        contact: Who writes.
        places: Help nearby; the first two are named.
        today: The date that the letter bears.

    Raises:
        NoTextError: When there must be none.
        FaultyTextError: When names or files that it was given bring in a threat.
    """
    task = found.task
    if reason := why_not(found):
        raise NoTextError(reason)
    own = chosen(found.signals)
    name = f"{'na-overlijden' if found.deceased else task['rung'].replace('_', '-')}.txt.j2"
    made = environment.get_template(name).render(
        own=own,
        partner=contact.partner(own.partner) if own else None,
        bill=BILLS.get(SignalType(own.type)) if own else None,
        asked_self=found.asked_self,
        asked_by=contact.partner(found.asked_by) if found.asked_by else None,
        contact=contact,
        person=contact.person_of(task["owner"]),
        places=list(places[:2]),
        today=today,
        visit=task["rung"] in {"home_visit", "joint_home_visit"},
    )
    return fit(made)


def fit(made: str) -> str:
    """A text as it may go out: without the empty lines that its parts leave.

    Raises:
        FaultyTextError: When there is a threat in it.
    """
    wrong = [fault for fault in faults(made) if fault.startswith("threat")]
    if wrong:
        raise FaultyTextError("; ".join(wrong))
    return re.sub(r"\n{3,}", "\n\n", made).strip() + "\n"


def why_not(found: Situation) -> str | None:
    """Why nobody should write, call or go there now; null when somebody may."""
    status = found.task["status"]
    if found.deceased and found.task["rung"] == "letter":
        return "after a death never a letter"
    if status == "suppressed":
        return f"the task is suppressed ({', '.join(found.task['reasons'])}): a person decides first"
    if status != "open":
        return f"the task is {status}"
    if found.shared_address:
        return "several households share this address: a person finds out first whose signal it is"
    if found.asked_first is not None:
        return ASKED_FIRST.get(found.asked_first, f"{found.asked_first} comes first")
    if found.among_others:
        return "others live at this address and might open or hear it: speak to the resident in person"
    return None


def chosen(signals: Sequence[OwnSignal]) -> OwnSignal | None:
    """The one signal to speak of: with the most haste, then the first received."""
    return min(signals, key=lambda own: (not own.crisis, own.received_on, own.partner), default=None)
