"""Listens to each process of the pipeline, and makes metrics and health of what it hears."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime

from prometheus_client import Gauge

from lantaarn.observing import catalogue
from lantaarn.observing.flow import Flow, Made, Names
from lantaarn.observing.health import Health
from lantaarn.observing.meter import Meter, replace
from producers.outbox import Stored
from producers.rows import Reason
from schemas.topics import Catalogue
from sinks.member import Progress
from streams.core.calendar import local_day
from streams.core.policy import Policies
from streams.observer import Done
from streams.wire import millis


class AdapterMetrics:
    """Of a partner's adapter."""

    def __init__(self, meter: Meter, health: Health, topics: Catalogue) -> None:
        self._health = health
        self._names = Names(topics)
        self._deliveries = meter.counter(catalogue.DELIVERIES)
        self._rows = meter.counter(catalogue.ROWS)
        self._faults = meter.counter(catalogue.FAULTS)
        self._written = meter.counter(catalogue.WRITTEN)

    def turned(self) -> None:
        """The loop goes round."""
        self._health.turned()

    def taken_in(self, feed: str, stored: Stored, faults: Mapping[Reason, int]) -> None:
        """A delivery is in the outbox."""
        self._deliveries.labels(feed, str(stored.readable).lower()).inc()
        for result, count in (
            ("accepted", stored.published),
            ("rejected", stored.rejected),
            ("skipped", stored.skipped),
        ):
            self._rows.labels(feed, result).inc(count)
        for reason, count in faults.items():
            self._faults.labels(feed, reason.value).inc(count)

    def published(self, topic: str, records: int) -> None:
        """The broker has these."""
        self._written.labels(self._names.of(topic)).inc(records)


class IntakeMetrics(Made):
    """Of intake."""

    def __init__(self, meter: Meter, health: Health, topics: Catalogue, policies: Policies) -> None:
        names = Names(topics)
        super().__init__(meter, topics, names)
        self._health = health
        self._flow = Flow(meter, names)
        self._partitions = meter.gauge(catalogue.PARTITIONS)
        self._policy = meter.gauge(catalogue.POLICY)
        self._policies = policies

    def turned(self) -> None:
        """The loop goes round."""
        self._health.turned()
        in_force(self._policy, [self._policies])

    def assigned(self, partitions: int | None) -> None:
        """How many partitions are ours now."""
        self._flow.forget()
        self._partitions.set(partitions or 0)
        self._health.at_work(yes=partitions is not None)

    def done(self, done: Done) -> None:
        """A batch of one partition is delivered and committed."""
        self._flow.read(done.topic, done.records)
        self._flow.behind(done.topic, done.partition, done.behind, done.last_at)


class SinkMetrics:
    """Of the sink.

    Args:
        measure: Whether receipt is a moment of this world, so that the time until now means something.
    """

    def __init__(self, meter: Meter, health: Health, topics: Catalogue, *, measure: bool) -> None:
        self._health = health
        self._flow = Flow(meter, Names(topics))
        self._took = meter.histogram(catalogue.SENT_TO_STORED)
        self._measure = measure
        self._reading = False

    def turned(self, reading: bool) -> None:  # noqa: FBT001 - the sink calls it so
        """The loop goes round."""
        self._health.turned()
        if reading is not self._reading:
            self._flow.forget()
            self._reading = reading
        self._health.at_work(yes=reading)

    def stored(self, progress: Progress) -> None:
        """A batch of one partition is stored."""
        self._flow.read(progress.topic, progress.records)
        self._flow.behind(progress.topic, progress.partition, progress.lag, progress.last_at)
        if self._measure:
            now = time.time()
            for at in progress.received_at:
                self._took.observe(max(0.0, now - at / 1000))


class TickerMetrics:
    """Of the ticker."""

    def __init__(self, meter: Meter, health: Health, topics: Catalogue) -> None:
        self._health = health
        self._names = Names(topics)
        self._topic = topics.household_events.name
        self._written = meter.counter(catalogue.WRITTEN)
        self._at = meter.gauge(catalogue.TICKED)

    def turned(self) -> None:
        """The loop goes round."""
        self._health.turned()

    def ticked(self, records: int) -> None:
        """The broker has a tick for each partition."""
        self._written.labels(self._names.of(self._topic)).inc(records)
        self._at.set(time.time())


def in_force(gauge: Gauge, policies: list[Policies]) -> None:
    """Show the versions in force today."""
    today = local_day(millis(datetime.now(UTC)))
    replace(gauge, {(each.on(today).version,): 1 for each in policies})
