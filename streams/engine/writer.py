"""Writes what a batch leads to in one transaction, under an id that only one worker at a time can hold."""

import time
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from confluent_kafka import KafkaException, Producer

from streams.outputs import Output

TRANSACTION_SECONDS = 60
"""The broker gives an open transaction up after this. Ours are open for milliseconds; a broker may be
away for seconds."""
FENCE_SECONDS = 60.0
ROOM_SECONDS = 0.05


class Changelog(NamedTuple):
    """Where the states of a partition are kept."""

    topic: str
    partition: int


class TransactionalWriter:
    """Writes for one partition of household-events.

    Args:
        kafka: Connection settings of confluent-kafka.
        transactional_id: Of the partition, whoever writes for it.
        changelog: Where its states go.
    """

    def __init__(self, kafka: Mapping[str, Any], transactional_id: str, changelog: Changelog) -> None:
        self._changelog = changelog
        self._producer = Producer(
            {
                **kafka,
                "transactional.id": transactional_id,
                "transaction.timeout.ms": TRANSACTION_SECONDS * 1000,
                "partitioner": "murmur2_random",
                "linger.ms": 20,  # a commit waits for nothing; until then, let batches fill
                "queue.buffering.max.messages": 200_000,
            }
        )

    def fence(self) -> None:
        """Take the id: whoever had it can write no more, and what it had not committed is gone.

        Raises:
            KafkaException: When the broker refuses, or cannot be reached for too long.
        """
        self._producer.init_transactions(FENCE_SECONDS)

    def write(self, outputs: Iterable[Output], changes: Mapping[bytes, bytes]) -> None:
        """All of it or nothing; returns when readers can see it.

        Raises:
            KafkaException: When it is not certain that all of it is there. The process must end: the next one finds
                out from the changelog what is.
        """
        producer = self._producer
        producer.begin_transaction()
        for output in outputs:
            self._produce(output.topic, output.value, output.key, headers=output.headers)
        topic, partition = self._changelog
        for key, value in changes.items():
            self._produce(topic, value, key, partition)
        deadline = time.monotonic() + TRANSACTION_SECONDS
        while True:
            try:
                producer.commit_transaction(deadline - time.monotonic())
            except KafkaException as error:
                if not error.args[0].retriable() or time.monotonic() > deadline:
                    raise
            else:
                return

    def _produce(self, *args: Any, **kwargs: Any) -> None:
        while True:
            try:
                self._producer.produce(*args, **kwargs)
            except BufferError:
                self._producer.poll(ROOM_SECONDS)
            else:
                return
