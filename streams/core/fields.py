"""Fields of raw records: what is there and well-formed.

Each raises `InvalidError` with the name of the field, never its value.
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVar

from schemas.limits import LAST_YEAR, LONGEST_NAME
from streams.core.addresses import AddressError, normalised
from streams.core.records import Address

DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})")  # RFC 3339
FIRST_YEAR = 1970  # of a moment; months can be taken off it
LONGEST_TEXT = 2000
EPOCH, ONE_MS = datetime(1970, 1, 1, tzinfo=UTC), timedelta(milliseconds=1)
E = TypeVar("E", bound=StrEnum)


class InvalidError(Exception):
    """A field that is missing or malformed."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


def text(raw: Mapping[str, Any], field: str) -> str:
    """A text that is not blank, short enough for a state to hold, and without what PostgreSQL cannot store."""
    value = raw.get(field)
    if not isinstance(value, str) or not value.strip() or len(value) > LONGEST_TEXT or "\x00" in value:
        raise InvalidError(field)
    return value


def name(raw: Mapping[str, Any], field: str) -> str:
    """A text that names something: in one line, and not longer than an index of a database can hold."""
    value = text(raw, field)
    if len(value) > LONGEST_NAME or not value.isprintable():
        raise InvalidError(field)
    return value


def optional_text(raw: Mapping[str, Any], field: str) -> str | None:
    """A text, or nothing."""
    return None if raw.get(field) is None else text(raw, field)


def code(raw: Mapping[str, Any], field: str, codes: type[E]) -> E | None:
    """A word of a list of codes, or nothing."""
    value = raw.get(field)
    if value is None:
        return None
    try:
        return codes(value)
    except ValueError:
        raise InvalidError(field) from None


def needed_code(raw: Mapping[str, Any], field: str, codes: type[E]) -> E:
    """A word of a list of codes."""
    found = code(raw, field, codes)
    if found is None:
        raise InvalidError(field)
    return found


def flag(raw: Mapping[str, Any], field: str) -> bool | None:
    """Yes, no, or nothing."""
    value = raw.get(field)
    if value is not None and not isinstance(value, bool):
        raise InvalidError(field)
    return value


def whole(raw: Mapping[str, Any], field: str, most: int, *, needed: bool = False) -> int | None:
    """A whole number from 0 up to a limit; or nothing, unless it is needed."""
    value = raw.get(field)
    if value is None and not needed:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
        raise InvalidError(field)
    return value


def optional_date(raw: Mapping[str, Any], field: str) -> date | None:
    """A date, or nothing."""
    value = raw.get(field)
    if value is None:
        return None
    if isinstance(value, str) and DATE.fullmatch(value):
        try:
            value = date.fromisoformat(value)
        except ValueError:
            raise InvalidError(field) from None
    if not isinstance(value, date) or isinstance(value, datetime) or value.year > LAST_YEAR:
        raise InvalidError(field)
    return value


def needed_date(raw: Mapping[str, Any], field: str) -> date:
    """A date."""
    day = optional_date(raw, field)
    if day is None:
        raise InvalidError(field)
    return day


def optional_moment(raw: Mapping[str, Any], field: str) -> int | None:
    """A moment, or nothing."""
    return None if raw.get(field) is None else moment(raw, field)


def moment(raw: Mapping[str, Any], field: str = "received_at") -> int:
    """A moment, in milliseconds since 1970 (UTC).

    Raises:
        InvalidError: When it is missing, malformed, or a text without a time zone; a moment without one is UTC.
    """
    value = raw.get(field)
    try:
        if isinstance(value, datetime):
            found = value.replace(tzinfo=value.tzinfo or UTC).astimezone(UTC)
        elif isinstance(value, str) and MOMENT.fullmatch(value):
            found = datetime.fromisoformat(value.upper()).astimezone(UTC)
        else:
            raise InvalidError(field)
    except (ValueError, OverflowError):
        raise InvalidError(field) from None
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise InvalidError(field)
    return (found - EPOCH) // ONE_MS  # rounded it could be of the next day


def address(raw: Mapping[str, Any], field: str) -> Address | None:
    """An address, normalised (rules section 1), or nothing."""
    value = raw.get(field)
    if value is None:
        return None
    if not isinstance(value, Mapping):
        raise InvalidError(field)
    try:
        return normalised(value)
    except AddressError as error:
        raise InvalidError(f"{field}.{error.field}") from None
