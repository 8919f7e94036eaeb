"""Reads a topic again and again, each time what is new; only what is committed."""

from collections.abc import Mapping
from typing import Any

from confluent_kafka import Consumer, KafkaError, Message, TopicPartition


class Tail:
    """The end of a topic.

    Args:
        kafka: Connection settings of confluent-kafka.
        topic: Its name.
        partitions: How many it has.
    """

    def __init__(self, kafka: Mapping[str, Any], topic: str, partitions: int) -> None:
        self._topic = topic
        self._next = dict.fromkeys(range(partitions), 0)
        self._consumer = Consumer(
            {
                **kafka,
                "group.id": "chaos",
                "enable.auto.commit": False,
                "enable.partition.eof": True,
                "auto.offset.reset": "error",
                "fetch.wait.max.ms": 10,
            }
        )

    @property
    def ends(self) -> dict[int, int]:
        """Partition -> offset after the last record that was read."""
        return dict(self._next)

    def new(self) -> list[Message]:
        """What came since the last call, partition after partition."""
        self._consumer.assign([TopicPartition(self._topic, number, offset) for number, offset in self._next.items()])
        found: list[Message] = []
        reading = set(self._next)
        while reading:
            message = self._consumer.poll(30)
            assert message is not None, f"{self._topic} could not be read to its end"
            number, error = message.partition(), message.error()
            assert number is not None
            if error is None:
                self._next[number] = (message.offset() or 0) + 1
                found.append(message)
            elif error.code() == KafkaError._PARTITION_EOF:
                reading.discard(number)
            elif not error.retriable():
                raise AssertionError(f"{self._topic}/{number}: {error}")
        self._consumer.unassign()
        return sorted(found, key=lambda m: (m.partition() or 0, m.offset() or 0))

    def close(self) -> None:
        """Let go of the broker."""
        self._consumer.close()
