"""From a partner's row to a record of the contract, or to everything that is wrong with the row.

A row is translated, not judged: whether a report lacks a precondition or comes too early is for intake to say.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from producers import values
from producers.config import FLAGS, Feed
from producers.fields import FIELDS, Field
from producers.rows import Bad, Reason, Value
from producers.signal_id import signal_id
from producers.values import BadValueError, House
from schemas.codes import CREDITOR_TYPES, Precondition, SignalType
from schemas.topics import SIGNAL_RECORDS, types_of

MONTHS = range(1201)
_ADDRESS = ("postcode", "number", "letter", "addition")


@dataclass(frozen=True, slots=True)
class Mapped:
    """A record ready for the outbox.

    Attributes:
        record: Name of the contract.
        signal_id: Also the record's ``id``.
        fields: The whole record, without ``delivered_at``; dates as ``date``.
    """

    record: str
    signal_id: str
    fields: Mapping[str, Any]


class Mapper:
    """Maps the rows of one feed."""

    def __init__(self, feed: Feed) -> None:
        self._partner = feed.partner
        self._type = feed.type
        self._record = SIGNAL_RECORDS[feed.type][1]
        self._readers = [
            (field, feed.columns[field.name], _reader(field, feed))
            for field in FIELDS[feed.type]
            if field.name in feed.columns
        ]

    def map(self, row: Mapping[str, Value]) -> Mapped | list[Bad]:
        """The record of a row, or all that is wrong with it, in the order of the contract's fields."""
        flat: dict[str, Any] = {}
        bads: list[Bad] = []
        for field, column, read in self._readers:
            try:
                found = read(row.get(column))
            except BadValueError as error:
                bads.append(Bad(field.name, error.reason))
                continue
            if found is None and field.needed:
                bads.append(Bad(field.name, Reason.MISSING))
            flat[field.name] = found
        if bads:
            return bads
        flat.pop("bsn", None)
        for prefix in ("", "to_"):
            bads += _join_house(flat, prefix)
        if bads:
            return bads
        fields = _nest(flat, self._type)
        made = signal_id(self._partner, {"type": self._type, **fields})
        return Mapped(self._record, made, {"id": made, "partner": self._partner, **fields})


def _reader(field: Field, feed: Feed) -> Callable[[Value], Any]:
    simple: dict[str, Callable[[Value], Any]] = {
        "text": values.text,
        "date": partial(values.day, style=feed.dates),
        "amount": partial(values.cents, style=feed.amounts),
        "months": partial(values.whole, limits=MONTHS),
        "postcode": values.postcode,
        "house": values.house,
        "letter": values.letter,
        "addition": values.addition,
        "bsn": values.check_bsn,
    }
    if field.shape in simple:
        return simple[field.shape]
    flag = field.shape == "flag"
    own: Mapping[str, str | bool] = FLAGS if flag else {code: code for code in field.codes}
    mapped = feed.values.get("flag" if flag else field.name, own)
    return partial(_code, mapped={key.casefold(): ours for key, ours in mapped.items()}, flag=flag)


def _code(value: Value, mapped: Mapping[str, str | bool], *, flag: bool) -> str | bool | None:
    if flag and isinstance(value, bool):
        return value
    written = values.text(value)
    if written is None:
        return mapped.get("") if flag else mapped.get("") or None
    try:
        found = mapped[written.casefold()]
    except KeyError:
        raise BadValueError(Reason.UNKNOWN_CODE) from None
    return None if found == "" else found


def _join_house(flat: dict[str, Any], prefix: str) -> list[Bad]:
    """Put what stands behind the house number where a column of its own would have put it."""
    house: House | None = flat.get(f"{prefix}number")
    if house is None:
        # Only a destination may be unknown; half of one is a row that went wrong.
        left = [name for name in ("postcode", "letter", "addition") if flat.get(prefix + name) is not None]
        return [Bad(f"{prefix}number", Reason.MISSING)] if left and prefix else []
    if flat.get(f"{prefix}postcode") is None:
        return [Bad(f"{prefix}postcode", Reason.MISSING)]
    flat[f"{prefix}number"] = house.number
    bads = []
    for name, behind in (("letter", house.letter), ("addition", house.addition)):
        own = flat.get(prefix + name)
        if own is not None and behind is not None and own.casefold() != behind.casefold():
            bads.append(Bad(prefix + name, Reason.CONFLICT))
        flat[prefix + name] = own if own is not None else behind
    return bads


def _address(flat: Mapping[str, Any], prefix: str = "") -> dict[str, Any] | None:
    if flat.get(f"{prefix}number") is None:
        return None
    return {name: flat.get(prefix + name) for name in _ADDRESS}


def _nest(flat: Mapping[str, Any], kind: SignalType) -> dict[str, Any]:
    """The contract's shape; a field that the feed has no column for is null."""
    names = [field.name for field in FIELDS[kind] if field.name != "bsn"]
    inner = {*_ADDRESS, *(f"to_{name}" for name in _ADDRESS), *Precondition}
    nested: dict[str, Any] = {name: flat.get(name) for name in names if name not in inner}
    nested["address"] = _address(flat)
    if kind in CREDITOR_TYPES:
        nested["preconditions"] = {str(name): flat.get(name) for name in Precondition}
    if len(types_of(SIGNAL_RECORDS[kind][1])) > 1:
        nested["type"] = str(kind)
    if kind == SignalType.ADDRESS:
        nested["to_address"] = _address(flat, "to_")
    return nested


def revive(stored: Mapping[str, Any], delivered_at: int | None) -> dict[str, Any]:
    """The record of a stored payload, as the codec wants it.

    Args:
        stored: The payload read back from JSON, with ISO dates.
        delivered_at: In a backfill, the delivery's own time (ms since 1970, UTC).
    """
    revived = dict(stored)
    for name in ("signalled_on", "arisen_on", "birth_date"):
        if isinstance(revived.get(name), str):
            revived[name] = date.fromisoformat(revived[name])
    revived["delivered_at"] = delivered_at
    return revived
