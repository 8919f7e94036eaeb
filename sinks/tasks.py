"""The sink process: tasks, outcomes and what was refused of them -> case store, each once.

Kafka shares the partitions out; the store says where to go on. The offset that a partition has reached is kept in
the transaction that stores its records, by compare-and-set, so neither a crash nor a sink that slept through its
dismissal can lose or spoil anything. What is committed to Kafka is for tools that show a group's lag; it is never
read here.
"""

import threading
from collections.abc import Callable, Mapping

import structlog
from confluent_kafka import Consumer

from schemas.codec import Codec
from schemas.topics import OWN_PARTNER, Catalogue
from sinks.errors import SinkError
from sinks.feeds import Feed, OutcomeFeed, ReceiptFeed, TaskFeed
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
    backfill: bool = False,
    observe: Callable[[Progress], None] | None = None,
    turned: Callable[[bool], None] | None = None,
) -> None:
    """Stores what comes until ``stop`` is set.

    A sink started again soon takes its partitions back at once when ``kafka`` holds a ``group.instance.id``; without
    one the group first waits for the old member's session to time out.

    Args:
        kafka: Client configuration: addresses, credentials, timeouts.
        codec: Reads the records.
        catalogue: Names the topics and the group.
        store: Its tables are there already.
        stop: Set by a signal handler, for example.
        batch: Most records in one transaction of one partition.
        patience: Seconds of trouble with the database or the brokers before giving up.
        backfill: Whether an outcome's own delivery time counts as its receipt.
        observe: Called after each batch, for metrics; lag in records is in it.
        turned: Called each time round, with whether partitions are ours and being read; for health.

    Raises:
        SinkError: It cannot go on; the process should end with exit code 1 and be started again.
    """
    feeds: tuple[Feed, ...] = (
        TaskFeed(catalogue.outreach_tasks.name, codec, store),
        OutcomeFeed(catalogue.task_outcomes.name, codec, store, backfill=backfill),
        ReceiptFeed(catalogue.receipts[OWN_PARTNER].name, codec, store),
    )
    consumer = Consumer(
        {
            **kafka,
            "group.id": catalogue.sink_group,
            "enable.auto.commit": False,
            "auto.offset.reset": "error",  # never start somewhere else in silence
            "isolation.level": "read_committed",
            "enable.partition.eof": True,  # past the markers that transactions leave behind the last record
            "partition.assignment.strategy": "range",  # eager: each change of the group is a fresh start
        }
    )
    member = Member(
        consumer=consumer,
        identity=TopicIdentity(kafka),
        feeds=feeds,
        store=store,
        patience=patience,
        observe=observe,
        turned=turned,
    )
    consumer.subscribe([feed.topic for feed in feeds], on_assign=member.on_assign, on_revoke=member.on_revoke)
    try:
        while not stop.is_set():
            member.step(batch)
    except SinkError as error:
        _log.error("sink stops", error=type(error).__name__, reason=str(error))
        raise
    finally:
        consumer.close()
