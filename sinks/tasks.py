"""The sink process: topic outreach-tasks -> case store, each version once.

Kafka shares the partitions out; the store says where to go on. The offset that a partition has reached is kept in
the transaction that stores its tasks, by compare-and-set, so neither a crash nor a sink that slept through its
dismissal can lose or spoil anything. What is committed to Kafka is for tools that show a group's lag; it is never
read here.
"""

import threading
from collections.abc import Callable, Mapping

import structlog
from confluent_kafka import Consumer

from schemas.codec import Codec
from schemas.topics import Catalogue
from sinks.errors import SinkError
from sinks.member import Member, Progress
from sinks.positions import TopicIdentity
from sinks.store.store import CaseStore

_log = structlog.get_logger(__name__)


def run(
    kafka: Mapping[str, object],
    codec: Codec,
    catalogue: Catalogue,
    store: CaseStore,
    *,
    stop: threading.Event,
    batch: int = 500,
    patience: float = 60.0,
    observe: Callable[[Progress], None] | None = None,
) -> None:
    """Stores what comes until ``stop`` is set.

    A sink started again soon takes its partitions back at once when ``kafka`` holds a ``group.instance.id``; without
    one the group first waits for the old member's session to time out.

    Args:
        kafka: Client configuration: addresses, credentials, timeouts.
        codec: Reads the records.
        catalogue: Names the topic and the group.
        store: Its tables are there already.
        stop: Set by a signal handler, for example.
        batch: Most records in one transaction of one partition.
        patience: Seconds of trouble with the database or the brokers before giving up.
        observe: Called after each batch, for metrics; lag in records is in it.

    Raises:
        SinkError: It cannot go on; the process should end with exit code 1 and be started again.
    """
    topic = catalogue.outreach_tasks.name
    consumer = Consumer(
        {
            **kafka,
            "group.id": catalogue.sink_group,
            "enable.auto.commit": False,
            "auto.offset.reset": "error",  # never start somewhere else in silence
            "partition.assignment.strategy": "range",  # eager: each change of the group is a fresh start
        }
    )
    member = Member(
        consumer=consumer,
        identity=TopicIdentity(kafka),
        codec=codec,
        topic=topic,
        store=store,
        patience=patience,
        observe=observe,
    )
    consumer.subscribe([topic], on_assign=member.on_assign, on_revoke=member.on_revoke)
    try:
        while not stop.is_set():
            member.step(batch)
    except SinkError as error:
        _log.error("sink stops", error=type(error).__name__, reason=str(error))
        raise
    finally:
        consumer.close()
