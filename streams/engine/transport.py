"""Faust's Kafka transport, bringing a whole fetch as one message: ``batch://host:port``.

A plain Faust event costs some eleven callbacks of the event loop; here a batch does. Faust goes on doing what it is
good at: membership, rebalances, flow, signals. What is overridden, and why, stands at each member;
`tests/streams/engine` fails when one of them changes in Faust or aiokafka.
"""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from typing import Any, cast

import aiokafka
from aiokafka.coordinator.assignors.sticky.sticky_assignor import StickyPartitionAssignor
from aiokafka.errors import NoOffsetForPartitionError
from faust.transport.drivers import TRANSPORTS
from faust.transport.drivers import aiokafka as driver
from faust.types import TP, ConsumerMessage

from streams.engine.batch import RecordBatch

FETCH_WAIT_MS = 20
"""How long a fetch that finds nothing waits at the broker. One fetch is under way at a time: what another partition
gets meanwhile waits for its end. Faust's 1500, aiokafka's 500 and even 200 are tails of that length."""
LOOK_SECONDS = 0.05
"""How long to wait for records before looking anew which partitions may be read."""

Positions = Callable[[], Mapping[int, int]]
"""The offset that each partition goes on with: partition to offset, for those that are ours."""


class BatchConsumerThread(driver.AIOKafkaConsumerThread):
    """Faust's consumer thread with a client of our choosing."""

    def _create_worker_consumer(self, transport: Any) -> aiokafka.AIOKafkaConsumer:
        """Read committed, short waits, and partitions that stay where they are; Faust has settings for neither."""
        conf = self.app.conf
        self._assignor = StickyPartitionAssignor
        return aiokafka.AIOKafkaConsumer(
            client_id=conf.broker_client_id,
            group_id=conf.id,
            group_instance_id=conf.consumer_group_instance_id,
            bootstrap_servers=driver.server_list(transport.url, transport.default_port),
            partition_assignment_strategy=[StickyPartitionAssignor],
            enable_auto_commit=False,
            auto_offset_reset="none",  # each partition is sought: elsewhere is nowhere
            max_poll_records=conf.broker_max_poll_records,
            max_poll_interval_ms=int(conf.broker_max_poll_interval * 1000),
            max_partition_fetch_bytes=conf.consumer_max_fetch_size,
            fetch_max_wait_ms=FETCH_WAIT_MS,
            request_timeout_ms=int(conf.broker_request_timeout * 1000),
            session_timeout_ms=int(conf.broker_session_timeout * 1000),
            rebalance_timeout_ms=int(conf.broker_rebalance_timeout * 1000),
            heartbeat_interval_ms=int(conf.broker_heartbeat_interval * 1000),
            isolation_level="read_committed",
            **driver.credentials_to_aiokafka_auth(conf.broker_credentials, conf.ssl_context),
        )


