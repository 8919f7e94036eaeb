"""Runs scenarios through the real pipeline: partners' topics, intake, worker, sink; what came of them is in the store.

Scenarios with the same policies are one municipality: they share topics and processes, and are told apart by house
number. The first record of each is sent, then the second, and so on, so that all of them take as long as the longest.
"""

import json
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack, closing
from datetime import UTC, date, datetime, timedelta
from itertools import zip_longest
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self
from uuid import uuid4

from confluent_kafka.admin import AdminClient

from lantaarn import topics
from lantaarn.embedded.process import ManagedProcess
from lantaarn.lag import GroupLag, come_to_rest
from lantaarn.logbook import Logbook
from lantaarn.producing import Record, Writer, for_every_partition
from lantaarn.scenarios.checking import CameOf, receipt_text
from lantaarn.scenarios.making import SECRET, Made, agreements_text, shared_text, together, toml
from lantaarn.scenarios.reading import ScenarioError, label_of
from lantaarn.scenarios.words import contract_fields
from lantaarn.settings import Settings
from lantaarn.wiring import deployment, registry
from schemas.cloudevents import headers
from schemas.codes import Result, SignalType
from schemas.topics import Role, Topic
from sinks.store.store import CaseStore
from streams.core.policy import Policies
from streams.wakeups import activation, tick

ADMIN = "admin"
PATIENCE = 60.0
PROCESSES = (Role.INTAKE, Role.WORKER, Role.SINK)

Connect = Callable[[str], Mapping[str, str]]
"""A user -> the environment with which its process finds and enters the servers."""


def run(made: Sequence[Made], connect: Connect, folder: Path, told: Callable[[str], None]) -> dict[Path, CameOf]:
    """What the pipeline makes of scenarios, by file.

    Args:
        made: Each with a number of its own.
        connect: To a broker and a registry that run.
        folder: For files of the run.
        told: In one line at a time what goes on.

    Raises:
        ScenarioError: When a record cannot be written as its contract wants it.
    """
    groups: dict[str, list[Made]] = {}
    for one in made:
        groups.setdefault(json.dumps(one.policies, default=str), []).append(one)
    found: dict[Path, CameOf] = {}
    for number, ours in enumerate(groups.values(), start=1):
        told(f"municipality {number} of {len(groups)}: {len(ours)} scenarios with the same policy")
        with Municipality(ours, connect, folder / str(number)) as municipality:
            found |= municipality.play()
    return found


