"""Refuses to start when a state does not belong to the log: a topic made again, or restored from a backup."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from confluent_kafka import TopicCollection, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec  # type: ignore[attr-defined]


class ForeignStateError(RuntimeError):
    """The state was made from another topic, or from records that the log does not have."""


class LogBounds(NamedTuple):
    """What the broker has of a topic."""

    topic_id: str
    starts: dict[int, int]  # offset of the first record, by partition
    ends: dict[int, int]  # offset after the last record


def log_bounds(kafka: Mapping[str, Any], topic: str, partitions: set[int]) -> LogBounds:
    """Ask the broker for a topic's id and offsets."""
    admin = AdminClient(dict(kafka))
    described = admin.describe_topics(TopicCollection([topic]))[topic].result()
    wanted = [TopicPartition(topic, partition) for partition in sorted(partitions)]

    def offsets(spec: Any) -> dict[int, int]:
        asked = admin.list_offsets(dict.fromkeys(wanted, spec))
        return {tp.partition: future.result().offset for tp, future in asked.items()}

    earliest, latest = OffsetSpec.earliest(), OffsetSpec.latest()  # type: ignore[no-untyped-call]
    return LogBounds(str(described.topic_id), offsets(earliest), offsets(latest))


def check(partition: int, position: int, made_from: str, bounds: LogBounds) -> None:
    """Make sure that a partition's state was made from this log.

    Raises:
        ForeignStateError: When it was not; the changelog or the topic has to be set right by a person.
    """
    if made_from != bounds.topic_id:
        raise ForeignStateError(f"partition {partition}: state of topic {made_from}, log of topic {bounds.topic_id}")
    if position >= bounds.ends[partition]:
        raise ForeignStateError(
            f"partition {partition}: state has seen offset {position}, the log ends before {bounds.ends[partition]}"
        )
