"""Reads the states of partitions back from the changelog.

Faust's own recovery counts offsets up to the log's end, where a transaction leaves a marker that no reader gets; it
would wait for ever. This one goes by what the broker says is the end of what is committed.
"""

import time
from collections.abc import Collection, Mapping
from typing import Any

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

AT_ONCE = 20_000
SILENCE_SECONDS = 60.0

States = dict[bytes, bytes]
"""Bytes by key."""


class RecoveryError(RuntimeError):
    """The changelog could not be read to its end."""


class Recovery:
    """Reads a changelog.

    Args:
        kafka: Connection settings of confluent-kafka.
        topic: The changelog.
        group: A group that we may name; nothing is committed to it.
    """

    def __init__(self, kafka: Mapping[str, Any], topic: str, group: str) -> None:
        self._topic = topic
        self._settings = {
            **kafka,
            "group.id": group,
            "enable.auto.commit": False,
            "auto.offset.reset": "error",
            "isolation.level": "read_committed",
            "enable.partition.eof": True,
            "check.crcs": True,
            "fetch.wait.max.ms": 50,
            "queued.min.messages": 200_000,
        }
        self.left = 0
        """Records still to be read, at most; for whoever watches."""

    def read(self, partitions: Collection[int]) -> dict[int, States]:
        """The states of some partitions, as of what is committed now.

        Whoever wrote them before must have been fenced off: an open transaction would hide what comes after it.

        Raises:
            RecoveryError: When nothing comes for too long.
            KafkaException: When the broker refuses.
        """
        found: dict[int, States] = {number: {} for number in partitions}
        consumer = Consumer(self._settings)
        try:
            # The broker answers this only once it knows for certain what is committed, also after a change of leader.
            bounds = {n: self._bounds(consumer, n) for n in found}
            left = {n: end for n, (start, end) in bounds.items() if start < end}
            consumer.assign([TopicPartition(self._topic, n, bounds[n][0]) for n in left])
            self.left = sum(end - bounds[n][0] for n, end in left.items())
            self._read(consumer, found, left)
        finally:
            self.left = 0
            consumer.close()
        return found

    def _bounds(self, consumer: Consumer, partition: int) -> tuple[int, int]:
        where = TopicPartition(self._topic, partition)
        bounds = consumer.get_watermark_offsets(where, timeout=SILENCE_SECONDS, cached=False)
        if bounds is None:
            raise RecoveryError(f"{self._topic}[{partition}]: no answer in {SILENCE_SECONDS:.0f} s")
        return bounds

    def _read(self, consumer: Consumer, found: dict[int, States], left: dict[int, int]) -> None:
        heard = time.monotonic()
        while left:
            messages = consumer.consume(AT_ONCE, timeout=0.2)
            if messages:
                heard = time.monotonic()
            elif time.monotonic() - heard > SILENCE_SECONDS:
                raise RecoveryError(f"{self._topic}{sorted(left)}: nothing for {SILENCE_SECONDS:.0f} s")
            self.left -= len(messages)
            for message in messages:
                error = message.error()
                number: Any = message.partition()
                offset: Any = message.offset()
                if error is not None:
                    if error.code() != KafkaError._PARTITION_EOF:  # noqa: SLF001 - librdkafka's mark for its own codes
                        raise KafkaException(error)
                    if offset >= left.get(number, 0):
                        left.pop(number, None)
                    continue
                key: Any = message.key()
                value: Any = message.value()
                if value is None:
                    found[number].pop(key, None)
                else:
                    found[number][key] = value
