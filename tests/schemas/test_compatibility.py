"""What was released once can be read for ever: shown by fastavro on invented data, and by the real registry."""

import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from confluent_kafka.schema_registry import Schema, SchemaRegistryClient
from confluent_kafka.schema_registry.error import SchemaRegistryError
from typer.testing import CliRunner

from lantaarn.cli import app
from schemas import compatibility
from schemas.codec import RECORDS, schema_text, subject
from schemas.compatibility import broken_promises, obstacles, read_by_outsiders, releases, unreleased
from schemas.registry import COMPATIBILITY
from tests.schemas.avro_values import keeps
from tests.stacks import RunningStack

OUTCOME, TASK = "TaskOutcome", "OutreachTask"
DATE = {"type": "int", "logicalType": "date"}
MOMENT = {"type": "long", "logicalType": "timestamp-millis"}


def changed(record: str, *fields: dict[str, Any], without: str | None = None) -> str:
    """A contract with fields added, or replaced where the name is known."""
    schema = json.loads(schema_text(record))
    new = {field["name"]: field for field in fields}
    kept = [new.pop(field["name"], field) for field in schema["fields"] if field["name"] != without]
    return json.dumps({**schema, "fields": [*kept, *new.values()]})


def wordless(text: str) -> str:
    """A contract without its documentation."""

    def without(part: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in part.items() if name != "doc"}

    return json.dumps(json.loads(text, object_hook=without))


OPTIONAL = changed(OUTCOME, {"name": "mood", "type": ["null", "string"], "default": None})
BREAKING = {
    "a field without default": changed(OUTCOME, {"name": "mood", "type": "string"}),
    "another type": changed(OUTCOME, {"name": "signalled_on", "type": "string"}),
    "no longer null": changed(OUTCOME, {"name": "channel", "type": "string", "default": ""}),
}
ANOTHER_MEANING = {
    "a moment for a date": changed(OUTCOME, {"name": "signalled_on", "type": MOMENT}),
    "a number for a date": changed(OUTCOME, {"name": "signalled_on", "type": "int"}),
}


@pytest.mark.parametrize("record", RECORDS)
def test_each_contract_is_released_as_it_is(record: str) -> None:
    assert not unreleased(record), f"{record}.avsc has changed: run `lantaarn schemas release` and `… schemas document`"


@pytest.mark.parametrize("record", RECORDS)
def test_each_contract_reads_what_any_release_wrote(record: str) -> None:
    assert broken_promises(record) == []
    for release in releases(record):
        keeps(schema_text(record), release.text)


@pytest.mark.parametrize("record", sorted(read_by_outsiders()))
def test_what_outsiders_read_any_release_can_still_read(record: str) -> None:
    for release in releases(record):
        keeps(release.text, schema_text(record))


def test_outsiders_read_tasks_and_receipts() -> None:
    assert read_by_outsiders() == {TASK, "SignalReceipt", "SignalStatus", "BenefitConsultation"}


def test_a_new_field_with_a_default_is_compatible_both_ways() -> None:
    assert obstacles(OPTIONAL, schema_text(OUTCOME)) == obstacles(schema_text(OUTCOME), OPTIONAL) == []
    keeps(OPTIONAL, schema_text(OUTCOME))
    keeps(schema_text(OUTCOME), OPTIONAL)


@pytest.mark.parametrize("text", BREAKING.values(), ids=BREAKING)
def test_a_breaking_change_is_caught_by_rule_and_by_data(text: str) -> None:
    assert broken_promises(OUTCOME, text)
    with pytest.raises(Exception):  # noqa: B017, PT011 - whatever fastavro meets first
        keeps(text, schema_text(OUTCOME))


@pytest.mark.parametrize("text", ANOTHER_MEANING.values(), ids=ANOTHER_MEANING)
def test_what_would_decode_and_mean_something_else_is_caught(text: str) -> None:
    problems = broken_promises(OUTCOME, text)
    assert len(problems) == len(releases(OUTCOME))
    assert all("signalled_on: " in problem for problem in problems)


def test_a_field_that_outsiders_need_may_not_go() -> None:
    text = changed(TASK, without="rung")
    assert obstacles(text, schema_text(TASK)) == []  # we could still read the old ones
    problems = broken_promises(TASK, text)
    assert len(problems) == len(releases(TASK))
    assert all("cannot read it: rung" in problem for problem in problems)
    with pytest.raises(Exception):  # noqa: B017, PT011
        keeps(schema_text(TASK), text)


@pytest.mark.parametrize("record", RECORDS)
def test_a_real_registry_takes_the_releases_in_order_and_then_the_contract(stack: RunningStack, record: str) -> None:
    client, name = SchemaRegistryClient({"url": stack.registry_url}), f"t{uuid4().hex}.{subject(record)}"
    client.set_compatibility(level=COMPATIBILITY)
    for release in releases(record):
        client.register_schema(name, Schema(release.text, "AVRO"))
    client.register_schema(name, Schema(schema_text(record), "AVRO"))
    # To the registry a change of words alone is no new version.
    distinct = {wordless(text) for text in [*(r.text for r in releases(record)), schema_text(record)]}
    assert client.get_versions(name) == list(range(1, len(distinct) + 1))


def test_a_real_registry_refuses_a_breaking_change(stack: RunningStack) -> None:
    client, name = SchemaRegistryClient({"url": stack.registry_url}), f"t{uuid4().hex}.{subject(OUTCOME)}"
    client.set_compatibility(level=COMPATIBILITY)
    client.register_schema(name, Schema(schema_text(OUTCOME), "AVRO"))
    client.register_schema(name, Schema(OPTIONAL, "AVRO"))
    with pytest.raises(SchemaRegistryError) as refused:
        client.register_schema(name, Schema(BREAKING["another type"], "AVRO"))
    assert refused.value.http_status_code == 409


def release(folder: Path) -> tuple[int, str]:
    ran = CliRunner().invoke(app, ["schemas", "release", "--folder", str(folder)])
    return ran.exit_code, ran.output


def test_releasing_adds_what_differs_once(tmp_path: Path) -> None:
    assert release(tmp_path)[1].splitlines() == [f"released: {record} 1" for record in RECORDS]
    assert (tmp_path / OUTCOME / "1.avsc").read_text(encoding="utf-8") == schema_text(OUTCOME)
    assert release(tmp_path) == (0, "Every contract is released as it is.\n")


def test_a_changed_contract_becomes_the_next_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    release(tmp_path)
    monkeypatch.setattr(compatibility, "schema_text", lambda r: OPTIONAL if r == OUTCOME else schema_text(r))
    assert release(tmp_path) == (0, f"released: {OUTCOME} 2\n")
    assert [each.text for each in releases(OUTCOME, tmp_path)] == [schema_text(OUTCOME), OPTIONAL]


def test_a_breaking_change_is_not_released(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    release(tmp_path)
    broken = BREAKING["another type"]
    monkeypatch.setattr(compatibility, "schema_text", lambda r: broken if r == OUTCOME else schema_text(r))
    code, output = release(tmp_path)
    assert code == 1
    assert "nothing released" in output
    assert len(releases(OUTCOME, tmp_path)) == 1


def test_a_missing_number_is_noticed(tmp_path: Path) -> None:
    release(tmp_path)
    (tmp_path / TASK / "1.avsc").rename(tmp_path / TASK / "2.avsc")
    with pytest.raises(ValueError, match="without gaps"):
        releases(TASK, tmp_path)
