"""Writes plain values as YAML, for documents that people read in a review: block style, nothing clever.

A dependency for forty lines of output is one too many, and JSON, which any YAML parser takes too, reads badly.
Texts are bare where that cannot be misread, else in double quotes with JSON's escapes, which are YAML's as well.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

BARE = re.compile(r"[A-Za-z/$][A-Za-z0-9 ,.()/_'$-]*")
TAKEN = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})


def as_yaml(value: Mapping[str, Any]) -> str:
    """The text of a document."""
    return "\n".join(_lines(value)) + "\n"


def _lines(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _entry(f"{_scalar(key)}:", inner)
    else:
        for inner in value:
            yield from _item(inner)


def _entry(head: str, value: Any) -> Iterator[str]:
    if _nested(value):
        yield head
        yield from (f"  {line}" for line in _lines(value))
    else:
        yield f"{head} {_scalar(value)}"


def _item(value: Any) -> Iterator[str]:
    if not _nested(value):
        yield f"- {_scalar(value)}"
        return
    for number, line in enumerate(_lines(value)):
        yield f"{'  ' if number else '- '}{line}"


def _nested(value: Any) -> bool:
    return isinstance(value, Mapping | Sequence) and not isinstance(value, str) and bool(value)


def _scalar(value: Any) -> str:
    if isinstance(value, str) and BARE.fullmatch(value) and not value.endswith(" ") and value.lower() not in TAKEN:
        return value
    return json.dumps(value, ensure_ascii=False)
