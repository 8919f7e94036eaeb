"""One partition while it is ours: its states, its stage, its writer, and what waits to be written.

    batch -> stage: effects, in memory at once -> waits -> one transaction -> committed

At most one transaction of a partition is under way; what is applied meanwhile goes into the next one, all together.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from typing import NamedTuple, Protocol

from streams.engine.batch import RecordBatch
from streams.households.stage import SourceRecord, Stage
from streams.outputs import Output


class Writer(Protocol):
    """Writes all or nothing, and keeps others from writing for the same partition."""

    def fence(self) -> None:
        """Keep others from writing."""

    def write(self, outputs: Sequence[Output], changes: Mapping[bytes, bytes]) -> None:
        """Write; returns when it is certain."""


class Applied(NamedTuple):
    """What a batch led to."""

    outputs: list[Output]
    changes: dict[bytes, bytes]
    records: int
    next_offset: int


class Lane:
    """A partition of household-events.

    Args:
        number: Of the partition.
        stage: Over these states; this partition is the only one it has.
        states: Bytes by key; as of the last batch applied.
        writer: Has fenced others off before the states were read.
        executor: Where transactions wait for the broker.
        failed: Told of an error of the writer; does not return.
        most: Records that are applied and wait for a transaction; what comes on top waits in Faust's queue.
    """

    def __init__(
        self,
        number: int,
        stage: Stage,
        states: dict[bytes, bytes],
        writer: Writer,
        executor: Executor,
        failed: Callable[[str, Exception], object],
        *,
        most: int,
    ) -> None:
        self.number = number
        self.stage = stage
        self.states = states
        self.committed = self.next_offset
        """The offset after the last record whose effects are committed."""
        self._writer = writer
        self._executor = executor
        self._failed = failed
        self._most = most
        self._waiting: list[Applied] = []
        self._under_way: asyncio.Task[None] | None = None
        self._moved = asyncio.Event()

    @property
    def next_offset(self) -> int:
        """The offset to read on from."""
        expected = self.stage.expected(self.number)
        if expected is None:
            raise RuntimeError(f"partition {self.number} was not opened")
        return expected

    def apply(self, batch: RecordBatch) -> None:
        """Apply a batch in memory, and have its effects written.

        Raises:
            GapError: When it does not follow what was applied.
        """
        outputs: list[Output] = []
        changes: dict[bytes, bytes] = {}
        records = [SourceRecord(record.offset, record.key, record.value) for record in batch.records]
        for effects in self.stage.apply(self.number, records, follows=batch.follows):
            if effects.changes:
                outputs += effects.outputs
                changes |= effects.changes
                self.states |= effects.changes
        self._waiting.append(Applied(outputs, changes, len(records), self.next_offset))
        if self._under_way is None:
            self._under_way = asyncio.create_task(self._write())

    async def room(self) -> None:
        """Wait until another batch may be applied."""
        while sum(one.records for one in self._waiting) >= self._most:
            self._moved.clear()
            await self._moved.wait()

    async def drained(self) -> None:
        """Wait until everything that was applied is committed."""
        while self._under_way is not None:
            await asyncio.wait([self._under_way])

    async def _write(self) -> None:
        try:
            while self._waiting:
                together, self._waiting = self._waiting, []
                self._moved.set()
                outputs = [output for one in together for output in one.outputs]
                changes = {key: value for one in together for key, value in one.changes.items()}
                if changes:
                    await asyncio.get_running_loop().run_in_executor(
                        self._executor, self._writer.write, outputs, changes
                    )
                self.committed = together[-1].next_offset
        except Exception as error:  # noqa: BLE001 - whatever it is: what is committed is known only to the log
            self._failed("transaction failed", error)
        finally:
            self._under_way = None
