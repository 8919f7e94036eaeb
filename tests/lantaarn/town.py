"""A town of a dozen households on the shared broker, from deliveries to rows: every kind of record, every kind of end.

Its processes are the real ones: an adapter, intake, a worker, the sink. It is played once for a module.
"""

import json
import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Self
from uuid import NAMESPACE_OID, uuid4, uuid5

from confluent_kafka import Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from typer.testing import CliRunner, Result

from lantaarn import topics
from lantaarn.cli import app
from lantaarn.lag import GroupLag, come_to_rest
from lantaarn.logbook import Entry, Logbook
from lantaarn.reconcile import AdapterBooks, Report, reconcile
from lantaarn.settings import Settings
from producers import adapter
from producers.config import load
from schemas.codec import Codec
from schemas.codes import SignalType
from schemas.registry import SchemaRegistry
from schemas.topics import Topic
from sinks import tasks
from sinks.store.store import CaseStore
from streams.core.policy import Policy
from streams.intake.judge import Judge
from streams.intake.process import Intake
from streams.outputs import Outputs
from streams.wakeups import activation, tick
from tests.sinks.live import until
from tests.stacks import RunningStack

ROOT = Path(__file__).parents[2]
AS_OF = date(2026, 3, 10)
RENT, WATER, ISD, OWN = "woonstichting-a", "water-b", "isd", "gemeente"
POLICY = (
    'version = "town-1"\nvalid_from = 2025-01-01\n'
    'benefit_stop_basis = { legal_basis = "Verordening, artikel 6", dpia = "DPIA-1" }\n'
)
AGREEMENTS = "".join(
    f'[[agreement]]\npartner = "{partner}"\ntypes = {types}\nmunicipality = "9990"\nversion = "1"\n'
    "valid_from = 2020-01-01\nvalid_until = 2030-12-31\n"
    for partner, types in (
        (RENT, ["Huur"]),
        (WATER, ["Water"]),
        (ISD, ["Uitkeringsstop"]),
        (OWN, ["Huishouden", "Adres"]),
    )
)
DONE = {"personal_contact": True, "debt_help": True, "reminder": True, "consent_offer": True}
COLUMNS = (
    "kind",
    "reference",
    "signalled_on",
    "arisen_on",
    "amount_cents",
    "crisis",
    "months",
    *DONE,
    "postcode",
    "number",
)
ADAPTER = (
    f'name = "landlord"\nsettle_seconds = 0\npoll_seconds = 0.01\n[[feed]]\nname = "huur"\npartner = "{RENT}"\n'
    'type = "Huur"\nurn = "urn:nld:kvknr:90000001"\nsource = { kind = "jsonl", folder = "huur" }\n[feed.columns]\n'
    + "".join(f'{column} = "{column}"\n' for column in COLUMNS)
)
Values = Mapping[str, Any]


def rent(number: int, day: str, cents: int = 50_000, **more: Any) -> dict[str, Any]:
    """A line of the landlord's file."""
    line = {"kind": "report", "reference": f"H{number}", "signalled_on": day, "arisen_on": "2025-11-01"}
    return line | {"amount_cents": cents / 100, **DONE, "postcode": "9901XK", "number": str(number)} | more


def address(number: int) -> dict[str, Any]:
    return {"postcode": "9901XK", "number": number, "letter": None, "addition": None}


@dataclass(frozen=True)
class Delivery:
    """Lines for the adapter, or records for a topic, on one day."""

    day: str
    rent: tuple[Values, ...] = ()
    records: tuple[tuple[str, SignalType, Values], ...] = ()


def water(number: int, day: str, kind: str = "report", cents: int = 20_000) -> tuple[str, SignalType, Values]:
    said = {"kind": kind, "reference": f"W{number}", "signalled_on": date.fromisoformat(day), "preconditions": DONE}
    return WATER, SignalType.WATER, said | {"number": number, "arisen_on": date(2025, 11, 1), "amount_cents": cents}


