"""Reads every topic of a deployment once and keeps what the ledger compares: ids, counts, places, versions."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

from lantaarn.logbook import Entry, Logbook
from schemas.codec import Codec, UndecodableError
from schemas.codes import Refusal, Result
from schemas.limits import too_large
from schemas.topics import DAY_MS, OWN_PARTNER, Catalogue, Topic
from sinks.store.rows import TaskDict, canonical
from streams.households.guard import LogBounds
from streams.households.stage import SourceRecord
from streams.rerun import Rerun, Step
from streams.wire import is_arrival

Sender = tuple[str, str]
"""Partner and id of a record: an id is unique within its partner."""
Place = tuple[str, int, int]
"""Topic, partition, offset."""
LATER = {Refusal.NO_TASK.value, Refusal.NO_SUBJECT.value, Refusal.CONTRADICTION.value}
"""Refusals of the worker, after intake has accepted."""
K = TypeVar("K")
Key = tuple[str, int]
"""Task id and sequence."""
OnStep = Callable[[Step, dict[str, Any] | None], None]
"""Takes a step of the rerun and the event behind it; null where that cannot be read."""


@dataclass(slots=True)
class Seen:
    """Copies of one record on one kind of topic: at-least-once delivery may leave several."""

    place: Place  # of the first
    timestamp: int  # of the last
    count: int = 0


class ReceiptKind(NamedTuple):
    """What a receipt says."""

    result: str
    reason: str | None

    @property
    def of_intake(self) -> bool:
        """Whether intake writes it; the other kinds are the worker's."""
        refused = self.result == Result.REFUSED.value and self.reason not in LATER
        return refused or self.result == Result.ACCEPTED.value


@dataclass
class Logs:
    """What stands on the topics."""

    catalogue: Catalogue
    bounds: dict[str, LogBounds]
    now: int  # ms since 1970
    sent: dict[Sender, Seen] = field(default_factory=dict)  # readable records on signals topics, and outcomes
    copies: Counter[tuple[str, str]] = field(default_factory=Counter)  # (signals topic, id) -> records
    unreadable: dict[Place, int] = field(default_factory=dict)  # or too large; with their timestamps
    receipts: dict[Sender, Counter[ReceiptKind]] = field(default_factory=dict)
    receipt_times: dict[Sender, int] = field(default_factory=dict)
    statuses: dict[tuple[str, ...], int] = field(default_factory=dict)  # what partners were told -> when last
    consultations: dict[tuple[str, ...], int] = field(default_factory=dict)  # what was asked -> when last
    dead_letters: dict[Place, int] = field(default_factory=dict)  # of each record the last one's timestamp
    letter_keys: dict[Place, set[bytes | None]] = field(default_factory=dict)  # of a record about many: one of each
    events: dict[Sender, Seen] = field(default_factory=dict)  # records of household-events about a household
    first_event: dict[int, int] = field(default_factory=dict)  # partition -> timestamp of the first record
    other_events: int = 0  # ticks and policies
    transfers: dict[str, Seen] = field(default_factory=dict)  # what people who moved take along, by id
    arrivals: dict[str, Seen] = field(default_factory=dict)  # the same, on household-events
    tasks: dict[Key, TaskDict] = field(default_factory=dict)
    task_places: dict[Key, Place] = field(default_factory=dict)
    task_records: int = 0
    spoilt: list[Place] = field(default_factory=list)  # records that we wrote ourselves, and cannot read
    differing: list[Key] = field(default_factory=list)  # versions that stand on the topic with two contents

    def begins_late(self, topic: Topic) -> bool:
        """Whether a topic no longer has its first records."""
        return any(self.bounds[topic.name].starts.values())

    def expired(self, topic: Topic, timestamp: int) -> bool:
        """Whether what was written to a topic by then may have gone by retention."""
        if topic.retention_days is None or not self.begins_late(topic):
            return False
        return timestamp < self.now - topic.retention_days * DAY_MS


def read(logbook: Logbook, codec: Codec, catalogue: Catalogue, rerun: Rerun, now: int, on_step: OnStep) -> Logs:
    """Read it all; household-events goes through the rerun as it comes.

    Args:
        logbook: Reads topics.
        codec: Reads records.
        catalogue: Names topics.
        rerun: The core, run again.
        now: Ms since 1970.
        on_step: Told what each record of household-events led to.

    Raises:
        LogError: When a topic cannot be read.
    """
    topics = [topic for topic in catalogue if not topic.compacted]  # the changelog is the worker's own
    logs = Logs(catalogue, logbook.bounds(topics), now)
    readers: dict[str, Callable[[Entry], None]] = {}
    for topic in catalogue.intake_topics():
        readers[topic.name] = _records(logs, codec, topic)
    for topic in catalogue.receipts.values():
        readers[topic.name] = _receipts(logs, codec, topic)
    for topic in catalogue.statuses.values():
        readers[topic.name] = _statuses(logs, codec)
    readers[catalogue.benefit_consultations.name] = _consultations(logs, codec)
    readers[catalogue.rejected.name] = _dead_letters(logs, codec)
    readers[catalogue.household_events.name] = _events(logs, codec, rerun, on_step)
    readers[catalogue.outreach_tasks.name] = _tasks(logs, codec)
    readers[catalogue.household_transfers.name] = _transfers(logs, codec)
    for entry in logbook.read(logs.bounds):
        try:
            readers[entry.topic](entry)
        except UndecodableError:
            logs.spoilt.append((entry.topic, entry.partition, entry.offset))
    return logs


