"""The order of effects: outputs delivered, then changes delivered, then the record acknowledged.

If the worker dies before the changes are delivered, the record is applied again to the state before it and gives the
same outputs again; readers know them by task and sequence. Each partition is a chain, so that acknowledgements come in
order (Faust commits past a hole); chains run behind the agent, which does not wait for each round trip.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable
from typing import Any, NoReturn

import structlog

from streams.households.stage import Effects
from streams.households.table import StateTable
from streams.outputs import Output

log = structlog.get_logger()
MOST_IN_FLIGHT = 512
FATAL = 70
LOOK_SECONDS = 0.01

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
        self._tails: dict[int, asyncio.Task[None]] = {}
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
            work = self._deliver(partition, self._tails.get(partition), outputs, effects.changes, ack)
            self._tails[partition] = asyncio.create_task(work)
        finally:
            self._entering -= 1

    async def drain(self) -> None:
        """Wait until all that was submitted, or is still waiting for room, is delivered and acknowledged."""
        while True:
            tails = [task for task in self._tails.values() if not task.done()]
            if tails:
                await asyncio.wait(tails)
            elif self._entering:
                await asyncio.sleep(LOOK_SECONDS)
            else:
                return

    async def _deliver(
        self,
        partition: int,
        before: asyncio.Task[None] | None,
        outputs: list[Awaitable[Any]],
        changes: dict[bytes, bytes],
        ack: Callable[[], object],
    ) -> None:
        try:
            for output in outputs:
                await output
            if before is not None:
                await before
            sent = [await self._table.send(partition, key, value) for key, value in changes.items()]
            for change in sent:
                await change
            ack()
        except Exception as error:  # noqa: BLE001 - whatever it is, going on would acknowledge what is not written
            fatal("delivery failed", error)
        finally:
            self._room.release()


def fatal(event: str, error: Exception) -> NoReturn:
    """End the process at once: the supervisor starts it again from what was delivered.

    Faust's own way out acknowledges and commits first, or hangs.
    """
    log.critical(event, error=type(error).__name__, detail=str(error), exc_info=error)
    os._exit(FATAL)