def own(about: SignalType, number: int, day: str, partner: str = OWN, **more: Any) -> tuple[str, SignalType, Values]:
    said = {"signalled_on": date.fromisoformat(day), "number": number, **more}
    return (
        partner,
        about,
        said if about in {SignalType.OUTCOME, SignalType.BENEFIT_STOP} else said | {"type": about.value},
    )


FACT, MOVE, STOP, OUTCOME = SignalType.HOUSEHOLD, SignalType.ADDRESS, SignalType.BENEFIT_STOP, SignalType.OUTCOME
ASKED = {"acted_by": "consulent-7", "acting_for": "wijkteam", "why": "wij vinden niemand thuis"}
UNREADABLE = (WATER, SignalType.WATER, {"bytes": b"\x00\x00\x00\x00\x00no"})
STORY = (
    Delivery(
        "2026-01-05",
        (
            rent(1, "2026-01-05"),
            rent(2, "2026-01-05", 90_000, months=2),
            rent(3, "2026-01-05"),
            rent(4, "2026-01-05", crisis="eviction"),
            rent(6, "2026-01-05", 5_000),  # below the threshold
            rent(7, "2026-01-05", reminder=False),
            rent(8, "2026-01-05", postcode="nowhere"),  # the adapter rejects it
        ),
    ),
    Delivery(
        "2026-01-08", records=(water(1, "2026-01-08"), water(5, "2026-01-07"), UNREADABLE, water(9, "2026-01-08"))
    ),
    Delivery("2026-01-09", records=(water(5, "2026-01-07"),)),  # sent again
    Delivery("2026-01-12", records=(own(FACT, 4, "2026-01-12", children=True),)),
    Delivery(
        "2026-01-14",
        records=(
            own(STOP, 2, "2026-01-13", ISD, stop_reason="whereabouts_unknown"),
            own(STOP, 10, "2026-01-13", ISD, stop_reason="other"),
        ),
    ),
    Delivery(
        "2026-01-20",
        records=(
            own(OUTCOME, 1, "2026-01-20", kind="contact", channel="Telefoon"),
            own(OUTCOME, 3, "2026-01-20", kind="refused", channel="Telefoon"),
            own(OUTCOME, 2, "2026-01-20", kind="consultation", **ASKED),
            own(OUTCOME, 11, "2026-01-20", kind="attempt", channel="Huisbezoek"),  # no task there
        ),
    ),
    Delivery("2026-01-26", (rent(3, "2026-01-26", kind="paid"),), (water(5, "2026-01-26", "paid"),)),
    Delivery("2026-02-02", (rent(1, "2026-02-02"), rent(3, "2026-02-02"), rent(12, "2026-02-01"))),
    Delivery("2026-02-03", (rent(1, "2026-02-02"),)),  # sent again, in another file
    Delivery(
        "2026-02-05",
        records=(water(5, "2026-01-20"), own(MOVE, 2, "2026-02-04", address_event="abroad", everyone=True)),
    ),
    Delivery("2026-02-10", records=(water(12, "2026-02-10"), own(FACT, 9, "2026-02-10", excluded="detention"))),
)


