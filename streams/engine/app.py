"""The households worker on batches: Faust for membership and flow; lanes for states and transactions."""

import asyncio
import gc
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from tempfile import gettempdir
from typing import Any

import faust
import structlog
from faust.tables import TableManager
from faust.types import TP
from yarl import URL

from schemas.codec import Codec
from schemas.topics import Catalogue
from streams.engine.batch import BatchSchema, RecordBatch
from streams.engine.lane import Lane, Writer
from streams.engine.recovery import Recovery, States
from streams.engine.transport import BatchConsumer
from streams.engine.writer import Changelog, TransactionalWriter
from streams.households import guard
from streams.households.app import TELL_SECONDS, Look, TurnedOutError, WorkerSettings, turned_out
from streams.households.connection import credentials
from streams.households.pipeline import fatal
from streams.households.stage import Stage
from streams.observer import SILENT, WorkerObserver
from streams.outputs import Outputs

log = structlog.get_logger()
BATCHES = 4
"""Batches of a partition that wait while a transaction is under way; they go into the next one together."""
YOUNG = 50_000
"""Objects made before the garbage collector looks at them: decisions make many, and nearly none in a cycle."""


class StandbyError(ValueError):
    """Standby replicas were asked for, which this engine does not keep: it reads states back faster than they help."""