class BatchConsumer(driver.Consumer):
    """Delivers batches in order and without holes, from the positions that the states have.

    Args:
        reading: The positions to go on with, asked at each rebalance.
        done: The positions whose effects are committed; told to the group for those who look at its lag.
    """

    def __init__(self, *args: Any, reading: Positions, done: Positions, **kwargs: Any) -> None:
        self._reading = reading
        self._done = done
        self._next: dict[TP, int] = {}  # offset after the last record delivered
        self._looked_back: dict[TP, int] = {}  # where a gap was met: sought once more from there
        self._held = True
        self._sought = False
        super().__init__(*args, **kwargs)

    def _new_consumer_thread(self) -> BatchConsumerThread:
        return BatchConsumerThread(self, loop=self.loop, beacon=self.beacon)

    # -- where to read

    async def perform_seek(self) -> None:
        """To where the states are. Faust would ask the group, whose commits nothing here relies on."""
        topics = {tp.topic for tp in self.assignment()}
        positions = self._reading()
        self._next = {TP(topic, number): offset for topic in topics for number, offset in positions.items()}
        await self.seek_wait(self._next)
        for tp, offset in self._next.items():
            self._read_offset[tp] = offset or None
            # What the group was told is not known here: whoever had the partition may have ended between its
            # transaction and telling. So it is told once more, or an idle partition would seem to lag for ever.
            self._committed_offset[tp] = None
        self._looked_back.clear()
        self._sought = True

    def resume_flow(self) -> None:
        """Faust clears its queues between seeking and this: what had been delivered before would vanish."""
        if self._sought:
            self._held = False
        super().resume_flow()

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """Nothing is delivered from here until flow resumes after the next seek."""
        self._held, self._sought = True, False
        self._next.clear()
        await super().on_partitions_revoked(revoked)

    # -- what is delivered

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[TP, ConsumerMessage]]:  # noqa: ARG002, ASYNC109
        """One message for each partition that has records."""
        if not self.flow_active:
            await self.can_resume_flow.wait()
        active = set() if self._held else self._get_active_partitions() & self._next.keys()
        if not active:
            await self.sleep(LOOK_SECONDS)
            return
        generation = self.app.consumer_generation_id
        try:
            fetched = await self._getmany(set(active), LOOK_SECONDS)
        except NoOffsetForPartitionError:
            return  # assigned anew while it was asked: the next seek says where to read
        back: dict[TP, int] = {}
        for key, records in fetched.items():
            tp = TP(key.topic, key.partition)
            if self.should_stop or self._held or not self.flow_active:
                return  # lost on purpose: the next seek begins before it
            if generation != self.app.consumer_generation_id:
                # Nobody knows whether it was fetched before the seek that has been since: look once more.
                back |= {tp: self._next[tp]} if tp in self._next else {}
                continue
            batch = self._batch(tp, records, back)
            if batch is not None:
                self.app.monitor.track_tp_end_offset(tp, self.highwater(tp))
                yield tp, self._message(tp, batch)
        if back:
            await self.seek_wait(back)

    def _batch(self, tp: TP, records: Any, back: dict[TP, int]) -> RecordBatch | None:
        """The records as the next batch; null when they are old, or when it is better to look again."""
        expected = self._next[tp]
        if records[0].offset < expected:
            records = [record for record in records if record.offset >= expected]
            if not records:
                return None
        if records[0].offset > expected and self._looked_back.get(tp) != expected:
            # Records that got lost on their way, or none that are in the log. Asked once more, the log tells.
            self._looked_back[tp] = back[tp] = expected
            return None
        self._next[tp] = records[-1].offset + 1
        return RecordBatch(tp.partition, records, expected)

    def _message(self, tp: TP, batch: RecordBatch) -> ConsumerMessage:
        # Its offset is its last record's: Faust's read offsets and sensors need that one.
        last = batch.records[-1]
        return ConsumerMessage(
            tp.topic,
            tp.partition,
            last.offset,
            last.timestamp / 1000,
            last.timestamp_type,
            None,
            None,
            cast("bytes", batch),  # the schema passes it on as it is
            None,
            0,
            0,
            tp,
            generation_id=self.app.consumer_generation_id,
        )

    # -- what the group is told

    async def _add_gap(self, tp: TP, offset_from: int, offset_to: int) -> None:
        """Faust sees the records within a batch as a hole, and would count them as done."""

    def _filter_tps_with_pending_acks(self, topics: Any = None) -> Iterator[TP]:  # noqa: ARG002
        """All of ours: nobody acknowledges here, the committed positions tell."""
        return iter(tuple(self._next))

    def _new_offset(self, tp: TP) -> int | None:
        """The position whose effects are committed."""
        return self._done().get(tp.partition)

    async def _commit_offsets(self, offsets: Mapping[TP, int], start_new_transaction: bool = True) -> bool:  # noqa: FBT001, FBT002 - as in Faust
        """Tell the group; a position that it did not take, because it is being rebalanced, is told once more.

        Faust counts it as told. The next record would bring the next position; a partition without one would lag for
        ever.
        """
        told: bool = await super()._commit_offsets(offsets, start_new_transaction)
        if not told:
            self._committed_offset.update(dict.fromkeys(offsets))
        return told


class Transport(driver.Transport):
    """What ``batch://`` names."""

    Consumer = BatchConsumer


TRANSPORTS.aliases["batch"] = f"{__name__}:Transport"
