"""JSON lines: one object a line, UTF-8. Numbers are read as decimals, so that a cent stays a cent."""

import json
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

from producers.config import Feed
from producers.rows import Bad, Notes, Reason, Row, UnreadableError, Value
from producers.sources.csv_drop import note_column
from producers.sources.lines import TextLine, text_lines

MAX_DEPTH = 4


class JsonRows:
    """Reads JSON-lines files of one feed.

    Args:
        feed: Its columns name members; ``outer.inner`` is a member of a member.
    """

    def __init__(self, feed: Feed) -> None:
        self._mapped = frozenset(feed.columns.values())
        self._ignored = feed.ignored
        self._bsn_allowed = feed.bsn_allowed

    def __call__(self, data: bytes, notes: Notes) -> Iterator[Row]:
        """The rows of one file. An absent member is null: systems that write JSON tend to leave nulls out.

        Raises:
            UnreadableError: Not UTF-8.
        """
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise UnreadableError(Reason.ENCODING) from None
        for line in text_lines(text):
            yield self._row(line, notes)

    def _row(self, line: TextLine, notes: Notes) -> Row:
        try:
            found = json.loads(line.text, parse_float=_decimal, parse_constant=_no_constant)
        except (ValueError, RecursionError):
            # An object that is whole ends in a brace, so a line that is not ended but can be read was not cut off.
            return Row(line.number, bad=Bad("", Reason.JSON if line.ended else Reason.TRUNCATED))
        if not isinstance(found, dict):
            return Row(line.number, bad=Bad("", Reason.JSON))
        values: dict[str, Value] = {}
        for position, (name, value) in enumerate(_flat(found), start=1):
            if name in self._mapped:
                values[name] = value
            elif name not in self._ignored:
                note_column(notes, line.number, name, position, bsn_allowed=self._bsn_allowed)
        return Row(line.number, values)


def _flat(found: dict[str, Any], prefix: str = "", depth: int = 1) -> Iterator[tuple[str, Any]]:
    for name, value in found.items():
        if isinstance(value, dict) and depth < MAX_DEPTH:
            yield from _flat(value, f"{prefix}{name}.", depth + 1)
        else:
            yield f"{prefix}{name}", value


def _decimal(written: str) -> Decimal:
    try:
        return Decimal(written)
    except InvalidOperation:
        raise ValueError("a number beyond all bounds") from None


def _no_constant(_: str) -> None:
    raise ValueError("NaN and Infinity are no JSON")
