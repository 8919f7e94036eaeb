"""The intake process: partners' topics and outcomes in, household-events and receipts out.

At least once: a batch's outputs are delivered before its offsets are committed. If the process dies in between, the
batch is judged again and written again; ids are the same, so the households stage answers `duplicate`.
"""

import threading
from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any

import structlog
from confluent_kafka import Consumer, KafkaError, KafkaException, Message, Producer, TopicPartition

from schemas.producer import IN_ORDER
from schemas.topics import Catalogue
from streams.intake.judge import Judge, Received
from streams.observer import SILENT, Done, IntakeObserver
from streams.outputs import Output

log = structlog.get_logger()
FLUSH_SECONDS = 120.0


class DeliveryError(RuntimeError):
    """Something could not be written; the process must end and start again from what was committed."""


class Intake:
    """Reads, judges, writes, commits.

    Args:
        kafka: Connection settings of confluent-kafka; a ``group.instance.id`` among them lets a restarted intake
            take its place again at once.
        catalogue: What to read.
        judge: Decides.
        batch: Most records read at a time.
        observer: Hears of the work.
    """

    def __init__(
        self,
        kafka: Mapping[str, Any],
        catalogue: Catalogue,
        judge: Judge,
        *,
        batch: int = 500,
        observer: IntakeObserver = SILENT,
    ) -> None:
        consumer_only = {name for name in kafka if name.startswith(("group.", "session.", "heartbeat."))}
        shared = {name: value for name, value in kafka.items() if name not in consumer_only}
        self._consumer = Consumer(
            {
                **kafka,
                "group.id": catalogue.intake_group,
                "enable.auto.commit": False,
                "auto.offset.reset": "earliest",
                "enable.partition.eof": True,  # past the markers that transactions leave behind the last transfer
                "fetch.wait.max.ms": 50,
            }
        )
        self._producer = Producer({**shared, **IN_ORDER, "linger.ms": 5})
        self._topics = [topic.name for topic in catalogue.read_by_intake()]
        self._transfers = catalogue.household_transfers.name
        self._judge = judge
        self._batch = batch
        self._observer = observer
        self._failed: KafkaError | None = None

    def run(self, stop: threading.Event) -> None:
        """Work until told to stop.

        Raises:
            DeliveryError: When an output could not be delivered.
            KafkaException: When the broker refuses us, or cannot be reached for too long.
        """
        self._consumer.subscribe(
            self._topics,
            on_assign=lambda _, ours: self._observer.assigned(len(ours)),
            on_revoke=lambda *_: self._observer.assigned(None),
        )
        log.info("intake started", topics=len(self._topics))
        try:
            while not stop.is_set():
                self._observer.turned()
                first = self._consumer.poll(0.2)
                if first is not None:  # and what is there already: waiting for a full batch would delay the first
                    self._take([first, *self._consumer.consume(self._batch - 1, timeout=0)])
        finally:
            self._consumer.close()

    def _take(self, messages: Sequence[Message]) -> None:
        records = []
        ends: dict[int, int] = {}  # of the transfers: partitions of which there is nothing more
        for message in messages:
            ours = message.topic() == self._transfers
            if not _ends(message):
                records.append(message)
                if ours:
                    ends.pop(message.partition() or 0, None)
            elif ours and message.offset():
                ends[message.partition() or 0] = message.offset() or 0
        if records:
            self.process(records)
        if ends:  # for those who look at the lag: nothing but markers is between
            places = [TopicPartition(self._transfers, number, end) for number, end in ends.items()]
            self._consumer.commit(offsets=places, asynchronous=True)

    def process(self, messages: Sequence[Message]) -> None:
        """Judge a batch, deliver what it leads to, then commit."""
        received = in_order(_received(message) for message in messages)
        for one in received:
            for output in self._judge.outputs_for(one):
                self._write(output)
        left = self._producer.flush(FLUSH_SECONDS)
        if self._failed is not None or left:
            raise DeliveryError(f"{left} outputs not delivered: {self._failed}")
        self._consumer.commit(asynchronous=False)
        self._tell(received)

    def _tell(self, received: Sequence[Received]) -> None:
        shares: dict[tuple[str, int], list[Received]] = {}
        for one in received:
            shares.setdefault((one.topic, one.partition), []).append(one)
        for (topic, partition), share in shares.items():
            marks = self._consumer.get_watermark_offsets(TopicPartition(topic, partition), cached=True)
            behind = max(0, marks[1] - share[-1].offset - 1) if marks else 0
            self._observer.done(Done(topic, partition, len(share), share[-1].appended_at, behind))

    def _write(self, output: Output) -> None:
        while True:
            try:
                self._producer.produce(
                    output.topic, output.value, output.key, headers=[*output.headers], on_delivery=self._delivered
                )
            except BufferError:
                self._producer.poll(0.1)
            else:
                return

    def _delivered(self, error: KafkaError | None, _message: Message) -> None:
        if error is not None:
            self._failed = error


def in_order(received: Iterable[Received]) -> list[Received]:
    """Records of several topics, what came first first; those of a partition stay in the order in which they lie there.

    The broker's clock tells which came first, and a new leader's may be behind: within a partition no record counts as
    older than one before it.
    """
    latest: dict[tuple[str, int], int] = {}
    timed = []
    for one in received:
        place = (one.topic, one.partition)
        latest[place] = max(latest.get(place, one.appended_at), one.appended_at)
        timed.append((latest[place], one))
    return [one for _, one in sorted(timed, key=itemgetter(0))]


def _ends(message: Message) -> bool:
    """Whether it only says that a partition has no more for now."""
    error = message.error()
    return error is not None and error.code() == KafkaError._PARTITION_EOF  # noqa: SLF001 - librdkafka's own


def _received(message: Message) -> Received:
    if (error := message.error()) is not None:
        raise KafkaException(error)
    topic, partition, offset = message.topic(), message.partition(), message.offset()
    assert topic is not None  # noqa: S101
    assert partition is not None  # noqa: S101
    assert offset is not None  # noqa: S101
    return Received(topic, partition, offset, message.key(), message.value(), message.timestamp()[1])