class BatchWorker:
    """Faust around lanes; to its surroundings the same as `HouseholdsWorker`.

    Args:
        settings: Connection and membership.
        codec: Reads household-events.
        catalogue: Names topics, partitions and transactional ids.
        outputs: Makes what is written.
        observer: Hears of each batch.
        writer: Makes the writer of a partition.

    Raises:
        StandbyError: When standby replicas are asked for.
    """

    def __init__(
        self,
        settings: WorkerSettings,
        codec: Codec,
        catalogue: Catalogue,
        outputs: Outputs,
        observer: WorkerObserver = SILENT,
        writer: Callable[[Mapping[str, Any], str, Changelog], Writer] = TransactionalWriter,
    ) -> None:
        if settings.standbys:
            raise StandbyError("standby_replicas: 0 with the batch engine")
        self._kafka = settings.kafka
        self._batch = settings.batch
        self._codec = codec
        self._catalogue = catalogue
        self._outputs = outputs
        self._observer = observer
        self._writer = writer
        self._events = catalogue.household_events.name
        self._lanes: dict[int, Lane] = {}
        self._ready = False
        self._generation = 0
        self._threads = ThreadPoolExecutor(catalogue.partitions, "lane")
        self._recovery = Recovery(settings.kafka, catalogue.households_changelog.name, catalogue.households_app)
        self.app = _app(settings, catalogue)
        self.app.transport.Consumer = partial(  # type: ignore[assignment, misc]
            BatchConsumer,
            reading=lambda: {number: lane.next_offset for number, lane in self._lanes.items()},
            done=lambda: {number: lane.committed for number, lane in self._lanes.items()},
        )
        self.app.on_rebalance_complete.connect(self._take_over)
        self.app.on_partitions_revoked.connect(self._give_up)
        self.app.on_before_shutdown.connect(self._give_up)
        source = self.app.topic(self._events, schema=BatchSchema())
        self.app.agent(source, name="households", concurrency=1)(self._run)

    async def _run(self, stream: Any) -> None:
        async for event in stream.noack().events():
            batch: RecordBatch = event.value
            try:
                lane = self._lanes[batch.partition]
                lane.apply(batch)
                self._observer.applied(batch.partition, batch.records[-1].timestamp, len(batch.records))
                await lane.room()
            except Exception as error:  # noqa: BLE001 - Faust would go on with the next
                fatal("batch not processed", error)

    async def _take_over(self, *_args: Any, **_kwargs: Any) -> None:
        try:
            ours = {tp.partition for tp in self.app.consumer.assignment() if tp.topic == self._events}
            generation = self.app.consumer_generation_id
            # In a generation of the group that went by without us, somebody else had our partitions and went on.
            missed = generation - self._generation > 1
            self._generation = generation
            kept = {} if missed else {number: lane for number, lane in self._lanes.items() if number in ours}
            self._lanes = kept
            # One new value, set here: whoever counts what the lanes have goes over them while the thread is at work.
            self._lanes = await asyncio.to_thread(self._opened, kept, ours)
        except Exception as error:  # noqa: BLE001 - Faust would swallow it and read on without a state
            fatal("partitions not taken over", error)
        gc.collect()
        gc.freeze()  # the states stay: no use in looking at them again and again
        gc.set_threshold(YOUNG, 20, 100)
        self._ready = True
        log.info("partitions taken over", partitions=sorted(ours))

    def _opened(self, kept: Mapping[int, Lane], ours: set[int]) -> dict[int, Lane]:
        """Those kept, and lanes for partitions that are new: fence off, then read back, then compare with the log."""
        new = sorted(ours - kept.keys())
        writers = dict(zip(new, self._threads.map(self._fenced, new), strict=True))
        states = self._recovery.read(new)
        bounds = guard.log_bounds(self._kafka, self._events, ours)
        made = {number: self._lane(number, states[number], writers[number], bounds) for number in new}
        lanes = {**kept, **made}
        for number, lane in lanes.items():
            guard.check(number, lane.next_offset - 1, lane.stage.topic_id(number), bounds)
        return lanes

    def _fenced(self, number: int) -> Writer:
        changelog = Changelog(self._catalogue.households_changelog.name, number)
        writer = self._writer(self._kafka, self._catalogue.transactional_id(number), changelog)
        writer.fence()
        return writer

    def _lane(self, number: int, states: States, writer: Writer, bounds: guard.LogBounds) -> Lane:
        stage = Stage(self._codec, self._outputs, states, self._events)
        stage.open(number, states.items(), bounds.topic_id, bounds.starts[number])
        return Lane(number, stage, states, writer, self._threads, fatal, most=BATCHES * self._batch)

    async def _give_up(self, *_args: Any, **_kwargs: Any) -> None:
        """What is applied is committed before anybody else takes over, so that nobody has to be fenced off."""
        if self._ready and turned_out(self.app.consumer):
            fatal("turned out of the group", TurnedOutError())
        self._ready = False
        for lane in list(self._lanes.values()):
            await lane.drained()

    def look(self) -> Look:
        """How the worker stands; to be asked from its own event loop."""
        ends = self.app.monitor.tp_end_offsets
        lanes = self._lanes if self._ready else {}
        return Look(
            ready=self._ready,
            recovering=self._recovery.left,
            partitions={number: lane.stage.look()[number] for number, lane in lanes.items()},
            ends={number: ends.get(TP(self._events, number), 0) for number in lanes},
        )

    def sizes(self) -> dict[int, int]:
        """Bytes of the states by partition; it looks at each of them."""
        return {number: sum(map(len, lane.states.values())) for number, lane in self._lanes.items()}


class _Tables(TableManager):
    """No tables, and no second lost waiting for somebody to declare one."""

    async def on_start(self) -> None:
        await self._update_channels()
        await self.recovery.start()


def _app(settings: WorkerSettings, catalogue: Catalogue) -> faust.App:
    return faust.App(
        catalogue.households_app,
        broker=[URL(f"batch://{host}") for host in settings.kafka["bootstrap.servers"].split(",")],
        broker_credentials=credentials(settings.kafka),
        TableManager=_Tables,
        datadir=Path(gettempdir()) / f"{catalogue.households_app}.faust",  # made, and left empty
        topic_partitions=catalogue.partitions,
        topic_allow_declare=False,  # topics come from the catalogue
        topic_disable_leader=True,
        web_enabled=False,
        consumer_group_instance_id=settings.instance_id,
        consumer_max_fetch_size=1024 * 1024,
        broker_session_timeout=settings.session_seconds,
        broker_heartbeat_interval=settings.heartbeat_seconds,
        broker_commit_interval=TELL_SECONDS,
        broker_max_poll_records=settings.batch,
        stream_buffer_maxsize=8,  # batches
        stream_wait_empty=False,
    )
