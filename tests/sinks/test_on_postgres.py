"""The sink on a real broker and a real PostgreSQL: whatever dies, each version ends in the store, once."""

import random
import time
from pathlib import Path

import pytest

from lantaarn.embedded import PostgresServer
from sinks.errors import StoreUnavailableError
from sinks.store.store import CaseStore
from tests.sinks.contract import dump, expected
from tests.sinks.databases import connect, dismiss, waiting
from tests.sinks.live import Deployment, until
from tests.sinks.made import history, outcome, task
from tests.stacks import RunningStack

MEMBER = {"group.instance.id": "sink-0"}


def reported(deployment: Deployment, number: int = 30) -> list[str]:
    """Outcomes for the first task; their ids, in the order of their dates."""
    records = [outcome(each, task_id=task(1)["task_id"]) for each in range(1, number + 1)]
    deployment.report(records)
    return [each["id"] for each in records]


def found(deployment: Deployment) -> list[str]:
    return [each["outcome_id"] for each in deployment.store.outcomes(task(1)["task_id"])]


@pytest.mark.parametrize("seed", [20260106])
def test_killed_eight_times_with_work_left(on_postgres: Deployment, seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311
    everything = history(300, 8)
    on_postgres.produce(everything)
    ids = reported(on_postgres)
    stored = 0
    for _ in range(8):
        sink = on_postgres.start(kafka=MEMBER, batch=10, pause=0.02)
        goal = stored + dice.randrange(1, 60)
        until(lambda goal=goal: on_postgres.stored >= goal)  # type: ignore[misc]
        time.sleep(dice.random() * 0.05)
        sink.kill()
        stored = on_postgres.stored
        assert stored < len(everything), "no work left"
    last = on_postgres.start(kafka=MEMBER)
    until(lambda: on_postgres.stored == len(everything) and len(found(on_postgres)) == len(ids))
    assert last.end() == 0
    assert dump(on_postgres.store) == expected(everything)
    assert found(on_postgres) == ids


def test_two_sinks_whose_connections_end_again_and_again(on_postgres: Deployment) -> None:
    everything = history(200, 4)
    on_postgres.produce(everything)
    ids = reported(on_postgres)
    sinks = [on_postgres.start(batch=10, pause=0.02) for _ in range(2)]
    ended = 0
    for part in range(1, 5):
        until(lambda part=part: on_postgres.stored >= part * 120)  # type: ignore[misc]
        assert on_postgres.stored < len(everything), "no work left"
        ended += dismiss(on_postgres.store_url)
    until(lambda: on_postgres.stored == len(everything) and len(found(on_postgres)) == len(ids))
    assert ended > 4
    assert [sink.end() for sink in sinks] == [0, 0]
    assert dump(on_postgres.store) == expected(everything)
    assert found(on_postgres) == ids


def test_a_locked_table_is_waited_for_inside_the_group(on_postgres: Deployment) -> None:
    impatient = CaseStore(on_postgres.store_url, busy_timeout_ms=100)
    with on_postgres.running(store=impatient, batch=10) as ended:
        on_postgres.produce(history(20, 1))
        until(lambda: on_postgres.stored == 20)
        with connect(on_postgres.store_url) as holder, holder.transaction():
            holder.execute("LOCK TABLE task_versions IN EXCLUSIVE MODE")
            on_postgres.produce(history(20, 4)[20:])
            for _ in range(3):  # it waits, gives up, and tries again
                until(lambda: waiting(on_postgres.store_url, "Lock") == 1)
                until(lambda: waiting(on_postgres.store_url, "Lock") == 0)
            assert on_postgres.stored == 20
            assert not ended.event.is_set()
        until(lambda: on_postgres.stored == 80)
    assert dump(on_postgres.store) == expected(history(20, 4))


def test_a_table_that_stays_locked_ends_the_sink(on_postgres: Deployment) -> None:
    impatient = CaseStore(on_postgres.store_url, busy_timeout_ms=50)
    with connect(on_postgres.store_url) as holder, holder.transaction():
        holder.execute("LOCK TABLE sink_topics IN EXCLUSIVE MODE")
        with pytest.raises(StoreUnavailableError), on_postgres.running(store=impatient, patience=0.3) as ended:
            ended.event.wait(20)


def test_a_server_that_is_killed_and_restarted_is_waited_for(contracts: RunningStack, tmp_path: Path) -> None:
    """One of our own, since others use the shared one: SIGKILL and a clean restart, both with work left."""
    server = PostgresServer(tmp_path / "postgres")
    server.start()
    everything = history(200, 4)
    try:
        with Deployment(contracts, tmp_path, server.url) as deployment:
            deployment.produce(everything)
            ids = reported(deployment)
            with deployment.running(batch=10, observe=lambda _: time.sleep(0.02)):
                for goal, end in ((100, server.kill), (250, server.kill), (400, server.stop)):
                    until(lambda goal=goal: deployment.stored >= goal)  # type: ignore[misc]
                    end()
                    server.start()
                    assert deployment.stored < len(everything), "no work left"
                until(lambda: deployment.stored == len(everything) and len(found(deployment)) == len(ids))
            assert dump(deployment.store) == expected(everything)
            assert found(deployment) == ids
    finally:
        server.stop()


def test_report_is_read_while_the_sink_writes(on_postgres: Deployment) -> None:
    assert on_postgres.store_url.startswith("postgresql+psycopg://")
    with on_postgres.running(batch=20):
        on_postgres.produce(history(50, 4))
        ids = reported(on_postgres, 20)
        until(lambda: sum(row["attempts"] for row in on_postgres.store.report_tasks()) == len(ids))
        until(lambda: on_postgres.stored == 200)
    assert len(on_postgres.store.report_tasks()) == 50
