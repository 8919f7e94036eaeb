"""What an adapter has read and still has to say, in SQLite: the one place that makes a crash harmless.

A delivery goes in as a whole or not at all, with every line of it: those to publish, those rejected and those that are
no rows. Columns follow Debezium's outbox (``id, aggregatetype, aggregateid, type, payload``), so that a connector can
take over from the publisher. A payload is erased once the broker has it: the ledger needs the id only, the receipt of
a delivery the amount.
"""

import json
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Self

from producers.mapping import Mapped
from producers.rows import Bad, Delivery, Note, Reason, Skip
from producers.signal_id import canonical
from schemas.cloudevents import EVENT_TYPES

_SCHEMA = """
CREATE TABLE IF NOT EXISTS outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,  -- the order in which they are published
    aggregatetype TEXT,                    -- record of the contract
    aggregateid TEXT,                      -- signal id, which is the Kafka key
    type TEXT,                             -- CloudEvents type
    payload TEXT,                          -- the record as JSON; null once published
    topic TEXT,
    source TEXT,                           -- CloudEvents source
    delivery TEXT NOT NULL,
    line INTEGER NOT NULL,
    status TEXT NOT NULL,
    delivered_at INTEGER,
    UNIQUE (delivery, line)
);
CREATE INDEX IF NOT EXISTS outbox_pending ON outbox (id) WHERE status = 'pending';
CREATE TABLE IF NOT EXISTS refusal (
    delivery TEXT NOT NULL, line INTEGER NOT NULL, field TEXT NOT NULL, reason TEXT NOT NULL, noted INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS refusal_line ON refusal (delivery, line);
CREATE TABLE IF NOT EXISTS delivery (
    key TEXT PRIMARY KEY, feed TEXT NOT NULL, stored_as TEXT NOT NULL, readable INTEGER NOT NULL,
    rows INTEGER NOT NULL, published INTEGER NOT NULL, rejected INTEGER NOT NULL, skipped INTEGER NOT NULL,
    UNIQUE (feed, stored_as)
);
CREATE TABLE IF NOT EXISTS entry (         -- apart from outbox, whose columns are Debezium's
    id INTEGER PRIMARY KEY,                -- of the line in outbox
    key TEXT NOT NULL,                     -- of its delivery
    amount_cents INTEGER                   -- that it says; null where it says none, or is not published
);
CREATE TABLE IF NOT EXISTS taken_in (key TEXT PRIMARY KEY, at INTEGER NOT NULL);  -- of a delivery; ms since 1970
CREATE TABLE IF NOT EXISTS watermark (feed TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


class Status(StrEnum):
    """What became of a line."""

    PENDING = "pending"
    SENT = "sent"
    REJECTED = "rejected"
    SKIPPED = "skipped"


class OutboxInUseError(RuntimeError):
    """Another adapter process works on this outbox."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a delivery after mapping: a record, or what is wrong with it, or why it is no row."""

    delivery: str
    line: int
    made: Mapped | Sequence[Bad] | Skip
    delivered_at: int | None


@dataclass(frozen=True, slots=True)
class Pending:
    """One record that the broker does not have yet."""

    id: int
    record: str
    signal_id: str
    payload: dict[str, Any]
    topic: str
    source: str
    delivered_at: int | None


@dataclass(frozen=True, slots=True)
class Stored:
    """A delivery that has been ingested. Its rows are those published and rejected; skipped lines are no rows."""

    stored_as: str
    readable: bool
    rows: int
    published: int
    rejected: int
    skipped: int


