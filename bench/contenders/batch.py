"""Our engine: batches through Faust, each partition's effects in transactions."""

import asyncio
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import faust

from bench.contenders.job import Clock, Job
from bench.contenders.staged import parts
from streams.engine.app import BATCHES, BatchWorker
from streams.engine.lane import Lane, Writer
from streams.engine.recovery import States
from streams.households import guard
from streams.households.app import WorkerSettings
from streams.households.pipeline import fatal
from streams.households.stage import Effects, SourceRecord
from streams.observer import Silent


def main() -> None:
    """Run one job."""
    job = Job.given()
    clock = Clock(job.records)
    catalogue, codec, outputs = parts(job)
    observer = Counting(clock)
    made_of = CountingWorker if job.workload == "keyed" else BatchWorker
    observer.worker = made_of(WorkerSettings(job.kafka, job.run), codec, catalogue, outputs, observer)
    worker = faust.Worker(observer.worker.app, quiet=True, redirect_stdouts=False, override_logging=False)
    worker.spinner = None  # it would write to standard output
    clock.begin()
    worker.execute_from_commandline()


class Counting(Silent):
    """Hears of each batch, and of the last one.

    Args:
        clock: Told of it.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.worker: BatchWorker | None = None
        self._last: asyncio.Task[None] | None = None

    def applied(self, partition: int, at: int, records: int) -> None:  # noqa: ARG002 - the observer's
        """Count them."""
        if self._clock.seen(records) and self._last is None:
            self._last = asyncio.create_task(self._end())

    async def _end(self) -> None:
        assert self.worker is not None  # noqa: S101
        for lane in self.worker._lanes.values():  # noqa: SLF001 - to know when the last effects are on disk
            await lane.drained()
        self._clock.done()
        os._exit(0)


class CountingWorker(BatchWorker):
    """Our engine around a count by key."""

    def _lane(self, number: int, states: States, writer: Writer, bounds: guard.LogBounds) -> Lane:
        stage: Any = CountingStage(states, bounds)
        return Lane(number, stage, states, writer, self._threads, fatal, most=BATCHES * self._batch)


class CountingStage:
    """Counts by key, with the face of a stage.

    Args:
        states: The counts, as text.
        bounds: Of the log.
    """

    def __init__(self, states: States, bounds: guard.LogBounds) -> None:
        self._states = states
        self._bounds = bounds
        self._next = 0

    def expected(self, _number: int) -> int:
        """The offset to read on from."""
        return self._next

    def topic_id(self, _number: int) -> str:
        """Of the log that the counts are of."""
        return self._bounds.topic_id

    def apply(self, _number: int, records: Sequence[SourceRecord], *, follows: int) -> Iterator[Effects]:
        """Count a batch."""
        if follows > self._next:
            raise RuntimeError(f"records {self._next} to {follows} did not come")
        changes = {}
        for key, count in Counter(record.key for record in records).items():
            assert key is not None  # noqa: S101
            changes[key] = b"%d" % (int(self._states.get(key, b"0")) + count)
        self._next = records[-1].offset + 1
        yield Effects([], changes)


if __name__ == "__main__":
    main()
