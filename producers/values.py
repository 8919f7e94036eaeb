"""Reads single values as Dutch systems write them. Each function raises `BadValueError`, never with the value."""

import re
from datetime import date
from decimal import Decimal
from typing import Literal, NamedTuple

from producers.rows import Reason, Value

AmountStyle = Literal["dutch", "plain", "cents"]
DateStyle = Literal["dd-mm-yyyy", "yyyy-mm-dd"]

MAX_CENTS = 10**11  # a thousand million euros: above it the column is not an amount
MAX_NUMBER = 99_999  # highest house number of the address register [std]
MAX_TEXT = 64
YEARS = range(1900, 2101)
_DUTCH = re.compile(r"(?:€ ?)?(-?)(\d{1,3}(?:\.\d{3})+|\d{1,12})(?:,(\d{1,2}|-))?", re.ASCII)
_PLAIN = re.compile(r"(-?)(\d{1,12})(?:\.(\d{1,2}))?", re.ASCII)
_DATES = {
    "dd-mm-yyyy": re.compile(r"(?P<d>\d{1,2})-(?P<m>\d{1,2})-(?P<y>\d{4})", re.ASCII),
    "yyyy-mm-dd": re.compile(r"(?P<y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})", re.ASCII),
}
_POSTCODE = re.compile(r"[1-9][0-9]{3} ?[A-Za-z]{2}")
_HOUSE = re.compile(r"(\d{1,6})(?!\d)([A-Za-z0-9/ -]*)", re.ASCII)
_ADDITION = re.compile(r"[A-Za-z0-9 \-]{1,4}")
_BSN_WEIGHTS = (9, 8, 7, 6, 5, 4, 3, 2, -1)


