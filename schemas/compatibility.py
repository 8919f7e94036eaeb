"""Released contracts, and the promise that holds them together.

Each version of a contract that has ever been registered somewhere is kept in ``schemas/released``: bytes written with
it may lie on a broker, or sit in a system that we have never seen. Today's contract must read all of them
(BACKWARD_TRANSITIVE). Where systems of others read a record, each released version must read today's bytes as well:
a caseworker system that was built a year ago is not rebuilt because we add a field.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import avro.schema
from avro.compatibility import ReaderWriterCompatibilityChecker, SchemaCompatibilityType

from schemas.codec import RECORDS, schema_text
from schemas.codes import SignalType
from schemas.topics import Catalogue, Role

RELEASED = Path(__file__).parent / "released"
OUTSIDERS = frozenset({Role.CASEWORKER, Role.ADAPTER, Role.BENEFITS})


class IncompatibleError(ValueError):
    """A contract that may not be released: it would leave somebody unable to read."""


class Release(NamedTuple):
    """One released version of a contract."""

    record: str
    number: int
    text: str


def read_by_outsiders() -> frozenset[str]:
    """Records that systems of others read, by the topic catalogue."""
    return frozenset(
        topic.record for topic in Catalogue("", [("partner", SignalType.RENT)]) if topic.readers & OUTSIDERS
    )


def releases(record: str, folder: Path = RELEASED) -> list[Release]:
    """All released versions of a record, the first one first.

    Raises:
        ValueError: When a number is missing between the first and the last.
    """
    files = sorted((folder / record).glob("*.avsc"), key=lambda file: int(file.stem))
    if [int(file.stem) for file in files] != list(range(1, len(files) + 1)):
        raise ValueError(f"{folder.name}/{record}: expected 1.avsc to {len(files)}.avsc without gaps")
    return [Release(record, int(file.stem), file.read_text(encoding="utf-8")) for file in files]


def unreleased(record: str, folder: Path = RELEASED) -> bool:
    """Whether the contract differs from its last release; texts in ``doc`` count: a registry knows them apart too."""
    known = releases(record, folder)
    return not known or json.loads(known[-1].text) != json.loads(schema_text(record))


def obstacles(reader: str, writer: str) -> list[str]:
    """Why a reader with one schema cannot take what was written with another; empty when it can."""
    checker = ReaderWriterCompatibilityChecker()  # type: ignore[no-untyped-call]
    found = checker.get_compatibility(avro.schema.parse(reader), avro.schema.parse(writer))
    problems = []
    if found.compatibility is not SchemaCompatibilityType.compatible:
        where = ", ".join(sorted(found.locations))
        problems = [f"{message} ({where})" for message in sorted(found.messages)] or [where]
    # The rules of Avro let a date be read as a plain number, or as a moment: it decodes, and means something else.
    before, after = (dict(_meanings(json.loads(text))) for text in (writer, reader))
    changed = sorted(path for path in before.keys() & after.keys() if before[path] != after[path])
    return problems + [f"{path}: {before[path] or 'plain'} became {after[path] or 'plain'}" for path in changed]


def broken_promises(record: str, text: str | None = None, folder: Path = RELEASED) -> list[str]:
    """What stands between a contract and its releases; empty when it may be released.

    Args:
        record: Name of the record.
        text: Its contract; by default the one in ``schemas/avro``.
        folder: Of the releases.
    """
    text = schema_text(record) if text is None else text
    problems = []
    for release in releases(record, folder):
        name = f"{record} {release.number}"
        problems += [f"cannot read {name}: {why}" for why in obstacles(text, release.text)]
        if record in read_by_outsiders():
            problems += [f"{name} cannot read it: {why}" for why in obstacles(release.text, text)]
    return problems


def release(folder: Path = RELEASED) -> list[Release]:
    """Add the next version of each contract that differs from its last release.

    Raises:
        IncompatibleError: When one breaks a promise; nothing is written then.
    """
    changed = [record for record in RECORDS if unreleased(record, folder)]
    if problems := [problem for record in changed for problem in broken_promises(record, folder=folder)]:
        raise IncompatibleError("\n".join(problems))
    added = [Release(record, len(releases(record, folder)) + 1, schema_text(record)) for record in changed]
    for each in added:
        file = folder / each.record / f"{each.number}.avsc"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(each.text, encoding="utf-8")
    return added


def _meanings(schema: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Path of each field, and the logical types that it may hold."""
    if isinstance(schema, list):
        for branch in schema:
            yield from _meanings(branch, path)
    elif isinstance(schema, Mapping):
        if schema["type"] == "array":
            yield from _meanings(schema["items"], f"{path}[]")
        for field in schema.get("fields", ()):
            inner = f"{path}/{schema['name']}.{field['name']}"
            branches = field["type"] if isinstance(field["type"], list) else [field["type"]]
            logical = {b["logicalType"] for b in branches if isinstance(b, Mapping) and "logicalType" in b}
            yield inner, ", ".join(sorted(logical))
            yield from _meanings(field["type"], inner)
