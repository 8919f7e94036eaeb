import json
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from producers.config import AdapterConfig
from producers.rows import Bad, Notes, Reason, UnreadableError
from producers.sources.json_lines import JsonRows
from schemas.codes import SignalType
from tests.producers.contract import NAME, PARTNER, Fields, FileAdapterContract, drop

COLUMNS = {
    "kind": "kind",
    "reference": "klantnummer",
    "signalled_on": "datum",
    "arisen_on": "ontstaan",
    "amount_cents": "bedrag",
    "crisis": "crisis",
    "months": "maanden",
    "personal_contact": "stappen.contact",
    "debt_help": "stappen.hulp",
    "reminder": "stappen.brief",
    "consent_offer": "stappen.aanbod",
    "postcode": "adres.postcode",
    "number": "adres.nummer",
    "letter": "adres.letter",
    "addition": "adres.toevoeging",
}


def config(root: Path) -> AdapterConfig:
    feed = {
        "name": "zorg",
        "partner": PARTNER,
        "type": "Zorg",
        "urn": "urn:nld:kvknr:90000002",
        "source": {"kind": "jsonl", "folder": "zorg"},
        "columns": COLUMNS,
        "ignored": ["naam"],
    }
    return AdapterConfig.model_validate(
        {"name": "feed", "feed": [feed], "root": root, "settle_seconds": 0, "poll_seconds": 0.01}
    )


class TestJsonLines(FileAdapterContract):
    kind = SignalType.HEALTH_INSURANCE

    def config(self, root: Path) -> AdapterConfig:
        return config(root)

    def deliver(self, root: Path, name: str, rows: Sequence[Fields], extra: Fields | None = None) -> list[int]:
        lines = [json.dumps({"naam": NAME, **_spelled(row), **(extra or {})}) for row in rows]
        drop(root / "zorg", f"{name}.jsonl", "".join(f"{line}\n" for line in lines).encode())
        return list(range(1, len(rows) + 1))


def _spelled(row: Fields) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for key, column in COLUMNS.items():
        value: Any = row[key]
        if value is None:
            continue
        if value in ("true", "false"):
            value = value == "true"
        elif key == "amount_cents" and value.isdigit():
            value = float(Decimal(value) / 100)
        outer, _, inner = column.rpartition(".")
        (made.setdefault(outer, {}) if outer else made)[inner] = value
    return made


def read(data: bytes) -> list[Any]:
    return list(JsonRows(config(Path()).feeds[0])(data, Notes()))


@pytest.mark.parametrize("line", [b"{", b"[]", b"7", b"null", b'{"bedrag": NaN}', b"[" * 100_000, b"\xc2\xa0x"])
def test_a_line_that_is_no_object_is_rejected(line: bytes) -> None:
    assert [row.bad for row in read(line + b"\n")] == [Bad("", Reason.JSON)]


def test_a_last_line_that_was_cut_off_is_rejected_and_a_whole_one_is_not() -> None:
    assert read(b'{"klantnummer": "1"}\n{"klantnu')[1].bad == Bad("", Reason.TRUNCATED)
    assert read(b'{"klantnummer": "1"}\n{"klantnummer": "2"}')[1].bad is None


def test_numbers_are_exact_and_line_ends_inside_texts_do_not_split() -> None:
    (row,) = read('{"bedrag": 0.1, "klantnummer": "a\u2028b"}\r\n'.encode())
    assert row.values == {"bedrag": Decimal("0.1"), "klantnummer": "a\u2028b"}


def test_another_encoding_is_not_guessed_at() -> None:
    with pytest.raises(UnreadableError, match="encoding"):
        read(b'{"klantnummer": "\xeb"}\n')
