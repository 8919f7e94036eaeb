"""What the stage holds of one partition of household-events: its mark, who is due, households decoded."""

from collections.abc import Iterable
from typing import NamedTuple

import structlog

from streams.core.policy import Policies
from streams.core.state import Household
from streams.households import stored
from streams.households.due import DueIndex

log = structlog.get_logger()

KEPT = 5_000
"""Households of a partition that are kept decoded: one that was heard of today is likely to be heard of again."""


class PartitionLook(NamedTuple):
    """How a partition stands, for whoever watches over the worker."""

    position: int  # offset of the last record applied
    households: int
    hour: int  # nominal hour of the last tick, ms since 1970; 0 before the first
    policies: Policies


class Partition:
    """One partition, taken over from its recovered state.

    Args:
        number: Of the partition.
        items: Keys and bytes of all its states.
        topic_id: Of household-events as the broker has it now.
        log_start: Offset of the first record that the log still has.
    """

    def __init__(self, number: int, items: Iterable[tuple[bytes, bytes]], topic_id: str, log_start: int) -> None:
        known = dict(items)
        self._mark_key = stored.mark_key(number)
        marked = known.pop(self._mark_key, None)
        self.number = number
        self.mark = stored.Mark(-1, topic_id) if marked is None else stored.mark(marked)
        self.position = self.mark.offset  # of the last record applied; -1 when there was none
        self.due = DueIndex()
        self.keys: set[bytes] = set()
        self._log_start = log_start
        self._decoded: dict[bytes, tuple[bytes, stored.StoredHousehold]] = {}  # with the bytes that it was made of
        for key, data in known.items():
            state = stored.placed(data)
            self.position = max(self.position, state.offset)
            self.due.set(key, state.household.wakes_on)
            self.keys.add(key)
        if -1 < self.position < log_start - 1:
            missing = log_start - 1 - self.position
            log.error("records expired before they were applied", partition=number, missing=missing)

    @property
    def expected(self) -> int:
        """The offset to go on with."""
        return max(self.position + 1, self._log_start)

    def look(self) -> PartitionLook:
        """How it stands."""
        return PartitionLook(self.position, len(self.keys), self.mark.hour, self.mark.policies)

    def state(self, key: bytes, data: bytes | None) -> stored.StoredHousehold:
        """A household, from its bytes in the table; a new one where there are none."""
        if data is None:
            return stored.StoredHousehold(-1, Household(key.decode()))
        known = self._decoded.get(key)
        # Only what was made of these very bytes: whatever else may have happened to the states, it is not outdated.
        return known[1] if known is not None and known[0] is data else stored.household(data)

    def keep(self, changes: dict[bytes, bytes], household: Household, offset: int) -> None:
        """Take a household as it is after the record at an offset, and add it to the changes of the table."""
        key = household.key.encode()
        self.due.set(key, household.wakes_on)
        self.keys.add(key)
        state = stored.StoredHousehold(offset, household)
        data = stored.packed(state)
        if len(self._decoded) >= KEPT:
            self._decoded.clear()
        self._decoded[key] = data, state
        changes[key] = data

    def note(
        self, changes: dict[bytes, bytes], offset: int, *, hour: int | None = None, policies: Policies | None = None
    ) -> None:
        """Mark the record at an offset as seen, with the hour or the policies that it brought; likewise."""
        known = self.mark
        self.mark = stored.Mark(
            offset,
            known.topic_id,
            known.hour if hour is None else hour,
            known.policies if policies is None else policies,
        )
        changes[self._mark_key] = stored.packed(self.mark)
