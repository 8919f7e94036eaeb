"""How far consumer groups are behind, and when nothing is left for them to do."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec  # type: ignore[attr-defined]

from lantaarn.committed import Committed, Place
from lantaarn.logbook import ANSWER_SECONDS
from schemas.topics import Topic


class GroupLag:
    """Asks the broker, for as long as that lives: after a restart the client would hold on to leaders that are gone.

    Args:
        kafka: Connection settings of confluent-kafka.
        group: The consumer group.
        topics: That it reads.
    """

    def __init__(self, kafka: Mapping[str, Any], group: str, topics: Iterable[Topic]) -> None:
        self._admin = AdminClient(dict(kafka))
        self._committed = Committed(kafka, group)
        self._places = [(topic.name, number) for topic in topics for number in range(topic.partitions)]
        self._done: dict[Place, int] = {}

    def ends(self) -> dict[Place, int]:
        """The offset after the last record of each partition, now."""
        latest = OffsetSpec.latest()  # type: ignore[no-untyped-call]
        asked = self._admin.list_offsets({TopicPartition(*place): latest for place in self._places})
        return {(tp.topic, tp.partition): end.result().offset for tp, end in asked.items()}

    def has_done(self, ends: Mapping[Place, int]) -> bool:
        """Whether the group has committed all that was there when `ends` were asked; asks only where it had not."""
        left = [place for place, end in ends.items() if self._done.get(place, 0) < end]
        if left:
            self._done |= self._committed.offsets(left, ANSWER_SECONDS)
        return all(self._done[place] >= ends[place] for place in left)

    def records(self) -> int:
        """Records that are in the topics and not committed by the group."""
        ends = self.ends()
        done = self._committed.offsets(ends, ANSWER_SECONDS)
        return sum(end - done[place] for place, end in ends.items())


def come_to_rest(groups: Sequence[GroupLag], wait: Callable[[Callable[[], bool]], None]) -> None:
    """Wait until groups that write to each other's topics have nothing left, and nothing is under way between them.

    A group commits after it has written. So when all have committed what was there, and nothing has come meanwhile,
    nothing will.

    Args:
        groups: In the order in which a record goes through them.
        wait: Waits for a condition.
    """
    ends = [group.ends() for group in groups]
    while True:
        for group, before in zip(groups, ends, strict=True):
            wait(lambda group=group, before=before: group.has_done(before))  # type: ignore[misc]
        now = [group.ends() for group in groups]
        if now == ends:
            return
        ends = now
