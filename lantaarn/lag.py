"""How far a consumer group is behind."""

from collections.abc import Mapping, Sequence
from typing import Any

from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec  # type: ignore[attr-defined]

from lantaarn.committed import Committed
from lantaarn.logbook import ANSWER_SECONDS


class GroupLag:
    """Asks the broker; two round trips.

    Args:
        kafka: Connection settings of confluent-kafka.
        group: The consumer group.
        topics: (topic, number of partitions) pairs.
    """

    def __init__(self, kafka: Mapping[str, Any], group: str, topics: Sequence[tuple[str, int]]) -> None:
        self._admin = AdminClient(dict(kafka))
        self._committed = Committed(kafka, group)
        self._places = [(topic, number) for topic, count in topics for number in range(count)]

    def records(self) -> int:
        """Records that are in the topics and not committed by the group."""
        latest = OffsetSpec.latest()  # type: ignore[no-untyped-call]
        ends = self._admin.list_offsets({TopicPartition(*place): latest for place in self._places})
        done = self._committed.offsets(self._places, ANSWER_SECONDS)
        return sum(end.result().offset - done[tp.topic, tp.partition] for tp, end in ends.items())
