"""Seven of the ten alerts on the real pipeline, with a real Prometheus: what they are for happens, and is mended.

The rules are those of the repository, with short waiting times and a short patience with lag.
"""

import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import TopicPartition

from deploy.prometheus.alerts import Limits, rules
from lantaarn.embedded.ports import free_port
from lantaarn.embedded.process import ManagedProcess
from schemas.codes import SignalType
from sinks.store.store import CaseStore
from streams.core.policy import Policy
from streams.wakeups import activation, nominal_hour
from tests.deploy.prometheus import Prometheus
from tests.stacks import RunningStack
from tests.streams.live import OWN, POLICY, RENT, Load, Town, until
from tests.tools import tool

COMMANDS = {
    "intake": ("intake",),
    "worker": ("worker",),
    "sink": ("sink",),
    "watch": ("watch", "--every", "1", "--reconcile-every", "2"),
}
USERS = {"watch": "auditor"}
PATIENCE = 120


class Pipeline:
    """The processes of a town, and the Prometheus that watches them."""

    def __init__(self, town: Town, folder: Path) -> None:
        self.town = town
        self._folder = folder
        self._exit = ExitStack()
        self._ports = {name: free_port() for name in COMMANDS}
        self._processes: dict[str, ManagedProcess] = {}
        self._began = time.monotonic()
        self.told: list[str] = []
        for name in COMMANDS:
            self.start(name)
        made = rules(Limits(lag_seconds=2), wait="0s")
        self.prometheus = self._exit.enter_context(Prometheus(folder, made, self._ports))

    def start(self, name: str) -> None:
        env = self.town.environment(USERS.get(name, name), LANTAARN_METRICS_PORT=str(self._ports[name]))
        command = [sys.executable, "-m", "lantaarn", *COMMANDS[name]]
        process = ManagedProcess(name, command, self._folder / f"{name}.log", env=env)
        self._processes[name] = process
        self._exit.callback(process.stop)

    def stop(self, name: str) -> None:
        self._processes[name].stop()

    def fires(self, *alerts: str) -> None:
        self._until(alerts, "fires", lambda alert: alert in self.prometheus.firing())

    def clears(self, *alerts: str) -> None:
        self._until(alerts, "clear", lambda alert: alert not in self.prometheus.firing())

    def up(self) -> None:
        until(lambda: len(self.prometheus.query("lantaarn_ready == 1")) == len(COMMANDS), PATIENCE)

    def store(self, statement: str) -> None:
        with closing(sqlite3.connect(self._folder / "cases.db", timeout=20)) as database, database:
            assert database.execute(statement).rowcount >= 1

    def close(self) -> None:
        self._exit.close()

    def _until(self, alerts: tuple[str, ...], what: str, true: Callable[[str], bool]) -> None:
        for alert in alerts:
            try:
                until(lambda alert=alert: true(alert), PATIENCE)  # type: ignore[misc]
            except TimeoutError:
                pytest.fail(f"{alert} not {what}; firing: {sorted(self.prometheus.firing())}; so far {self.told}")
            self.told.append(f"{time.monotonic() - self._began:5.1f} s  {alert} {what}")


@pytest.fixture
def pipeline(stack: RunningStack, tmp_path: Path) -> Iterator[Pipeline]:
    tool("prometheus", "Debian's package prometheus")
    with Town(stack, tmp_path) as town:
        running = Pipeline(town, tmp_path)
        try:
            yield running
        finally:
            running.close()
            sys.stdout.write("\n".join([*running.told, ""]))


def eviction(house: int, received: datetime) -> tuple[str, SignalType, dict[str, Any]]:
    load = Load(house, 1)
    load.count = house
    value = load._creditor("report", house, received, rent=True) | {
        "arisen_on": (received - timedelta(days=60)).date(),
        "amount_cents": 90_000,
        "months": 2,
        "crisis": "eviction",
    }
    return RENT, SignalType.RENT, value


def attempt(house: int, at: datetime) -> tuple[str, SignalType, dict[str, Any]]:
    value = {**Load(1, 1)._base(house, at, OWN), "id": f"attempt-{house}", "kind": "attempt", "channel": "Telefoon"}
    return OWN, SignalType.OUTCOME, value


def test_alerts_fire_and_clear(pipeline: Pipeline) -> None:
    town, now = pipeline.town, datetime.now(UTC)
    pipeline.up()
    topic = town.topic_of(RENT, SignalType.RENT).name

    # Nobody has activated the policy that intake already follows.
    pipeline.fires("LantaarnPolicyDiffers")
    town.event(activation(Policy.from_toml(POLICY), POLICY, now))
    town.flush()
    pipeline.clears("LantaarnPolicyDiffers")

    # Three weeks ago an eviction was announced and nobody went; a record cannot be read; no tick for three hours.
    town.sends([eviction(1, now - timedelta(days=21))])
    town.put(topic, b"9901XK 12, J. Jansen", b"poison")
    town.flush()
    until(lambda: town.size(town.catalogue.outreach_tasks.name) == 1, PATIENCE)
    town.ticks(nominal_hour(now) - timedelta(hours=3))
    town.flush()
    pipeline.fires("LantaarnDeadLetters", "LantaarnNoTick", "LantaarnDeadlineBroken")

    # Somebody changes a row of the case store by hand.
    pipeline.store("UPDATE tasks SET score = score + 1")
    pipeline.fires("LantaarnLedgerDifference")
    pipeline.store("UPDATE tasks SET score = score - 1")

    # The sink is down while a signal comes.
    pipeline.stop("sink")
    town.sends([eviction(2, now)])
    town.flush()
    pipeline.fires("LantaarnLag", "LantaarnProcessDown")

    # All of it is mended, as the runbooks say.
    pipeline.start("sink")
    town.ticks(nominal_hour(now))
    town.sends([attempt(1, now)])
    town.flush()
    pipeline.clears(
        "LantaarnNoTick",
        "LantaarnLag",
        "LantaarnProcessDown",
        "LantaarnDeadlineBroken",
        "LantaarnLedgerDifference",
    )
    assert pipeline.prometheus.firing() == {"LantaarnDeadLetters"}

    # Dead letters stay, and the alert ends after a day. There is no day to wait for: this one is deleted.
    for deleted in town.admin.delete_records([TopicPartition(town.catalogue.rejected.name, 0, 1)]).values():
        deleted.result()
    pipeline.clears("LantaarnDeadLetters")
    with closing(CaseStore(town.environment("sink")["LANTAARN_CASE_STORE_URL"])) as store:
        assert store.counts() == {"open": 2}
