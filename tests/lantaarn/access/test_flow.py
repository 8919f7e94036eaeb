"""A signal's whole way with no more rights than the catalogue gives to each, and forged names on the way."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Consumer, Producer

from lantaarn.embedded import KafkaBroker
from lantaarn.lag import GroupLag
from lantaarn.logbook import Logbook
from schemas.topics import Topic
from sinks import tasks as sink
from sinks.store.store import CaseStore
from streams.core.policy import Policies
from streams.intake.judge import Judge
from streams.intake.process import Intake
from streams.outputs import Outputs
from tests.lantaarn.access.secured import MTLS, SCRAM, WAYS, Secured
from tests.streams.households.made import CODEC
from tests.streams.live import until

ROOT = Path(__file__).parents[3]
A, B = "verhuurder-a", "verhuurder-b"


@pytest.fixture(scope="module")
def town(secure_broker: KafkaBroker, tmp_path_factory: pytest.TempPathFactory) -> Secured:
    folder = tmp_path_factory.mktemp("flow")
    given = [(A, '"Huur"', "2099-12-31"), (B, '"Huur"', "2099-12-31")]
    made = Secured(secure_broker, folder, "gm6666.", given)
    made.make_topics()
    assert made.run("acls", "apply", "--yes").exit_code == 0
    return made


def rent(identity: str, partner: str, number: int) -> bytes:
    today = datetime.now(UTC).date()
    value = {
        "id": identity,
        "partner": partner,
        "kind": "report",
        "reference": f"KLANT-{number}",
        "signalled_on": today - timedelta(days=1),
        "arisen_on": today - timedelta(days=60),
        "amount_cents": 90_000,
        "months": 2,
        "crisis": "eviction",
        "preconditions": dict.fromkeys(("personal_contact", "debt_help", "reminder", "consent_offer"), True),
        "address": {"postcode": "9901XK", "number": number},
    }
    return CODEC.encode("RentArrears", value)


def send(config: Mapping[str, Any], topic: str, *values: bytes) -> None:
    failed: list[object] = []
    producer = Producer({**config, "enable.idempotence": True})
    for value in values:
        producer.produce(topic, value, on_delivery=lambda error, _: failed.append(error))
    assert producer.flush(20) == 0
    assert failed == [None] * len(values)


def receipts(town: Secured, way: str, partner: str, *wanted: str) -> dict[str, tuple[str, str | None]]:
    """A partner's receipts, read as the partner in the group that it was handed."""
    config = town.client(way, f"gm6666-partner-{partner}")
    group = {"group.id": town.catalogue.receipts_group(partner), "auto.offset.reset": "earliest"}
    consumer = Consumer({**config, **group, "enable.auto.commit": False})
    found: dict[str, tuple[str, str | None]] = {}
    try:
        consumer.subscribe([town.catalogue.receipts[partner].name])
        while not found.keys() >= set(wanted):
            message = consumer.poll(20)
            assert message is not None
            assert message.error() is None, message.error()
            receipt = CODEC.decode("SignalReceipt", message.value())
            found[receipt["signal_id"]] = receipt["result"], receipt["reason"]
    finally:
        consumer.close()
    return {identity: found[identity] for identity in wanted}


@contextmanager
def running_intake(town: Secured, way: str) -> Iterator[None]:
    settings = town.settings("gm6666-intake", way)
    judge = Judge(
        CODEC,
        Outputs(CODEC, town.catalogue, settings.source),
        town.catalogue,
        policies=Policies(),
        agreements=settings.load_agreements(),
        keys=settings.keys(),
    )
    intake = Intake(settings.member("intake"), town.catalogue, judge)
    stop = threading.Event()
    thread = threading.Thread(target=intake.run, args=(stop,))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(20)


