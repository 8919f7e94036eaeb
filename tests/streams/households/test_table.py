"""The table keeps the states of partitions that are ours, and of a copy that it was asked to keep; nothing else."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import faust
from faust.types import TP

from streams.households.table import StateTable


def table() -> StateTable:
    app = faust.App("tests", store="memory://", topic_partitions=3)
    made = StateTable(app, name="state", key_type=bytes, value_type=bytes, partitions=3)
    made.recovered = lambda _partitions: asyncio.sleep(0)
    return made


def changelog(made: StateTable, *numbers: int) -> set[Any]:
    return {TP(made.changelog_topic_name, number) for number in numbers}


def recovered(partition: int, key: bytes, value: bytes) -> Any:
    message = SimpleNamespace(partition=partition, value=value)
    return SimpleNamespace(key=key, value=value, message=message)


def filled() -> StateTable:
    made = table()
    made.apply_changelog_batch([recovered(0, b"a", b"1"), recovered(1, b"b", b"22"), recovered(2, b"c", b"333")])
    asyncio.run(made.on_recovery_completed(changelog(made, 0, 1, 2), set()))
    made.put(0, b"d", b"4444")
    made.put(1, b"e", b"55555")
    return made


def test_items_and_sizes_are_by_partition() -> None:
    made = filled()
    assert dict(made.items_of(0)) == {b"a": b"1", b"d": b"4444"}
    assert dict(made.items_of(1)) == {b"b": b"22", b"e": b"55555"}
    assert made.sizes() == {0: 5, 1: 7, 2: 3}


def test_what_is_neither_ours_nor_a_copy_is_forgotten() -> None:
    made = filled()
    asyncio.run(made.on_recovery_completed(changelog(made, 1), set()))
    assert made.sizes() == {1: 7}
    assert dict(cast("Any", made.data).data) == {b"b": b"22", b"e": b"55555"}
    assert [*made.items_of(0)] == []
    made.apply_changelog_batch([recovered(0, b"a", b"6")])
    assert dict(made.items_of(0)) == {b"a": b"6"}


def test_only_what_was_ours_all_along_is_not_read_from_its_beginning() -> None:
    made = table()
    [place] = changelog(made, 0)
    assert made.persisted_offset(place) == -1
    for ours, kept in (({0, 1}, None), ({0}, None), ({1}, -1), ({0}, None)):
        asyncio.run(made.on_recovery_completed(changelog(made, *ours), changelog(made, 2)))
        assert made.persisted_offset(place) == kept
