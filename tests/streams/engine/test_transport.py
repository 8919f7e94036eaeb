"""What of a fetch becomes a batch: nothing twice, nothing left out, a hole only when it has been looked at twice."""

import asyncio
from types import SimpleNamespace
from typing import Any

from faust.types import TP

from streams.engine.transport import BatchConsumer

PLACE = TP("household-events", 0)


def consumer(following: int) -> Any:
    made: Any = BatchConsumer.__new__(BatchConsumer)
    made._next = {PLACE: following}
    made._looked_back = {}
    return made


def fetched(*offsets: int) -> list[Any]:
    return [SimpleNamespace(offset=offset) for offset in offsets]


def test_records_that_follow_are_a_batch() -> None:
    ours = consumer(5)
    back: dict[TP, int] = {}
    batch = ours._batch(PLACE, fetched(5, 6, 7), back)
    assert ([r.offset for r in batch.records], batch.follows, ours._next[PLACE], back) == ([5, 6, 7], 5, 8, {})


def test_records_that_were_delivered_are_dropped() -> None:
    ours = consumer(5)
    assert [r.offset for r in ours._batch(PLACE, fetched(3, 4, 5), {}).records] == [5]
    assert ours._batch(PLACE, fetched(4, 5), {}) is None
    assert ours._next[PLACE] == 6


def test_a_hole_is_looked_at_twice_before_it_is_believed() -> None:
    ours = consumer(5)
    back: dict[TP, int] = {}
    assert ours._batch(PLACE, fetched(8, 9), back) is None
    assert back == {PLACE: 5}
    assert ours._next[PLACE] == 5
    batch = ours._batch(PLACE, fetched(8, 9), {})  # sought from 5, this is what the log has
    assert ([r.offset for r in batch.records], batch.follows) == ([8, 9], 5)


def test_records_that_got_lost_on_their_way_come_after_looking_back() -> None:
    ours: Any = consumer(5)
    assert ours._batch(PLACE, fetched(8, 9), {}) is None
    batch = ours._batch(PLACE, fetched(5, 6, 7, 8, 9), {})
    assert [r.offset for r in batch.records] == [5, 6, 7, 8, 9]


def test_holes_within_a_fetch_are_the_logs_own() -> None:
    ours = consumer(5)
    batch = ours._batch(PLACE, fetched(5, 7, 20), {})
    assert ([r.offset for r in batch.records], ours._next[PLACE]) == ([5, 7, 20], 21)


def test_what_was_fetched_before_a_rebalance_and_comes_after_it_is_asked_for_once_more() -> None:
    ours, sought = consumer(5), []

    class App:
        generations = iter((1, 2, 2))
        consumer_generation_id = property(lambda self: next(self.generations))

    async def getmany(*_: Any) -> dict[TP, list[Any]]:
        return {PLACE: fetched(5, 6)}

    async def seek_wait(positions: Any) -> None:
        sought.append(positions)

    ours._stopped = ours._crashed = asyncio.Event()
    ours.__dict__ |= {"app": App(), "_held": False, "flow_active": True, "_getmany": getmany, "seek_wait": seek_wait}
    ours._get_active_partitions = lambda: {PLACE}

    async def all_of_it() -> list[Any]:
        return [one async for one in ours.getmany(0.0)]

    assert asyncio.run(all_of_it()) == []
    assert sought == [{PLACE: 5}]
