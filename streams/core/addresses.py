"""Addresses: one form for each, and the pseudonym that stands in for it (rules section 1)."""

import hashlib
import hmac
import re
from collections.abc import Mapping
from typing import Any

from streams.core.records import Address

POSTCODE = re.compile(r"[1-9][0-9]{3}[A-Z]{2}")
NUMBER = re.compile(r"([0-9]+)[\s-]*(.*)")
LETTER = re.compile(r"[A-Z]")
ADDITION = re.compile(r"[A-Z0-9-]{1,4}")
LARGEST_NUMBER = 99_999


class AddressError(ValueError):
    """An address that cannot be one; `field` names the part. Its text never holds the value."""

    def __init__(self, field: str) -> None:
        super().__init__(f"not a valid {field}")
        self.field = field


def normalised(raw: Mapping[str, Any]) -> Address:
    """The one form of an address: upper case, no spaces; "12A" is number 12 letter A, "12 bis" has an addition.

    Args:
        raw: ``postcode``, ``number`` (a whole number or text), ``letter``, ``addition``.

    Raises:
        AddressError: When a part is missing or not well-formed.
    """
    postcode = _text(raw, "postcode")
    if not POSTCODE.fullmatch(postcode):
        raise AddressError("postcode")
    number, letter, addition = _numbered(raw.get("number"))
    letter = _text(raw, "letter") or letter
    addition = _text(raw, "addition").strip("-") or addition
    if letter and not LETTER.fullmatch(letter):
        raise AddressError("letter")
    if addition and not ADDITION.fullmatch(addition):
        raise AddressError("addition")
    return Address(postcode, number, letter or None, addition or None)


def pseudonym(secret: bytes, address: Address, *person: str) -> str:
    """The household's key: a keyed hash, so that nobody without the secret can tell whose it is or try addresses.

    Args:
        secret: Of the deployment.
        address: Of the household.
        person: At a shared address, what tells one resident from another.
    """
    parts = (address.postcode, str(address.number), address.letter or "", address.addition or "", *person)
    return hmac.new(secret, "\x1f".join(parts).encode(), hashlib.sha256).hexdigest()


def _text(raw: Mapping[str, Any], field: str) -> str:
    value = raw.get(field)
    if value is None:
        return ""
    if not isinstance(value, str) or not value.isascii():  # some letters become two in upper case
        raise AddressError(field)
    return "".join(value.split()).upper()


def _numbered(value: object) -> tuple[int, str, str]:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise AddressError("number")
    matched = NUMBER.fullmatch(str(value).strip().upper())
    if matched is None:
        raise AddressError("number")
    number, rest = int(matched[1]), "".join(matched[2].split())  # "12 1" is number 12, addition 1
    if not 1 <= number <= LARGEST_NUMBER:
        raise AddressError("number")
    if LETTER.fullmatch(rest[:1]) and (len(rest) == 1 or rest[1] == "-"):
        return number, rest[0], rest[1:].strip("-")
    return number, "", rest.strip("-")
