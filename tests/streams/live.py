"""A municipality of one's own on the shared broker, for one test: topics, load, processes, what they left behind."""

import json
import os
import random
import signal
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self, cast
from uuid import uuid4

from confluent_kafka import (
    Consumer,
    IsolationLevel,
    KafkaError,
    KafkaException,
    Message,
    Producer,
    TopicPartition,
)
from confluent_kafka.admin import AdminClient, OffsetSpec  # type: ignore[attr-defined]
from confluent_kafka.cimpl import NewTopic

from lantaarn import topics
from lantaarn.cli import main
from lantaarn.committed import Committed, Place
from lantaarn.settings import Settings
from schemas.codec import Codec
from schemas.codes import EndResult, SignalType
from schemas.producer import IN_ORDER
from schemas.registry import SchemaRegistry
from schemas.topics import Topic
from streams.core.addresses import pseudonym
from streams.core.records import Address
from streams.households import stored
from streams.households.stage import SourceRecord, Stage
from streams.outputs import Output, Outputs
from streams.wakeups import tick
from tests.forked import Forked, print_into
from tests.stacks import RunningStack

SECRET = "a-lamp-in-the-window"  # noqa: S105 - invented
POSTCODE = "9901XK"  # K and X are no hexadecimal digits: never part of a pseudonym by chance
START = date(2026, 2, 2)
RENT, WATER, OWN = "woonstichting-eb", "water-vloed", "gemeente"
AGREEMENT = """
[[agreement]]
partner = "{partner}"
types = [{types}]
municipality = "9990"
version = "1"
valid_from = 2020-01-01
valid_until = 2030-12-31
"""
AGREEMENTS = "".join(
    AGREEMENT.format(partner=partner, types=types)
    for partner, types in ((RENT, '"Huur"'), (WATER, '"Water"'), (OWN, '"Huishouden", "Adres"'))
)
POLICY = 'version = "1"\nvalid_from = 2020-01-01\n'


def until(true: Callable[[], object], seconds: float = 120, check: Callable[[], object] = lambda: None) -> None:
    """Waits for something to become true, as long as a slow machine may take; what `check` raises ends it at once.

    Half of the time at most goes into looking: the rest is for those who are looked at.

    Raises:
        TimeoutError: It did not.
    """
    deadline = time.monotonic() + seconds
    while True:
        began = time.monotonic()
        if true():
            return
        check()
        now = time.monotonic()
        if now > deadline:
            raise TimeoutError(f"not within {seconds:.0f} s")
        time.sleep(max(0.02, now - began))


