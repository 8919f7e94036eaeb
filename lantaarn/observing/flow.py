"""Metrics of records that flow through a process: in, out, answered, behind."""

import time

from lantaarn.observing import catalogue
from lantaarn.observing.meter import Meter
from schemas.codes import Refusal
from schemas.topics import Catalogue

OTHER = "other"
DEAD = (Refusal.UNDECODABLE.value, "failed")
"""Reasons of dead letters."""


class Names:
    """Names of topics as labels: without the deployment's prefix, and only those of the catalogue."""

    def __init__(self, topics: Catalogue) -> None:
        self._known = {topic.name: topic.name.removeprefix(topics.prefix) for topic in topics}

    def of(self, topic: str) -> str:
        """The label for a topic."""
        return self._known.get(topic, OTHER)


class Flow:
    """Records in and how far behind."""

    def __init__(self, meter: Meter, names: Names) -> None:
        self._names = names
        self._read = meter.counter(catalogue.READ)
        self._records = meter.gauge(catalogue.LAG_RECORDS)
        self._seconds = meter.gauge(catalogue.LAG_SECONDS)

    def read(self, topic: str, records: int) -> None:
        """Records done with."""
        self._read.labels(self._names.of(topic)).inc(records)

    def behind(self, topic: str, partition: int, records: int, last_at: int | None) -> None:
        """How far behind a partition is; ``last_at`` is when the last record done was written (ms since 1970)."""
        labels = (self._names.of(topic), str(partition))
        self._records.labels(*labels).set(records)
        seconds = self._seconds.labels(*labels)
        if records and last_at is not None:
            seconds.set_function(lambda: max(0.0, time.time() - last_at / 1000))  # it goes on growing while we stand
        else:
            seconds.set_function(lambda: 0.0)

    def forget(self) -> None:
        """Partitions are shared out anew: what was ours may be somebody else's."""
        self._records.clear()
        self._seconds.clear()


class Made:
    """Records out: the part that intake and the worker share."""

    def __init__(self, meter: Meter, topics: Catalogue, names: Names) -> None:
        self._names = names
        self._partners = frozenset(topics.receipts)
        self._written = meter.counter(catalogue.WRITTEN)
        self._answers = meter.counter(catalogue.ANSWERS)
        self._buried = meter.counter(catalogue.BURIED)
        for reason in DEAD:  # from the start: a rule sees an increase from 0, not from nothing
            self._buried.labels(reason)

    def made(self, topic: str) -> None:
        """A record for a topic."""
        self._written.labels(self._names.of(topic)).inc()

    def answered(self, partner: str, result: str, reason: str | None) -> None:
        """An answer to a partner's record."""
        self._answers.labels(partner if partner in self._partners else OTHER, result, reason or "").inc()

    def buried(self, reason: str) -> None:
        """A dead letter."""
        self._buried.labels(reason if reason in DEAD else OTHER).inc()
