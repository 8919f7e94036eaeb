"""A broker of three dies while the worker writes, then another: leaders move, and nothing is lost or doubled."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from confluent_kafka import KafkaException

from lantaarn.embedded import KafkaBroker
from tests.faults.cluster import three_brokers
from tests.faults.keeping import Kept
from tests.faults.test_killed import months_of_events
from tests.stacks import USERS, RunningStack
from tests.streams.live import ENGINES, Town, on, until

PASSWORDS = {user: f"lamp-{user}" for user in USERS}


@pytest.fixture(scope="module")
def brokers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[KafkaBroker]]:
    with three_brokers(tmp_path_factory.mktemp("cluster"), PASSWORDS) as running:
        yield running


@pytest.mark.parametrize("engine", ENGINES)
def test_leaders_move_from_a_broker_that_dies(
    stack: RunningStack, brokers: list[KafkaBroker], tmp_path: Path, engine: str
) -> None:
    addresses = ",".join(broker.bootstrap for broker in brokers)
    with Town(RunningStack(addresses, stack.registry_url, PASSWORDS, replication=3), tmp_path) as town:
        tasks, events = town.catalogue.outreach_tasks.name, town.catalogue.household_events.name
        worker = Kept(town, "worker", on(engine))
        for turn in range(2):
            written = town.size(tasks)
            months_of_events(town, 71 + turn, days=30, a_day=60, houses=150, first=30 * turn)
            until(lambda written=written: town.size(tasks) > written + 20, check=worker.check)  # type: ignore[misc]
            leads = town.admin.list_topics(events, timeout=10).topics[events].partitions[0].leader
            brokers[leads - 1].kill()
            until(lambda: all_applied(town), check=worker.check)
            brokers[leads - 1].start(120)
        until(lambda: town.worker_lag() == 0, check=worker.check)
        worker.end()
        twice = town.assert_as_the_core_says()
        assert engine == "plain" or twice == 0


def all_applied(town: Town) -> bool:
    """Whether everything is applied; not known while no leader answers."""
    try:
        return town.unapplied() == 0
    except KafkaException:
        town.read_anew()
        return False
