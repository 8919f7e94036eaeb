"""Outcomes as the contract TaskOutcome has them -> as the tables have them.

Who reopened a task and why stays out: it is about a member of staff, and no report asks for it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

Key: TypeAlias = tuple[str, str]
"""Partner and outcome id."""

OBSTACLE = {
    "rule": "obstacle_rule",
    "procedure": "obstacle_procedure",
    "place": "obstacle_place",
    "found_on": "obstacle_on",
}
"""Column -> field of the contract."""

LEFT_OUT = frozenset({"reopened_by", "why", "delivered_at"})


@dataclass(frozen=True, slots=True)
class ReceivedOutcome:
    """A decoded TaskOutcome, and when it was received."""

    received_at: datetime
    record: Mapping[str, Any] = field(repr=False)

    @property
    def key(self) -> Key:
        """What makes it the same outcome when it comes again."""
        return self.record["partner"], self.record["id"]

    def row(self) -> dict[str, Any]:
        """Row of `task_outcomes`."""
        names = ("partner", "kind", "signalled_on", "task_id", "channel", "result")
        return {
            "outcome_id": self.record["id"],
            "received_at": self.received_at,
            **{name: self.record[name] for name in names},
            **normalised(self.record["address"]),
        }

    def obstacle_row(self) -> dict[str, Any] | None:
        """Row of `obstacles`; None when nothing stood in the way."""
        told = {column: self.record[name] for column, name in OBSTACLE.items()}
        if all(value is None for value in told.values()):
            return None
        return {"partner": self.record["partner"], "outcome_id": self.record["id"], **told}


def normalised(address: Mapping[str, Any]) -> dict[str, Any]:
    """An address in the form that tasks have theirs in: outcomes come as the caseworker system writes them.

    What is no address stays what it is; then it is simply nobody's.
    """

    def text(part: str) -> str:
        return "".join((address[part] or "").split()).upper()

    return {
        "postcode": text("postcode"),
        "number": address["number"],
        "letter": text("letter") or None,
        "addition": text("addition").lstrip("-") or None,
    }
