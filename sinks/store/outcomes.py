"""Outcomes as the contract TaskOutcome has them -> as the tables have them."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from schemas.codes import PartOfDay
from schemas.limits import LAST_YEAR, LONGEST_NAME

AMSTERDAM = ZoneInfo("Europe/Amsterdam")

Key: TypeAlias = tuple[str, str, datetime]
"""Partner, outcome id and when it was received: an id that intake refused may come again, mended."""

OBSTACLE = {
    "rule": "obstacle_rule",
    "procedure": "obstacle_procedure",
    "place": "obstacle_place",
    "found_on": "obstacle_on",
}
"""Column -> field of the contract."""

HELP = {"help": "help", "cents": "help_cents", "purpose": "help_for"}
"""Column -> field of the contract."""

PLAIN = (
    "partner",
    "kind",
    "signalled_on",
    "task_id",
    "household",
    "channel",
    "result",
    "contacted_at",
    "reached",
    "wish",
    "joint_with",
    "promised_on",
    "promised_by",
    "acted_by",
    "acting_for",
    "why",
    "visit_at",
    "visit_with",
    "disputed_signal",
)
"""Columns that are a field of the contract by that name."""

LEFT_OUT = frozenset({"delivered_at", "birth_date", "surname"})
"""Where it counts, the first is `received_at`; the others make a household's key and are kept nowhere."""


@dataclass(frozen=True, slots=True)
class ReceivedOutcome:
    """A decoded TaskOutcome, and when it was received."""

    received_at: datetime
    record: Mapping[str, Any] = field(repr=False)

    @property
    def key(self) -> Key:
        """What makes it the same delivery when it is read again."""
        return _text(self.record["partner"]), _text(self.record["id"]), self.received_at

    @property
    def can_be_named(self) -> bool:
        """Whether its key fits an index. Intake refuses what is longer."""
        return max(len(self.record["partner"]), len(self.record["id"])) <= LONGEST_NAME

    def row(self) -> dict[str, Any]:
        """Row of `task_outcomes`."""
        return _storable(
            {
                "outcome_id": self.record["id"],
                "received_at": self.received_at,
                "part_of_day": _part_of_day(_real(self.record["contacted_at"])),
                **{name: _real(self.record[name]) for name in PLAIN},
                **normalised(self.record["address"]),
            }
        )

    def obstacle_row(self) -> dict[str, Any] | None:
        """Row of `obstacles`; None when nothing stood in the way."""
        return self._beside(OBSTACLE)

    def help_row(self) -> dict[str, Any] | None:
        """Row of `help_given`; None when no help was."""
        return None if self.record["help"] is None else self._beside(HELP)

    def _beside(self, columns: Mapping[str, str]) -> dict[str, Any] | None:
        told = {column: self.record[name] for column, name in columns.items()}
        if all(value is None for value in told.values()):
            return None
        partner, outcome_id, received_at = self.key
        return _storable({"partner": partner, "outcome_id": outcome_id, "received_at": received_at, **told})


@dataclass(frozen=True, slots=True)
class Refusal:
    """That a record was refused: which delivery of it, and why."""

    outcome_id: str
    received_at: datetime
    reason: str

    @property
    def can_be_named(self) -> bool:
        """Whether its key fits an index."""
        return len(self.outcome_id) <= LONGEST_NAME

    def row(self) -> dict[str, Any]:
        """Row of `refusals`."""
        return _storable(asdict(self))


def _real(value: Any) -> Any:
    """The value; no moment that stands for none, of which the last hours are in the year 10000 for some who read it."""
    return None if isinstance(value, datetime) and value.year > LAST_YEAR else value


def _part_of_day(at: datetime | None) -> str | None:
    return None if at is None else PartOfDay.at(at.astimezone(AMSTERDAM).time()).value


def _storable(row: dict[str, Any]) -> dict[str, Any]:
    """The row as PostgreSQL can take it: it has no place for a NUL, and what intake refused is stored, too."""
    return {name: _text(value) for name, value in row.items()}


def _text(value: Any) -> Any:
    if isinstance(value, list):
        return [_text(each) for each in value]
    return value.replace("\x00", "\ufffd") if isinstance(value, str) else value


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
