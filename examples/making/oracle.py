"""What intake must answer, worked out from the rules without the code that intake runs."""

import calendar
import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from examples.making.claims import STEPS
from examples.making.said import Said
from producers.config import Feed
from producers.signal_id import signal_id

THRESHOLD_CENTS, MIN_DAYS, MAX_DAYS, LOOK_BACK_MONTHS = 7500, 30, 100, 6
_ADDRESS = ("postcode", "number", "letter", "addition")
Answer = tuple[str, str | None]


class Oracle:
    """Knows the agreements.

    Args:
        agreements: The TOML file.
    """

    def __init__(self, agreements: Path) -> None:
        self._agreements = tomllib.loads(agreements.read_text(encoding="utf-8"))["agreement"]

    def refusal(self, feed: Feed, said: Said, received: date) -> Answer | None:
        """Reason and field, or None when the record is let in (rules section 2)."""
        says = said.fields
        report = says.get("kind") == "report"
        if said.day > received:
            return "invalid", "signalled_on"
        for field in ("arisen_on", "amount_cents"):
            if report and says[field] is None:
                return "invalid", field
        if not any(self._covers(entry, feed, said.day) for entry in self._agreements):
            return "no_agreement", None
        if report and (missing := [step for step in STEPS if says[step] is not True]):
            return "precondition", f"preconditions.{missing[0]}"
        if report and says["crisis"] is None and (at_fault := _unjustified(feed, says)):
            return "unjustified", at_fault
        if said.day < _months_before(received, LOOK_BACK_MONTHS):
            return "expired", "signalled_on"
        return None

    @staticmethod
    def _covers(entry: Mapping[str, Any], feed: Feed, day: date) -> bool:
        known = entry["partner"] == feed.partner and str(feed.type) in entry["types"]
        return known and entry["valid_from"] <= day <= entry["valid_until"]


def _unjustified(feed: Feed, says: Mapping[str, Any]) -> str | None:
    age = (says["signalled_on"] - says["arisen_on"]).days
    if says["amount_cents"] < THRESHOLD_CENTS:
        return "amount_cents"
    if age < MIN_DAYS or (feed.type == "Zorg" and age > MAX_DAYS):
        return "arisen_on"
    return None


def _months_before(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def identity(feed: Feed, said: Said) -> str:
    """The signal id that the row must get: over partner, type and what it truly says, nested as in the contract."""
    says = dict(said.fields)
    nested: dict[str, Any] = {"type": str(feed.type), "address": {name: says.pop(name) for name in _ADDRESS}}
    if "kind" in says:
        nested["preconditions"] = {step: says.pop(step, None) for step in STEPS}
    to = {name: says.pop(f"to_{name}") for name in _ADDRESS if f"to_{name}" in says}
    return signal_id(feed.partner, {**nested, **says, "to_address": to or None})