class Load:
    """Signals, outcomes and ticks of some months, the same for a seed; each carries its own time.

    Args:
        seed: Of everything drawn.
        houses: How many households there are.
        moves: How many of some hundred records tell that people move, mostly to one of these houses, or leave.
    """

    def __init__(self, seed: int, houses: int, moves: int = 0) -> None:
        self.dice = random.Random(seed)  # noqa: S311 - seeded on purpose
        self.houses = houses
        self._kinds = (self._report, self._paid, self._outcome, self._facts, self._move)
        self._weights = (60, 12, 20, 8, moves)
        self.count = 0

    def day(self, number: int) -> datetime:
        """Noon of a day."""
        return datetime(START.year, START.month, START.day, 12, tzinfo=UTC) + timedelta(days=number)

    def records(self, day: int, count: int) -> Iterator[tuple[str, SignalType, dict[str, Any]]]:
        """Some records of a day: partner, type, value."""
        for _ in range(count):
            self.count += 1
            house = self.dice.randrange(1, self.houses + 1)
            [made] = self.dice.choices(self._kinds, self._weights)
            yield made(house, self.day(day) + timedelta(seconds=self.count % 3600))

    def _report(self, house: int, at: datetime) -> tuple[str, SignalType, dict[str, Any]]:
        rent = self.dice.random() < 0.5
        arisen = at.date() - timedelta(days=self.dice.randrange(31, 90))
        value = self._creditor("report", house, at, rent=rent) | {
            "arisen_on": arisen,
            "amount_cents": self.dice.randrange(8000, 120_000),
        }
        crisis = self.dice.random() < 0.05
        if rent:
            value |= {"months": self.dice.randrange(1, 4), "crisis": "eviction" if crisis else None}
        return (RENT, SignalType.RENT, value) if rent else (WATER, SignalType.WATER, value)

    def _paid(self, house: int, at: datetime) -> tuple[str, SignalType, dict[str, Any]]:
        rent = self.dice.random() < 0.5
        value = self._creditor("paid", house, at, rent=rent)
        return (RENT, SignalType.RENT, value) if rent else (WATER, SignalType.WATER, value)

    def _creditor(self, kind: str, house: int, at: datetime, *, rent: bool) -> dict[str, Any]:
        statements = ("personal_contact", "debt_help", "reminder", "consent_offer")
        return self._base(house, at, RENT if rent else WATER) | {
            "kind": kind,
            "reference": f"KLANT-{house}",
            "preconditions": dict.fromkeys(statements, True),
        }

    def _outcome(self, house: int, at: datetime) -> tuple[str, SignalType, dict[str, Any]]:
        kind = self.dice.choice(("attempt", "contact", "accepted", "refused", "closed", "reopened"))
        value = self._base(house, at, OWN) | {"kind": kind, "channel": "Huisbezoek"}
        more: dict[str, dict[str, Any]] = {
            "accepted": {"wish": "eerst de huur, zegt J. Jansen"},
            "closed": {"result": self.dice.choice(list(EndResult)).value, "reached": self.dice.random() < 0.5},
            "reopened": {"acted_by": "consulent", "why": "J. Jansen, BSN 123456782"},
        }
        value |= more.get(kind, {})
        return OWN, SignalType.OUTCOME, value

    def _facts(self, house: int, at: datetime) -> tuple[str, SignalType, dict[str, Any]]:
        facts = {"type": "Huishouden", "children": self.dice.random() < 0.5, "excluded": None}
        return OWN, SignalType.HOUSEHOLD, self._base(house, at, OWN) | facts

    def _move(self, house: int, at: datetime) -> tuple[str, SignalType, dict[str, Any]]:
        event = self.dice.choice(("moved", "moved", "moved", "left", "abroad"))
        move = {"type": "Adres", "address_event": event, "everyone": self.dice.random() < 0.8}
        if event == "moved":
            move |= {"to_address": {"postcode": POSTCODE, "number": self.dice.randrange(1, self.houses + 1)}}
        return OWN, SignalType.ADDRESS, self._base(house, at, OWN) | move

    def _base(self, house: int, at: datetime, partner: str) -> dict[str, Any]:
        return {
            "id": f"{partner}-{self.count}",
            "partner": partner,
            "signalled_on": at.date(),
            "address": {"postcode": POSTCODE, "number": house},
            "delivered_at": at,
        }


def _command(name: str, environment: Mapping[str, str], log: Path) -> None:
    os.environ.update(environment)
    sys.argv = ["lantaarn", name]
    print_into(log)
    try:
        main()
    except Exception:  # noqa: BLE001 - multiprocessing would not ask the hook that the command has set
        sys.excepthook(*cast("tuple[type[BaseException], BaseException, TracebackType]", sys.exc_info()))
        sys.exit(1)


class Process(Forked):
    """A command of ``lantaarn`` as a process of its own."""

    def __init__(self, command: str, environment: Mapping[str, str], log: Path) -> None:
        self.command = command
        self.log = log
        log.touch()
        super().__init__(_command, command, dict(environment), log)

    def check(self) -> None:
        """Raises ``AssertionError`` with the end of its log when it has ended."""
        assert self.running, f"{self.command} ended with {self.code}: {self.said()[-3000:]}"

    def end(self, number: int = signal.SIGTERM) -> float:
        """Ask it to end; the seconds it took. Its exit code must be 0."""
        started = time.monotonic()
        self.signal(number)
        code = self.wait(30)
        assert code == 0, f"{self.command} ended with {code}: {self.said()[-3000:]}"
        return time.monotonic() - started

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8")


