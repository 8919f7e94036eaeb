"""Reads topics from their first record to the end as of now: no group, nothing committed, nobody disturbed."""

from collections.abc import Iterable, Iterator, Mapping
from time import monotonic
from typing import Any, NamedTuple

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicCollection, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec  # type: ignore[attr-defined]

from schemas.topics import Topic
from streams.households.guard import LogBounds

BATCH = 5000
WAIT_SECONDS = 0.05  # for a batch to fill: at the end of the logs none does
ANSWER_SECONDS = 30.0
GROUP = "lantaarn-logbook"  # the client wants a name; it joins no group and commits nothing
END = KafkaError._PARTITION_EOF  # noqa: SLF001 - the underscore is librdkafka's mark for codes of the client's own


class LogError(RuntimeError):
    """A topic cannot be read; says which and why."""


class Entry(NamedTuple):
    """One record as it stands in a log."""

    topic: str
    partition: int
    offset: int
    timestamp: int  # of the record, ms since 1970
    key: bytes | None
    value: bytes | None


class Logbook:
    """Reads whole topics.

    Args:
        kafka: Connection settings of confluent-kafka.
    """

    def __init__(self, kafka: Mapping[str, Any]) -> None:
        self._kafka = dict(kafka)

    def bounds(self, topics: Iterable[Topic]) -> dict[str, LogBounds]:
        """What the broker has of topics now: their ids, where each partition begins and ends; two round trips.

        Raises:
            LogError: When one is not there, we may not see it or the broker does not answer.
        """
        wanted = {topic.name: topic for topic in topics}
        admin = AdminClient(self._kafka)
        described = admin.describe_topics(TopicCollection([*wanted]), request_timeout=ANSWER_SECONDS)
        partitions = [TopicPartition(t.name, number) for t in wanted.values() for number in range(t.partitions)]
        specs = (OffsetSpec.earliest(), OffsetSpec.latest())  # type: ignore[no-untyped-call]
        asked = [admin.list_offsets(dict.fromkeys(partitions, spec), request_timeout=ANSWER_SECONDS) for spec in specs]
        found: dict[str, LogBounds] = {}
        for name in wanted:
            try:
                found[name] = LogBounds(str(described[name].result().topic_id), {}, {})
            except KafkaException as error:
                raise LogError(f"{name}: {error.args[0].name()}") from None
        for edge, answers in enumerate(asked):
            for partition, answer in answers.items():
                try:
                    offset = answer.result().offset
                except KafkaException as error:
                    raise LogError(f"{partition.topic}/{partition.partition}: {error.args[0].name()}") from None
                bounds = found[partition.topic]
                (bounds.ends if edge else bounds.starts)[partition.partition] = offset
        return found

    def read(self, bounds: Mapping[str, LogBounds]) -> Iterator[Entry]:
        """Every record within the bounds; those of a partition in order, topics in any.

        Raises:
            LogError: When the broker refuses us or falls silent, or records vanish while we read.
        """
        left = {
            (topic, partition): end
            for topic, known in bounds.items()
            for partition, end in known.ends.items()
            if known.starts[partition] < end
        }
        if not left:
            return
        consumer = Consumer(
            {
                **self._kafka,
                "group.id": GROUP,
                "enable.auto.commit": False,
                "auto.offset.reset": "error",
                "enable.partition.eof": True,
                "isolation.level": "read_committed",
                "fetch.wait.max.ms": 50,
            }
        )
        try:
            consumer.assign([TopicPartition(topic, n, bounds[topic].starts[n]) for topic, n in left])
            yield from _entries(consumer, left)
        finally:
            consumer.close()

    def all(self, topic: Topic) -> tuple[LogBounds, Iterator[Entry]]:
        """One topic: its bounds and its records."""
        bounds = self.bounds([topic])
        return bounds[topic.name], self.read(bounds)


def _entries(consumer: Consumer, left: dict[tuple[str, int], int]) -> Iterator[Entry]:
    heard = monotonic()
    while left:
        messages = consumer.consume(BATCH, timeout=WAIT_SECONDS)
        if messages:
            heard = monotonic()
        elif monotonic() - heard > ANSWER_SECONDS:
            raise LogError(f"{', '.join(sorted({topic for topic, _ in left}))}: nothing for {ANSWER_SECONDS:.0f} s")
        for message in messages:
            where = (str(message.topic()), int(message.partition() or 0))
            error = message.error()
            if error is not None:
                if error.code() == END:
                    left.pop(where, None)
                elif error.code() != KafkaError.GROUP_AUTHORIZATION_FAILED:  # it asks for a group that we do not need
                    raise LogError(f"{', '.join(sorted({topic for topic, _ in left}))}: {error.name()}")
                continue
            end = left.get(where)
            offset = message.offset()
            if end is None or offset is None or offset >= end:
                continue  # written since
            yield Entry(*where, offset, message.timestamp()[1], message.key(), message.value())
            if offset + 1 >= end:
                del left[where]
