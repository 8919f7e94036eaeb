"""The order of effects: outputs delivered, then changes delivered, then the record acknowledged.

If the worker dies before the changes are delivered, the record is applied again to the state before it and gives the
same outputs again; readers know them by task and sequence. Each partition is a lane, so that acknowledgements come in
order (Faust commits past a hole); lanes run behind the agent, which does not wait for round trips. Whatever comes while
a lane waits for the broker goes on together after that.
"""

import asyncio
import os
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import Any, NamedTuple, NoReturn

import structlog

from streams.households.stage import Effects
from streams.households.table import StateTable
from streams.outputs import Output

log = structlog.get_logger()
MOST_IN_FLIGHT = 512
FATAL = 70
LOOK_SECONDS = 0.01
BATCH_BYTES = 256 * 1024
"""Of a producer's batch at most; the broker takes one whole or not at all."""
OVERHEAD_BYTES = 64
"""More than a batch needs for a record beside its key and value."""

Change = tuple[bytes, bytes]
Send = Callable[[Output], Awaitable[Awaitable[Any]]]


class Pipeline:
    """Delivers effects in order.

    Args:
        table: Holds the states.
        send: Hands an output to the producer.
    """

    def __init__(self, table: StateTable, send: Send) -> None:
        self._table = table
        self._send = send
        self._lanes: dict[int, deque[_Submitted]] = defaultdict(deque)
        self._running: dict[int, asyncio.Task[None]] = {}
        self._room = asyncio.Semaphore(MOST_IN_FLIGHT)
        self._entering = 0

    async def submit(self, partition: int, effects: Effects, ack: Callable[[], object]) -> None:
        """Take the effects of one record; returns when there is room for another.

        Args:
            partition: Of the record; changes go to the same partition of the changelog.
            effects: Already applied to the table in memory.
            ack: Marks the record as done.
        """
        self._entering += 1
        try:
            await self._room.acquire()
            outputs = [await self._send(output) for output in effects.outputs]
            self._lanes[partition].append(_Submitted(outputs, effects.changes, ack))
            if partition not in self._running:
                self._running[partition] = asyncio.create_task(self._run(partition))
        finally:
            self._entering -= 1

    async def drain(self) -> None:
        """Wait until all that was submitted, or is still waiting for room, is delivered and acknowledged."""
        while True:
            if self._running:
                await asyncio.wait([*self._running.values()])
            elif self._entering:
                await asyncio.sleep(LOOK_SECONDS)
            else:
                return

    async def _run(self, partition: int) -> None:
        lane = self._lanes[partition]
        try:
            while lane:
                together = [*lane]
                lane.clear()
                await self._deliver(partition, together)
        except Exception as error:  # noqa: BLE001 - whatever it is, going on would acknowledge what is not written
            fatal("delivery failed", error)
        finally:
            del self._running[partition]

    async def _deliver(self, partition: int, together: list["_Submitted"]) -> None:
        for submitted in together:
            for output in submitted.outputs:
                await output
        for batch in _batches(change for submitted in together for change in submitted.changes.items()):
            # One at a time: the second of two that the broker has without the first would hide what it lacks.
            sent = [await self._table.send(partition, key, value) for key, value in batch]
            for change in sent:
                await change
        for submitted in together:
            submitted.ack()
            self._room.release()


class _Submitted(NamedTuple):
    outputs: list[Awaitable[Any]]  # handed over
    changes: dict[bytes, bytes]
    ack: Callable[[], object]


def _batches(changes: Iterable[Change]) -> Iterator[list[Change]]:
    """Changes in order, in parts that fit a producer's batch; a change that does not is a part of its own."""
    batch: list[Change] = []
    size = 0
    for key, value in changes:
        more = len(key) + len(value) + OVERHEAD_BYTES
        if batch and size + more > BATCH_BYTES:
            yield batch
            batch, size = [], 0
        batch.append((key, value))
        size += more
    if batch:
        yield batch


def fatal(event: str, error: Exception) -> NoReturn:
    """End the process at once: the supervisor starts it again from what was delivered.

    Faust's own way out acknowledges and commits first, or hangs.
    """
    log.critical(event, error=type(error).__name__, detail=str(error), exc_info=error)
    os._exit(FATAL)
