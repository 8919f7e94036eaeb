"""The words that a scenario may use, from the contracts and the code lists: what they learn, scenarios know."""

import json
from collections.abc import Iterable
from difflib import get_close_matches
from functools import cache

from schemas.codec import schema_text
from schemas.codes import SignalType
from schemas.topics import SIGNAL_RECORDS
from streams.core.state import Level, Status
from streams.core.wording import REASONS

PARTNERS = {
    SignalType.RENT: "woonstichting",
    SignalType.ENERGY: "energiebedrijf",
    SignalType.WATER: "waterbedrijf",
    SignalType.HEALTH_INSURANCE: "zorgverzekeraar",
    SignalType.BENEFIT_STOP: "isd",
    SignalType.SELF_REPORT: "inwoner",
    SignalType.REFERRAL: "buurthuis",
    SignalType.ADDRESS: "gemeente",
    SignalType.HOUSEHOLD: "gemeente",
    SignalType.OUTCOME: "gemeente",
}
"""Who sends a record in which no partner is named."""

TOLD = frozenset({"id", "partner", "type", "signalled_on", "received_at", "delivered_at", "address"})
"""Fields that every record has, and that a scenario gives in its own way."""

VALUES: dict[str, frozenset[str]] = {
    "level": frozenset(level.code for level in Level),
    "rung": frozenset(level.code for level in Level),
    "status": frozenset(Status),
    "reasons": frozenset(REASONS),
    "with_reasons": frozenset(REASONS),
    "without_reasons": frozenset(REASONS),
    "national": frozenset({"single", "multiple", "consecutive"}),
}
"""What an expectation may say, where it is one of a list."""


@cache
def record_fields(kind: SignalType) -> frozenset[str]:
    """What a record of a type may say besides what every record says."""
    if kind is SignalType.OUTCOME:
        return _fields("TaskOutcome") - TOLD
    return _fields(SIGNAL_RECORDS[kind][1]) - TOLD


@cache
def task_fields() -> frozenset[str]:
    """What a task's contract tells of it."""
    return _fields("OutreachTask") - {"household", "address", "members", "reasons"}


@cache
def contract_fields(contract: str) -> frozenset[str]:
    """All fields of a contract."""
    return _fields(contract)


def meant(word: str, known: Iterable[str]) -> str:
    """The word in quotes, with the known one that looks like it."""
    close = get_close_matches(word, [*known], n=1)
    return f'"{word}" is not known' + (f'; is "{close[0]}" meant?' if close else f"; known: {', '.join(sorted(known))}")


def _fields(contract: str) -> frozenset[str]:
    return frozenset(field["name"] for field in json.loads(schema_text(contract))["fields"])