@contextmanager
def running_worker(town: Secured, way: str) -> Iterator[Path]:
    log = town.folder / f"worker-{way.replace(' ', '-')}.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.lantaarn.access.worker"],
            env=os.environ | town.environment("gm6666-worker", way) | {"PYTHONPATH": str(ROOT)},
            stdout=out,
            stderr=out,
            cwd=town.folder,  # Faust makes a folder where it is
        )
        try:
            yield log
        finally:
            process.terminate()
            try:
                process.wait(15)
            finally:
                process.kill()


@contextmanager
def running_sink(town: Secured, way: str) -> Iterator[CaseStore]:
    stop = threading.Event()
    with closing(CaseStore(f"sqlite:///{town.folder / 'cases.db'}")) as store:
        store.create()
        kafka = town.settings("gm6666-sink", way).member("sink")
        thread = threading.Thread(target=lambda: sink.run(kafka, CODEC, town.catalogue, store, stop=stop))
        thread.start()
        try:
            yield store
        finally:
            stop.set()
            thread.join(20)


def tasks(town: Secured, topic: Topic) -> int:
    return GroupLag(town.client(SCRAM, "admin"), "nobody", [topic]).records()


@pytest.mark.parametrize("way", WAYS)
def test_a_signal_becomes_a_task_with_the_rights_of_each(town: Secured, way: str) -> None:
    catalogue = town.catalogue
    partner = town.client(way, f"gm6666-partner-{A}")
    topic = next(topic for (name, _), topic in catalogue.signals.items() if name == A)
    before = tasks(town, catalogue.outreach_tasks)
    number = 1 + WAYS.index(way)
    with running_worker(town, way) as log, running_intake(town, way), running_sink(town, way) as store:
        send(partner, topic.name, rent(f"signal-{number}", A, number))
        assert receipts(town, way, A, f"signal-{number}") == {f"signal-{number}": ("accepted", None)}
        until(lambda: tasks(town, catalogue.outreach_tasks) > before, check=lambda: critical(log))
        until(lambda: len(list(store.all_tasks())) == before + 1)
    auditor = town.client(way, "gm6666-auditor")
    found = [CODEC.decode("OutreachTask", entry.value) for entry in Logbook(auditor).all(catalogue.outreach_tasks)[1]]
    assert len(found) == before + 1
    read = catalogue.read_by_intake()
    assert GroupLag(auditor, catalogue.intake_group, read).records() == 0  # it may see how far a group is


def critical(log: Path) -> None:
    said = log.read_text(encoding="utf-8")
    assert '"level": "critical"' not in said, said[-3000:]


def test_another_partners_name_in_a_record_is_refused_and_told_to_who_sent_it(town: Secured) -> None:
    topics = {name: topic.name for (name, _), topic in town.catalogue.signals.items()}
    told = {
        "forged-1": ("refused", "no_agreement"),
        "forged-2": ("refused", "no_agreement"),
        "honest": ("accepted", None),
    }
    with running_intake(town, MTLS):
        values = [rent("forged-1", A, 20), rent("forged-2", "gemeente", 21), rent("honest", B, 22)]
        send(town.client(MTLS, f"gm6666-partner-{B}"), topics[B], *values)
        assert receipts(town, SCRAM, B, *told) == told
    own = Logbook(town.client(SCRAM, f"gm6666-partner-{B}"))  # as `lantaarn delivery-receipts` reads them
    read = [CODEC.decode("SignalReceipt", e.value)["signal_id"] for e in own.all(town.catalogue.receipts[B])[1]]
    assert set(read) >= told.keys()
    auditor = Logbook(town.client(SCRAM, "gm6666-auditor"))
    events = [CODEC.decode("HouseholdEvent", e.value) for e in auditor.all(town.catalogue.household_events)[1]]
    assert not {event["id"] for event in events} & {"forged-1", "forged-2"}
    received = [CODEC.decode("SignalReceipt", e.value) for e in auditor.all(town.catalogue.receipts[A])[1]]
    assert not {receipt["signal_id"] for receipt in received} & told.keys()
