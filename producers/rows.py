"""What passes between the steps of an adapter: rows, what is wrong with them, and the delivery they came in."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

Value = str | int | float | bool | Decimal | None
MAX_NOTES = 50  # a file of garbage must not fill the outbox with the names of its columns


class Reason(StrEnum):
    """Why a row was rejected, a whole delivery was, or what was noted about it. Never holds the value itself."""

    MISSING = "missing"
    FORMAT = "format"
    RANGE = "range"
    CHECKSUM = "checksum"
    UNKNOWN_CODE = "unknown_code"
    CONFLICT = "conflict"
    COLUMNS = "columns"
    JSON = "json"
    TRUNCATED = "truncated"
    UNKNOWN_COLUMN = "unknown_column"
    FORBIDDEN_COLUMN = "forbidden_column"
    ENCODING = "encoding"
    HEADER = "header"


class Skip(StrEnum):
    """Lines that are no rows: read, counted, neither published nor rejected."""

    HEADER = "repeated_header"
    TOTALS = "totals"


@dataclass(frozen=True, slots=True)
class Bad:
    """One thing wrong with a row. ``field`` is ours, as in the mapping; empty when it is the row as a whole."""

    field: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class Note:
    """Something worth telling the partner about a delivery whose rows are published all the same."""

    line: int
    field: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a file or one row of a query result.

    Attributes:
        line: Line number in the file (the first is 1), or the row's key in the database.
        values: By column.
        bad: What kept it from being split into columns.
        skip: Set when it is no row at all.
        version: Of a database row: its watermark. The same key under a newer one is another line of the ledger.
        at_ms: The row's own time, where the source has one (ms since 1970, UTC).
    """

    line: int
    values: dict[str, Value] = field(default_factory=dict)
    bad: Bad | None = None
    skip: Skip | None = None
    version: str | None = None
    at_ms: int | None = None


@dataclass(slots=True)
class Notes:
    """Collects notes while the rows of a delivery are read; each column is noted once."""

    found: dict[tuple[str, Reason], int] = field(default_factory=dict)

    def add(self, line: int, name: str, reason: Reason) -> None:
        """Note a column, unless it has been."""
        if len(self.found) < MAX_NOTES:
            self.found.setdefault((name, reason), line)

    def __iter__(self) -> Iterator[Note]:
        for (name, reason), line in self.found.items():
            yield Note(line, name, reason)


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a partner handed over at once: a file, or the rows that one poll found.

    Attributes:
        feed: Name of the feed.
        key: Tells whether it has been ingested before.
        name: For people: the file's name, or the time up to which rows were read.
        at_ms: When it was delivered (ms since 1970, UTC): a file's mtime.
        rows: Lazily read.
        notes: Filled while the rows are read.
        watermark: For a database: where the next poll begins once this one is ingested.
    """

    feed: str
    key: str
    name: str
    at_ms: int | None
    rows: Iterator[Row]
    notes: Notes
    watermark: str | None = None


class UnreadableError(Exception):
    """A delivery of which no row can be read; holds the reason."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


def safe_name(column: str, position: int) -> str:
    """A column's name fit for a rejection file.

    A file without its header puts a resident's data where names are expected: what does not look like a name is
    called by its position.
    """
    plain = column.replace("_", "").replace(".", "").replace("-", "").replace(" ", "").replace("/", "")
    looks_like_a_name = plain.isalnum() and plain[:1].isalpha() and sum(c.isdigit() for c in plain) < 4  # noqa: PLR2004
    return column if looks_like_a_name and len(column) <= 40 else f"column {position}"  # noqa: PLR2004
