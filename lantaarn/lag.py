"""How far a consumer group is behind."""

from collections.abc import Mapping, Sequence
from typing import Any

from confluent_kafka import ConsumerGroupTopicPartitions, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec  # type: ignore[attr-defined]


class GroupLag:
    """Asks the broker; two round trips.

    Args:
        kafka: Connection settings of confluent-kafka.
        group: The consumer group.
        topics: (topic, number of partitions) pairs.
    """

    def __init__(self, kafka: Mapping[str, Any], group: str, topics: Sequence[tuple[str, int]]) -> None:
        self._admin = AdminClient(dict(kafka))
        self._group = group
        self._partitions = [TopicPartition(topic, number) for topic, count in topics for number in range(count)]

    def records(self) -> int:
        """Records that are in the topics and not committed by the group."""
        latest = OffsetSpec.latest()  # type: ignore[no-untyped-call]
        ends = self._admin.list_offsets(dict.fromkeys(self._partitions, latest))
        asked = [ConsumerGroupTopicPartitions(self._group, self._partitions)]
        committed = self._admin.list_consumer_group_offsets(asked)[self._group].result().topic_partitions
        done = {(tp.topic, tp.partition): max(tp.offset, 0) for tp in committed}
        return sum(end.result().offset - done.get((tp.topic, tp.partition), 0) for tp, end in ends.items())
