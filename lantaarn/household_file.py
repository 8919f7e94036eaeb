"""Everything that is kept about one household, for the right of access (GDPR article 15): one machine-readable value.

Whatever a topic of the catalogue holds is found by what the topic is keyed by, so that a new topic is not forgotten.
"""

import base64
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from lantaarn.logbook import Entry, Logbook
from schemas.codec import Codec, UndecodableError
from schemas.codes import SignalType
from schemas.topics import HOUSEHOLDS_TABLE, Catalogue, Topic
from sinks.store.store import CaseStore
from streams.core.addresses import AddressError, normalised
from streams.core.keys import Keys
from streams.core.policy import Policy
from streams.wire import is_arrival, transfer_of

Record = dict[str, Any]
ANSWERS = {"SignalReceipt", "SignalStatus"}
"""What goes back to a partner about a signal of its own."""


class HouseholdFile(NamedTuple):
    """What was found; `topics` by name, each record with its place and the moment it was kept."""

    household: str
    topics: dict[str, list[Record]]
    tasks: list[Record]  # of the case store: every version
    outcomes: list[Record]  # of the case store, linked to those tasks
    retention: dict[str, int | None]  # days, by topic
    shared_address: bool
    left_out: int  # what is, or may be, of others who lived at the address before or after

    @property
    def counts(self) -> dict[str, int]:
        """How much of what there is, without any of it."""
        found = {name: len(records) for name, records in self.topics.items() if records}
        found |= {"case store, task versions": len(self.tasks), "case store, outcomes": len(self.outcomes)}
        if self.left_out:
            found["left out: of who lived there before or after, or older than the log tells"] = self.left_out
        return found

    def to_json(self, made_on: date, policy: Policy) -> Record:
        """The file: plain values for `json.dumps`."""
        return {
            "about": "Alles wat over dit huishouden wordt bewaard (recht van inzage).",
            "made_on": made_on.isoformat(),
            "household": self.household,
            "kept": {
                "signals count for (months)": policy.look_back,
                "topics (days)": self.retention,
            },
            "not in here": {
                "other residents": f"{self.left_out} records of who lived at this address before or after, or may have",
                HOUSEHOLDS_TABLE: "what the rules remember: made of the records in here, and nothing else",
                "signals.rejected": "records that cannot be read and bear no id that is known here",
            },
            "topics": {name: [plain(record) for record in records] for name, records in self.topics.items()},
            "case store": {"task versions": plain(self.tasks), "outcomes": plain(self.outcomes)},
        }


def household_file(
    logbook: Logbook,
    codec: Codec,
    catalogue: Catalogue,
    store: CaseStore,
    household: str,
    keys: Keys,
    theirs: Callable[[Record], bool],
) -> HouseholdFile:
    """Find everything; reads every topic twice over, and changes nothing.

    Args:
        logbook: Reads topics; its user must be allowed to.
        codec: Reads their records.
        catalogue: Names the topics.
        store: The case store.
        household: The pseudonym.
        keys: Of households: partners' records know addresses only.
        theirs: Whether a record or row is of the people whom the file is for.

    Raises:
        LogError: When a topic cannot be read.
    """
    topics = {topic.name: topic for topic in catalogue if topic.name != catalogue.households_changelog.name}
    bounds = logbook.bounds(topics.values())
    late = {name for name, topic in topics.items() if topic.record in {*ANSWERS, "DeadLetter"}}
    found: dict[str, list[Record]] = {name: [] for name in topics}
    ids: set[str] = set()
    sent: set[tuple[str, str]] = set()
    events: list[Record] = []
    left_out = 0
    for entry in logbook.read({name: known for name, known in bounds.items() if name not in late}):
        record = _about(entry, topics[entry.topic], codec, household, keys)
        if record is not None and entry.topic == catalogue.household_events.name:
            events.append(record)
        if record is not None and not theirs(record):
            left_out += 1
        elif record is not None:
            found[entry.topic].append(_placed(entry, record))
            ids |= {str(record[name]) for name in ("id", "task_id") if record.get(name)}
            sent |= set(signals_in(record))
    for entry in logbook.read({name: known for name, known in bounds.items() if name in late}):
        record = _answering(entry, topics[entry.topic], codec, sent, {household, *ids})
        if record is not None:
            found[entry.topic].append(_placed(entry, record))
    every = store.versions_of_household(household)
    tasks = [task for task in every if theirs(task)]
    task_ids = dict.fromkeys(task["task_id"] for task in tasks)
    return HouseholdFile(
        household=household,
        topics=found,
        tasks=tasks,
        outcomes=[outcome for task_id in task_ids for outcome in store.outcomes(task_id)],
        retention={name: topic.retention_days for name, topic in topics.items()},
        shared_address=_is_shared(events),
        left_out=left_out + len(every) - len(tasks),
    )


def _about(entry: Entry, topic: Topic, codec: Codec, household: str, keys: Keys) -> Record | None:
    """A record about the household: by the record's key where that is one, else by its address."""
    try:
        if topic.key == "household":
            return codec.decode(topic.record, entry.value) if entry.key == household.encode() else None
        record = codec.decode(topic.record, entry.value)
        key = keys.of(normalised(record["address"]), record)
    except (UndecodableError, AddressError, KeyError, TypeError):
        return None  # a dead letter or a refusal tells of it
    if key is None:  # at a shared address a caseworker's system names the household
        key = record.get("household")
    return record if key == household else None


def signals_in(record: Record) -> Iterator[tuple[str, str]]:
    """Sender and id of each signal in a record; people who moved bring theirs along."""
    body = record.get("body", record)
    if "partner" in body and "id" in record:
        yield body["partner"], record["id"]
    if "body" in record and is_arrival(record):
        carried = transfer_of(record).carried
        yield from ((claim.partner, entry.id) for claim in carried.claims for entry in claim.entries)
        yield from ((request.partner, request.id) for request in carried.requests)


def _answering(entry: Entry, topic: Topic, codec: Codec, sent: set[tuple[str, str]], keys: set[str]) -> Record | None:
    """What a sender was told of a signal of the household, or a dead letter under one of its keys."""
    try:
        record = codec.decode(topic.record, entry.value)
    except UndecodableError:
        return None
    if topic.record in ANSWERS:
        return record if (record["partner"], record["signal_id"]) in sent else None
    key = record["key"].decode(errors="replace") if record["key"] else None
    return record if key in keys else None


def _placed(entry: Entry, record: Record) -> Record:
    return {"partition": entry.partition, "offset": entry.offset, "kept_since": entry.timestamp, "record": record}


def _is_shared(events: Iterable[Mapping[str, Any]]) -> bool:
    facts = [event for event in events if event["body"].get("type") == SignalType.HOUSEHOLD.value]
    latest = max(facts, key=lambda e: (e["body"]["signalled_on"], e["received_at"], e["id"]), default=None)
    return latest is not None and latest["body"]["shared_address"] is True


def plain(value: Any) -> Any:
    """A value as JSON has it: dates as ISO text, bytes as base64."""
    if isinstance(value, Mapping):
        return {name: plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value
