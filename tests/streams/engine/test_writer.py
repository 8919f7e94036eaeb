"""Transactions on a real broker: one writer at a time, all or nothing, and what a recovery finds."""

from pathlib import Path

import pytest
from confluent_kafka import KafkaException, Producer

from streams.engine.recovery import Recovery
from streams.engine.writer import Changelog, TransactionalWriter
from streams.outputs import Output
from tests.stacks import RunningStack
from tests.streams.live import Town, until


def writer(town: Town, partition: int = 0) -> TransactionalWriter:
    made = TransactionalWriter(
        town.stack.client("worker"),
        town.catalogue.transactional_id(partition),
        Changelog(town.catalogue.households_changelog.name, partition),
    )
    made.fence()
    return made


def recovered(town: Town) -> dict[int, dict[bytes, bytes]]:
    recovery = Recovery(
        town.stack.client("worker"), town.catalogue.households_changelog.name, town.catalogue.households_app
    )
    found = recovery.read(range(town.catalogue.partitions))
    assert recovery.left == 0
    return found


def test_whoever_comes_later_keeps_out_whoever_was_there(stack: RunningStack, tmp_path: Path) -> None:
    with Town(stack, tmp_path, partitions=2) as town:
        tasks = town.catalogue.outreach_tasks.name
        first = writer(town)
        first.write([Output(tasks, b"a", b"1", [])], {b"a": b"1", b"b": b"1"})
        second = writer(town)
        with pytest.raises(KafkaException):
            first.write([Output(tasks, b"a", b"zombie", [])], {b"a": b"zombie"})
        second.write([Output(tasks, b"a", b"2", [])], {b"a": b"2"})
        assert recovered(town) == {0: {b"a": b"2", b"b": b"1"}, 1: {}}
        assert [message.value() for message in town.messages(tasks)] == [b"1", b"2"]


def test_what_was_open_when_somebody_else_came_is_given_up(stack: RunningStack, tmp_path: Path) -> None:
    with Town(stack, tmp_path, partitions=1) as town:
        changelog = town.catalogue.households_changelog.name
        paused = Producer(
            {**stack.client("worker"), "transactional.id": town.catalogue.transactional_id(0), "linger.ms": 0}
        )
        paused.init_transactions(20)
        paused.begin_transaction()
        paused.produce(changelog, b"zombie", b"a", 0)
        until(lambda: town.size(changelog) == 0 and _uncommitted(town, changelog) == 1)
        writer(town).write([], {b"a": b"2"})
        paused.produce(changelog, b"zombie, again", b"a", 0)
        with pytest.raises(KafkaException):
            paused.commit_transaction(20)
        assert recovered(town) == {0: {b"a": b"2"}}


def test_a_recovery_reads_a_compacted_changelog_to_its_end(stack: RunningStack, tmp_path: Path) -> None:
    with Town(stack, tmp_path, partitions=1) as town:
        changelog = town.catalogue.households_changelog
        compact_at_once(town, changelog.name)
        ours = writer(town)
        for number in range(60):
            ours.write([], {b"k%d" % (number % 7): b"%d" % number, b"n%d" % number: b""})

        def compacted() -> bool:  # a cleaner that wakes up leaves the active segment: give it a new one
            ours.write([], {b"again": b""})
            return len(town.messages(changelog.name)) < 100

        until(compacted)
        states = recovered(town)[0]
        assert {key: states[key] for key in states if key.startswith(b"k")} == {
            b"k%d" % (number % 7): b"%d" % number for number in range(53, 60)
        }
        assert {b"n%d" % number for number in range(60)} <= states.keys()


def compact_at_once(town: Town, topic: str) -> None:
    """Let the broker compact a topic as soon as its cleaner comes by."""
    from confluent_kafka.admin import (  # type: ignore[attr-defined]  # noqa: PLC0415
        AlterConfigOpType,
        ConfigEntry,
        ConfigResource,
    )

    wanted = {"segment.ms": "100", "min.cleanable.dirty.ratio": "0.01", "segment.bytes": "1048576"}
    entries = [ConfigEntry(k, v, incremental_operation=AlterConfigOpType.SET) for k, v in wanted.items()]
    resource = ConfigResource(ConfigResource.Type.TOPIC, topic, incremental_configs=entries)
    for done in town.admin.incremental_alter_configs([resource]).values():
        done.result(20)


def _uncommitted(town: Town, topic: str) -> int:
    from streams.households.guard import log_bounds  # noqa: PLC0415

    return log_bounds(town.stack.client("admin"), topic, {0}).ends[0]
