"""How a partner writes a row down: its adapter's configuration, read backwards."""

import csv
import io
import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from examples.making.said import Said
from producers.config import Feed

HEADER_EVERY = 40  # rows to a printed page
NAME_COLUMN = {"csv": "Naam huurder", "jsonl": "naam"}


def spelled(feed: Feed, said: Said) -> dict[str, Any]:
    """A row by the partner's columns."""
    row: dict[str, Any] = {}
    for field, column in feed.columns.items():
        if field in said.spelled:
            row[column] = said.spelled[field]
        elif field == "bsn":
            row[column] = said.household.bsn
        elif field == "number" and "letter" not in feed.columns:
            row[column] = _whole_number(said.fields)
        else:
            row[column] = _value(feed, field, said.fields.get(field))
    return row


def _value(feed: Feed, field: str, value: Any) -> Any:
    if isinstance(value, date):
        return value.strftime("%d-%m-%Y") if feed.dates == "dd-mm-yyyy" else value.isoformat()
    if field == "amount_cents" and value is not None:
        return _amount(value, feed.amounts)
    codes = feed.values.get("flag" if isinstance(value, bool) else field, {})
    wanted = "" if value is None else value
    for theirs, ours in codes.items():
        if ours == wanted and isinstance(ours, bool) == isinstance(wanted, bool):
            return theirs
    return value


def _amount(cents: int, style: str) -> str | int | float:
    if style == "cents":
        return cents
    if style == "plain":
        return cents / 100
    return f"{cents / 100:,.2f}".translate(str.maketrans(",.", ".,"))


def _whole_number(fields: dict[str, Any]) -> str:
    letter, addition = fields.get("letter"), fields.get("addition")
    if letter:
        return f"{fields['number']}{letter}"
    if addition:
        return f"{fields['number']}{'-' if addition.isdigit() else ' '}{addition}"
    return str(fields["number"])


def csv_file(feed: Feed, rows: Sequence[Said], extra: dict[str, str]) -> tuple[bytes, dict[int, Said]]:
    """A CSV delivery, and which row stands on which line."""
    columns = list(feed.columns.values())
    header = [columns[0], NAME_COLUMN["csv"], *columns[1:], *extra]
    lines: list[str] = [_cells(header)]
    where: dict[int, Said] = {}
    for count, said in enumerate(rows):
        if count and count % HEADER_EVERY == 0:
            lines.append(_cells(header))
        row = spelled(feed, said)
        cells = [row[columns[0]], said.household.name, *(row[column] for column in columns[1:])]
        if said.broken == "shifted":
            cells[1:2] = [part.strip() for part in said.household.name.split(" ")]
        line = _cells([*cells, *extra.values()])
        lines.append(line[: len(line) * 2 // 3] if said.broken == "cut" else line)
        where[len(lines)] = said
    if not any(said.broken == "cut" for said in rows):
        total = sum(said.fields.get("amount_cents") or 0 for said in rows)
        lines.append(_cells(["Totaal", f"{len(rows)} regels", *[""] * 5, _amount(total, "dutch")]))
        return "".join(f"{line}\r\n" for line in lines).encode("cp1252"), where
    return "\r\n".join(lines).encode("cp1252"), where


def _cells(cells: Sequence[Any]) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=";", lineterminator="").writerow("" if cell is None else cell for cell in cells)
    return out.getvalue()


def json_file(feed: Feed, rows: Sequence[Said], extra: dict[str, str]) -> tuple[bytes, dict[int, Said]]:
    """A JSON-lines delivery, and which row stands on which line."""
    lines = []
    for said in rows:
        made: dict[str, Any] = {"naam": said.household.name} if "naam" in feed.ignored else {}
        for column, value in {**spelled(feed, said), **extra}.items():
            if value is not None:
                outer, _, inner = column.rpartition(".")
                (made.setdefault(outer, {}) if outer else made)[inner] = value
        line = json.dumps(made, ensure_ascii=False)
        lines.append(line[: len(line) * 2 // 3] if said.broken in ("cut", "garbage") else line)
    text = "\n".join(lines)
    if not any(said.broken == "cut" for said in rows):
        text += "\n"
    return text.encode(), dict(enumerate(rows, start=1))
