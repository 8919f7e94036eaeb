"""Avro in the Confluent wire format: a zero byte, the schema's id (4 bytes, big-endian), the record.

Clients never register a schema: they look the id of their own up at the start (`lantaarn schemas register` put it
there), and fetch a writer's schema by its id the first time they meet it. fastavro is used directly: the registry
client's own (de)serialiser costs four times as much per record.
"""

import json
import struct
from collections.abc import Mapping
from functools import cache
from importlib import resources
from io import BytesIO
from typing import Any, Protocol, cast

import fastavro
from fastavro.types import Schema

NAMESPACE = "nl.lantaarn"
RECORDS = (
    "RentArrears",
    "MissedEnergyPayment",
    "WaterArrears",
    "HealthInsuranceArrears",
    "ExperimentArrears",
    "BenefitStop",
    "HelpRequest",
    "HouseholdFact",
    "HouseholdEvent",
    "HouseholdTransfer",
    "OutreachTask",
    "TaskOutcome",
    "BenefitConsultation",
    "SignalReceipt",
    "SignalStatus",
    "DeadLetter",
)
_PREFIX = struct.Struct(">bI")


class UndecodableError(ValueError):
    """Bytes that are not a record we can read. Its text never holds the record's content."""


class NotRegisteredError(RuntimeError):
    """Our own version of a contract is not in the registry: nothing can be written until it is."""


class Registry(Protocol):
    """What the codec needs of a schema registry."""

    def id_of(self, record: str) -> int:
        """Id of our own schema of a record."""

    def schema(self, schema_id: int) -> str:
        """Text of the schema with this id.

        Raises:
            UndecodableError: When there is none.
        """


@cache
def schema_text(record: str) -> str:
    """The contract of a record, as the file in ``schemas/avro`` has it."""
    return resources.files("schemas").joinpath("avro", f"{record}.avsc").read_text(encoding="utf-8")


@cache
def parsed(record: str) -> Schema:
    """The contract of a record, parsed for fastavro."""
    return fastavro.parse_schema(json.loads(schema_text(record)))


def subject(record: str) -> str:
    """Registry subject: the record's full name, whatever topic it travels on."""
    return f"{NAMESPACE}.{record}"


class Codec:
    """Encodes and decodes records of the contracts.

    Args:
        registry: Gives ids for our schemas and schemas for ids.
    """

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._prefixes: dict[str, bytes] = {}
        self._writers: dict[int, Schema] = {}
        self._readers: dict[tuple[int, str], Schema | None] = {}

    def encode(self, record: str, value: Mapping[str, Any]) -> bytes:
        """Wire bytes of one record.

        Raises:
            ValueError: When the value does not fit the contract.
        """
        prefix = self._prefixes.get(record)
        if prefix is None:
            prefix = self._prefixes[record] = _PREFIX.pack(0, self._registry.id_of(record))
        out = BytesIO()
        out.write(prefix)
        fastavro.schemaless_writer(out, parsed(record), value)
        return out.getvalue()

    def decode(self, record: str, data: bytes | None) -> dict[str, Any]:
        """The record in wire bytes, read with our own schema.

        Raises:
            UndecodableError: When it is not in the wire format, its schema is unknown or does not fit ours.
        """
        if data is None or len(data) < _PREFIX.size:
            raise UndecodableError("not in the Confluent wire format")
        magic, schema_id = _PREFIX.unpack_from(data)
        if magic != 0:
            raise UndecodableError("not in the Confluent wire format")
        writer = self._writer(schema_id)
        body = BytesIO(data)
        body.seek(_PREFIX.size)
        try:
            value = fastavro.schemaless_reader(body, writer, self._reader(schema_id, writer, record))
        except Exception as error:  # noqa: BLE001 - fastavro raises whatever its C code meets
            raise UndecodableError(f"schema {schema_id} as {record}: {type(error).__name__}") from None
        if body.read(1):
            raise UndecodableError(f"schema {schema_id} as {record}: bytes left over")
        return cast("dict[str, Any]", value)

    def _reader(self, schema_id: int, writer: Schema, record: str) -> Schema | None:
        """Our own schema; null where the writer's is the same: to compare them each time costs more than to read."""
        key = schema_id, record
        if key not in self._readers:
            ours = parsed(record)
            self._readers[key] = None if writer == ours else ours
        return self._readers[key]

    def _writer(self, schema_id: int) -> Schema:
        writer = self._writers.get(schema_id)
        if writer is None:
            text = self._registry.schema(schema_id)
            try:
                writer = self._writers[schema_id] = fastavro.parse_schema(json.loads(text))
            except Exception:  # noqa: BLE001 - a registry may hold anything, and fastavro meets it unprepared
                raise UndecodableError(f"schema {schema_id} is no Avro schema") from None
        return writer
