"""Makes the topics of the catalogue, and shows first what it would do."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from schemas.topics import Catalogue, Topic


class TopicError(RuntimeError):
    """A topic is there with another layout: its number of partitions cannot be changed without moving households."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is there and what is missing."""

    present: tuple[Topic, ...]
    missing: tuple[Topic, ...]


def plan(kafka: Mapping[str, Any], catalogue: Catalogue) -> Plan:
    """Compare the catalogue with the broker.

    Raises:
        TopicError: When a topic is there with another number of partitions.
    """
    there = AdminClient(dict(kafka)).list_topics(timeout=30).topics
    present, missing = [], []
    for topic in catalogue:
        found = there.get(topic.name)
        if found is None:
            missing.append(topic)
        elif len(found.partitions) != topic.partitions:
            raise TopicError(
                f"{topic.name}: {len(found.partitions)} partitions there, {topic.partitions} in the catalogue"
            )
        else:
            present.append(topic)
    return Plan(tuple(present), tuple(missing))


def create(kafka: Mapping[str, Any], topics: Iterable[Topic], replication: int = 1) -> None:
    """Make topics.

    Raises:
        KafkaException: When the broker refuses one.
    """
    admin = AdminClient(dict(kafka))
    wanted = [NewTopic(topic.name, topic.partitions, replication, config=topic.config) for topic in topics]
    if wanted:
        for made in admin.create_topics(wanted).values():
            made.result()
