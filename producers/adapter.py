"""One partner's adapter: look for deliveries, take them in, publish, wait, again."""

import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol

import structlog

from producers.config import AdapterConfig, ConfigError, CsvDrop, Feed, JsonLines, SqlPoll, location
from producers.mapping import Mapped, Mapper
from producers.observer import SILENT, AdapterObserver
from producers.outbox import Line, Outbox, Route, Stored
from producers.publisher import Publisher
from producers.rows import Bad, Delivery, Reason, Row, Skip, UnreadableError
from producers.sources.csv_drop import CsvRows
from producers.sources.drop_folder import DropFolder
from producers.sources.json_lines import JsonRows
from producers.sources.sql_poll import SqlSource
from schemas.codec import Codec
from schemas.topics import Catalogue

PROGRESS_SECONDS = 5.0
_log = structlog.get_logger(__name__)


class Source(Protocol):
    """Where a feed's deliveries come from."""

    @property
    def waiting(self) -> bool:
        """Whether something is there that is not complete yet and may become so by itself."""

    def poll(self) -> Iterator[Delivery]:
        """What can be read now, oldest first."""

    def finish(self, delivery: Delivery, stored: Stored, outbox: Outbox) -> None:
        """Put away what has been ingested."""


def run(
    config: AdapterConfig,
    kafka: Mapping[str, object],
    codec: Codec,
    catalogue: Catalogue,
    outbox_path: Path,
    *,
    backfill: bool,
    once: bool,
    stop: threading.Event,
    observer: AdapterObserver = SILENT,
) -> None:
    """Run an adapter.

    Args:
        config: Its feeds.
        kafka: Client configuration for the broker.
        codec: For the contracts.
        catalogue: Knows the topics of the partners that have an agreement.
        outbox_path: SQLite file; keep it: it remembers what was read.
        backfill: Give each record its delivery's own time. Only for past months and demonstrations.
        once: End when everything there has been published, instead of waiting for more.
        stop: Set it to end after the batch under way.
        observer: Hears of the work.

    Raises:
        ConfigError: A feed without an agreement.
        PublishError: The broker did not take a record. Nothing is lost; start again.
        SqlError: A database or a query is not as configured.
        OutboxInUseError: Another process runs this adapter.
    """
    routes = {feed.name: route_of(config, feed, catalogue) for feed in config.feeds}
    with Outbox(outbox_path) as outbox:
        desks = [
            Desk(
                config,
                feed,
                routes[feed.name],
                outbox,
                source_of(config, feed, outbox),
                backfill=backfill,
                observer=observer,
            )
            for feed in config.feeds
        ]
        with Publisher(outbox, kafka, codec, config.batch_rows, config.pause_seconds, observer) as publisher:
            published = publisher.drain(stop)
            if published:
                _log.info("left over from before", adapter=config.name, published=published)
            while not stop.is_set():
                observer.turned()
                taken = sum(desk.take_in(stop) for desk in desks)
                publisher.drain(stop)
                if once and not taken and not any(desk.waiting for desk in desks):
                    return
                if not taken:
                    stop.wait(config.poll_seconds)


def route_of(config: AdapterConfig, feed: Feed, catalogue: Catalogue) -> Route:
    """Where a feed's records go.

    Raises:
        ConfigError: The partner has no agreement for this type.
    """
    topic = catalogue.signals.get((feed.partner, feed.type))
    if topic is None:
        raise ConfigError(f"adapter {config.name}, feed {feed.name}: no agreement for {feed.partner}, {feed.type}")
    return Route(topic.name, feed.urn)


def source_of(config: AdapterConfig, feed: Feed, outbox: Outbox) -> Source:
    """Where a feed's deliveries come from."""
    where = location(feed, config.root)
    match feed.source:
        case SqlPoll():
            return SqlSource(feed, feed.source, where, outbox)
        case CsvDrop():
            return DropFolder(feed.name, where, config.settle_seconds, CsvRows(feed, feed.source))
        case JsonLines():
            return DropFolder(feed.name, where, config.settle_seconds, JsonRows(feed))


class Desk:
    """Takes in the deliveries of one feed.

    Args:
        config: Of the adapter.
        feed: The feed.
        route: Where its records go.
        outbox: Where they wait.
        source: Where they come from.
        backfill: See `run`.
        observer: Hears of the deliveries.
    """

    def __init__(
        self,
        config: AdapterConfig,
        feed: Feed,
        route: Route,
        outbox: Outbox,
        source: Source,
        *,
        backfill: bool,
        observer: AdapterObserver = SILENT,
    ) -> None:
        self._mapper = Mapper(feed)
        self._route = route
        self._outbox = outbox
        self._source = source
        self._backfill = backfill
        self._observer = observer
        self._faults: Counter[Reason] = Counter()
        self._log = _log.bind(adapter=config.name, feed=feed.name)

    @property
    def waiting(self) -> bool:
        """Whether something incomplete is there."""
        return self._source.waiting

    def take_in(self, stop: threading.Event) -> int:
        """Take in all that is complete; gives the number of deliveries."""
        count = 0
        for delivery in self._source.poll():
            stored = self._outbox.stored(delivery.key)
            if stored is None:
                stored = self._ingest(delivery)
            else:  # a crash came between the outbox and the move
                self._log.info("delivery known", delivery=delivery.name)
            self._source.finish(delivery, stored, self._outbox)
            count += 1
            if stop.is_set():
                break
        return count

    def _ingest(self, delivery: Delivery) -> Stored:
        name = self._outbox.free_name(delivery.feed, delivery.name)
        self._faults.clear()
        try:
            stored = self._outbox.ingest(delivery, name, self._lines(delivery, name), self._route)
        except UnreadableError as error:
            self._log.warning("delivery cannot be read", delivery=name, reason=error.reason.value)
            unreadable = self._outbox.ingest_unreadable(delivery, name, error.reason)
            self._observer.taken_in(delivery.feed, unreadable, {error.reason: 1})
            return unreadable
        self._observer.taken_in(delivery.feed, stored, self._faults)
        self._log.info(
            "delivery taken in",
            delivery=name,
            rows=stored.rows,
            published=stored.published,
            rejected=stored.rejected,
            skipped=stored.skipped,
        )
        return stored

    def _lines(self, delivery: Delivery, name: str) -> Iterator[Line]:
        told = time.monotonic()
        for index, row in enumerate(delivery.rows):
            if time.monotonic() - told > PROGRESS_SECONDS:
                told = time.monotonic()
                self._observer.turned()
                self._log.info("delivery under way", delivery=name, rows=index)
            whole = f"{delivery.feed}/{row.version or name}"
            yield Line(whole, row.line, self._made(row), self._delivered_at(delivery, row, index))

    def _made(self, row: Row) -> Mapped | Sequence[Bad] | Skip:
        if row.skip is not None:
            return row.skip
        made = [row.bad] if row.bad is not None else self._mapper.map(row.values)
        if not isinstance(made, Mapped):
            self._faults.update(bad.reason for bad in made)
        return made

    def _delivered_at(self, delivery: Delivery, row: Row, index: int) -> int | None:
        """The record's own time in a backfill: distinct and increasing, because rules look at the order."""
        if not self._backfill:
            return None
        if row.at_ms is not None:
            return row.at_ms
        return None if delivery.at_ms is None else delivery.at_ms + index
