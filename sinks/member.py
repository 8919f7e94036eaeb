"""One member of the sink's consumer group: fetches, decodes, hands over to the store."""

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import cast

import structlog
from confluent_kafka import Consumer, KafkaException, Message, TopicPartition

from schemas.codec import Codec, UndecodableError
from sinks.errors import (
    KafkaUnavailableError,
    SinkError,
    StoreUnavailableError,
    TopicReplacedError,
    UnreadableTaskError,
)
from sinks.positions import TopicIdentity, failure, left_the_group, starting_points
from sinks.store.store import CaseStore

POLL_SECONDS = 0.1
FIRST_WAIT_SECONDS = 0.1
LONGEST_WAIT_SECONDS = 5.0

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Progress:
    """One batch of one partition that has been stored. `lag` is in records, by the newest fetch."""

    partition: int
    records: int
    next_offset: int
    lag: int


class Member:
    """One member of the group.

    ``_next`` holds, by partition, what this sink stored last. It is ``None`` while nothing is being read: before the
    store was asked, and after any trouble. So trouble has one remedy, and it is the one a restart has: forget what
    was fetched and go on from the store.

    Args:
        consumer: Of the group; ``on_assign`` and ``on_revoke`` are its callbacks.
        identity: Tells whether the topic is still the same one.
        codec: Reads the records.
        topic: Where from.
        store: Where to.
        patience: Seconds of trouble with the database or the brokers before giving up.
        observe: Called after each batch.
    """

    def __init__(
        self,
        *,
        consumer: Consumer,
        identity: TopicIdentity,
        codec: Codec,
        topic: str,
        store: CaseStore,
        patience: float,
        observe: Callable[[Progress], None] | None,
    ) -> None:
        self._consumer = consumer
        self._identity = identity
        self._codec = codec
        self._topic = topic
        self._store = store
        self._patience = patience
        self._observe = observe
        self._assigned: list[int] = []
        self._topic_id = ""
        self._next: dict[int, int | None] | None = None
        self._troubled_since: float | None = None
        self._wait = FIRST_WAIT_SECONDS
        self._not_before = 0.0

    def on_assign(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        """Notes our share; nothing is fetched until the store has said from where."""
        consumer.assign([])
        self._assigned = sorted(each.partition for each in partitions)
        self._next = None

    def on_revoke(self, _consumer: Consumer, _partitions: list[TopicPartition]) -> None:
        """Forgets our share. No batch is under way here: callbacks run only while we ask for records."""
        self._assigned = []
        self._next = None

    def step(self, batch: int) -> None:
        """Fetches and stores what is there now."""
        try:
            if self._next is None and self._assigned and time.monotonic() >= self._not_before:
                self._start()
            messages = self._fetch(batch)
            stored = self._next
            if stored is None:  # the group changed while we asked: these may be somebody else's by now
                return
            if messages:
                self._verify()
            for partition, records in _by_partition(messages).items():
                stored[partition] = self._keep(partition, stored[partition], records)
        except (StoreUnavailableError, KafkaUnavailableError) as error:
            self._postpone(error)

    def _start(self) -> None:
        self._topic_id = self._identity.of(self._topic)
        self._store.bind(self._topic, self._topic_id)
        stored = self._store.offsets(self._topic)
        points = starting_points(self._consumer, self._topic, self._assigned, stored)
        self._consumer.assign(points)
        self._next = {partition: stored.get(partition) for partition in self._assigned}
        self._settled()
        _log.info("sink reads", topic=self._topic, offsets={each.partition: each.offset for each in points})

    def _fetch(self, batch: int) -> list[Message]:
        try:
            first = self._consumer.poll(POLL_SECONDS)
            # And what is there already: waiting for a full batch would delay the first.
            messages = [] if first is None else [first, *self._consumer.consume(batch - 1, 0)]
        except KafkaException as trouble:
            raise failure(trouble.args[0], self._topic) from None
        for message in messages:
            error = message.error()
            if error is not None:
                if not left_the_group(error):
                    raise failure(error, self._topic)
                self.on_revoke(self._consumer, [])  # we were too slow; the next call joins again
        return messages

    def _verify(self) -> None:
        """Makes sure that what was fetched came from the topic that the store was filled from.

        The client goes on in silence, somewhere, when a topic is made anew under it. Whoever still finds the old
        topic after fetching has fetched from the old one. It costs a round trip for each batch.
        """
        if self._identity.of(self._topic) != self._topic_id:
            raise TopicReplacedError(f"{self._topic}: it was made anew while this sink was reading it")

    def _keep(self, partition: int, expected: int | None, messages: Sequence[Message]) -> int:
        tasks = []
        for message in messages:
            try:
                tasks.append(self._codec.decode("OutreachTask", message.value()))
            except UndecodableError as error:
                where = f"{self._topic}[{partition}] offset {message.offset()}"
                raise UnreadableTaskError(f"{where}: {error}") from None
        reached = cast("int", messages[-1].offset()) + 1  # offsets may skip: compaction leaves gaps
        self._store.apply(self._topic, partition, expected, reached, tasks)
        self._settled()
        self._tell(Progress(partition, len(tasks), reached, self._lag(partition, reached)))
        return reached

    def _tell(self, progress: Progress) -> None:
        with suppress(KafkaException):  # informational only: nothing goes on from what Kafka has
            at = TopicPartition(self._topic, progress.partition, progress.next_offset)
            self._consumer.commit(offsets=[at], asynchronous=True)
        if self._observe is not None:
            self._observe(progress)

    def _lag(self, partition: int, reached: int) -> int:
        marks = self._consumer.get_watermark_offsets(TopicPartition(self._topic, partition), cached=True)
        return max(0, marks[1] - reached) if marks else 0

    def _settled(self) -> None:
        self._troubled_since = None
        self._wait = FIRST_WAIT_SECONDS

    def _postpone(self, error: SinkError) -> None:
        """Stops fetching for a while, without leaving the group: `step` goes on asking, so callbacks are served.

        Raises:
            SinkError: The error itself, when the trouble has lasted too long.
        """
        now = time.monotonic()
        self._troubled_since = self._troubled_since or now
        if now - self._troubled_since > self._patience:
            raise error
        _log.warning("sink waits", reason=str(error), seconds=self._wait)
        if self._next is not None:
            self._consumer.assign([])
            self._next = None
        self._not_before = now + self._wait
        self._wait = min(2 * self._wait, LONGEST_WAIT_SECONDS)


def _by_partition(messages: Sequence[Message]) -> dict[int, list[Message]]:
    shares: dict[int, list[Message]] = {}
    for message in messages:
        shares.setdefault(cast("int", message.partition()), []).append(message)
    return shares
