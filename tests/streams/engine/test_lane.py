"""A lane: applied at once, committed in order and together, and never called committed before it is."""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import pytest

from streams.engine.batch import RecordBatch
from streams.engine.lane import Lane
from streams.households import stored
from streams.households.stage import GapError, Stage
from streams.outputs import Output
from tests.streams.households.made import CODEC, EVENTS, OUTPUTS, TOPIC_ID, Desk, event, key_of, report, source


class Fetched(NamedTuple):
    """A record as aiokafka has it, as far as a lane looks."""

    offset: int
    key: bytes | None
    value: bytes | None


class SlowWriter:
    """Writes when it is let."""

    def __init__(self) -> None:
        self.may = threading.Semaphore(0)
        self.written: list[tuple[list[Output], dict[bytes, bytes]]] = []
        self.breaks = False

    def fence(self) -> None:
        """Nobody else is here."""

    def write(self, outputs: Sequence[Output], changes: Mapping[bytes, bytes]) -> None:
        """Wait, then write."""
        assert self.may.acquire(timeout=10)
        if self.breaks:
            raise OSError("fenced")
        self.written.append((list(outputs), dict(changes)))


class Set:
    """A lane and what is around it."""

    def __init__(self, most: int = 100) -> None:
        states: dict[bytes, bytes] = {}
        stage = Stage(CODEC, OUTPUTS, states, EVENTS)
        stage.open(0, [], TOPIC_ID, 0)
        self.writer = SlowWriter()
        self.failures: list[str] = []
        executor = ThreadPoolExecutor(1)
        self.lane = Lane(
            0, stage, states, self.writer, executor, lambda what, _error: self.failures.append(what), most=most
        )

    def apply(self, first: int, houses: Sequence[int], follows: int | None = None) -> None:
        """A batch of one report for each house."""
        values = [event(report(f"r{first + n}", house)) for n, house in enumerate(houses)]
        records = [Fetched(first + n, None, value) for n, value in enumerate(values)]
        self.lane.apply(RecordBatch(0, records, first if follows is None else follows))


def in_a_loop(test: Callable[[], Coroutine[Any, Any, None]]) -> Callable[[], None]:
    def run() -> None:
        asyncio.run(asyncio.wait_for(test(), 20))

    run.__name__ = test.__name__
    return run


@in_a_loop
async def test_applied_at_once_and_committed_only_when_written() -> None:
    made = Set()
    made.apply(0, [1, 2])
    assert made.lane.next_offset == 2
    assert key_of(2).encode() in made.lane.states
    await asyncio.sleep(0.05)
    assert made.lane.committed == 0
    made.writer.may.release()
    await made.lane.drained()
    assert made.lane.committed == 2
    (written,) = made.writer.written
    assert len(written[0]) == 2
    assert {stored.household(data).offset for data in written[1].values()} == {0, 1}


@in_a_loop
async def test_what_is_applied_while_a_transaction_is_under_way_goes_into_the_next_one_together() -> None:
    made = Set()
    made.apply(0, [1])
    await asyncio.sleep(0.05)
    made.apply(1, [2])
    made.apply(2, [1, 3])
    made.writer.may.release(2)
    await made.lane.drained()
    first, second = made.writer.written
    assert len(first[1]) == 1
    assert {key.decode() for key in second[1]} == {key_of(house) for house in (1, 2, 3)}
    assert stored.household(second[1][key_of(1).encode()]).offset == 2  # the last one of the household
    assert made.lane.committed == 4


@in_a_loop
async def test_it_gives_the_same_as_one_by_one() -> None:
    made = Set()
    made.writer.may.release(9)
    made.apply(0, [1, 2, 1, 3])
    made.apply(4, [2, 2])
    await made.lane.drained()
    values = [event(report(f"r{n}", house)) for n, house in enumerate([1, 2, 1, 3, 2, 2])]
    desk = Desk().feed(source(values))
    assert made.lane.states == desk.states
    assert [output.value for outputs, _ in made.writer.written for output in outputs] == [
        output.value for output in desk.outputs
    ]


@in_a_loop
async def test_there_is_room_until_so_many_records_wait() -> None:
    made = Set(most=3)
    made.apply(0, [1])
    await asyncio.sleep(0.05)
    made.apply(1, [1, 2])
    await asyncio.wait_for(made.lane.room(), 1)
    made.apply(3, [1])
    room = asyncio.create_task(made.lane.room())
    await asyncio.sleep(0.05)
    assert not room.done()
    made.writer.may.release()
    await room
    made.writer.may.release()
    await made.lane.drained()


@in_a_loop
async def test_a_failed_transaction_is_told_and_nothing_counts_as_committed() -> None:
    made = Set()
    made.writer.breaks = True
    made.writer.may.release(9)
    made.apply(0, [1])
    await made.lane.drained()
    assert made.failures == ["transaction failed"]
    assert made.lane.committed == 0


@in_a_loop
async def test_a_hole_that_the_log_has_is_passed_over_and_one_that_it_has_not_is_refused() -> None:
    made = Set()
    made.writer.may.release(9)
    made.apply(0, [1])
    made.apply(5, [2], follows=1)  # the transport made sure: 1 to 4 are not in the log
    assert made.lane.next_offset == 6
    with pytest.raises(GapError):
        made.apply(8, [3])  # it would begin at 8, and 6 and 7 have not come
    await made.lane.drained()


@in_a_loop
async def test_what_comes_again_changes_nothing() -> None:
    made = Set()
    made.writer.may.release(9)
    made.apply(0, [1, 2])
    await made.lane.drained()
    before = dict(made.lane.states)
    made.apply(0, [1, 2])
    await made.lane.drained()
    assert made.lane.states == before
    assert len(made.writer.written) == 1
