"""The identity of a signal: what a partner said, not when or in which file it said it.

So a row that is sent again is the same signal, and a row mended in any field is a new one.
"""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID, uuid5

# Fixed for ever: another namespace would turn each row that is sent again into a new signal.
NAMESPACE = UUID("6f1a4b0e-6c0a-5d5c-9c0e-2b8a8f6f3d11")


def signal_id(partner: str, fields: Mapping[str, Any]) -> str:
    """Id of one signal.

    Args:
        partner: Identifier of the sender.
        fields: All mapped fields of the row, its type included, without anything of transport (file, line, time).

    Returns:
        A UUIDv5. Absent and null are the same, so that a field added to a contract leaves older ids as they are.
    """
    return str(uuid5(NAMESPACE, canonical({"partner": partner, "fields": fields})))


def canonical(value: Mapping[str, Any]) -> str:
    """One text for equal content: sorted keys, no nulls, no spaces, ISO dates."""
    return json.dumps(_without_nulls(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_iso)


def _without_nulls(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_nulls(inner) for key, inner in value.items() if inner is not None}
    return value


def _iso(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"no canonical form for {type(value).__name__}")
