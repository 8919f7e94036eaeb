"""The households worker: Faust for membership, assignment and recovery; the stage and the pipeline for the rest."""

import asyncio
from collections.abc import Awaitable, Mapping
from pathlib import Path
from tempfile import gettempdir
from typing import Any, NamedTuple, cast

import faust
import structlog
from faust.transport.drivers import aiokafka as driver
from faust.types import TP
from yarl import URL

from schemas.codec import Codec
from schemas.topics import HOUSEHOLDS_TABLE, Catalogue
from streams.households import guard
from streams.households.connection import credentials
from streams.households.partition import PartitionLook
from streams.households.pipeline import BATCH_BYTES, Pipeline, fatal
from streams.households.stage import SourceRecord, Stage
from streams.households.table import StateTable
from streams.observer import SILENT, WorkerObserver
from streams.outputs import Output, Outputs

log = structlog.get_logger()
TELL_SECONDS = 0.05
"""Between two times that the group is told of a position, on both engines: so late does a pipeline look idle."""


class WorkerSettings(NamedTuple):
    """How the worker connects and stays a member of its group."""

    kafka: Mapping[str, Any]  # of confluent-kafka
    instance_id: str
    session_seconds: float = 6.0
    heartbeat_seconds: float = 1.0
    standbys: int = 0
    batch: int = 1000  # most records at a time, of the batch engine


class HouseholdsWorker:
    """Faust around the stage.

    Args:
        settings: Connection and membership.
        codec: Reads household-events.
        catalogue: Names topics and partitions.
        outputs: Makes what is written.
        observer: Hears of each record.
    """

    def __init__(
        self,
        settings: WorkerSettings,
        codec: Codec,
        catalogue: Catalogue,
        outputs: Outputs,
        observer: WorkerObserver = SILENT,
    ) -> None:
        self._kafka = settings.kafka
        self._events = catalogue.household_events.name
        self._observer = observer
        self._ours: frozenset[int] | None = None
        self.app = _app(settings, catalogue)
        self._table = cast(
            "StateTable",
            self.app.Table(HOUSEHOLDS_TABLE, key_type=bytes, value_type=bytes, partitions=catalogue.partitions),
        )
        self._table.recovered = self._take_over
        self._stage = Stage(codec, outputs, self._table, self._events)
        self._pipeline = Pipeline(self._table, self._send)
        self.app.transport.Consumer = _consumer(self._events, self._stage)  # type: ignore[misc]
        self.app.on_partitions_revoked.connect(self._give_up)
        self.app.on_before_shutdown.connect(self._give_up)
        source = self.app.topic(
            self._events, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw"
        )
        self.app.agent(source, name="households", concurrency=1)(self._run)

    async def _run(self, stream: Any) -> None:
        async for event in stream.noack().events():
            message = event.message
            record = SourceRecord(message.offset, message.key, message.value)
            try:
                for effects in self._stage.apply(message.partition, [record]):
                    for key, value in effects.changes.items():
                        self._table.put(message.partition, key, value)
                    await self._pipeline.submit(message.partition, effects, event.ack)
                self._observer.applied(message.partition, int(message.timestamp * 1000), 1)
            except Exception as error:  # noqa: BLE001 - Faust would acknowledge the record that failed
                fatal("record not processed", error)

    async def _send(self, output: Output) -> Awaitable[Any]:
        return await self.app.producer.send(
            output.topic, output.key, output.value, partition=None, timestamp=None, headers=output.headers
        )

    async def _take_over(self, partitions: set[int]) -> None:
        try:
            # Faust may still be fetching, and drops what it gets before it has sought: `_consumer` seeks after that.
            self.app.consumer.stop_flow()
            self._stage.close_all_but(partitions)
            if partitions:  # a worker more than there are partitions waits for one
                await self._open(partitions)
        except Exception as error:  # noqa: BLE001 - Faust would swallow it and read on without a state
            fatal("partitions not taken over", error)
        self._ours = frozenset(partitions)
        log.info("partitions taken over", partitions=sorted(partitions))

    async def _open(self, partitions: set[int]) -> None:
        bounds = await asyncio.to_thread(guard.log_bounds, self._kafka, self._events, partitions)
        for partition in partitions:
            items = self._table.items_of(partition)
            position = self._stage.open(partition, items, bounds.topic_id, bounds.starts[partition])
            guard.check(partition, position, self._stage.topic_id(partition), bounds)
        # For those who look at the group's lag; nothing is read from it. Faust forgot what the group did not take
        # while it was being rebalanced; this tells it. Without an offset Faust would end the process.
        consumer = cast("driver.Consumer", self.app.consumer)
        await consumer._commit({TP(self._events, p): self._stage.expected(p) or 0 for p in partitions})  # noqa: SLF001

    def look(self) -> "Look":
        """How the worker stands; to be asked from its own event loop."""
        ends = self.app.monitor.tp_end_offsets
        known = self._stage.look()
        ours = {number: known[number] for number in self._ours or ()}
        return Look(
            ready=self._ours is not None,
            recovering=cast("Any", self.app.tables).recovery.active_remaining_total(),
            partitions=ours,
            ends={number: ends.get(TP(self._events, number), 0) for number in ours},
        )

    def sizes(self) -> dict[int, int]:
        """Bytes of the states by partition; it looks at each of them."""
        return self._table.sizes()

    async def _give_up(self, *_args: Any, **_kwargs: Any) -> None:
        if self._ours is not None and turned_out(cast("Any", self.app.consumer)):
            fatal("turned out of the group", TurnedOutError())
        self._ours = None
        await self._pipeline.drain()  # before anybody else recovers these states, or the producer stops


