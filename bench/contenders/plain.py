"""Faust as it is: a textbook agent with a table, and our own agents."""

import asyncio
from typing import Any

import faust

from bench.contenders.job import Clock, Job
from bench.contenders.staged import own_folder, parts
from streams.households.app import HouseholdsWorker, WorkerSettings
from streams.households.connection import credentials
from streams.households.stage import Effects
from streams.observer import Silent


def main() -> None:
    """Run one job."""
    job = Job.given()
    clock = Clock(job.records)
    app = keyed(job, clock) if job.workload == "keyed" else household(job, clock)
    worker = faust.Worker(app, quiet=True, redirect_stdouts=False, override_logging=False)
    worker.spinner = None  # it would write to standard output
    clock.begin()
    worker.execute_from_commandline()


def keyed(job: Job, clock: Clock) -> faust.App:
    """Count by key, as Faust's own documentation does it."""
    app = faust.App(
        job.run,
        broker=f"kafka://{job.kafka['bootstrap.servers']}",
        broker_credentials=credentials(job.kafka),
        store="memory://",
        datadir=own_folder(job),
        topic_partitions=job.partitions,
        topic_allow_declare=False,
        topic_disable_leader=True,
        web_enabled=False,
        consumer_auto_offset_reset="earliest",
        producer_acks=-1,
        Table=_Counts,
    )
    counts: Any = app.Table("counts", key_type=str, value_type=int, default=int, partitions=job.partitions)
    source = app.topic(job.source, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw")

    @app.agent(source)
    async def count(stream: Any) -> None:
        async for event in stream.events():
            last = clock.seen(1)
            counts[event.key.decode()] += 1
            if last:
                await counts.last_change  # one after another they go through a buffer to the producer
                await app.producer.flush()
                clock.done()

    return app


class _Counts(faust.Table[Any, Any]):
    """Faust's table, keeping the promise of the last change; nothing else tells when its buffer has let go of it."""

    last_change: Any

    def send_changelog(self, *args: Any, **kwargs: Any) -> Any:
        """Send a change, as ever."""
        self.last_change = super().send_changelog(*args, **kwargs)
        return self.last_change


class Counting(Silent):
    """Hears of each record, and of the last one.

    Args:
        clock: Told of it.
        partitions: Of household-events.
    """

    def __init__(self, clock: Clock, partitions: int) -> None:
        self._clock = clock
        self._partitions = partitions
        self.worker: HouseholdsWorker | None = None
        self._last: asyncio.Task[None] | None = None

    def applied(self, partition: int, at: int, records: int) -> None:  # noqa: ARG002 - the observer's
        """Count them."""
        if self._clock.seen(records):
            self._last = asyncio.create_task(self._end())

    async def _end(self) -> None:
        assert self.worker is not None  # noqa: S101
        # When the last effects are on disk; not `drain`, which would wait for what comes after them too.
        nothing = Effects([], {})
        lanes = [asyncio.Event() for _ in range(self._partitions)]
        for partition, behind in enumerate(lanes):
            await self.worker._pipeline.submit(partition, nothing, behind.set)  # noqa: SLF001
        for behind in lanes:
            await behind.wait()
        self._clock.done()


def household(job: Job, clock: Clock) -> faust.App:
    """The worker of production."""
    catalogue, codec, outputs = parts(job)
    observer = Counting(clock, job.partitions)
    observer.worker = HouseholdsWorker(WorkerSettings(job.kafka, job.run), codec, catalogue, outputs, observer)
    return observer.worker.app


if __name__ == "__main__":
    main()
