"""What a partner says in one row, and what is wrong with it on purpose."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from examples.making.town import Household


@dataclass(frozen=True, slots=True)
class Said:
    """One row of one delivery.

    Attributes:
        feed: Name of the feed.
        slot: Index of the delivery in which it comes.
        household: Whose row it is; its name and BSN are written where the partner has such columns.
        fields: What it truly says, in our field names, as an adapter should read it.
        spelled: Texts written instead of what a field truly says.
        bad: What the adapter must answer: (field, reason).
        broken: ``shifted`` (a column too many), ``garbage`` (no JSON) or ``cut`` (the file ends in the middle of it).
        late_commit: Becomes visible in the database only after the poll that should have seen it.
    """

    feed: str
    slot: int
    household: Household
    fields: dict[str, Any]
    spelled: dict[str, Any] = field(default_factory=dict)
    bad: tuple[tuple[str, str], ...] = ()
    broken: str | None = None
    late_commit: bool = False

    @property
    def day(self) -> date:
        """The sender's date."""
        found: date = self.fields["signalled_on"]
        return found
