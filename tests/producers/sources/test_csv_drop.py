from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import pytest

from producers.config import AdapterConfig, CsvDrop
from producers.rows import Bad, Notes, Reason, Row, Skip, UnreadableError
from producers.sources.csv_drop import CsvRows
from schemas.codes import SignalType
from tests.producers.contract import NAME, PARTNER, Fields, FileAdapterContract, drop

COLUMNS = {
    "kind": "Soort",
    "reference": "Contract",
    "signalled_on": "Datum",
    "arisen_on": "Ontstaan",
    "amount_cents": "Bedrag",
    "crisis": "Ontruiming",
    "months": "Maanden",
    "personal_contact": "Contact",
    "debt_help": "Hulp",
    "reminder": "Brief",
    "consent_offer": "Aanbod",
    "postcode": "Postcode",
    "number": "Nr",
    "letter": "Letter",
    "addition": "Toev",
}
FLAGS = {"ja": True, "nee": False}
KINDS = {"M": "report", "B": "paid"}


def config(root: Path) -> AdapterConfig:
    feed = {
        "name": "huur",
        "partner": PARTNER,
        "type": "Huur",
        "urn": "urn:nld:kvknr:90000001",
        "source": {
            "kind": "csv",
            "folder": "erp",
            "encoding": "cp1252",
            "delimiter": ";",
            "totals": "Totaal",
        },
        "columns": COLUMNS,
        "ignored": ["Naam"],
        "values": {"kind": KINDS, "flag": FLAGS, "crisis": {"J": "eviction", "N": ""}},
        "amounts": "dutch",
        "dates": "dd-mm-yyyy",
    }
    return AdapterConfig.model_validate(
        {"name": "erp", "feed": [feed], "root": root, "settle_seconds": 0, "poll_seconds": 0.01}
    )


class TestCsvDrop(FileAdapterContract):
    kind = SignalType.RENT

    def config(self, root: Path) -> AdapterConfig:
        return config(root)

    def deliver(self, root: Path, name: str, rows: Sequence[Fields], extra: Fields | None = None) -> list[int]:
        header = ";".join(["Naam", *COLUMNS.values(), *(extra or {})])
        lines = [";".join([NAME, *(spell(row, key) for key in COLUMNS), *(extra or {}).values()]) for row in rows]  # type: ignore[list-item]
        drop(root / "erp", f"{name}.csv", "".join(f"{line}\r\n" for line in [header, *lines]).encode("cp1252"))
        return list(range(2, len(rows) + 2))


def spell(row: Fields, key: str) -> str:
    """A value as an ERP writes it."""
    value = row[key]
    if value is None:
        return ""
    if key in ("signalled_on", "arisen_on") and value.count("-") == 2:
        return "-".join(reversed(value.split("-")))
    if key == "amount_cents" and value.isdigit():
        return f"{Decimal(value) / 100:,.2f}".translate(str.maketrans(",.", ".,"))
    return {"true": "ja", "false": "NEE", "report": "M"}.get(value, value)


def read(text: str, **source: object) -> tuple[list[Row], Notes]:
    feed = (
        config(Path())
        .feeds[0]
        .model_copy(update={"columns": {"reference": "A", "postcode": "B"}, "ignored": frozenset({"Naam"})})
    )
    notes = Notes()
    made = CsvDrop.model_validate({"kind": "csv", "folder": "f", "encoding": "cp1252", "totals": "Totaal", **source})
    return list(CsvRows(feed, made)(text.encode("cp1252"), notes)), notes


def test_a_repeated_header_and_a_totals_row_are_no_rows() -> None:
    rows, _ = read("A;B\n1;2\nA;B\n\n3;4\nTotaal;6\n")
    assert [(row.line, row.skip) for row in rows] == [(2, None), (3, Skip.HEADER), (5, None), (6, Skip.TOTALS)]


def test_a_last_line_without_its_end_was_cut_off_even_where_all_columns_are_there() -> None:
    rows, _ = read("A;B\n1;2\n3;4")
    assert rows[1] == Row(3, bad=Bad("", Reason.TRUNCATED))


def test_an_export_that_never_ends_its_last_line_may_say_so() -> None:
    rows, _ = read("A;B\n1;2\n3;4", final_newline=False)
    assert rows[1].values == {"A": "3", "B": "4"}
    rows, _ = read("A;B\n1;2\n3", final_newline=False)
    assert rows[1].bad == Bad("", Reason.TRUNCATED)


def test_a_stray_quote_costs_its_own_row_only() -> None:
    rows, _ = read('A;B\n"1;2\n3;4\n"5";"6;7"\n')
    assert rows[0].bad == Bad("", Reason.COLUMNS)
    assert [row.values for row in rows[1:]] == [{"A": "3", "B": "4"}, {"A": "5", "B": "6;7"}]


def test_a_row_with_too_many_columns_is_shifted() -> None:
    rows, _ = read("A;B\n1;2;3\n")
    assert rows[0].bad == Bad("", Reason.COLUMNS)


def test_cp1252_is_read_and_ignored_columns_are_not_kept() -> None:
    rows, notes = read("A;Naam;B\n€;Zoë;2\n")
    assert rows[0].values == {"A": "€", "B": "2"}
    assert list(notes) == []


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", Reason.HEADER),
        (b"A;C\n1;2\n", Reason.HEADER),
        (b"A;B;A\n1;2;3\n", Reason.HEADER),
        (b"\xef\xbb\xbfA;B\n1;2\n", Reason.ENCODING),
        (b"A;B\n1;\x81\n", Reason.ENCODING),
        ("A;B\n1;2\n".encode("utf-16"), Reason.HEADER),
    ],
)
def test_a_file_that_cannot_be_read_says_why(data: bytes, reason: Reason) -> None:
    feed = config(Path()).feeds[0].model_copy(update={"columns": {"reference": "A", "postcode": "B"}})
    rows = CsvRows(feed, CsvDrop(kind="csv", folder="f", encoding="cp1252"))(data, Notes())
    with pytest.raises(UnreadableError) as caught:
        next(rows)
    assert caught.value.reason is reason


def test_a_resident_where_a_column_name_should_be_is_not_repeated() -> None:
    _, notes = read("A;B;999993653;j.jansema 12345\n1;2;3;4\n")
    assert [note.field for note in notes] == ["column 3", "column 4"]
