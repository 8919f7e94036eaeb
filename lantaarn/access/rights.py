"""What partners may do on a day, by their agreements: write while one covers it, read receipts a while longer."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from schemas.topics import SIGNAL_RECORDS
from streams.core.agreements import Agreements


@dataclass(frozen=True, slots=True)
class Rights:
    """What partners may do.

    Args:
        writers: Partner to the contracts that it may write.
        readers: Partners that may read their receipts.
    """

    writers: Mapping[str, frozenset[str]]
    readers: frozenset[str]

    def allow(self, partner: str, operation: str, record: str) -> bool:
        """Whether a partner may write this contract to its topic, or read from it."""
        if operation == "write":
            return record in self.writers.get(partner, frozenset())
        return partner in self.readers

    def any(self, partner: str) -> bool:
        """Whether a partner may do anything at all, and so needs a user."""
        return partner in self.writers or partner in self.readers


def rights_on(agreements: Agreements, today: date, receipts_days: int) -> Rights:
    """What partners may do today.

    An agreement that has yet to begin counts: a partner may try its connection, and intake refuses what is dated
    before it. Facts and moves of the municipality travel on one topic, so either lets it write both; intake still
    asks for the type.

    Args:
        agreements: Those of this municipality.
        today: The day in the Netherlands.
        receipts_days: How long after its last day a partner may read its receipts.
    """
    writers: dict[str, set[str]] = defaultdict(set)
    readers = set()
    for entry in agreements.entries or ():
        last = agreements.last_day(entry)
        if last < entry.valid_from or not entry.types:  # replaced before it began, or the entry that says "ended"
            continue
        if today <= last:
            writers[entry.partner].update(SIGNAL_RECORDS[kind][1] for kind in entry.types if kind in SIGNAL_RECORDS)
        if today <= last + timedelta(days=receipts_days):
            readers.add(entry.partner)
    return Rights({partner: frozenset(records) for partner, records in writers.items()}, frozenset(readers))


def last_day_of(agreements: Agreements, partner: str) -> date | None:
    """The last day on which a partner has any agreement; null when it never had one."""
    entries = [entry for entry in agreements.entries or () if entry.partner == partner and entry.types]
    days = [(entry, agreements.last_day(entry)) for entry in entries]
    return max((last for entry, last in days if last >= entry.valid_from), default=None)
