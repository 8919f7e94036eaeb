"""The worker on a real broker: membership, foreign states, poison, the end when it is asked to."""

import signal
import urllib.request
from http import HTTPStatus
from pathlib import Path

import pytest

from lantaarn.embedded.ports import free_port
from streams.households import stored
from streams.households.guard import log_bounds
from streams.households.pipeline import FATAL
from streams.wire import event_of
from tests.faults.keeping import Kept
from tests.faults.test_killed import months_of_events
from tests.stacks import RunningStack
from tests.streams.households.made import impossible, report
from tests.streams.live import ENGINES, Load, Process, Town, json_lines, on, until

A_DAY = {"plain": 70, "batch": 250}  # enough that there is work left
pytestmark = pytest.mark.parametrize("engine", ENGINES)


def ready(port: int) -> bool:
    """Whether a worker says that it is."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=5) as answer:
            return bool(answer.status == HTTPStatus.OK)
    except OSError:
        return False


def owned(worker: Process) -> list[int]:
    """The partitions that a worker took over last."""
    taken = [line["partitions"] for line in json_lines(worker.said()) if line["event"] == "partitions taken over"]
    return list(taken[-1]) if taken else [-1]


def test_two_workers_join_and_leave_while_records_flow(stack: RunningStack, tmp_path: Path, engine: str) -> None:
    with Town(stack, tmp_path) as town:
        first = Kept(town, "worker", on(engine) | {"LANTAARN_INSTANCE_ID": "worker-1"})
        second = None
        tasks = town.catalogue.outreach_tasks.name
        months_of_events(town, 21, days=30, a_day=A_DAY[engine], houses=150)
        until(lambda: town.size(tasks) > 50, check=first.check)
        second = Kept(town, "worker", on(engine) | {"LANTAARN_INSTANCE_ID": "worker-2"})

        def check() -> None:
            first.check()
            second.check()

        assert town.unapplied() > 0, "no work left"
        until(lambda: "taken over" in second.process.said(), check=check)
        before = town.size(tasks)
        months_of_events(town, 22, days=30, a_day=A_DAY[engine], houses=150, first=30)
        until(lambda: town.size(tasks) > before + 50, check=check)
        assert town.unapplied() > 0, "no work left"
        first.end()
        until(lambda: town.worker_lag() == 0, check=second.check)
        second.end()
        town.assert_as_the_core_says()


def test_a_worker_more_than_partitions_waits_and_takes_over_from_one_that_is_killed(
    stack: RunningStack, tmp_path: Path, engine: str
) -> None:
    with Town(stack, tmp_path, partitions=1) as town:
        ports = [free_port(), free_port()]
        workers = []
        for number, port in enumerate(ports):
            more = {"LANTAARN_INSTANCE_ID": f"worker-{number}", "LANTAARN_METRICS_PORT": str(port)}
            workers.append(town.spawn("worker", **on(engine), **more))

        def check() -> None:
            for worker in workers:
                worker.check()

        def all_ready() -> bool:
            return all(ready(port) for port in ports) and sorted(owned(worker) for worker in workers) == [[], [0]]

        until(all_ready, check=check)
        town.event(event_of(report("r1", 1), town.pseudonym(1)))
        town.flush()
        until(lambda: town.worker_lag() == 0, check=check)
        check()
        idle, busy = sorted(workers, key=owned)
        busy.kill()
        town.event(event_of(report("r2", 2), town.pseudonym(2)))
        town.flush()
        until(lambda: town.worker_lag() == 0, check=idle.check)
        assert owned(idle) == [0]
        idle.end()
        town.assert_as_the_core_says()


def test_a_partition_that_was_given_up_and_comes_back_has_all_its_states(
    stack: RunningStack, tmp_path: Path, engine: str
) -> None:
    with Town(stack, tmp_path, partitions=2) as town:
        first = town.spawn("worker", **on(engine), LANTAARN_INSTANCE_ID="worker-1")
        months_of_events(town, 31, days=10, a_day=10, houses=20)
        until(lambda: town.worker_lag() == 0, check=first.check)
        second = town.spawn("worker", **on(engine), LANTAARN_INSTANCE_ID="worker-2")

        def check() -> None:
            first.check()
            second.check()

        until(lambda: len(owned(first)) == 1 and owned(second) not in ([-1], owned(first)), check=check)
        months_of_events(town, 32, days=10, a_day=10, houses=20, first=10)
        until(lambda: town.worker_lag() == 0, check=check)
        second.kill()
        until(lambda: owned(first) == [0, 1], check=first.check)
        months_of_events(town, 33, days=10, a_day=10, houses=20, first=20)
        until(lambda: town.worker_lag() == 0, check=first.check)
        first.end()
        town.assert_as_the_core_says()


def test_of_two_workers_with_one_name_the_first_ends_and_does_not_come_back(
    stack: RunningStack, tmp_path: Path, engine: str
) -> None:
    with Town(stack, tmp_path) as town:
        tasks = town.catalogue.outreach_tasks.name
        months_of_events(town, 23, days=30, a_day=A_DAY[engine], houses=150)
        first = town.spawn("worker", **on(engine))
        until(lambda: town.size(tasks) > 50, check=first.check)
        second = town.spawn("worker", **on(engine))
        until(lambda: not first.running, check=second.check)
        assert first.code == FATAL
        reasons = ("turned out of the group", "transaction failed")  # whichever it meets first
        assert any(reason in first.said() for reason in reasons[: 1 + (engine == "batch")])
        months_of_events(town, 24, days=30, a_day=70, houses=150, first=30)
        until(lambda: town.worker_lag() == 0, check=second.check)
        second.end()
        assert second.said().count("partitions taken over") == 1
        town.assert_as_the_core_says()


def test_poison_is_kept_and_the_rest_goes_on(stack: RunningStack, tmp_path: Path, engine: str) -> None:
    with Town(stack, tmp_path, partitions=1) as town:
        values = [value for _, value in impossible()]
        worker = town.spawn("worker", **on(engine))
        for number, value in enumerate(values, start=1):
            town.event(event_of(report(f"r{number}", number), town.pseudonym(number)))
            town.put(town.catalogue.household_events.name, value, b"key", 0)
        town.event(event_of(report("last", 99), town.pseudonym(99)))
        town.flush()
        until(lambda: town.worker_lag() == 0, check=worker.check)
        worker.end()
        letters = town.decoded(town.catalogue.rejected)
        assert [(letter["offset"], letter["value"]) for letter in letters] == [
            (number * 2 + 1, value) for number, value in enumerate(values)
        ]
        assert len(town.versions()[0]) == len(values) + 1
        town.assert_as_the_core_says()
        lines = json_lines(worker.said())
        assert sum(line["event"] == "record not applied" for line in lines) == len(values)
        assert not [word for word in ("9901XK", "Jansen", "Straatnaam", "KLANT") if word in worker.said()]


@pytest.mark.parametrize("change", ["made anew", "state ahead"])
def test_a_state_of_another_log_is_refused(stack: RunningStack, tmp_path: Path, change: str, engine: str) -> None:
    with Town(stack, tmp_path, partitions=1) as town:
        events, changelog = town.catalogue.household_events, town.catalogue.households_changelog
        for number in range(1, 6):
            town.event(event_of(report(f"r{number}", number), town.pseudonym(number)))
        town.flush()
        if change == "made anew":
            worker = town.spawn("worker", **on(engine))
            town.ticks(Load(1, 1).day(0))
            town.flush()
            until(lambda: town.worker_lag() == 0, check=worker.check)
            worker.end()
            town.remake(events)
            for number in range(1, 20):
                town.event(event_of(report(f"s{number}", number), town.pseudonym(number)))
            says = "log of topic"
        else:
            topic_id = log_bounds(stack.client("admin"), events.name, {0}).topic_id
            town.put(changelog.name, stored.packed(stored.Mark(1000, topic_id)), stored.mark_key(0), 0)
            says = "state has seen offset 1000, the log ends before 5"
        town.flush()
        tasks = town.size(town.catalogue.outreach_tasks.name)
        refused = town.spawn("worker", **on(engine))
        assert refused.wait(30) == 70
        last = json_lines(refused.said())[-1]
        assert (last["event"], last["error"]) == ("partitions not taken over", "ForeignStateError")
        assert says in last["detail"]
        assert town.size(town.catalogue.outreach_tasks.name) == tasks


def test_asked_to_end_it_ends_soon_and_loses_nothing(stack: RunningStack, tmp_path: Path, engine: str) -> None:
    with Town(stack, tmp_path) as town:
        months_of_events(town, 23, days=30, a_day=A_DAY[engine], houses=150)
        tasks = town.catalogue.outreach_tasks.name
        for number in (signal.SIGTERM, signal.SIGINT):
            done = town.size(tasks)
            worker = town.spawn("worker", **on(engine))
            until(lambda done=done: town.size(tasks) > done + 10, check=worker.check)  # type: ignore[misc]
            assert worker.end(number) < 10
            assert town.unapplied() > 0, "no work left"
            json_lines(worker.said())
        worker = town.spawn("worker", **on(engine))
        until(lambda: town.worker_lag() == 0, check=worker.check)
        assert worker.end() < 10
        town.assert_as_the_core_says()
