"""Both sides of an adapter's ledger, for `lantaarn reconcile`: what lies at the source, and what became of it.

The two sides share nothing but the naming of deliveries: lines at the source are counted from bytes and by a query of
their own, so that a fault in reading or mapping shows as a difference.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from producers.config import AdapterConfig, CsvDrop, Feed, SqlPoll, location
from producers.outbox import Status
from producers.sources.drop_folder import OURS
from producers.sources.sql_poll import SqlError, why


@dataclass(frozen=True, slots=True)
class SourceLine:
    """One line that a partner delivered.

    Attributes:
        feed: Name of the feed.
        delivery: ``feed/file`` as stored, or ``feed/watermark`` of a database row.
        line: Line number, 0 for a whole file that could not be read, or the database row's key.
    """

    feed: str
    delivery: str
    line: int


@dataclass(frozen=True, slots=True)
class OutboxLine:
    """What became of one line; field and reason are those of the first thing wrong with it."""

    delivery: str
    line: int
    status: Status
    signal_id: str | None
    field: str | None
    reason: str | None


def source_lines(config: AdapterConfig) -> Iterator[SourceLine]:
    """Each line of each delivery that was put away, and each row of the databases.

    Headers at the top of a file and blank lines are no lines; a repeated header and a totals row are (`skipped`).

    Raises:
        SqlError: A query does not run.
    """
    for feed in config.feeds:
        where = location(feed, config.root)
        if isinstance(feed.source, SqlPoll):
            yield from _sql_lines(feed, feed.source, where)
        else:
            yield from _file_lines(feed, where)


def outbox_lines(path: Path) -> Iterator[OutboxLine]:
    """Each line that an outbox knows of. The adapter may be running."""
    if not path.exists():
        return
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as db:
        if not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'refusal'").fetchone():
            return  # an adapter is just making it
        found = db.execute(
            "SELECT o.delivery, o.line, o.status, o.aggregateid, r.field, r.reason FROM outbox o"
            " LEFT JOIN refusal r ON r.rowid = (SELECT min(rowid) FROM refusal"
            " WHERE delivery = o.delivery AND line = o.line AND noted = 0)"
            " ORDER BY o.id"
        )
        for delivery, line, status, signal_id, field, reason in found:
            yield OutboxLine(delivery, line, Status(status), signal_id, field, reason)


def _file_lines(feed: Feed, folder: Path) -> Iterator[SourceLine]:
    headers = 1 if isinstance(feed.source, CsvDrop) else 0
    for path in _files(folder / "done"):
        with path.open("rb") as file:
            numbers = (number for number, line in enumerate(file, start=1) if line.strip())
            for index, number in enumerate(numbers):
                if index >= headers:
                    yield SourceLine(feed.name, f"{feed.name}/{path.name}", number)
    for path in _files(folder / "failed"):
        yield SourceLine(feed.name, f"{feed.name}/{path.name}", 0)


def _files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(p for p in folder.iterdir() if p.is_file() and not p.name.endswith((*OURS, ".tmp")))


def _sql_lines(feed: Feed, source: SqlPoll, database: Path) -> Iterator[SourceLine]:
    if not database.exists():
        return
    with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)) as db:
        db.text_factory = _text
        try:
            cursor = db.execute(source.query, {"since": ""})
            names = [column[0] for column in cursor.description]
            key, version = names.index(source.row_key), names.index(source.watermark)
            for row in cursor:
                yield SourceLine(feed.name, f"{feed.name}/{row[version]}", row[key])
        except sqlite3.Error as error:
            reason = why(db, source.query, error)
            raise SqlError(f"feed {feed.name}: the query does not run: {reason}") from None


def _text(raw: bytes) -> str:
    return raw.decode(errors="replace")  # lines are counted; what is in them is not looked at
