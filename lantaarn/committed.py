"""What a consumer group has committed, asked by a consumer that never joins it.

Not by an ``AdminClient``: librdkafka 2.16 ends the whole process (a null pointer, its pull request 5318) when the
answer to that is that the group's coordinator has moved, as it does whenever brokers restart.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from confluent_kafka import Consumer, KafkaException, TopicPartition

Place = tuple[str, int]
"""Topic and partition."""


class Committed:
    """Asks for the offsets of one group.

    Args:
        kafka: Connection settings of confluent-kafka, of a user that may describe the group.
        group: Its name.
    """

    def __init__(self, kafka: Mapping[str, Any], group: str) -> None:
        self._consumer = Consumer({**kafka, "group.id": group, "enable.auto.commit": False})

    def offsets(self, places: Iterable[Place], timeout: float) -> dict[Place, int]:
        """The offset that the group goes on from, in each place; 0 where it has committed none.

        Args:
            places: Topics and partitions.
            timeout: Seconds to wait for the broker.

        Raises:
            KafkaException: When it does not answer, or for one of the places not with an offset.
        """
        self._consumer.poll(0)  # what it has to say meanwhile, of brokers that come and go, is not kept for ever
        found = self._consumer.committed([TopicPartition(*place) for place in places], timeout=timeout)
        for each in found:
            if each.error is not None:
                raise KafkaException(each.error)
        return {(each.topic, each.partition): max(0, each.offset) for each in found}
