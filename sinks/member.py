"""One member of the sink's consumer group: fetches, decodes, hands over to the store."""

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeAlias, cast

import structlog
from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from schemas.cloudevents import received_at
from sinks.errors import KafkaUnavailableError, SinkError, StoreUnavailableError, TopicReplacedError
from sinks.feeds import Feed
from sinks.positions import TopicIdentity, failure, left_the_group, starting_points
from sinks.store.store import CaseStore

POLL_SECONDS = 0.1
LINGER_SECONDS = 0.05
"""How long a batch that is not full waits for more: a transaction for each record costs more than that."""
FIRST_WAIT_SECONDS = 0.1
LONGEST_WAIT_SECONDS = 5.0

Headers: TypeAlias = list[tuple[str, bytes | str | None]] | None
Part: TypeAlias = tuple[str, int]
"""Topic and partition."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Progress:
    """One batch of one partition that has been stored. `lag` is in records, by the newest fetch."""

    topic: str
    partition: int
    records: int
    next_offset: int
    lag: int
    last_at: int = 0
    """When the last of them was written to the topic, ms since 1970."""
    received_at: tuple[int, ...] = ()
    """When the partners' records behind them were received, where a partner's record caused them."""


class Member:
    """One member of the group.

    ``_next`` holds, by topic and partition, what this sink stored last. It is ``None`` while nothing is being read:
    before the store was asked, and after any trouble. So trouble has one remedy, and it is the one a restart has:
    forget what was fetched and go on from the store.

    Args:
        consumer: Of the group; ``on_assign`` and ``on_revoke`` are its callbacks.
        identity: Tells whether a topic is still the same one.
        feeds: What to read, and how it gets into the store.
        store: Says from where.
        patience: Seconds of trouble with the database or the brokers before giving up.
        observe: Called after each batch.
        turned: Called each time round, with whether partitions are ours and being read.
    """

    def __init__(
        self,
        *,
        consumer: Consumer,
        identity: TopicIdentity,
        feeds: Sequence[Feed],
        store: CaseStore,
        patience: float,
        observe: Callable[[Progress], None] | None,
        turned: Callable[[bool], None] | None = None,
    ) -> None:
        self._consumer = consumer
        self._identity = identity
        self._feeds = {feed.topic: feed for feed in feeds}
        self._store = store
        self._patience = patience
        self._observe = observe
        self._turned = turned
        self._assigned: list[Part] = []
        self._topic_ids: dict[str, str] = {}
        self._next: dict[Part, int | None] | None = None
        self._troubled_since: float | None = None
        self._wait = FIRST_WAIT_SECONDS
        self._not_before = 0.0

    def on_assign(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        """Notes our share; nothing is fetched until the store has said from where."""
        consumer.assign([])
        self._assigned = sorted((each.topic, each.partition) for each in partitions)
        self._next = None

    def on_revoke(self, _consumer: Consumer, _partitions: list[TopicPartition]) -> None:
        """Forgets our share. No batch is under way here: callbacks run only while we ask for records."""
        self._assigned = []
        self._next = None

    def step(self, batch: int) -> None:
        """Fetches and stores what is there now."""
        if self._turned is not None:
            self._turned(self._next is not None)
        try:
            if self._next is None and self._assigned and time.monotonic() >= self._not_before:
                self._start()
            messages, ends = self._fetch(batch)
            stored = self._next
            if stored is None:  # the group changed while we asked: these may be somebody else's by now
                return
            shares = _by_partition(messages)
            self._verify({topic for topic, _ in shares})
            for part, records in shares.items():
                stored[part] = self._keep(part, stored[part], records)
            for part, end in ends.items():
                if end > (stored.get(part, end) or 0):  # nothing but markers is between
                    self._tell(Progress(*part, records=0, next_offset=end, lag=0))
        except (StoreUnavailableError, KafkaUnavailableError) as error:
            self._postpone(error)

    def _start(self) -> None:
        topics = {topic for topic, _ in self._assigned}
        self._topic_ids = self._identity.of(topics)
        stored: dict[Part, int] = {}
        for topic, topic_id in sorted(self._topic_ids.items()):
            self._store.bind(topic, topic_id)
            stored |= {(topic, partition): offset for partition, offset in self._store.offsets(topic).items()}
        points = starting_points(self._consumer, self._assigned, stored)
        self._consumer.assign(points)
        self._next = {part: stored.get(part) for part in self._assigned}
        self._settled()
        _log.info("sink reads", offsets={f"{each.topic}[{each.partition}]": each.offset for each in points})

    def _fetch(self, batch: int) -> tuple[list[Message], dict[Part, int]]:
        """Records, and the partitions of which there is nothing more, with their ends."""
        try:
            first = self._consumer.poll(POLL_SECONDS)
            messages = [] if first is None else [first, *self._consumer.consume(batch - 1, LINGER_SECONDS)]
        except KafkaException as trouble:
            raise failure(trouble.args[0], self._names) from None
        records, ends = [], {}
        for message in messages:
            error = message.error()
            if error is None:
                records.append(message)
            elif error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001 - librdkafka's mark for its own codes
                ends[_part(message)] = cast("int", message.offset())
            elif left_the_group(error):
                self.on_revoke(self._consumer, [])  # we were too slow; the next call joins again
            else:
                raise failure(error, message.topic() or self._names)
        return records, ends

    def _verify(self, topics: set[str]) -> None:
        """Makes sure that what was fetched came from the topics that the store was filled from.

        The client goes on in silence, somewhere, when a topic is made anew under it. Whoever still finds the old
        topic after fetching has fetched from the old one. It costs a round trip for each batch.
        """
        for topic, topic_id in self._identity.of(topics).items():
            if topic_id != self._topic_ids[topic]:
                raise TopicReplacedError(f"{topic}: it was made anew while this sink was reading it")

    def _keep(self, part: Part, expected: int | None, messages: Sequence[Message]) -> int:
        topic, partition = part
        reached = cast("int", messages[-1].offset()) + 1  # offsets may skip: compaction leaves gaps
        self._feeds[topic].keep(partition, expected, reached, messages)
        self._settled()
        lag, last_at = self._lag(part, reached), messages[-1].timestamp()[1]
        self._tell(Progress(topic, partition, len(messages), reached, lag, last_at, _received(messages)))
        return reached

    def _tell(self, progress: Progress) -> None:
        with suppress(KafkaException):  # informational only: nothing goes on from what Kafka has
            at = TopicPartition(progress.topic, progress.partition, progress.next_offset)
            self._consumer.commit(offsets=[at], asynchronous=True)
        if self._observe is not None:
            self._observe(progress)

    def _lag(self, part: Part, reached: int) -> int:
        marks = self._consumer.get_watermark_offsets(TopicPartition(*part), cached=True)
        return max(0, marks[1] - reached) if marks else 0

    @property
    def _names(self) -> str:
        return ", ".join(sorted(self._feeds))

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


def _received(messages: Sequence[Message]) -> tuple[int, ...]:
    found = (received_at(cast("Headers", message.headers())) for message in messages)
    return tuple(at for at in found if at is not None)


def _by_partition(messages: Sequence[Message]) -> dict[Part, list[Message]]:
    shares: dict[Part, list[Message]] = {}
    for message in messages:
        shares.setdefault(_part(message), []).append(message)
    return shares


def _part(message: Message) -> Part:
    return cast("str", message.topic()), cast("int", message.partition())
