"""What only an engine with transactions stands: a worker that wakes up without its partitions, and holes in the log."""

import signal
from pathlib import Path

from confluent_kafka import Producer

from streams.households.pipeline import FATAL
from streams.wire import event_of
from tests.faults.keeping import Kept
from tests.faults.test_killed import months_of_events
from tests.stacks import RunningStack
from tests.streams.households.made import report
from tests.streams.live import Load, Town, on, until


def test_a_worker_that_slept_through_the_loss_of_its_partitions_writes_nothing(
    stack: RunningStack, tmp_path: Path
) -> None:
    with Town(stack, tmp_path) as town:
        tasks = town.catalogue.outreach_tasks.name
        first = town.spawn("worker", **on("batch"), LANTAARN_INSTANCE_ID="worker-1")
        second = Kept(town, "worker", on("batch") | {"LANTAARN_INSTANCE_ID": "worker-2"})
        until(lambda: "taken over" in second.process.said(), check=second.check)
        months_of_events(town, 61, days=30, a_day=400, houses=150)
        until(lambda: town.size(tasks) > 50, check=second.check)
        first.signal(signal.SIGSTOP)
        assert town.unapplied() > 0, "no work left"
        until(lambda: '"partitions": [0, 1, 2, 3]' in second.process.said(), check=second.check)
        until(lambda: town.unapplied() == 0, check=second.check)
        taken = first.said().count("taken over")
        first.signal(signal.SIGCONT)
        # It ends, or begins anew with what the second worker left: never from what it remembers.
        until(lambda: not first.running or first.said().count("taken over") > taken, check=second.check)
        months_of_events(town, 62, days=9, a_day=40, houses=150, first=30)
        until(lambda: town.worker_lag() == 0, check=second.check)
        if first.running:
            first.end()
        else:
            assert first.code == FATAL
        second.end()
        assert town.assert_as_the_core_says() == 0


def test_holes_in_household_events_are_passed_over_and_nothing_else_is(stack: RunningStack, tmp_path: Path) -> None:
    with Town(stack, tmp_path, partitions=1) as town:
        events = town.catalogue.household_events.name
        producer = Producer({**stack.client("admin"), "transactional.id": f"{events}-test"})
        producer.init_transactions(20)
        worker = town.spawn("worker", **on("batch"))
        wanted = 0
        for turn in range(12):
            producer.begin_transaction()
            for number in range(15):
                made = town.outputs.event(event_of(report(f"r{turn}-{number}", number), town.pseudonym(number)))
                producer.produce(events, made.value, made.key, 0)
            if turn % 3 == 1:
                producer.flush(20)
                producer.abort_transaction(20)
            else:
                producer.commit_transaction(20)
                wanted += 15
            if turn == 5:
                until(lambda: town.size(town.catalogue.outreach_tasks.name) > 0, check=worker.check)
                worker.kill()  # the next one meets the holes from where the states are
                worker = town.spawn("worker", **on("batch"))
        town.ticks(Load(1, 1).day(0))  # a record at the end: offsets are compared
        town.flush()
        until(lambda: town.worker_lag() == 0, check=worker.check)
        worker.end()
        assert len(town.messages(events)) == wanted + 1 < town.size(events)
        assert town.assert_as_the_core_says() == 0
