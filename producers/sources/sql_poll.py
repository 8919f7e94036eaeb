"""A partner's SQLite database, read by a query from a watermark on; never written.

The watermark is the time that the database put on a row, which is not the time at which the row became visible: a slow
transaction commits a row under a time that has been read past already. So each poll reads a while back again, and skips
the rows it knows, by key and watermark value.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import structlog

from producers.config import Feed, SqlPoll
from producers.outbox import Outbox, Stored
from producers.rows import Delivery, Notes, Row

BATCH_ROWS = 1000  # ingested in one transaction
NOT_NOW = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_CANTOPEN)
_log = structlog.get_logger(__name__)


class SqlError(RuntimeError):
    """The database or the query is not as configured."""


class SqlSource:
    """Polls one database for one feed.

    Args:
        feed: The feed.
        source: Its query and the columns that identify a row.
        database: The SQLite file.
        outbox: Knows how far it was read, and which rows.
    """

    def __init__(self, feed: Feed, source: SqlPoll, database: Path, outbox: Outbox) -> None:
        self._feed = feed
        self._source = source
        self._database = database
        self._outbox = outbox
        self._mapped = frozenset(feed.columns.values())

    @property
    def waiting(self) -> bool:
        """A database is always complete."""
        return False

    def poll(self) -> Iterator[Delivery]:
        """The rows that were not there before, in portions.

        Raises:
            SqlError: The query does not run, lacks a configured column or is not in the watermark's order. A text that
                is not UTF-8 is none of these: it costs its own row, and that only where its column is mapped.
        """
        if not self._database.exists():  # the partner has not put it there yet
            return
        with closing(sqlite3.connect(f"{self._database.absolute().as_uri()}?mode=ro", uri=True)) as db:
            db.text_factory = _text
            try:
                cursor = db.execute(self._source.query, {"since": self._since()})
                names = [column[0] for column in cursor.description]
                needed = {*self._mapped, self._source.row_key, self._source.watermark}
                if missing := sorted(needed - set(names)):
                    raise SqlError(f"feed {self._feed.name}: the query gives no {', '.join(missing)}")
                yield from self._portions(cursor, names)
            except sqlite3.Error as error:
                if getattr(error, "sqlite_errorcode", None) in NOT_NOW:
                    _log.warning("database is busy", feed=self._feed.name)
                    return
                reason = why(db, self._source.query, error)
                raise SqlError(f"feed {self._feed.name}: the query does not run: {reason}") from None

    def finish(self, delivery: Delivery, stored: Stored, outbox: Outbox) -> None:
        """Nothing to move: the watermark went in with the rows."""

    def _since(self) -> str:
        watermark = self._outbox.watermark(self._feed.name)
        if watermark is None:
            return ""
        back = moment(watermark) - timedelta(seconds=self._source.overlap_seconds)
        return back.strftime(self._source.since_format)

    def _portions(self, cursor: sqlite3.Cursor, names: list[str]) -> Iterator[Delivery]:
        last = ""
        while found := cursor.fetchmany(BATCH_ROWS):
            rows: list[Row] = []
            for values in found:
                row = self._row(dict(zip(names, values, strict=True)))
                if (row.version or "") < last:
                    raise SqlError(f"feed {self._feed.name}: the query is not ordered by {self._source.watermark}")
                last = row.version or ""
                if not self._outbox.has_line(f"{self._feed.name}/{row.version}", row.line):
                    rows.append(row)
            if rows:
                yield self._delivery(rows, last)

    def _row(self, values: dict[str, Any]) -> Row:
        key, version = values[self._source.row_key], values[self._source.watermark]
        if not isinstance(key, int) or not isinstance(version, str):
            raise SqlError(f"feed {self._feed.name}: row key must be a whole number, watermark a timestamp as text")
        mapped = {name: value for name, value in values.items() if name in self._mapped}
        at_ms = round(moment(version).timestamp() * 1000)
        return Row(key, mapped, version=version, at_ms=at_ms)

    def _delivery(self, rows: list[Row], last: str) -> Delivery:
        known = self._outbox.watermark(self._feed.name)
        first = rows[0]
        return Delivery(
            feed=self._feed.name,
            key=f"{self._feed.name}|{first.version}|{first.line}",
            name=f"{first.version}..{last}",
            at_ms=None,
            rows=iter(rows),
            notes=Notes(),  # a query names its columns itself: there are no unknown ones
            watermark=max(last, known or ""),
        )


def _text(raw: bytes) -> str:
    # What is not UTF-8 becomes lone surrogates, which `values.text` turns away.
    return raw.decode(errors="surrogateescape")


def why(db: sqlite3.Connection, query: str, error: sqlite3.Error) -> str:
    """Why a query does not run, without what it read: a message of SQLite may quote a value.

    Its whole message where the query does not even compile, for then nothing was read; else its code.
    """
    try:
        db.execute(f"EXPLAIN {query}", {"since": ""}).close()
    except sqlite3.Error as compiling:
        return str(compiling)
    return getattr(error, "sqlite_errorname", type(error).__name__)


def moment(written: str) -> datetime:
    """A timestamp of the database, UTC where it does not say otherwise.

    Raises:
        SqlError: Not ISO 8601.
    """
    try:
        found = datetime.fromisoformat(written.encode("ascii").decode())  # any character may stand before the time
    except ValueError:
        raise SqlError("a watermark is not an ISO 8601 timestamp") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