class Town:
    """The played town, and what tests ask of it."""

    def __init__(self, stack: RunningStack, folder: Path) -> None:
        self.folder = folder
        self._stack = stack
        for name, text in (("policy.toml", POLICY), ("agreements.toml", AGREEMENTS), ("landlord.toml", ADAPTER)):
            (folder / name).write_text(text, encoding="utf-8")
        self.config = load(folder / "landlord.toml")
        self.outbox = folder / "landlord.db"
        self.database = folder / "cases.db"
        self.prefix = f"t{uuid4().hex[:10]}."
        self.settings = Settings.model_validate(
            {name.removeprefix("LANTAARN_").lower(): value for name, value in self.environment("admin").items()}
        )
        self.catalogue = self.settings.catalogue()
        registry = SchemaRegistry(stack.registry_url)
        registry.register()
        self.codec = Codec(registry)
        self.admin = AdminClient(stack.client("admin"))
        topics.create(stack.client("admin"), self.catalogue)

    def environment(self, user: str) -> dict[str, str]:
        return {
            "LANTAARN_BOOTSTRAP_SERVERS": self._stack.bootstrap,
            "LANTAARN_SECURITY_PROTOCOL": self._stack.protocol,
            "LANTAARN_SASL_MECHANISM": self._stack.mechanism,
            "LANTAARN_SASL_USERNAME": user,
            "LANTAARN_SASL_PASSWORD": self._stack.passwords[user],
            "LANTAARN_REGISTRY_URL": self._stack.registry_url,
            "LANTAARN_TOPIC_PREFIX": self.prefix,
            "LANTAARN_PARTITIONS": "2",
            "LANTAARN_PSEUDONYM_SECRET": "a-lamp-in-the-window",
            "LANTAARN_POLICIES": str(self.folder / "policy.toml"),
            "LANTAARN_AGREEMENTS": str(self.folder / "agreements.toml"),
            "LANTAARN_CASE_STORE_URL": f"sqlite:///{self.database}",
            "LANTAARN_CONTACT": str(ROOT / "examples" / "contact.toml"),
            "LANTAARN_REFERRALS": str(ROOT / "examples" / "referrals"),
            "LANTAARN_ACCESS_LOG": str(self.folder / "access-log.jsonl"),
            "LANTAARN_BACKFILL": "true",
        }

    def play(self) -> Self:
        """Live through the story, until nothing is left to do."""
        policy = Policy.from_toml(POLICY)
        with self._worker(), self.intake(), closing(CaseStore(self.settings.case_store_url)) as store:
            self._everywhere(activation(policy, POLICY, datetime(2026, 1, 1, tzinfo=UTC)))
            judged = self._lag(self.catalogue.intake_group, self.catalogue.read_by_intake())
            for delivery in STORY:
                self.deliver(delivery)
                come_to_rest([judged], until)
            self._everywhere(tick(datetime(AS_OF.year, AS_OF.month, AS_OF.day, 6, tzinfo=UTC)))
            applied = self._lag(self.catalogue.households_app, [self.catalogue.household_events])
            come_to_rest([judged, applied], until)
            self._fill(store)
        return self

    def reconciled(self, **changes: Any) -> Report:
        given = {
            "case_store_url": self.settings.case_store_url,
            "now": datetime.now(UTC),
            "books": [AdapterBooks(self.config, self.outbox)],
            **changes,
        }
        return reconcile(self._stack.client("auditor"), self.codec, self.catalogue, **given)

    def run(self, *command: str, **environment: str) -> Result:
        """A command of ``lantaarn``, in this process."""
        env = self.environment("auditor") | {"COLUMNS": "200"} | environment
        return CliRunner().invoke(app, [*command], env=env, prog_name="lantaarn")

    def stored(self) -> list[dict[str, Any]]:
        with closing(CaseStore(self.settings.case_store_url)) as store:
            return list(store.all_tasks())

    @contextmanager
    def changed(self, original: Path, statement: str, **values: str) -> Iterator[Path]:
        """A copy of a database after one statement that changes a row."""
        copy = self.folder / f"copy-{uuid4().hex[:8]}.db"
        with closing(sqlite3.connect(original)) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)
            assert target.execute(statement, values).rowcount >= 1
            target.commit()
        yield copy

    def log(self, topic: Topic) -> list[Entry]:
        """All that stands on a topic."""
        return [*Logbook(self._stack.client("auditor")).all(topic)[1]]

    def write(self, topic: Topic, value: Values | None, key: str, partition: int = 0) -> None:
        """Put one record on a topic, behind everybody's back; without a value one that nobody can read."""
        producer = Producer(self._stack.client("admin"))
        data = b"?" if value is None else self.codec.encode(topic.record, value)
        producer.produce(topic.name, data, key.encode(), partition)
        assert producer.flush(20) == 0

    def delete(self, topic: str, partition: int, before: int) -> None:
        """Delete the first records of a partition."""
        asked = self.admin.delete_records([TopicPartition(topic, partition, before)])
        for future in asked.values():
            future.result()

    def _lag(self, group: str, of: list[Topic]) -> GroupLag:
        return GroupLag(self._stack.client("admin"), group, of)

    def deliver(self, delivery: Delivery) -> None:
        """Hand over one day's lines to the adapter, which runs until it is done, and its records to their topics."""
        at = datetime.fromisoformat(f"{delivery.day}T09:00:00+00:00")
        if delivery.rent:
            file = self.folder / "huur" / "in" / f"huur-{delivery.day}.jsonl"
            file.parent.mkdir(parents=True, exist_ok=True)
            draft = file.with_suffix(".part")
            draft.write_text("".join(json.dumps(line) + "\n" for line in delivery.rent), encoding="utf-8")
            os.utime(draft, (at.timestamp(), at.timestamp()))
            draft.replace(file)
            client = self._stack.client("adapter")
            stop = threading.Event()
            made = partial(adapter.run, self.config, client, self.codec, self.catalogue, self.outbox)
            made(backfill=True, once=True, stop=stop)
        producer = Producer(self._stack.client("admin"))
        for count, (partner, kind, said) in enumerate(delivery.records, start=60):
            topic = self.catalogue.task_outcomes if kind is OUTCOME else self.catalogue.signals[partner, kind]
            value = said.get("bytes") or self._encoded(topic, partner, said, at + timedelta(seconds=count))
            producer.produce(topic.name, value, "key")
        assert producer.flush(20) == 0

    def _encoded(self, topic: Topic, partner: str, said: Values, at: datetime) -> bytes:
        identity = str(uuid5(NAMESPACE_OID, json.dumps([partner, said], default=str)))
        value = {**said, "id": identity, "partner": partner, "address": address(said["number"]), "delivered_at": at}
        return self.codec.encode(topic.record, value)

    def _everywhere(self, event: Values) -> None:
        producer = Producer(self._stack.client("admin"))
        for partition in range(self.catalogue.partitions):
            value = self.codec.encode("HouseholdEvent", event)
            producer.produce(self.catalogue.household_events.name, value, partition=partition)
        assert producer.flush(20) == 0

    @contextmanager
    def intake(self) -> Iterator[None]:
        """Intake, running."""
        judge = Judge(
            self.codec,
            Outputs(self.codec, self.catalogue, self.settings.source),
            self.catalogue,
            policies=self.settings.load_policies(),
            agreements=self.settings.load_agreements(),
            keys=self.settings.keys(),
            backfill=True,
        )
        intake = Intake({**self._stack.client("intake"), "session.timeout.ms": 6000}, self.catalogue, judge)
        with _running(intake.run):
            yield

    @contextmanager
    def _worker(self) -> Iterator[None]:
        with ExitStack() as exits, (self.folder / "worker.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "lantaarn", "worker"],
                env=os.environ | self.environment("worker"),
                stdout=log,
                stderr=log,
                cwd=ROOT,
            )
            exits.callback(process.wait, 20)
            exits.callback(process.kill)
            yield

    def _fill(self, store: CaseStore) -> None:
        store.create()
        kafka = {**self._stack.client("sink"), "session.timeout.ms": 6000}
        topic = self.catalogue.outreach_tasks
        lag = self._lag("nobody", [topic])  # a group that has committed nothing is behind by the whole log
        with _running(lambda stop: tasks.run(kafka, self.codec, self.catalogue, store, stop=stop)):
            until(lambda: sum(store.offsets(topic.name).values()) == lag.records() > 0)


@contextmanager
def _running(body: Any) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=body, args=(stop,))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(30)
