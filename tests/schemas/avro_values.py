"""Hypothesis strategies for whatever a contract allows, and the check that a reader keeps what a writer wrote."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any

import fastavro
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

PLAIN: dict[str, st.SearchStrategy[Any]] = {
    "null": st.none(),
    "boolean": st.booleans(),
    "int": st.integers(-(2**31), 2**31 - 1),
    "long": st.integers(-(2**63), 2**63 - 1),
    "string": st.text(max_size=8),
    "bytes": st.binary(max_size=8),
    "date": st.dates(date(1970, 1, 1), date(2100, 1, 1)),
    "timestamp-millis": st.integers(0, 4 * 10**12).map(lambda ms: datetime.fromtimestamp(ms // 1000, UTC)),
}


def values(schema: Any, named: dict[str, Any] | None = None) -> st.SearchStrategy[Any]:
    """Values of a schema; a record in a union is a pair of its full name and its fields."""
    named = {} if named is None else named
    if isinstance(schema, list):
        return st.one_of(*(_branch(branch, named) for branch in schema))
    if isinstance(schema, str):
        return PLAIN[schema] if schema in PLAIN else values(named[schema.rpartition(".")[2]], named)
    if schema["type"] == "array":
        return st.lists(values(schema["items"], named), max_size=3)
    if schema["type"] == "record":
        named[schema["name"]] = schema
        return st.fixed_dictionaries({field["name"]: values(field["type"], named) for field in schema["fields"]})
    return PLAIN[schema.get("logicalType", schema["type"])]


def keeps(reader: str, writer: str) -> None:
    """Write all kinds of values with one schema, read them with another.

    Raises:
        Exception: When something cannot be read, or a field that both know has another value.
    """
    parsed = [fastavro.parse_schema(json.loads(text)) for text in (writer, reader)]

    @settings(max_examples=20, deadline=None, database=None, phases=[Phase.generate])  # a yes or no: nothing to shrink
    @given(values(json.loads(writer)))
    def each(value: Any) -> None:
        encoded = BytesIO()
        fastavro.schemaless_writer(encoded, parsed[0], value)
        written = fastavro.schemaless_reader(BytesIO(encoded.getvalue()), parsed[0], parsed[0])
        assert _shared(written, fastavro.schemaless_reader(BytesIO(encoded.getvalue()), parsed[0], parsed[1]))

    each()


def _branch(schema: Any, named: dict[str, Any]) -> st.SearchStrategy[Any]:
    if isinstance(schema, Mapping) and schema["type"] == "record":
        return values(schema, named).map(lambda value: (f"nl.lantaarn.{schema['name']}", value))
    return values(schema, named)


def _shared(written: Any, read: Any) -> bool:
    """Whether two readings agree on all that both have."""
    if isinstance(written, dict) and isinstance(read, dict):
        return all(_shared(written[name], read[name]) for name in written.keys() & read.keys())
    if isinstance(written, list) and isinstance(read, list):
        return len(written) == len(read) and all(map(_shared, written, read))
    return bool(written == read) and type(written) is type(read)
