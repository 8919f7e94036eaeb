"""The core beside the pipeline: applies the same household-events, and tells what the pipeline made otherwise."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from confluent_kafka import Message

from lantaarn.reconcile import stored as stored_in
from schemas.topics import Topic
from sinks.store.rows import canonical
from streams.households import stored
from streams.households.stage import SourceRecord, Stage
from streams.wire import is_arrival
from tests.chaos.tail import Tail
from tests.streams.live import Town

Version = tuple[str, int]
"""Task id and sequence."""


@dataclass
class Verdict:
    """What was found so far; each thing is named once, however often it is looked at."""

    lost: set[str] = field(default_factory=set)
    doubled: set[str] = field(default_factory=set)
    wrong: set[str] = field(default_factory=set)

    @property
    def clean(self) -> bool:
        """Whether nothing was found."""
        return not (self.lost or self.doubled or self.wrong)

    def lines(self) -> list[str]:
        """What was found, for people; names pseudonyms and ids only."""
        kinds = {"lost": self.lost, "doubled": self.doubled, "wrong": self.wrong}
        return [f"{kind}: {what}" for kind, found in kinds.items() for what in sorted(found)]


class Twin:
    """Follows a town's topics.

    Args:
        town: The town.
        once: Whether the engine promises that each version is written once; else it may come again, as it was.
    """

    def __init__(self, town: Town, *, once: bool) -> None:
        self._town = town
        self._once = once
        self._states: dict[bytes, bytes] = {}
        catalogue = town.catalogue
        self._stage = Stage(town.codec, town.outputs, self._states, catalogue.household_events.name)
        for number in range(catalogue.partitions):
            self._stage.open(number, [], "t", 0)
        self._tails: dict[str, Tail] = {}
        self.versions: dict[Version, dict[str, Any]] = {}
        self._ours: dict[Version, dict[str, Any]] = {}
        self._changelog: dict[bytes, bytes] = {}
        self._on_log: set[str] = set()
        self._left: set[str] = set()  # transfers that the core makes
        self._arrived: set[str] = set()
        self._answered: set[str] = set()
        self.again = 0
        """Versions that were written more than once, each time with the same content."""
        self.verdict = Verdict()

    def compare(self, sent: set[str]) -> None:
        """Look at everything that came since the last time; the pipeline must have come to rest.

        Args:
            sent: Ids of all records that were sent, ever.
        """
        self._follow_events()
        self.follow_tasks()
        self._compare_tasks()
        self._follow_states()
        for topic in self._town.catalogue.receipts.values():
            self._answered |= {receipt["signal_id"] for receipt in self._decoded(topic)}
        lost = self.verdict.lost
        lost |= {f"record {identity}, not on household-events" for identity in sent - self._on_log}
        lost |= {f"receipt of {identity}" for identity in sent - self._answered}
        lost |= {f"transfer {identity}, left and not arrived" for identity in self._left - self._arrived}
        self.verdict.wrong |= {f"record {identity}, that nobody sent" for identity in self._on_log - sent}
        self.verdict.wrong |= {f"transfer {identity}, that nobody made" for identity in self._arrived - self._left}

    def follow_tasks(self) -> dict[int, int]:
        """Take over the versions that were written; partition -> offset after the last one."""
        topic = self._town.catalogue.outreach_tasks
        for task in self._decoded(topic):
            key = task["task_id"], task["sequence"]
            if key in self._ours:
                self.again += 1
                if self._ours[key] != task:
                    self.verdict.wrong.add(f"version {key[0]}.{key[1]}, two contents")
                if self._once:
                    self.verdict.doubled.add(f"version {key[0]}.{key[1]}, written again")
            self._ours.setdefault(key, task)
        return self._tails[topic.name].ends

    def compare_store(self, url: str) -> None:
        """Look at the whole case store, as `reconcile` reads it; the pipeline must have come to rest."""
        found = stored_in.read(url)
        versions = {key: canonical(version) for key, version in self.versions.items()}
        current = {task: version for (task, _), version in sorted(versions.items(), key=lambda one: one[0])}
        verdict = self.verdict
        books: tuple[tuple[str, Mapping[Any, Any], Mapping[Any, Any]], ...] = (
            ("version", found.versions, versions),
            ("task", found.current, current),
        )
        for name, ours, core in books:
            verdict.lost |= {f"{name} {_name(key)}, not in the store" for key in core.keys() - ours.keys()}
            verdict.doubled |= {f"{name} {_name(key)}, only in the store" for key in ours.keys() - core.keys()}
            both = ours.keys() & core.keys()
            verdict.wrong |= {f"{name} {_name(key)}, in the store" for key in both if ours[key] != core[key]}

    def close(self) -> None:
        """Let go of the broker."""
        for tail in self._tails.values():
            tail.close()

    def _new(self, topic: Topic) -> list[Message]:
        tail = self._tails.get(topic.name)
        if tail is None:
            tail = self._tails[topic.name] = Tail(self._town.stack.client("admin"), topic.name, topic.partitions)
        return tail.new()

    def _decoded(self, topic: Topic) -> list[dict[str, Any]]:
        return [self._town.codec.decode(topic.record, message.value()) for message in self._new(topic)]

    def _follow_events(self) -> None:
        tasks = self._town.catalogue.outreach_tasks.name
        transfers = self._town.catalogue.household_transfers.name
        for message in self._new(self._town.catalogue.household_events):
            event = self._town.codec.decode("HouseholdEvent", message.value())
            if event["household"] is not None:
                (self._arrived if is_arrival(event) else self._on_log).add(event["id"])
            record = SourceRecord(message.offset() or 0, message.key(), message.value())
            for effects in self._stage.apply(message.partition() or 0, [record]):
                self._states.update(effects.changes)
                for output in effects.outputs:
                    if output.topic == transfers:
                        self._left.add(self._town.codec.decode("HouseholdTransfer", output.value)["id"])
                    if output.topic == tasks:
                        task = self._town.codec.decode("OutreachTask", output.value)
                        self.versions[task["task_id"], task["sequence"]] = task

    def _compare_tasks(self) -> None:
        verdict = self.verdict
        ours, core = self._ours, self.versions
        verdict.lost |= {f"version {_name(key)}" for key in core.keys() - ours.keys()}
        verdict.doubled |= {f"version {_name(key)}, of ours alone" for key in ours.keys() - core.keys()}
        both = ours.keys() & core.keys()
        verdict.wrong |= {f"version {_name(key)}" for key in both if ours[key] != core[key]}

    def _follow_states(self) -> None:
        for message in self._new(self._town.catalogue.households_changelog):
            self._changelog[message.key()] = message.value()  # type: ignore[index,assignment]
        verdict = self.verdict
        for key, wanted in self._states.items():
            found, name = self._changelog.get(key), f"state {key.decode()}"
            if found is None:
                verdict.lost.add(name)
            elif found != wanted and not same_state(key, found, wanted):
                verdict.wrong.add(name)
        verdict.wrong |= {f"state {key.decode()}, unknown" for key in self._changelog.keys() - self._states.keys()}


def same_state(key: bytes, ours: bytes, theirs: bytes) -> bool:
    """Whether two states are the same; of a mark, what does not depend on the broker's names."""
    if not key.startswith(stored.MARK_PREFIX):
        return stored.household(ours) == stored.household(theirs)
    mine, other = stored.mark(ours), stored.mark(theirs)
    return (mine.offset, mine.hour, mine.policies) == (other.offset, other.hour, other.policies)


def _name(key: str | Version) -> str:
    return key if isinstance(key, str) else f"{key[0]}.{key[1]}"
