"""The broker dies and comes back while the chain works."""

import signal
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import KafkaException

from lantaarn.committed import Committed
from lantaarn.embedded import KafkaBroker
from lantaarn.embedded.jars import ensure_jars
from sinks.store.rows import canonical
from sinks.store.store import CaseStore
from streams.households.ending import END_SECONDS
from streams.households.pipeline import FATAL
from streams.wakeups import tick
from tests.faults.keeping import Kept
from tests.forked import Forked
from tests.sinks.contract import dump, expected
from tests.stacks import USERS, RunningStack
from tests.streams.live import ENGINES, Load, Town, on, until

PASSWORDS = {user: f"lamp-{user}" for user in USERS}


@pytest.fixture(scope="module")
def own(stack: RunningStack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    """A broker of our own beside the shared registry, so that it may be killed."""
    broker = KafkaBroker(tmp_path_factory.mktemp("broker"), PASSWORDS, jars=ensure_jars(print))
    try:
        broker.start()
        yield RunningStack(broker.bootstrap, stack.registry_url, PASSWORDS, broker=broker)
    finally:
        broker.stop()


@pytest.mark.parametrize("engine", ENGINES)
def test_a_broker_that_dies_and_comes_back_costs_nothing(own: RunningStack, tmp_path: Path, engine: str) -> None:
    assert own.broker is not None
    with Town(own, tmp_path) as town:
        load = Load(31, 100)
        kept = [Kept(town, command, on(engine), may_fail=True) for command in ("intake", "worker", "sink")]
        store = CaseStore(f"sqlite:///{tmp_path / 'cases.db'}")
        store.create()
        tasks = town.catalogue.outreach_tasks.name

        def check() -> None:
            for process in kept:
                process.check()

        for day in range(0, 30, 3):
            town.sends(load.records(day, 100))
            town.ticks(load.day(day))
        town.flush()
        until(lambda: town.size(tasks) > 50, check=check)
        assert town.unapplied() > 0, "no work left"
        own.broker.kill()
        own.broker.start()
        town.sends(load.records(30, 100))
        town.flush()
        until(lambda: town.intake_lag() == 0, check=check)
        until(lambda: town.worker_lag() == 0, check=check)
        until(lambda: store.offsets(tasks) == town.written(tasks), check=check)
        for process in kept:
            process.end()
        town.assert_as_the_core_says()
        assert dump(store) == expected([canonical(version) for version in town.expected().versions.values()])
        store.close()


def test_whoever_asks_what_is_committed_outlives_it(own: RunningStack, tmp_path: Path) -> None:
    """librdkafka ends a process whose AdminClient asks and hears that the coordinator has moved."""
    assert own.broker is not None
    answered = tmp_path / "answered"
    asking = Forked(_ask, own.client("admin"), answered)
    try:

        def answers() -> bool:
            assert asking.running, f"ended with {asking.code}"
            size = answered.stat().st_size if answered.exists() else 0
            return size > before

        before = 0
        until(answers)
        own.broker.restart()
        before = answered.stat().st_size
        until(answers)
    finally:
        asking.kill()


def test_a_worker_that_is_asked_to_end_meanwhile_does(own: RunningStack, tmp_path: Path) -> None:
    assert own.broker is not None
    with ExitStack() as towns:
        workers = []
        for engine in ENGINES:
            (tmp_path / engine).mkdir()
            town = towns.enter_context(Town(own, tmp_path / engine))
            workers.append(town.spawn("worker", **on(engine)))
            town.event(tick(datetime(2026, 2, 2, 12, tzinfo=UTC)))
            town.flush()
            until(lambda town=town: town.unapplied() == 0, check=workers[-1].check)  # type: ignore[misc]
        own.broker.kill()
        try:
            for worker in workers:
                worker.signal(signal.SIGTERM)
            ended = {worker.wait(END_SECONDS + 20) for worker in workers}
        finally:
            own.broker.start()
        assert ended <= {0, FATAL}


def _ask(kafka: dict[str, Any], answered: Path) -> None:
    committed = Committed({**kafka, "log_level": 0}, "nobody")
    while True:
        try:
            committed.offsets([("nothing", 0)], 5)
        except KafkaException:
            continue
        with answered.open("ab") as file:
            file.write(b".")
