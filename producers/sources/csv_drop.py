"""CSV as ERP systems export it: semicolons, a code page, the header repeated per page, a totals row at the end.

One physical line is one row. A quoted value that runs over a line end would also let one stray quote swallow the rest
of a file; here it costs the row it stands in.
"""

import csv
from collections.abc import Iterator

from producers.config import CsvDrop, Feed
from producers.rows import Bad, Notes, Reason, Row, Skip, UnreadableError, safe_name
from producers.sources.lines import TextLine, text_lines

BSN_COLUMNS = frozenset({"bsn", "burgerservicenummer", "sofinummer"})


class CsvRows:
    """Splits CSV files of one feed.

    Args:
        feed: Its columns decide what the header must hold.
        source: How the files are written.
    """

    def __init__(self, feed: Feed, source: CsvDrop) -> None:
        self._mapped = frozenset(feed.columns.values())
        self._ignored = feed.ignored
        self._bsn_allowed = feed.bsn_allowed
        self._source = source

    def __call__(self, data: bytes, notes: Notes) -> Iterator[Row]:
        """The rows of one file.

        Raises:
            UnreadableError: Wrong encoding, or a header that lacks a mapped column: an export that was changed would
                otherwise lose, say, all its eviction marks without anyone noticing.
        """
        lines = text_lines(self._decode(data))
        header = self._header(lines, notes)
        for line in lines:
            yield self._row(line, header)

    def _decode(self, data: bytes) -> str:
        encoding = self._source.encoding
        if encoding != "utf-8" and data.startswith(b"\xef\xbb\xbf"):
            raise UnreadableError(Reason.ENCODING)  # says itself that it is UTF-8
        try:
            return data.decode("utf-8-sig" if encoding == "utf-8" else encoding)
        except UnicodeDecodeError:
            raise UnreadableError(Reason.ENCODING) from None

    def _header(self, lines: Iterator[TextLine], notes: Notes) -> list[str]:
        first = next(lines, None)
        names = self._split(first.text) if first is not None else None
        if first is None or names is None or not self._mapped <= set(names) or len(set(names)) < len(names):
            raise UnreadableError(Reason.HEADER)
        for position, name in enumerate(names, start=1):
            if name in self._mapped or name in self._ignored:
                continue
            note_column(notes, first.number, name, position, bsn_allowed=self._bsn_allowed)
        return names

    def _row(self, line: TextLine, header: list[str]) -> Row:
        if not line.ended and self._source.final_newline:
            return Row(line.number, bad=Bad("", Reason.TRUNCATED))
        cells = self._split(line.text)
        if cells == header:
            return Row(line.number, skip=Skip.HEADER)
        totals = self._source.totals
        if cells and totals is not None and cells[0].casefold().startswith(totals.casefold()):
            return Row(line.number, skip=Skip.TOTALS)
        if cells is None or len(cells) != len(header):
            return Row(line.number, bad=Bad("", Reason.COLUMNS if line.ended else Reason.TRUNCATED))
        named = zip(header, cells, strict=True)
        return Row(line.number, {name: cell for name, cell in named if name in self._mapped})

    def _split(self, text: str) -> list[str] | None:
        try:
            rows = list(csv.reader([text], delimiter=self._source.delimiter, strict=True))
        except csv.Error:
            return None
        return [cell.strip() for cell in rows[0]] if len(rows) == 1 else None


def note_column(notes: Notes, line: int, name: str, position: int, *, bsn_allowed: bool) -> None:
    """Note a column that the feed does not know; its values are never looked at."""
    if name.rpartition(".")[2].casefold() in BSN_COLUMNS and not bsn_allowed:
        notes.add(line, safe_name(name, position), Reason.FORBIDDEN_COLUMN)
    else:
        notes.add(line, safe_name(name, position), Reason.UNKNOWN_COLUMN)