def _records(logs: Logs, codec: Codec, topic: Topic) -> Callable[[Entry], None]:
    owner = topic.partner or OWN_PARTNER

    def take(entry: Entry) -> None:
        place = (entry.topic, entry.partition, entry.offset)
        try:
            identity = codec.decode(topic.record, entry.value)["id"]
        except UndecodableError:
            logs.unreadable[place] = entry.timestamp
            return
        if too_large(entry.key, entry.value):
            logs.unreadable[place] = entry.timestamp
            return
        _see(logs.sent, (owner, identity), place, entry.timestamp)
        logs.copies[entry.topic, identity] += 1

    return take


def _receipts(logs: Logs, codec: Codec, topic: Topic) -> Callable[[Entry], None]:
    def take(entry: Entry) -> None:
        receipt = codec.decode(topic.record, entry.value)
        sender = (receipt["partner"], receipt["signal_id"])
        logs.receipts.setdefault(sender, Counter())[ReceiptKind(receipt["result"], receipt["reason"])] += 1
        logs.receipt_times[sender] = entry.timestamp

    return take


def status_key(status: dict[str, Any]) -> tuple[str, ...]:
    """All that a SignalStatus says; partner and signal come first."""
    return (status["partner"], status["signal_id"], *(str(status[name]) for name in sorted(status)))


def _statuses(logs: Logs, codec: Codec) -> Callable[[Entry], None]:
    def take(entry: Entry) -> None:
        logs.statuses[status_key(codec.decode("SignalStatus", entry.value))] = entry.timestamp

    return take


def consultation_key(asked: dict[str, Any]) -> tuple[str, ...]:
    """All that a BenefitConsultation says; its id comes first."""
    return (asked["id"], *(str(asked[name]) for name in sorted(asked)))


def _consultations(logs: Logs, codec: Codec) -> Callable[[Entry], None]:
    def take(entry: Entry) -> None:
        logs.consultations[consultation_key(codec.decode("BenefitConsultation", entry.value))] = entry.timestamp

    return take


def _dead_letters(logs: Logs, codec: Codec) -> Callable[[Entry], None]:
    def take(entry: Entry) -> None:
        letter = codec.decode("DeadLetter", entry.value)
        place = (letter["topic"], letter["partition"], letter["offset"])
        logs.dead_letters[place] = entry.timestamp
        logs.letter_keys.setdefault(place, set()).add(letter["key"])

    return take


def _events(logs: Logs, codec: Codec, rerun: Rerun, on_step: OnStep) -> Callable[[Entry], None]:
    def take(entry: Entry) -> None:
        logs.first_event.setdefault(entry.partition, entry.timestamp)
        step = rerun.step(entry.partition, SourceRecord(entry.offset, entry.key, entry.value))
        try:
            event = codec.decode("HouseholdEvent", entry.value)
        except UndecodableError:
            event = None  # the stage made a dead letter of it, as the worker does
        on_step(step, event)
        if event is None or event["household"] is None:
            logs.other_events += 1
            return
        if is_arrival(event):
            _see(logs.arrivals, event["id"], (entry.topic, entry.partition, entry.offset), entry.timestamp)
            return
        sender = (event["body"]["partner"], event["id"])
        _see(logs.events, sender, (entry.topic, entry.partition, entry.offset), entry.timestamp)

    return take


def _transfers(logs: Logs, codec: Codec) -> Callable[[Entry], None]:
    def take(entry: Entry) -> None:
        identity = codec.decode("HouseholdTransfer", entry.value)["id"]
        _see(logs.transfers, identity, (entry.topic, entry.partition, entry.offset), entry.timestamp)

    return take


def _tasks(logs: Logs, codec: Codec) -> Callable[[Entry], None]:
    def take(entry: Entry) -> None:
        task: dict[str, Any] = canonical(codec.decode("OutreachTask", entry.value))
        key = (task["task_id"], task["sequence"])
        logs.task_records += 1
        if logs.tasks.setdefault(key, task) != task:
            logs.differing.append(key)
        logs.task_places.setdefault(key, (entry.topic, entry.partition, entry.offset))

    return take


def _see(into: dict[K, Seen], key: K, place: Place, timestamp: int) -> None:
    seen = into.setdefault(key, Seen(place, timestamp))
    seen.count += 1
    seen.timestamp = max(seen.timestamp, timestamp)