class Municipality:
    """Topics and processes of scenarios that share their policies; gone afterwards."""

    def __init__(self, made: Sequence[Made], connect: Connect, folder: Path) -> None:
        self._made = made
        self._connect = connect
        self._folder = folder
        self._files()
        self._shared = {
            "LANTAARN_TOPIC_PREFIX": f"s{uuid4().hex[:10]}.",
            "LANTAARN_AGREEMENTS": str(folder / "agreements.toml"),
            "LANTAARN_POLICIES": str(folder / "policies"),
            "LANTAARN_SHARED_ADDRESSES": str(folder / "shared.toml"),
            "LANTAARN_CASE_STORE_URL": f"sqlite:///{folder / 'cases.db'}",
            "LANTAARN_PSEUDONYM_SECRET": SECRET.decode(),
            "LANTAARN_BACKFILL": "true",  # a scenario's dates count, not today's
        }
        self._deployment = deployment(self._settings(ADMIN))
        self._catalogue = self._deployment.catalogue
        self._exit = ExitStack()
        self._processes: list[ManagedProcess] = []

    def __enter__(self) -> Self:
        kafka = self._settings(ADMIN).kafka()
        registry(self._settings(ADMIN)).register()
        topics.create(kafka, topics.plan(kafka, self._catalogue).missing)
        self._exit.callback(self._without_topics)
        for role in PROCESSES:
            command = [sys.executable, "-m", "lantaarn", role]
            process = ManagedProcess(role, command, self._folder / f"{role}.log", env=self._environment(role))
            self._exit.callback(process.stop)
            self._processes.append(process)
        self._intake = self._lag(self._catalogue.intake_group, self._catalogue.read_by_intake())
        self._worker = self._lag(self._catalogue.households_app, [self._catalogue.household_events])
        self._sink = self._lag(self._catalogue.sink_group, [self._catalogue.outreach_tasks])
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._exit.close()

    def play(self) -> dict[Path, CameOf]:
        """Send everything, let time pass, and read what there is then."""
        writer = Writer(self._settings(ADMIN).kafka())
        for event in _activations(self._made[0]):
            writer.write(for_every_partition(self._deployment, event))
        for turn in _turns(self._made):
            writer.write([self._record(one, raw) for one, raw in turn])
            come_to_rest([self._intake, self._worker], self._until)
        end = max(one.until for one in self._made) + timedelta(days=1)
        writer.write(for_every_partition(self._deployment, tick(_evening(end))))
        come_to_rest([self._intake, self._worker, self._sink], self._until)
        versions, receipts = self._versions(), self._receipts()
        return {one.scenario.file: CameOf(versions, _by_label(one, receipts)) for one in self._made}

    def _record(self, made: Made, raw: Mapping[str, Any]) -> Record:
        kind = SignalType(raw["type"])
        outcome = kind is SignalType.OUTCOME
        topic = self._catalogue.task_outcomes if outcome else self._catalogue.signals[raw["partner"], kind]
        fields = contract_fields(topic.record)
        value = {name: said for name, said in raw.items() if name in fields}
        value["delivered_at"] = datetime.fromisoformat(raw["received_at"])
        try:
            data = self._deployment.codec.encode(topic.record, value)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise ScenarioError(f"{made.scenario.file}: {raw['id']}: is no {topic.record}: {error}") from error
        head = headers(topic.record, raw["id"], self._deployment.settings.source)
        return Record(topic.name, raw["id"].encode(), data, head)

    def _versions(self) -> list[Mapping[str, Any]]:
        with closing(CaseStore(self._shared["LANTAARN_CASE_STORE_URL"])) as store:
            return [version for task in store.all_tasks() for version in store.versions(task["task_id"])]

    def _receipts(self) -> list[Mapping[str, Any]]:
        logbook = Logbook(self._settings(ADMIN).kafka())
        return [
            self._deployment.codec.decode("SignalReceipt", entry.value)
            for topic in self._catalogue.receipts.values()
            for entry in logbook.all(topic)[1]
        ]

    def _until(self, true: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not true():
            for process in self._processes:
                process.check()
            if time.monotonic() > deadline:
                raise TimeoutError(f"waited {PATIENCE:.0f} s; the logs are in {self._folder}")
            time.sleep(0.01)

    def _files(self) -> None:
        (self._folder / "policies").mkdir(parents=True)
        for number, document in enumerate(self._made[0].policies):
            (self._folder / "policies" / f"{number}.toml").write_text(toml(document), encoding="utf-8")
        (self._folder / "shared.toml").write_text(shared_text(self._made), encoding="utf-8")
        (self._folder / "agreements.toml").write_text(agreements_text(together(self._made)), encoding="utf-8")

    def _environment(self, user: str) -> dict[str, str]:
        return {**self._shared, **self._connect(user)}

    def _settings(self, user: str) -> Settings:
        told = {name.removeprefix("LANTAARN_").lower(): value for name, value in self._environment(user).items()}
        return Settings.model_validate(told)

    def _lag(self, group: str, of: Iterable[Topic]) -> GroupLag:
        kafka = self._settings(ADMIN).kafka()
        return GroupLag(kafka, group, of)

    def _without_topics(self) -> None:
        admin = AdminClient(self._settings(ADMIN).kafka())
        for deleted in admin.delete_topics([topic.name for topic in self._catalogue]).values():
            deleted.exception(timeout=20)


class _Sent(NamedTuple):
    made: Made
    raw: Mapping[str, Any]


def _turns(made: Sequence[Made]) -> list[list[_Sent]]:
    """The first record of each scenario, the second of each, and so on."""
    stories = [sorted(one.records, key=lambda record: str(record["received_at"])) for one in made]
    longest = max(len(story) for story in stories)
    return [
        [_Sent(one, story[turn]) for one, story in zip(made, stories, strict=True) if turn < len(story)]
        for turn in range(longest)
    ]


def _activations(made: Made) -> list[dict[str, Any]]:
    policies: Policies = made.in_force()
    at = datetime(2000, 1, 1, tzinfo=UTC)
    return [
        activation(policy, toml(document), at + timedelta(hours=number))
        for number, (policy, document) in enumerate(zip(policies.activated, made.policies, strict=True))
    ]


def _evening(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 20, tzinfo=UTC)


def _by_label(made: Made, receipts: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """What became of each record, by label; of a record that was sent twice, the second label has the second answer."""
    told: dict[str, list[str]] = {}
    for receipt in receipts:
        answer = receipt_text(receipt["result"], receipt["reason"], receipt["field"])
        told.setdefault(receipt["signal_id"], []).append(answer)
    labels: dict[str, list[str]] = {}
    for index in range(len(made.records)):
        label = label_of(made.scenario, index)
        labels.setdefault(made.ids[label], []).append(label)
    return {
        label: answer
        for identity, ours in labels.items()
        for label, answer in zip_longest(ours, _finals(told.get(identity, []), len(ours)), fillvalue="no receipt")
    }


def _finals(answers: Sequence[str], sent: int) -> list[str]:
    """The last word on each sending: where the worker has one, it takes the place of intake's ``accepted``."""
    others = [answer for answer in answers if answer != Result.ACCEPTED]
    of_worker = len(answers) - sent
    return [*answers.count(Result.ACCEPTED) * [Result.ACCEPTED.value], *others][max(0, of_worker) :]