class BadValueError(Exception):
    """A value that is not what its column should hold."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


class House(NamedTuple):
    """A house number and what was written behind it."""

    number: int
    letter: str | None
    addition: str | None


def text(value: Value) -> str | None:
    """The value as stripped text; None when empty.

    Raises:
        BadValueError: Neither text nor a whole number, too long, or with characters that have no place in it.
    """
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise BadValueError(Reason.FORMAT)
    found = str(value).strip()
    if len(found) > MAX_TEXT or (found and not found.isprintable()):
        raise BadValueError(Reason.FORMAT)  # isprintable also turns away lone surrogates, which no UTF-8 can hold
    return found or None


def cents(value: Value, style: AmountStyle) -> int | None:
    """An amount in euro cents, exactly.

    Args:
        value: ``1.234,56`` or ``€ 12,-`` (dutch), ``1234.56`` or a number (plain), whole cents (cents).
        style: How the source writes amounts; a dot is never guessed at.

    Raises:
        BadValueError: Not written that way, finer than a cent, negative or absurd.
    """
    if isinstance(value, bool):
        raise BadValueError(Reason.FORMAT)
    if isinstance(value, float):
        value = Decimal(repr(value))
    if isinstance(value, int | Decimal) and style != "dutch":
        return _exact_cents(Decimal(value), 0 if style == "cents" else 2)
    written = text(str(value) if isinstance(value, Decimal) else value)
    if written is None:
        return None
    match = (_DUTCH if style == "dutch" else _PLAIN).fullmatch(written)
    if match is None or (style == "cents" and match[3]):
        raise BadValueError(Reason.FORMAT)
    whole = int(match[2].replace(".", ""))
    found = whole if style == "cents" else whole * 100 + int((match[3] or "0").replace("-", "0").ljust(2, "0"))
    return _amount_in_range(-found if match[1] else found)


def _exact_cents(value: Decimal, places: int) -> int:
    if not value.is_finite() or len(value.as_tuple().digits) > 20:  # noqa: PLR2004 - beyond exact arithmetic
        raise BadValueError(Reason.FORMAT)
    if not 0 <= value <= MAX_CENTS:
        raise BadValueError(Reason.RANGE)
    exact = value.scaleb(places)
    if exact != exact.to_integral_value():
        raise BadValueError(Reason.FORMAT)
    return _amount_in_range(int(exact))


def _amount_in_range(found: int) -> int:
    if not 0 <= found <= MAX_CENTS:
        raise BadValueError(Reason.RANGE)
    return found


def day(value: Value, style: DateStyle) -> date | None:
    """A date.

    Raises:
        BadValueError: Not written in that style, or no date of these two centuries.
    """
    written = text(value)
    if written is None:
        return None
    match = _DATES[style].fullmatch(written)
    if match is None:
        raise BadValueError(Reason.FORMAT)
    try:
        found = date(int(match["y"]), int(match["m"]), int(match["d"]))
    except ValueError:
        raise BadValueError(Reason.FORMAT) from None
    if found.year not in YEARS:
        raise BadValueError(Reason.RANGE)
    return found


def whole(value: Value, limits: range) -> int | None:
    """A whole number within limits.

    Raises:
        BadValueError: Not a whole number, or outside the limits.
    """
    written = text(value)
    if written is None:
        return None
    if not re.fullmatch(r"-?[0-9]{1,9}", written):
        raise BadValueError(Reason.FORMAT)
    if int(written) not in limits:
        raise BadValueError(Reason.RANGE)
    return int(written)


def postcode(value: Value) -> str | None:
    """A Dutch postcode as the sender wrote it; intake normalises it.

    Raises:
        BadValueError: Not four digits and two letters.
    """
    written = text(value)
    if written is not None and not _POSTCODE.fullmatch(written):
        raise BadValueError(Reason.FORMAT)
    return written


def house(value: Value) -> House | None:
    """A house number with whatever was written behind it: ``12``, ``12A``, ``12-3``, ``12 bis``, ``12A-3``.

    Raises:
        BadValueError: Not a house number, or zero, or above the register's highest.
    """
    written = text(value)
    if written is None:
        return None
    match = _HOUSE.fullmatch(written)
    if match is None:
        raise BadValueError(Reason.FORMAT)
    number, behind = int(match[1]), match[2].replace(" ", "").replace("/", "-")
    if not 1 <= number <= MAX_NUMBER:
        raise BadValueError(Reason.RANGE)
    # One letter alone is a house letter; more than one, or a letter with a digit, is an addition: "12A", "12 bis".
    own_letter = behind[:1].isalpha() and behind[1:2] in ("", "-")
    rest = behind[1:] if own_letter else behind
    return House(number, behind[0].upper() if own_letter else None, addition(rest.lstrip("-")))


def letter(value: Value) -> str | None:
    """A house letter, in upper case.

    Raises:
        BadValueError: Not one letter.
    """
    written = text(value)
    if written is None:
        return None
    if not re.fullmatch(r"[A-Za-z]", written):
        raise BadValueError(Reason.FORMAT)
    return written.upper()


def addition(value: Value) -> str | None:
    """A house number addition.

    Raises:
        BadValueError: Longer than four, or with other characters than the register allows.
    """
    written = text(value)
    if written is not None and not _ADDITION.fullmatch(written):
        raise BadValueError(Reason.FORMAT)
    return written


def check_bsn(value: Value) -> None:
    """Check a BSN with the 11-check; the caller gets nothing back, because no contract carries one.

    A wrong one is worth a rejection: the partner then has someone else's row, or a row shifted by a column.

    Raises:
        BadValueError: Not eight or nine digits, or it fails the check.
    """
    written = text(value)
    if written is None:
        return
    if not re.fullmatch(r"[0-9]{8,9}", written):
        raise BadValueError(Reason.FORMAT)
    digits = [int(c) for c in written.zfill(9)]
    total = sum(weight * digit for weight, digit in zip(_BSN_WEIGHTS, digits, strict=True))
    if total % 11 or not any(digits):
        raise BadValueError(Reason.CHECKSUM)
