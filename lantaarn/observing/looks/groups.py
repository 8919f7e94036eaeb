"""Consumer groups as the broker sees them: also when none of their members runs."""

import time
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient

from lantaarn.committed import Committed, Place
from lantaarn.logbook import ANSWER_SECONDS, Logbook, LogError
from schemas.topics import OWN_PARTNER, Catalogue, Topic
from streams.households.guard import LogBounds


class GroupLook(NamedTuple):
    """How a group stands."""

    group: str  # without the deployment's prefix
    members: int
    lag_records: int
    lag_seconds: float  # age of the oldest record not committed; 0 without a lag


class Groups:
    """Looks at the groups of the pipeline.

    Args:
        kafka: Connection settings of a user that may describe the groups and read their topics.
        topics: Names both.
    """

    def __init__(self, kafka: Mapping[str, Any], topics: Catalogue) -> None:
        self._admin = AdminClient(dict(kafka))
        self._logbook = Logbook(kafka)
        self._prefix = topics.prefix
        self._groups: dict[str, list[Topic]] = {
            topics.intake_group: topics.read_by_intake(),
            topics.households_app: [topics.household_events],
            topics.sink_group: [topics.outreach_tasks, topics.task_outcomes, topics.receipts[OWN_PARTNER]],
        }
        self._committed = {group: Committed(kafka, group) for group in self._groups}

    def look(self) -> list[GroupLook]:
        """How each group stands now.

        Raises:
            LogError: When the broker does not tell.
        """
        bounds = self._logbook.bounds({t.name: t for topics in self._groups.values() for t in topics}.values())
        undone = {group: self._undone(group, topics, bounds) for group, topics in self._groups.items()}
        written = self._written({place: first for places in undone.values() for place, (first, _) in places.items()})
        now = time.time()
        found = []
        for group, places in undone.items():
            oldest = min((written[place] for place in places if place in written), default=None)
            behind = sum(end - first for first, end in places.values())
            age = 0.0 if oldest is None else max(0.0, now - oldest / 1000)
            found.append(GroupLook(group.removeprefix(self._prefix), self._members(group), behind, age))
        return found

    def _undone(
        self, group: str, topics: Iterable[Topic], bounds: Mapping[str, LogBounds]
    ) -> dict[Place, tuple[int, int]]:
        """Where a group has records left: the first one's offset, and the log's end."""
        places = [(topic.name, number) for topic in topics for number in range(topic.partitions)]
        try:
            committed = self._committed[group].offsets(places, ANSWER_SECONDS)
        except KafkaException as error:
            raise LogError(f"group {group}: {error.args[0].name()}") from None
        left = {}
        for (topic, partition), offset in committed.items():
            known = bounds[topic]
            first, end = max(offset, known.starts[partition]), known.ends[partition]
            if first < end:
                left[topic, partition] = (first, end)
        return left

    def _written(self, firsts: Mapping[Place, int]) -> dict[Place, int]:
        """When some records were written, ms since 1970."""
        wanted: dict[str, LogBounds] = {}
        for (topic, partition), offset in firsts.items():
            bounds = wanted.setdefault(topic, LogBounds("", {}, {}))
            bounds.starts[partition] = min(offset, bounds.starts.get(partition, offset))
            bounds.ends[partition] = bounds.starts[partition] + 1
        return {(entry.topic, entry.partition): entry.timestamp for entry in self._logbook.read(wanted)}

    def _members(self, group: str) -> int:
        asked = self._admin.describe_consumer_groups([group], request_timeout=ANSWER_SECONDS)
        try:
            return len(asked[group].result().members)
        except KafkaException as error:
            if error.args[0].code() == KafkaError.GROUP_ID_NOT_FOUND:
                return 0
            raise LogError(f"group {group}: {error.args[0].name()}") from None