NOT_THERE_YET = (
    KafkaError.NOT_LEADER_FOR_PARTITION,
    KafkaError.FENCED_LEADER_EPOCH,
    KafkaError.UNKNOWN_LEADER_EPOCH,
    KafkaError.LEADER_NOT_AVAILABLE,
    KafkaError.UNKNOWN_TOPIC_OR_PART,
    KafkaError._UNKNOWN_PARTITION,
)

ENGINES = ("plain", "batch")
"""What a worker can run on; whatever holds for one holds for the other."""


def on(engine: str) -> dict[str, str]:
    """Settings of a worker on an engine: small batches, so that a test of moments has many transactions to meet."""
    return {"LANTAARN_ENGINE": engine, "LANTAARN_BATCH_RECORDS": "10"}


class Expected(NamedTuple):
    """What the core makes of household-events, without Kafka."""

    states: dict[bytes, bytes]
    versions: dict[tuple[str, int], dict[str, Any]]
    outputs: list[Output]


class Followed(NamedTuple):
    """What is asked of a topic again and again, so that it is read once."""

    read: dict[int, int]  # partition -> offset to go on from
    found: dict[int, int]  # partition -> answer


class Town:
    """Topics of its own under a fresh prefix; deletes them at the end, and kills what still runs.

    Args:
        stack: The shared servers.
        folder: For logs, files, and a case store on SQLite.
        partitions: Of the keyed topics.
        more: Variables that its processes are given besides, or otherwise.
    """

    def __init__(self, stack: RunningStack, folder: Path, partitions: int = 4, **more: str) -> None:
        self.stack = stack
        self._more = more
        self.folder = folder
        self._exit = ExitStack()
        registry = SchemaRegistry(stack.registry_url)
        registry.register()
        self.codec = Codec(registry)
        (folder / "agreements.toml").write_text(AGREEMENTS, encoding="utf-8")
        (folder / "policy.toml").write_text(POLICY, encoding="utf-8")
        self.settings = Settings.model_validate(
            {
                "topic_prefix": f"t{uuid4().hex[:10]}.",
                "partitions": partitions,
                "agreements": folder / "agreements.toml",
                "policies": folder / "policy.toml",
            }
        )
        self.catalogue = self.settings.catalogue()
        self.admin = AdminClient(stack.client("admin"))
        missing = topics.plan(stack.client("admin"), self.catalogue).missing
        topics.create(stack.client("admin"), missing, stack.replication)
        self.outputs = Outputs(self.codec, self.catalogue, self.settings.source)
        self._producer = Producer({**stack.client("admin"), **IN_ORDER, "linger.ms": 5})
        self._reader = self._made_reader()
        self._groups: dict[str, Committed] = {}
        self._counts = {topic.name: topic.partitions for topic in self.catalogue}
        self._applied = Followed({}, {})
        self._written: dict[str, Followed] = defaultdict(lambda: Followed({}, {}))
        self._spawned = 0
        self.logs: list[Path] = []

    def _made_reader(self) -> Consumer:
        return Consumer(
            {
                **self.stack.client("admin"),
                "group.id": "tests",
                "enable.auto.commit": False,
                "fetch.wait.max.ms": 10,
                "enable.partition.eof": True,
            }
        )

    def read_anew(self) -> None:
        """With another reader: one that is not polled may never hear that a leader has moved."""
        self._reader.close()
        self._reader = self._made_reader()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._exit.close()
        self._reader.close()
        for deleted in self.admin.delete_topics([topic.name for topic in self.catalogue]).values():
            deleted.exception(timeout=20)

    def environment(self, user: str, **more: str) -> dict[str, str]:
        return {
            "LANTAARN_BOOTSTRAP_SERVERS": self.stack.bootstrap,
            "LANTAARN_SECURITY_PROTOCOL": self.stack.protocol,
            "LANTAARN_SASL_MECHANISM": self.stack.mechanism,
            "LANTAARN_SASL_USERNAME": user,
            "LANTAARN_SASL_PASSWORD": self.stack.passwords[user],
            "LANTAARN_REGISTRY_URL": self.stack.registry_url,
            "LANTAARN_TOPIC_PREFIX": self.catalogue.prefix,
            "LANTAARN_PARTITIONS": str(self.catalogue.partitions),
            "LANTAARN_AGREEMENTS": str(self.folder / "agreements.toml"),
            "LANTAARN_POLICIES": str(self.folder / "policy.toml"),
            "LANTAARN_CASE_STORE_URL": f"sqlite:///{self.folder / 'cases.db'}",
            "LANTAARN_PSEUDONYM_SECRET": SECRET,
            "LANTAARN_BACKFILL": "true",
            "LANTAARN_SESSION_TIMEOUT_MS": "6000",
            "LANTAARN_HEARTBEAT_INTERVAL_MS": "1000",
            **self._more,
            **more,
        }

    def spawn(self, command: str, **more: str) -> Process:
        """A process; it is killed with the test at the latest."""
        self._spawned += 1
        log = self.folder / f"{self._spawned:02}-{command}.log"
        self.logs.append(log)
        process = Process(command, self.environment(command, **more), log)
        self._exit.callback(process.kill)
        return process

    def pseudonym(self, house: int) -> str:
        return pseudonym(SECRET.encode(), Address(POSTCODE, house))

    def put(self, topic: str, value: bytes | None, key: bytes | None = None, partition: int = -1) -> None:
        while True:
            try:
                self._producer.produce(topic, value, key, partition)
            except BufferError:
                self._producer.poll(0.1)
            else:
                return

    def flush(self) -> None:
        assert self._producer.flush(30) == 0

    def sends(self, load: Iterable[tuple[str, SignalType, Mapping[str, Any]]]) -> list[str]:
        """Puts records where their senders do; their ids."""
        ids = []
        for partner, kind, value in load:
            topic = self.topic_of(partner, kind)
            self.put(topic.name, self.codec.encode(topic.record, value), value["id"].encode())
            ids.append(value["id"])
        return ids

    def topic_of(self, partner: str, kind: SignalType) -> Topic:
        if kind is SignalType.OUTCOME:
            return self.catalogue.task_outcomes
        return self.catalogue.signals[partner, kind]

    def event(self, event: Mapping[str, Any], partition: int | None = None) -> None:
        """Puts one event on household-events: by its key, or on one partition, or without a key on all of them."""
        for made in self._made(event, partition):
            self.put(*made)

    def events(self, events: Iterable[Mapping[str, Any]]) -> None:
        """Puts many at once: nothing is put before the last is made."""
        for made in [each for event in events for each in self._made(event, None)]:
            self.put(*made)

    def _made(
        self, event: Mapping[str, Any], partition: int | None
    ) -> Iterator[tuple[str, bytes | None, bytes | None, int]]:
        topic = self.catalogue.household_events
        if event["household"] is not None:
            output = self.outputs.event(event)
            yield topic.name, output.value, output.key, -1 if partition is None else partition
            return
        value = self.codec.encode("HouseholdEvent", event)
        for each in range(topic.partitions) if partition is None else [partition]:
            yield topic.name, value, None, each

    def ticks(self, hour: datetime) -> None:
        self.event(tick(hour))

    def ends(self, topic: str) -> dict[int, int]:
        """Partition -> offset after the last record."""
        return {partition: end for (_, partition), end in self._ends([topic]).items()}

    def _ends(self, topics: Sequence[str]) -> dict[Place, int]:
        found: dict[Place, int] = {}
        places = [(topic, partition) for topic in topics for partition in range(self._partitions(topic))]
        until(lambda: self._found(places, found), 20)
        return found

    def _partitions(self, topic: str) -> int:
        if topic not in self._counts:
            self._counts[topic] = len(self.admin.list_topics(topic, timeout=10).topics[topic].partitions)
        return self._counts[topic]

    def _found(self, places: Sequence[Place], found: dict[Place, int]) -> bool:
        """Notes where they end; not known while a topic just made has no leader, or is unknown to a broker."""
        left = [TopicPartition(*place) for place in places if place not in found]
        latest = OffsetSpec.latest()  # type: ignore[no-untyped-call]
        committed = IsolationLevel.READ_COMMITTED  # what a transaction under way has written may be given up
        asked = self.admin.list_offsets(dict.fromkeys(left, latest), isolation_level=committed, request_timeout=10)
        for tp, answer in asked.items():
            try:
                found[tp.topic, tp.partition] = answer.result().offset
            except KafkaException as error:
                if error.args[0].code() not in NOT_THERE_YET:
                    raise
        if len(found) < len(places):  # with another client: this one may hold on to the leaders that it knows
            self.admin = AdminClient(self.stack.client("admin"))
        return len(found) == len(places)

    def size(self, topic: str) -> int:
        """Offsets that are taken: records, and where a transaction wrote also its markers."""
        return sum(self.ends(topic).values())

    def written(self, topic: str) -> dict[int, int]:
        """Partition -> offset after the last record, whatever markers follow it."""
        read, found = self._written[topic]
        found |= {message.partition() or 0: (message.offset() or 0) + 1 for message in self._more_of(topic, read)}
        return dict(found)

    def messages(self, topic: str) -> list[Message]:
        """Everything on a topic, partition after partition."""
        return self._more_of(topic, {})

    def _more_of(self, topic: str, read: dict[int, int]) -> list[Message]:
        """What is there from these offsets on; they move on to the end."""
        ends = {partition: end for partition, end in self.ends(topic).items() if end > read.get(partition, 0)}
        left = dict(ends)
        self._reader.assign([TopicPartition(topic, partition, read.get(partition, 0)) for partition in left])
        found: list[Message] = []
        heard = time.monotonic()
        while left:
            batch = self._reader.consume(
                1000, timeout=0.05
            )  # it waits so long for a batch to fill, and the last does not
            heard = time.monotonic() if batch else heard
            assert time.monotonic() - heard < 60, f"{topic} could not be read to its end"
            for message in batch:
                partition, offset = message.partition() or 0, message.offset() or 0
                error = message.error()
                if error is None:
                    found.append(message)
                elif error.code() == KafkaError._PARTITION_EOF and offset >= left.get(partition, 0):
                    left.pop(partition, None)  # the end, after the last transaction's marker
        self._reader.unassign()
        read |= ends
        return sorted(found, key=lambda m: (m.partition() or 0, m.offset() or 0))

    def decoded(self, topic: Topic) -> list[dict[str, Any]]:
        return [self.codec.decode(topic.record, message.value()) for message in self.messages(topic.name)]

    def lag(self, group: str, names: Sequence[str]) -> int:
        """Records that a group has not committed yet."""
        ends = self._ends(names)
        if group not in self._groups:
            self._groups[group] = Committed(self.stack.client("admin"), group)
        try:
            committed = self._groups[group].offsets(ends, 10)
        except KafkaException:  # the broker has just come back
            del self._groups[group]
            committed = {}
        return sum(end - committed.get(place, 0) for place, end in ends.items())

    def intake_lag(self) -> int:
        return self.lag(self.catalogue.intake_group, [topic.name for topic in self.catalogue.read_by_intake()])

    def worker_lag(self) -> int:
        return self.lag(self.catalogue.households_app, [self.catalogue.household_events.name])

    def at_rest(self) -> bool:
        """Whether nothing is under way: what goes along with people who move comes back to intake."""
        names = [*(topic.name for topic in self.catalogue.read_by_intake()), self.catalogue.household_events.name]
        before = self._ends(names)
        return self.intake_lag() == 0 and self.worker_lag() == 0 and self._ends(names) == before

    def changelog(self) -> dict[bytes, bytes]:
        """The states as the next worker would find them."""
        found = {}
        for message in self.messages(self.catalogue.households_changelog.name):
            key, value = message.key(), message.value()
            assert isinstance(key, bytes)
            assert isinstance(value, bytes)
            found[key] = value
        return found

    def applied(self) -> dict[int, int]:
        """Partition -> offset of the last event whose effects are complete on disk."""
        changelog = self.catalogue.households_changelog.name
        read, found = self._applied
        for message in self._more_of(changelog, read):
            key, value, partition = message.key(), message.value(), message.partition()
            assert isinstance(key, bytes)
            assert isinstance(value, bytes)
            assert partition is not None
            is_mark = key.startswith(stored.MARK_PREFIX)
            offset = stored.mark(value).offset if is_mark else stored.placed(value).offset
            found[partition] = max(found.get(partition, -1), offset)
        return {partition: found.get(partition, -1) for partition in range(self.catalogue.partitions)}

    def unapplied(self) -> int:
        """Events of which no state knows yet."""
        applied = self.applied()
        return sum(end - 1 - applied[p] for p, end in self.ends(self.catalogue.household_events.name).items())

    def expected(self) -> Expected:
        """The core over household-events as it stands: a stage with a dict for a table."""
        events = self.catalogue.household_events.name
        states: dict[bytes, bytes] = {}
        stage = Stage(self.codec, self.outputs, states, events)
        topic_id = "t"
        for number in range(self.catalogue.partitions):
            stage.open(number, [], topic_id, 0)
        outputs: list[Output] = []
        for message in self.messages(events):
            partition, offset = message.partition(), message.offset()
            assert partition is not None
            assert offset is not None
            record = SourceRecord(offset, message.key(), message.value())
            for effects in stage.apply(partition, [record], follows=stage.expected(partition)):
                outputs += effects.outputs
                states.update(effects.changes)
        tasks = [o.value for o in outputs if o.topic == self.catalogue.outreach_tasks.name]
        versions = {}
        for value in tasks:
            task = self.codec.decode("OutreachTask", value)
            versions[task["task_id"], task["sequence"]] = task
        assert len(versions) == len(tasks), "the core gave a version twice"
        return Expected(states, versions, outputs)

    def versions(self) -> tuple[dict[tuple[str, int], dict[str, Any]], int]:
        """The versions on outreach-tasks, and how many came more than once; two that disagree fail."""
        found: dict[tuple[str, int], dict[str, Any]] = {}
        twice = 0
        for task in self.decoded(self.catalogue.outreach_tasks):
            key = task["task_id"], task["sequence"]
            twice += key in found
            assert found.setdefault(key, task) == task, f"two contents of {key}"
        return found, twice

    def assert_as_the_core_says(self) -> int:
        """Compares states and versions with the core; gives how many versions came more than once."""
        expected = self.expected()
        states = self.changelog()
        for key in expected.states:
            if not key.startswith(stored.MARK_PREFIX):
                assert stored.household(states[key]) == stored.household(expected.states[key])
            else:
                ours, theirs = stored.mark(states[key]), stored.mark(expected.states[key])
                assert (ours.offset, ours.hour, ours.policies) == (theirs.offset, theirs.hour, theirs.policies)
        assert states.keys() == expected.states.keys()
        versions, twice = self.versions()
        assert versions == expected.versions
        return twice

    def remake(self, topic: Topic) -> None:
        """Deletes a topic and makes it again."""
        self.admin.delete_topics([topic.name])[topic.name].result(timeout=20)
        until(lambda: topic.name not in self.admin.list_topics(timeout=10).topics)
        wanted = NewTopic(topic.name, topic.partitions, 1, config=topic.config)

        def made() -> bool:
            return self.admin.create_topics([wanted])[topic.name].exception(timeout=20) is None

        until(made)


def json_lines(text: str) -> list[Any]:
    """What a process said; a line that is no JSON fails."""
    return [json.loads(line) for line in text.splitlines()]
