"""The wire format: what cannot be read says so, and never repeats what is in it."""

import json
from typing import Any

import pytest

from schemas.codec import RECORDS, Codec, UndecodableError, parsed, schema_text, subject

RECEIPT: dict[str, Any] = {
    "signal_id": "6c1b6c1e-5a1c-5f0e-9a11-0d5a2a3b4c5d",
    "partner": "waterbedrijf-het-diep",
    "result": "refused",
    "reason": "expired",
    "field": "signalled_on",
    "received_at": 1_767_225_600_000,
}


class Shelf:
    """A registry of a few schemas, by position."""

    def __init__(self, *texts: str) -> None:
        self._texts = texts

    def id_of(self, record: str) -> int:
        return self._texts.index(schema_text(record))

    def schema(self, schema_id: int) -> str:
        if schema_id >= len(self._texts):
            raise UndecodableError(f"schema {schema_id} is not in the registry")
        return self._texts[schema_id]


def test_a_record_written_with_our_own_schema_is_read_as_one_with_an_equal_schema_in_other_words() -> None:
    ours = json.loads(schema_text("SignalReceipt"))
    codec = Codec(Shelf(schema_text("SignalReceipt"), json.dumps(ours | {"doc": "In other words."})))
    data = codec.encode("SignalReceipt", RECEIPT)
    other = data[:4] + b"\x01" + data[5:]
    assert codec.decode("SignalReceipt", data) == codec.decode("SignalReceipt", other)


def test_what_is_written_is_read_again() -> None:
    codec = Codec(Shelf(schema_text("SignalReceipt")))
    read = codec.decode("SignalReceipt", codec.encode("SignalReceipt", RECEIPT))
    assert read | {"received_at": RECEIPT["received_at"]} == RECEIPT


@pytest.mark.parametrize("data", [None, b"", b"\x00\x00", b"plain text", b"\x01\x00\x00\x00\x00rest"])
def test_bytes_that_are_not_in_the_wire_format_are_undecodable(data: bytes | None) -> None:
    with pytest.raises(UndecodableError, match="wire format"):
        Codec(Shelf(schema_text("SignalReceipt"))).decode("SignalReceipt", data)


def test_a_schema_that_nobody_registered_is_undecodable() -> None:
    with pytest.raises(UndecodableError, match="not in the registry"):
        Codec(Shelf()).decode("SignalReceipt", b"\x00\x00\x00\x00\x07rest")


@pytest.mark.parametrize("text", ["syntax = 'proto3';", "{}", '{"type": "nosuchtype"}', "[1]"])
def test_a_schema_that_is_no_avro_is_undecodable(text: str) -> None:
    with pytest.raises(UndecodableError):
        Codec(Shelf(text)).decode("SignalReceipt", b"\x00\x00\x00\x00\x00rest")


def test_another_record_than_was_asked_for_is_undecodable() -> None:
    codec = Codec(Shelf(schema_text("SignalReceipt"), schema_text("BenefitStop")))
    with pytest.raises(UndecodableError, match="as BenefitStop"):
        codec.decode("BenefitStop", codec.encode("SignalReceipt", RECEIPT))


@pytest.mark.parametrize("cut", range(5, 40, 7))
def test_a_record_cut_off_is_undecodable(cut: int) -> None:
    codec = Codec(Shelf(schema_text("SignalReceipt")))
    with pytest.raises(UndecodableError):
        codec.decode("SignalReceipt", codec.encode("SignalReceipt", RECEIPT)[:cut])


def test_bytes_left_over_are_undecodable() -> None:
    codec = Codec(Shelf(schema_text("SignalReceipt")))
    with pytest.raises(UndecodableError, match="left over"):
        codec.decode("SignalReceipt", codec.encode("SignalReceipt", RECEIPT) + b"x")


def test_an_error_never_repeats_what_is_in_the_record() -> None:
    codec = Codec(Shelf(schema_text("SignalReceipt"), schema_text("BenefitStop")))
    with pytest.raises(UndecodableError) as raised:
        codec.decode("BenefitStop", codec.encode("SignalReceipt", RECEIPT))
    assert RECEIPT["signal_id"] not in str(raised.value)
    assert raised.value.__cause__ is None


@pytest.mark.parametrize("record", RECORDS)
def test_each_contract_says_a_word_on_every_field(record: str) -> None:
    def fields(schema: Any) -> list[dict[str, Any]]:
        if isinstance(schema, list):
            return [field for branch in schema for field in fields(branch)]
        if not isinstance(schema, dict):
            return []
        own = schema.get("fields", [])
        inner = [found for field in own for found in fields(field["type"])]
        return [*own, *inner, *fields(schema.get("items"))]

    assert parsed(record)
    assert subject(record) == f"nl.lantaarn.{record}"
    assert [field["name"] for field in fields(json.loads(schema_text(record))) if not field.get("doc")] == []
