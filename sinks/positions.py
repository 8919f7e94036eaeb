"""Where a sink may go on in its topics, so that it misses nothing: the store's word, checked against the log."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicCollection, TopicPartition
from confluent_kafka.admin import AdminClient

from sinks.errors import KafkaFailureError, KafkaUnavailableError, SinkError, TopicReplacedError

ANSWER_SECONDS = 10.0
# The underscore is librdkafka's mark for errors of the client's own.
AWAY = frozenset(
    {
        KafkaError._ALL_BROKERS_DOWN,  # noqa: SLF001
        KafkaError._DESTROY_BROKER,  # noqa: SLF001 - one that came back is another one to the client
        KafkaError._TIMED_OUT,  # noqa: SLF001
        KafkaError._TRANSPORT,  # noqa: SLF001
        KafkaError.COORDINATOR_NOT_AVAILABLE,
        KafkaError.LEADER_NOT_AVAILABLE,
        KafkaError.NOT_LEADER_FOR_PARTITION,
        KafkaError.REQUEST_TIMED_OUT,
    }
)
"""Errors that pass when a broker comes back."""


def failure(error: KafkaError, what: str) -> SinkError:
    """The error to raise for one of Kafka's."""
    if error.code() == KafkaError._AUTO_OFFSET_RESET:  # noqa: SLF001
        return TopicReplacedError(f"{what}: the log no longer holds the offset to go on from")
    if error.code() in AWAY and not error.fatal():
        return KafkaUnavailableError(f"{what}: {error.name()}")
    return KafkaFailureError(f"{what}: {error.name()}: {error.str()}")


def left_the_group(error: KafkaError) -> bool:
    """Whether the client left because it was not asked for records in time; it joins again by itself."""
    return bool(error.code() == KafkaError._MAX_POLL_EXCEEDED)  # noqa: SLF001


class TopicIdentity:
    """Asks Kafka which topics now bear some names.

    Args:
        kafka: Client configuration; what only concerns consumers in it does no harm.
    """

    def __init__(self, kafka: Mapping[str, Any]) -> None:
        # Level 3: librdkafka would warn about each setting that only concerns consumers.
        self._admin = AdminClient({**kafka, "log_level": 3})

    def of(self, topics: Collection[str]) -> dict[str, str]:
        """Topic -> the id that Kafka gave it when it was made.

        Raises:
            KafkaUnavailableError: When no broker answers.
            KafkaFailureError: When there is no such topic, or we may not see it.
        """
        if not topics:
            return {}
        asked = self._admin.describe_topics(TopicCollection(sorted(topics)), request_timeout=ANSWER_SECONDS)
        found: dict[str, str] = {}
        for topic, answer in asked.items():
            try:
                found[topic] = str(answer.result().topic_id)
            except KafkaException as error:
                raise failure(error.args[0], topic) from None
        return found


def starting_points(
    consumer: Consumer, partitions: Iterable[tuple[str, int]], stored: Mapping[tuple[str, int], int]
) -> list[TopicPartition]:
    """The partitions with the offsets to go on from: the stored one, or the log's start when there is none.

    Raises:
        TopicReplacedError: When a stored offset lies outside the log: records have expired unread, or the log is
            another one. Going on would skip records in silence.
        KafkaUnavailableError: When no broker answers.
    """
    points = []
    for topic, partition in partitions:
        try:
            marks = consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=ANSWER_SECONDS)
        except KafkaException as error:
            raise failure(error.args[0], f"{topic}[{partition}]") from None
        if marks is None:
            raise KafkaUnavailableError(f"{topic}[{partition}]: no answer in {ANSWER_SECONDS:.0f} s")
        low, high = marks
        offset = stored.get((topic, partition), low)
        if not low <= offset <= high:
            raise TopicReplacedError(
                f"{topic}[{partition}]: the store goes on from offset {offset}, the log holds {low} to {high}: "
                + ("records expired before they were stored" if offset < low else "it was made anew")
            )
        points.append(TopicPartition(topic, partition, offset))
    return points
