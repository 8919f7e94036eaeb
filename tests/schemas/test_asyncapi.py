"""The contract pages say what the code says, and AsyncAPI's own rules hold."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from schemas import asyncapi, reference
from schemas.codec import RECORDS
from schemas.topics import Catalogue, Role
from schemas.yaml_text import as_yaml

CONTRACTS = Path(__file__).parents[2] / "docs" / "contracts"
SPECIFICATION = Path(__file__).parent / "specification" / "asyncapi-3.0.0.json"
BROKEN: list[tuple[list[str], object]] = [
    (["channels", "outreachTasks", "bindings", "kafka", "partitions"], 0),
    (["operations", "caseworkerReceivesOutreachTasks", "action"], "read"),
    (["components", "messages", "OutreachTask", "payload", "schema", "fields"], [{"name": "task_id"}]),
    (["servers", "municipality", "security"], [{"type": "unknown"}]),
]


@pytest.fixture(scope="module")
def rules() -> jsonschema.Draft7Validator:
    return jsonschema.Draft7Validator(json.loads(SPECIFICATION.read_text(encoding="utf-8")))


@pytest.mark.parametrize("file", sorted(reference.pages(CONTRACTS)), ids=lambda file: file.name)
def test_what_is_committed_is_what_is_generated(file: Path) -> None:
    made = reference.pages(CONTRACTS)[file]
    assert file.read_text(encoding="utf-8") == made, "run `lantaarn schemas document`"


def test_no_sample_is_left_over() -> None:
    assert {file.stem for file in (CONTRACTS / "samples").iterdir()} == set(RECORDS)


def test_the_document_keeps_to_asyncapi_3(rules: jsonschema.Draft7Validator) -> None:
    assert [error.message for error in rules.iter_errors(asyncapi.document())] == []


@pytest.mark.parametrize(("path", "value"), BROKEN, ids=lambda given: str(given[-1]) if given else None)
def test_a_document_that_breaks_the_rules_is_noticed(
    rules: jsonschema.Draft7Validator, path: list[str], value: object
) -> None:
    document: Any = json.loads(json.dumps(asyncapi.document()))
    inner = document
    for name in path[:-1]:
        inner = inner[name]
    inner[path[-1]] = value
    assert not rules.is_valid(document)


def test_every_reference_leads_somewhere() -> None:
    document: Any = asyncapi.document()
    found = list(references(document))
    assert found
    for reference_ in found:
        target = document
        for name in reference_.removeprefix("#/").split("/"):
            target = target[name]


def test_every_topic_and_everyone_who_touches_it_is_in_the_document() -> None:
    document = asyncapi.document()
    topics = [topic for topic in Catalogue("{prefix}", asyncapi.SENDERS) if topic.record in RECORDS]
    assert {channel["address"] for channel in document["channels"].values()} == {topic.name for topic in topics}
    touched = {
        (operation["tags"][0]["name"], operation["action"], operation["channel"]["$ref"].rpartition("/")[2])
        for operation in document["operations"].values()
    }
    assert touched == {
        (role, action, asyncapi.channel_id(topic))
        for topic in topics
        for action, roles in (("send", topic.writers), ("receive", topic.readers))
        for role in roles
    }
    assert (Role.CASEWORKER, "receive", "outreachTasks") in touched


def test_the_page_names_every_field() -> None:
    page = (CONTRACTS / "README.md").read_text(encoding="utf-8")
    for path in ("next_action_on", "address.postcode", "members[].repeated", "body.Tick.hour"):
        assert f"| `{path}` |" in page


def test_a_page_without_its_marks_is_refused() -> None:
    with pytest.raises(reference.PageError):
        reference.with_records("# Contracts\n")


def test_yaml_quotes_what_could_be_misread() -> None:
    value = {
        "a": ["yes", "1.0", "b: c", "# d", "plain words, here", "", " e", 'f"\n'],
        "$ref": {},
        "on": [{"x": 1, "y": []}],
    }
    assert as_yaml(value).splitlines() == [
        "a:",
        '  - "yes"',
        '  - "1.0"',
        '  - "b: c"',
        '  - "# d"',
        "  - plain words, here",
        '  - ""',
        '  - " e"',
        r'  - "f\"\n"',
        "$ref: {}",
        '"on":',
        "  - x: 1",
        '    "y": []',
    ]


def references(value: Any) -> list[str]:
    if isinstance(value, list):
        return [found for inner in value for found in references(inner)]
    if isinstance(value, dict):
        return [found for key, inner in value.items() for found in ([inner] if key == "$ref" else references(inner))]
    return []
