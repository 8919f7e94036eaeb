"""What a caseworker's answer must say, by its kind: asked of records on a topic, not of the interchange format.

The interchange format (rules section 7) lets nearly everything be absent, so that two implementations can be compared
and old answers be replayed. Whoever sends an answer now has no reason to leave out what the figures, the resident and
the next colleague need. Nothing here is about a household's state: that is for `outcomes`, `acts` and `end_results`.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from schemas.codes import Help, OutcomeKind
from streams.core.calendar import local_day
from streams.core.fields import optional_moment
from streams.core.records import Record

ATTEMPT, CONTACT, ACCEPTED, REFUSED, CLOSED, REOPENED, CONSULTATION, JOINT_VISIT, PLACED = OutcomeKind
NEEDED: dict[OutcomeKind, tuple[str, ...]] = {
    ATTEMPT: ("channel",),
    CONTACT: ("channel",),
    ACCEPTED: ("channel", "wish"),
    REFUSED: ("channel",),
    CLOSED: ("result",),
    REOPENED: ("acted_by", "why"),
    CONSULTATION: ("acted_by", "acting_for", "why"),
    JOINT_VISIT: ("acted_by", "visit_at"),
    PLACED: ("acted_by", "household", "birth_date", "surname"),
}
"""Fields without which an answer of this kind says too little. Help is accepted with what the resident wants."""

ONLY_WITH: dict[str, frozenset[OutcomeKind]] = {
    "result": frozenset({CLOSED}),
    "reached": frozenset({ATTEMPT, CONTACT, ACCEPTED, REFUSED, CLOSED}),
    "contacted_at": frozenset({ATTEMPT, CONTACT, ACCEPTED, REFUSED, CLOSED}),
    "wish": frozenset({CONTACT, ACCEPTED, CLOSED}),
    "joint_with": frozenset({CONTACT, ACCEPTED, CLOSED}),
    "help": frozenset({CONTACT, ACCEPTED, CLOSED}),
    "help_cents": frozenset({CONTACT, ACCEPTED, CLOSED}),
    "help_for": frozenset({CONTACT, ACCEPTED, CLOSED}),
    "promised_on": frozenset({ATTEMPT, CONTACT, ACCEPTED}),
    "promised_by": frozenset({ATTEMPT, CONTACT, ACCEPTED}),
    "obstacle_rule": frozenset({ATTEMPT, CONTACT, ACCEPTED, CLOSED}),
    "obstacle_procedure": frozenset({ATTEMPT, CONTACT, ACCEPTED, CLOSED}),
    "obstacle_place": frozenset({ATTEMPT, CONTACT, ACCEPTED, CLOSED}),
    "obstacle_on": frozenset({ATTEMPT, CONTACT, ACCEPTED, CLOSED}),
    "acting_for": frozenset({CONSULTATION}),
    "visit_at": frozenset({JOINT_VISIT}),
    "visit_with": frozenset({JOINT_VISIT}),
    "birth_date": frozenset({PLACED}),
    "surname": frozenset({PLACED}),
}
"""Fields that contradict an answer of any other kind."""

TOGETHER = (("promised_on", "promised_by"), ("obstacle_rule", "obstacle_procedure", "obstacle_place"))
"""Of these all or none: a promise has a day and a name; an obstacle a rule, a procedure and a place."""

REACHED = {ATTEMPT: False, CONTACT: True, ACCEPTED: True, REFUSED: True}
"""What a kind says of whether the resident was reached; a close may say either."""


def fault(raw: Mapping[str, Any], record: Record) -> str | None:
    """The field that is missing or contradicts the answer's kind; null when all is well.

    Args:
        raw: In the names of the contract TaskOutcome, each value of the contract's type.
        record: The same, read.

    Raises:
        InvalidError: The moment of the contact is none that we can read.
    """
    kind = record.kind
    assert isinstance(kind, OutcomeKind)
    for name in NEEDED[kind]:
        if not given(raw, name):
            return name
    for name, kinds in ONLY_WITH.items():
        if given(raw, name) and kind not in kinds:
            return name
    for names in TOGETHER:
        missing = [name for name in names if not given(raw, name)]
        if missing and len(missing) < len(names):
            return missing[0]
    return _of_contact(raw, record, kind) or _of_help(raw) or _of_days(raw, record.signalled_on)


def given(raw: Mapping[str, Any], name: str) -> bool:
    """Whether a field holds something."""
    value = raw.get(name)
    return bool(value.strip()) if isinstance(value, str) else value is not None and value != []


def _of_contact(raw: Mapping[str, Any], record: Record, kind: OutcomeKind) -> str | None:
    if record.reached is not None and record.reached is not REACHED.get(kind, record.reached):
        return "reached"
    at = optional_moment(raw, "contacted_at")
    return "contacted_at" if at is not None and local_day(at) != record.signalled_on else None


def _of_help(raw: Mapping[str, Any]) -> str | None:
    helped = raw.get("help")
    if helped is not None and helped not in set(Help):
        return "help"
    if helped == Help.DIRECT_INVESTMENT:  # money needs an amount, and what it was for
        if not isinstance(raw.get("help_cents"), int) or raw["help_cents"] <= 0:
            return "help_cents"
        if not given(raw, "help_for"):
            return "help_for"
    elif raw.get("help_cents") is not None:
        return "help_cents"
    if helped is None and given(raw, "help_for"):
        return "help"
    # Several who help together begin with what the resident wants.
    return "wish" if given(raw, "joint_with") and not given(raw, "wish") else None


def _of_days(raw: Mapping[str, Any], told_on: date) -> str | None:
    promised, found = raw.get("promised_on"), raw.get("obstacle_on")
    if isinstance(promised, date) and promised < told_on:
        return "promised_on"
    if found is not None and not given(raw, "obstacle_rule"):
        return "obstacle_rule"
    return "obstacle_on" if isinstance(found, date) and found > told_on else None
