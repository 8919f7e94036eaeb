"""A municipality of one's own on the shared stack: topics under a fresh prefix, and what stands on them."""

import threading
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from confluent_kafka import Consumer, Message, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from producers.adapter import run
from producers.config import AdapterConfig
from schemas.codec import Codec
from schemas.codes import SignalType
from schemas.registry import SchemaRegistry
from schemas.topics import Catalogue, Topic
from tests.stacks import RunningStack


@dataclass(frozen=True)
class Published:
    """One record as it stands on a topic."""

    key: str
    headers: dict[str, str]
    value: dict[str, Any]


class Deployment:
    def __init__(self, stack: RunningStack, senders: Iterable[tuple[str, SignalType]]) -> None:
        registry = SchemaRegistry(stack.registry_url)
        registry.register()
        self.stack = stack
        self.codec = Codec(registry)
        self.catalogue = Catalogue(f"t{uuid.uuid4().hex[:10]}.", senders)
        topics = {topic.name: topic for topic in self.catalogue.signals.values()}.values()
        admin = AdminClient(stack.client("admin"))  # a name of its own: without one it is gone before it answers
        made = admin.create_topics([NewTopic(t.name, t.partitions, 1, config=t.config) for t in topics])
        for future in made.values():
            future.result()

    def run(self, config: AdapterConfig, outbox: Path, *, backfill: bool = False) -> None:
        """Run the adapter until it has nothing left to do."""
        run(
            config,
            self.stack.client("adapter"),
            self.codec,
            self.catalogue,
            outbox,
            backfill=backfill,
            once=True,
            stop=threading.Event(),
        )

    def topic(self, partner: str, kind: SignalType) -> Topic:
        return self.catalogue.signals[partner, kind]

    def published(self, partner: str, kind: SignalType) -> list[Published]:
        """All that stands on a partner's topic, in order."""
        topic = self.topic(partner, kind)
        return [self._read(topic, message) for message in messages(self.stack, topic.name)]

    def _read(self, topic: Topic, message: Message) -> Published:
        headers = cast("list[tuple[str, bytes]]", message.headers() or [])
        return Published(
            (message.key() or b"").decode(),
            {name: value.decode() for name, value in headers},
            self.codec.decode(topic.record, message.value()),
        )


def messages(stack: RunningStack, topic: str) -> list[Message]:
    """Everything on the one partition of a topic."""
    consumer = Consumer({**stack.client("intake"), "group.id": "tests", "enable.auto.commit": False})
    try:
        partition = TopicPartition(topic, 0, 0)
        _, end = consumer.get_watermark_offsets(partition, timeout=10)
        consumer.assign([partition])
        found: list[Message] = []
        while len(found) < end:
            found += consumer.consume(min(500, end - len(found)), timeout=5)
        return found
    finally:
        consumer.close()