class TurnedOutError(RuntimeError):
    """The group forgot us: we were silent for a whole session, or another process has our name.

    Somebody else may be at work on our partitions already. Faust would join again under the same name, and so turn the
    other one out: two workers that take turns.
    """

    def __init__(self) -> None:
        super().__init__("silent for too long, or another process has the same LANTAARN_INSTANCE_ID")


class Look(NamedTuple):
    """How a worker stands, for whoever watches over it."""

    ready: bool  # its partitions are taken over
    recovering: int  # records of the changelog still to be read before that
    partitions: dict[int, PartitionLook]
    ends: dict[int, int]  # partition -> offset after the last record of household-events; 0 where not known yet


def _consumer(events: str, stage: Stage) -> type[driver.Consumer]:
    """Faust's consumer, reading on from where the states are, not from where the group has committed.

    Faust seeks to what is committed, but not where nothing is, or zero; what it had fetched and dropped before would
    be lost, and nobody would know until the next record comes.
    """

    class StateConsumer(driver.Consumer):
        async def perform_seek(self) -> None:
            await super().perform_seek()
            ours = {tp: stage.expected(tp.partition) for tp in self.assignment() if tp.topic == events}
            known = {tp: offset for tp, offset in ours.items() if offset is not None}
            await self.seek_wait(known)  # `seek` would reach into the consumer's thread
            for tp, offset in known.items():
                self._read_offset[tp] = self._committed_offset[tp] = offset or None

    return StateConsumer


def turned_out(consumer: Any) -> bool:
    """Whether the broker no longer knows us as a member; aiokafka forgets its member's id when it is told so."""
    return not consumer._thread._consumer._coordinator.member_id  # noqa: SLF001


def _app(settings: WorkerSettings, catalogue: Catalogue) -> faust.App:
    return faust.App(
        catalogue.households_app,
        broker=[URL(f"kafka://{host}") for host in settings.kafka["bootstrap.servers"].split(",")],
        broker_credentials=credentials(settings.kafka),
        Table=StateTable,
        store="memory://",
        datadir=Path(gettempdir()) / f"{catalogue.households_app}.faust",  # made, and left empty
        topic_partitions=catalogue.partitions,
        topic_allow_declare=False,  # topics come from the catalogue
        topic_disable_leader=True,
        web_enabled=False,
        consumer_auto_offset_reset="earliest",
        consumer_group_instance_id=settings.instance_id,
        broker_session_timeout=settings.session_seconds,
        broker_heartbeat_interval=settings.heartbeat_seconds,
        broker_commit_interval=TELL_SECONDS,
        producer_acks=-1,
        producer_max_batch_size=BATCH_BYTES,
        stream_wait_empty=False,
        table_standby_replicas=settings.standbys,
    )
