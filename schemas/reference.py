"""The readable part of the contracts: one section for each record, every field with its type and meaning."""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from schemas import asyncapi
from schemas.codec import RECORDS, schema_text
from schemas.compatibility import releases
from schemas.samples import sample_files
from schemas.topics import Catalogue

START, END = "<!-- records: made by `lantaarn schemas document` -->", "<!-- end of records -->"
LOGICAL = {"date": "date", "timestamp-millis": "moment (ms, UTC)"}


class PageError(ValueError):
    """The page has no place for the generated part."""


def pages(folder: Path) -> dict[Path, str]:
    """Every generated file under ``folder`` with the text it should have.

    Raises:
        PageError: When ``README.md`` lacks the lines between which the records go.
    """
    page = folder / "README.md"
    made = {folder / "asyncapi.yaml": asyncapi.text(), page: with_records(page.read_text(encoding="utf-8"))}
    return made | {folder / "samples" / name: text for name, text in sample_files().items()}


def with_records(page: str) -> str:
    """A page with the records between its two marks."""
    before, start, rest = page.partition(START)
    _, end, after = rest.partition(END)
    if not (start and end):
        raise PageError(f"no part between {START} and {END}")
    return f"{before}{START}\n\n{records()}\n{END}{after}"


def records() -> str:
    """All records in Markdown."""
    return "\n".join(line for record in RECORDS for line in section(record))


def section(record: str) -> Iterator[str]:
    """One record in Markdown, line by line."""
    schema = json.loads(schema_text(record))
    yield f"### {record}"
    yield ""
    yield schema["doc"]
    yield ""
    for topic in (topic for topic in Catalogue("", asyncapi.SENDERS) if topic.record == record):
        writers, readers = (", ".join(sorted(roles)) for roles in (topic.writers, topic.readers))
        kept = f"{topic.retention_days} days" if topic.retention_days else "without end"
        yield f"- `{topic.name}`: key {topic.key}; kept {kept}; {writers} write, {readers} read"
    files = f"[schema](../../schemas/avro/{record}.avsc), [sample](samples/{record}.json)"
    yield f"- Release {len(releases(record))}: {files}"
    yield ""
    yield "| Field | Type | Meaning |"
    yield "|---|---|---|"
    for path, kind, doc in rows(schema["fields"]):
        yield f"| `{path}` | {kind} | {doc} |"
    yield ""


def rows(fields: Iterable[Mapping[str, Any]], path: str = "") -> Iterator[tuple[str, str, str]]:
    """Path, type and meaning of each field, those inside a field after it.

    Args:
        fields: Of a record.
        path: Of the record, with its dot. A record that is named again is not written out again.
    """
    for field in fields:
        here = f"{path}{field['name']}"
        branches = field["type"] if isinstance(field["type"], list) else [field["type"]]
        kinds = sorted((kind(branch) for branch in branches), key="null".__eq__)
        yield here, " or ".join(kinds), field["doc"]
        for branch in branches:
            yield from _inside(branch, here, several=sum(_is_record(b) for b in branches) > 1)


def kind(schema: Any) -> str:
    """The type in a word or two."""
    if isinstance(schema, str):
        return schema
    if "logicalType" in schema:
        return LOGICAL[schema["logicalType"]]
    if schema["type"] == "array":
        return f"list of {kind(schema['items'])}"
    return str(schema.get("name", schema["type"]))


def _inside(schema: Any, path: str, *, several: bool) -> Iterator[tuple[str, str, str]]:
    if isinstance(schema, Mapping) and schema["type"] == "array":
        yield from _inside(schema["items"], f"{path}[]", several=several)
    elif _is_record(schema):
        yield from rows(schema["fields"], f"{path}.{schema['name']}." if several else f"{path}.")


def _is_record(schema: Any) -> bool:
    return isinstance(schema, Mapping) and schema["type"] == "record"