class Outbox:
    """An adapter's outbox. One process at a time.

    Args:
        path: The SQLite file; made when absent.
        clock: Seconds since 1970.

    Raises:
        OutboxInUseError: When another process has it.
    """

    def __init__(self, path: Path, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        path.parent.mkdir(parents=True, exist_ok=True)
        # A lock of its own, on a second file: the ledger must be able to read the outbox meanwhile, and the operating
        # system releases it however this process ends.
        self._lock = sqlite3.connect(f"{path}.lock", timeout=0, isolation_level=None)
        try:
            self._lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError:
            self._lock.close()
            raise OutboxInUseError(f"{path.name} is in use by another adapter") from None
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")  # what was ingested may already be moved away
        self._db.execute("PRAGMA secure_delete = ON")
        self._db.executescript(_SCHEMA)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close it and let another process have it."""
        self._db.close()
        self._lock.close()

    def stored(self, key: str) -> Stored | None:
        """The delivery with this key, if it has been ingested."""
        row = self._db.execute(
            "SELECT stored_as, readable, rows, published, rejected, skipped FROM delivery WHERE key = ?", (key,)
        ).fetchone()
        return Stored(row[0], bool(row[1]), *row[2:]) if row else None

    def free_name(self, feed: str, name: str) -> str:
        """A name under which no delivery of the feed is stored yet: the same file may come twice."""
        stem, dot, suffix = name.partition(".")
        candidate, count = name, 1
        while self._db.execute("SELECT 1 FROM delivery WHERE feed = ? AND stored_as = ?", (feed, candidate)).fetchone():
            count += 1
            candidate = f"{stem}~{count}{dot}{suffix}"
        return candidate

    def has_line(self, delivery: str, line: int) -> bool:
        """Whether this line has been ingested."""
        return (
            self._db.execute("SELECT 1 FROM outbox WHERE delivery = ? AND line = ?", (delivery, line)).fetchone()
            is not None
        )

    def watermark(self, feed: str) -> str | None:
        """Up to where a feed has been read."""
        row = self._db.execute("SELECT value FROM watermark WHERE feed = ?", (feed,)).fetchone()
        return str(row[0]) if row else None

    def ingest(self, delivery: Delivery, stored_as: str, lines: Iterable[Line], route: "Route") -> Stored:
        """Take in a whole delivery, its notes and its watermark, in one transaction.

        Raises:
            Exception: Whatever reading the lines raises; then nothing was taken in.
        """
        counts = dict.fromkeys(Status, 0)
        with self._transaction():
            for line in lines:
                counts[self._insert(line, route, delivery.key)] += 1
            name = f"{delivery.feed}/{stored_as}"
            self._refuse((name, n.line, n.field, n.reason, 1) for n in delivery.notes)
            if delivery.watermark is not None:
                self._db.execute("INSERT OR REPLACE INTO watermark VALUES (?, ?)", (delivery.feed, delivery.watermark))
            rows = counts[Status.PENDING] + counts[Status.REJECTED]
            stored = Stored(
                stored_as,
                readable=True,
                rows=rows,
                published=counts[Status.PENDING],
                rejected=counts[Status.REJECTED],
                skipped=counts[Status.SKIPPED],
            )
            self._remember(delivery, stored)
        return stored

    def ingest_unreadable(self, delivery: Delivery, stored_as: str, reason: Reason) -> Stored:
        """Take in that nothing of a delivery could be read: line 0 of it stands for the whole."""
        stored = Stored(stored_as, readable=False, rows=0, published=0, rejected=1, skipped=0)
        with self._transaction():
            line = Line(f"{delivery.feed}/{stored_as}", 0, [Bad("", reason)], None)
            self._insert(line, Route("", ""), delivery.key)
            self._remember(delivery, stored)
        return stored

    def refusals(self, delivery: str) -> list[Note]:
        """All that is to be told about a delivery, by line."""
        found = self._db.execute(
            "SELECT line, field, reason FROM refusal WHERE delivery = ? ORDER BY line, rowid", (delivery,)
        )
        return [Note(line, field, Reason(reason)) for line, field, reason in found]

    def pending(self, limit: int) -> list[Pending]:
        """The oldest records that the broker does not have, in order."""
        found = self._db.execute(
            "SELECT id, aggregatetype, aggregateid, payload, topic, source, delivered_at FROM outbox"
            " WHERE status = 'pending' ORDER BY id LIMIT ?",
            (limit,),
        )
        return [Pending(i, record, key, json.loads(body), *rest) for i, record, key, body, *rest in found]

    def mark_sent(self, ids: Sequence[int]) -> None:
        """The broker has these: erase what they said."""
        with self._transaction():
            self._db.executemany(
                "UPDATE outbox SET status = 'sent', payload = NULL WHERE id = ?", ((one,) for one in ids)
            )

    def tidy(self) -> None:
        """Empty the write-ahead log too: what was erased still stands there."""
        self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _insert(self, line: Line, route: "Route", key: str) -> Status:
        made = line.made
        record: tuple[Any, ...] = (None,) * 6
        amount: int | None = None
        if isinstance(made, Skip):
            status = Status.SKIPPED
        elif isinstance(made, Mapped):
            status = Status.PENDING
            amount = made.fields.get("amount_cents")
            body = canonical(made.fields)
            record = (made.record, made.signal_id, EVENT_TYPES[made.record], body, route.topic, route.source)
        else:
            status = Status.REJECTED
            self._refuse((line.delivery, line.line, bad.field, bad.reason, 0) for bad in made)
        inserted = self._db.execute(
            "INSERT INTO outbox (aggregatetype, aggregateid, type, payload, topic, source, delivery, line, status,"
            " delivered_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (*record, line.delivery, line.line, status, line.delivered_at),
        )
        self._db.execute("INSERT INTO entry VALUES (?, ?, ?)", (inserted.lastrowid, key, amount))
        return status

    def _refuse(self, rows: Iterable[tuple[str, int, str, Reason, int]]) -> None:
        self._db.executemany("INSERT INTO refusal VALUES (?, ?, ?, ?, ?)", rows)

    def _remember(self, delivery: Delivery, s: Stored) -> None:
        self._db.execute(
            "INSERT INTO delivery VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (delivery.key, delivery.feed, s.stored_as, s.readable, s.rows, s.published, s.rejected, s.skipped),
        )
        self._db.execute("INSERT INTO taken_in VALUES (?, ?)", (delivery.key, round(self._clock() * 1000)))

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")


@dataclass(frozen=True, slots=True)
class Route:
    """Where a feed's records go, and in whose name."""

    topic: str
    source: str
