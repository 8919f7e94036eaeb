"""The schema registry: what it accepts, what it refuses."""

from __future__ import annotations

import json

import pytest
from confluent_kafka.schema_registry import Schema, SchemaRegistryClient
from confluent_kafka.schema_registry.error import SchemaRegistryError

from tests.stacks import RunningStack


def lamp(*fields: dict[str, object]) -> Schema:
    record = {"type": "record", "name": "Lamp", "namespace": "test.embedded", "fields": list(fields)}
    return Schema(json.dumps(record), "AVRO")


NAME: dict[str, object] = {"name": "name", "type": "string"}
OPTIONAL: dict[str, object] = {"name": "oil", "type": "int", "default": 0}
REQUIRED: dict[str, object] = {"name": "wick", "type": "int"}


def test_registers_and_gives_back(stack: RunningStack) -> None:
    client = SchemaRegistryClient({"url": stack.registry_url})
    number = client.register_schema("test.embedded.Lamp", lamp(NAME))
    assert json.loads(client.get_schema(number).schema_str or "")["name"] == "Lamp"
    assert client.register_schema("test.embedded.Lamp", lamp(NAME)) == number
    assert client.register_schema("test.embedded.Lamp", lamp(NAME, OPTIONAL)) != number


def test_incompatible_schema_is_refused(stack: RunningStack) -> None:
    client = SchemaRegistryClient({"url": stack.registry_url})
    client.register_schema("test.embedded.Refused", lamp(NAME))
    with pytest.raises(SchemaRegistryError) as refused:
        client.register_schema("test.embedded.Refused", lamp(NAME, REQUIRED))
    assert refused.value.http_status_code == 409
