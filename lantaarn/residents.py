"""Whose what was said at one address is: of who lives there now, or of people who have left (record 0012).

People are named by the move with which they all left; null stands for who lives there now.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from lantaarn.logbook import Logbook
from schemas.codec import Codec, UndecodableError
from schemas.topics import Catalogue
from streams.core.arriving import left_since
from streams.core.departing import whose
from streams.core.household import advance
from streams.core.policy import Policies
from streams.core.state import Household
from streams.households.stage import SourceRecord
from streams.rerun import Rerun, Step, only
from streams.wire import is_arrival, record_of, transfer_of

People = str | None


class Residents:
    """Listens to a rerun of one household's events.

    Args:
        household: The pseudonym.
    """

    def __init__(self, household: str) -> None:
        self._before = Household(household)
        self._records: dict[str, dict[str, People]] = {}  # id -> sender -> whose
        self._tasks: dict[str, People] = {}
        self._left: dict[str, date] = {}  # each move with which people left and are not back

    def take(self, step: Step, event: Mapping[str, Any] | None, policies: Policies) -> None:
        """Note one record and what it led to; its event is null where it is about many households."""
        after = step.household(self._before.key)
        if after is None:
            return  # a dead letter has it, or it changes nothing here
        self._tasks |= {version["task_id"]: None for version in step.versions if version["task_id"] not in self._tasks}
        for sender, identity, people in self._said(event, after, policies) if event else ():
            self._records.setdefault(identity, {}).setdefault(sender, people)
        self._before = after
        for left in after.departed:
            if left.move.emptied and left.move.id not in self._left:
                self._left[left.move.id] = left.move.signalled_on
                self._become(None, left.move.id)
            elif not left.move.emptied and left.move.id in self._left:
                self._are_back(left.move.id)
        for move in after.moves:
            if move.id in self._left:
                self._are_back(move.id)

    def _said(
        self, event: Mapping[str, Any], after: Household, policies: Policies
    ) -> Iterator[tuple[str, str, People]]:
        if is_arrival(event):
            transfer = transfer_of(event)
            late = left_since(self._before, transfer)
            people = late.move.id if late else None
            yield transfer.partner, transfer.id, people
            for claim in transfer.carried.claims:
                yield from ((claim.partner, entry.id, people) for entry in claim.entries)
            yield from ((request.partner, request.id, people) for request in transfer.carried.requests)
            return
        record = record_of(event)
        before, _ = advance(self._before, after.today, policies)
        late = whose(before, record, policies.on(after.today))
        people = late.move.id if late else None
        if "type" not in event["body"] and after.task is not None:
            people = self._tasks.get(after.task.id)  # an outcome is of whose task it is
        yield record.partner, record.id, people

    def _become(self, one: People, other: People) -> None:
        for senders in self._records.values():
            senders |= {sender: other for sender, people in senders.items() if people == one}
        self._tasks |= {task: other for task, people in self._tasks.items() if people == one}

    def _are_back(self, move: str) -> None:
        del self._left[move]
        self._become(move, None)

    def of_record(self, sender: str, identity: str) -> People:
        """Whose a sender's record is."""
        return self._records.get(identity, {}).get(sender)

    def of_task(self, task: str) -> People:
        """Whose a task is.

        Raises:
            KeyError: When the log no longer tells of it.
        """
        return self._tasks[task]

    def of_row(self, row: Mapping[str, Any]) -> frozenset[People]:
        """Whose a record of a topic or a row of the case store is: by its ids, else by who lived there on its day.

        Two may have used one id; nobody, where the log no longer tells of a task.
        """
        for name in ("id", "signal_id"):
            if row.get(name) in self._records:
                return frozenset(self._records[row[name]].values())
        if row.get("task_id") is not None:
            return frozenset({self._tasks[row["task_id"]]} if row["task_id"] in self._tasks else ())
        return frozenset({self._on(row["signalled_on"])} if row.get("signalled_on") else {None})

    def _on(self, day: date) -> People:
        return min(((on, move) for move, on in self._left.items() if day <= on), default=(day, None))[1]


def residents_of(
    household: str, logbook: Logbook, codec: Codec, catalogue: Catalogue, policies: Policies | None = None
) -> Residents:
    """Run the core again for one household, to see who lived there when.

    Raises:
        LogError: When household-events cannot be read.
    """
    partition, log_start, records = events_of(household, logbook, catalogue)
    rerun, found = Rerun(codec, catalogue, policies=policies if log_start else None), Residents(household)
    for record in records:
        found.take(rerun.step(partition, record), event_in(record, codec), rerun.policies(partition))
    return found


def events_of(household: str, logbook: Logbook, catalogue: Catalogue) -> tuple[int, int, list[SourceRecord]]:
    """The partition of a household, where its log begins, and the records there that concern it."""
    bounds, entries = logbook.all(catalogue.household_events)
    key = household.encode()
    found: dict[int, list[SourceRecord]] = {}
    home = 0
    for entry in entries:
        if entry.key == key:
            home = entry.partition
        if entry.key is None or entry.key == key:
            found.setdefault(entry.partition, []).append(SourceRecord(entry.offset, entry.key, entry.value))
    return home, bounds.starts[home], list(only(household, found.get(home, [])))


def event_in(record: SourceRecord, codec: Codec) -> dict[str, Any] | None:
    """The event about a household in a record; null for ticks, policies and what a dead letter has."""
    try:
        event = codec.decode("HouseholdEvent", record.value)
    except UndecodableError:
        return None
    return None if event["household"] is None else event
