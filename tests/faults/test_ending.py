"""Intake and sink asked to end while they work: soon, with exit code 0, and nothing lost. (The worker: test_worker.)"""

import signal
from pathlib import Path

from sinks.store.store import CaseStore
from tests.sinks.contract import dump, expected
from tests.sinks.made import history
from tests.stacks import RunningStack
from tests.streams.intake.test_process import assert_in_order, by_topic, events
from tests.streams.live import Load, Town, json_lines, until


def test_intake_ends_when_asked(stack: RunningStack, tmp_path: Path) -> None:
    with Town(stack, tmp_path) as town:
        records = list(Load(41, 100).records(0, 5000))
        sent = town.sends(records)
        town.flush()
        names = town.catalogue.household_events.name
        for number in (signal.SIGTERM, signal.SIGINT):
            process, written = town.spawn("intake"), town.size(names)
            until(lambda written=written: town.size(names) > written, check=process.check)  # type: ignore[misc]
            assert process.end(number) < 10
            assert town.intake_lag() > 0, "no work left"
            json_lines(process.said())
        process = town.spawn("intake")
        until(lambda: town.intake_lag() == 0, check=process.check)
        process.end()
        found = events(town)
        ids = [identity for each in found.values() for identity in each]
        assert len(ids) == len(sent), "a batch was not finished"
        assert set(ids) == set(sent)
        assert_in_order(found, by_topic(records))


def test_sink_ends_when_asked(stack: RunningStack, tmp_path: Path) -> None:
    with Town(stack, tmp_path) as town:
        versions = history(500, 4)
        topic = town.catalogue.outreach_tasks.name
        for version in versions:
            town.put(topic, town.codec.encode("OutreachTask", version), version["household"].encode())
        town.flush()
        store = CaseStore(f"sqlite:///{tmp_path / 'cases.db'}")
        store.create()
        process = town.spawn("sink")
        until(lambda: sum(store.offsets(topic).values()) > 0, check=process.check)
        assert process.end(signal.SIGINT) < 10
        assert sum(store.offsets(topic).values()) < len(versions), "no work left"
        json_lines(process.said())
        process = town.spawn("sink")
        until(lambda: sum(store.offsets(topic).values()) == len(versions), check=process.check)
        process.end()
        assert dump(store) == expected(versions)
        store.close()
