"""The test bed: one broker and one registry that every contender uses, and the topics on them."""

import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from confluent_kafka import Consumer, Message, Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from lantaarn import topics
from lantaarn.committed import Committed
from lantaarn.embedded import EmbeddedStack
from lantaarn.embedded.process import ManagedProcess
from lantaarn.producing import Writer, for_every_partition
from lantaarn.settings import Settings, load_policy
from lantaarn.wiring import Deployment, deployment
from schemas.codec import Codec
from schemas.producer import IN_ORDER
from schemas.registry import SchemaRegistry
from streams.wakeups import activation

EXAMPLES = Path(__file__).parents[1] / "examples"
POLICY = EXAMPLES / "policy-default.toml"
PARTITIONS = 4
PASSWORD = "bench-on-this-machine-only"  # noqa: S105 - of a broker that lives as long as the run
PATIENCE = 60.0
Item = tuple[bytes | None, bytes, int]
"""Key, value, partition (-1: by the key)."""


class Bed:
    """Starts and stops it; a context manager.

    Args:
        folder: For data and logs.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._stack = EmbeddedStack(folder / "stack", {"admin": PASSWORD})

    def __enter__(self) -> Self:
        self._stack.start()
        registry = SchemaRegistry(self.registry_url)
        registry.register()
        self.codec = Codec(registry)
        self._admin = AdminClient(self.kafka)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.stop()

    @property
    def kafka(self) -> dict[str, Any]:
        """Connection settings of confluent-kafka."""
        return self._stack.client("admin")

    @property
    def registry_url(self) -> str:
        """Of the schema registry."""
        return self._stack.endpoints.registry_url

    def environment(self, prefix: str, **more: str) -> dict[str, str]:
        """What a ``lantaarn`` process must be told.

        Args:
            prefix: Of its topics.
            more: Settings beside.
        """
        return {
            "LANTAARN_BOOTSTRAP_SERVERS": self._stack.endpoints.bootstrap,
            "LANTAARN_REGISTRY_URL": self.registry_url,
            "LANTAARN_SASL_USERNAME": "admin",
            "LANTAARN_SASL_PASSWORD": PASSWORD,
            "LANTAARN_TOPIC_PREFIX": prefix,
            "LANTAARN_PARTITIONS": str(PARTITIONS),
            "LANTAARN_AGREEMENTS": str(EXAMPLES / "agreements.toml"),
            "LANTAARN_POLICIES": str(POLICY),
            "LANTAARN_PSEUDONYM_SECRET": "bench",
            **more,
        }

    def deployment(self, prefix: str) -> Deployment:
        """A deployment whose topics are made, with the policy in force."""
        told = {name.removeprefix("LANTAARN_").lower(): value for name, value in self.environment(prefix).items()}
        made = deployment(Settings.model_validate(told))
        topics.create(made.settings.kafka(), topics.plan(made.settings.kafka(), made.catalogue).missing)
        event = activation(load_policy(POLICY), POLICY.read_text(encoding="utf-8"), datetime(2026, 1, 1, tzinfo=UTC))
        Writer(made.settings.kafka()).write(for_every_partition(made, event))
        return made

    def spawn(self, name: str, command: str, prefix: str, **more: str) -> ManagedProcess:
        """A ``lantaarn`` process; whoever starts it stops it."""
        return ManagedProcess(
            name,
            [sys.executable, "-m", "lantaarn", command],
            self.folder / "runs" / f"{prefix}{name}.log",
            env=self.environment(prefix, LANTAARN_INSTANCE_ID=name, **more),
        )

    def behind(self, group: str, topic: str) -> int:
        """Records of a topic that a group has not committed."""
        ends = {(topic, partition): end for partition, (_, end) in enumerate(self._bounds(topic))}
        done = Committed(self.kafka, group).offsets(ends, PATIENCE)
        return sum(end - done[place] for place, end in ends.items())

    def working(self, group: str) -> int:
        """Members of a group that have partitions."""
        described = self._admin.describe_consumer_groups([group])[group].result(PATIENCE)
        return sum(bool(member.assignment.topic_partitions) for member in described.members)

    def make(self, name: str, partitions: int = PARTITIONS, *, compacted: bool = False) -> str:
        """Make a topic; gives its name."""
        config = {"cleanup.policy": "compact" if compacted else "delete"}
        self._admin.create_topics([NewTopic(name, partitions, 1, config=config)])[name].result(PATIENCE)
        return name

    def drop(self, prefix: str) -> None:
        """Delete the topics whose names hold this."""
        names = [name for name in self._admin.list_topics(timeout=PATIENCE).topics if prefix in name]
        for deleted in self._admin.delete_topics(names).values() if names else ():
            deleted.result(PATIENCE)

    def find(self, part: str) -> list[str]:
        """Names of the topics that hold this."""
        return [name for name in self._admin.list_topics(timeout=PATIENCE).topics if part in name]

    def fill(self, topic: str, items: Iterable[Item]) -> int:
        """Write records; gives how many."""
        producer = Producer(
            {**self.kafka, **IN_ORDER, "log_level": 2, "linger.ms": 20, "queue.buffering.max.messages": 200_000}
        )
        count = 0
        for key, value, partition in items:
            while True:
                try:
                    producer.produce(topic, value, key, partition)
                    break
                except BufferError:
                    producer.poll(0.1)
            count += 1
        if producer.flush(PATIENCE):
            raise TimeoutError(f"{topic}: not all written")
        return count

    def size(self, topic: str) -> int:
        """Offsets taken on a topic, over its partitions."""
        return sum(end for _, end in self._bounds(topic))

    def read(self, topic: str) -> Iterator[Message]:
        """Each committed record, partition after partition."""
        settings = {"group.id": "bench-reader", "enable.auto.commit": False, "enable.partition.eof": True}
        consumer = Consumer({**self.kafka, **settings, "auto.offset.reset": "earliest"})
        try:
            for partition, (start, end) in enumerate(self._bounds(topic)):
                if start == end:
                    continue
                consumer.assign([TopicPartition(topic, partition, start)])
                at_end = False
                while not at_end:
                    for message in consumer.consume(1000, timeout=0.2):
                        if message.error() is not None:
                            at_end = True
                        else:
                            yield message
        finally:
            consumer.close()

    def _bounds(self, topic: str) -> list[tuple[int, int]]:
        consumer = Consumer({**self.kafka, "group.id": "bench-bounds"})
        try:
            count = len(self._admin.list_topics(topic, timeout=PATIENCE).topics[topic].partitions)
            found = [consumer.get_watermark_offsets(TopicPartition(topic, p), timeout=PATIENCE) for p in range(count)]
            return [marks for marks in found if marks is not None]
        finally:
            consumer.close()
