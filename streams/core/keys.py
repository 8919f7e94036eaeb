"""Who a record is about: an address, and at a shared one a person there (rules section 1, record 0005).

Whoever lives in a student house, a care home or a shelter shares an address, not arrears. There a household is a
person, known by birth date and surname. Neither goes further than the key that is made of them. What a partner sends
without them is never matched with others who live there: its claim is a household of its own, until somebody at the
municipality places it with a person (record 0006).
"""

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from msgspec.structs import replace

from schemas.codes import CREDITOR_TYPES, OutcomeKind, SignalType
from streams.core.addresses import AddressError, normalised, pseudonym
from streams.core.records import Address, Record

BEFORE_A_NAME = frozenset(
    ["aan", "bij", "d", "de", "den", "der", "het", "in", "op", "s", "t", "te", "ten", "ter", "v", "van"]
)
"""What one sender writes before a surname, and another leaves out."""
OWN_TYPES = frozenset({SignalType.ADDRESS, SignalType.HOUSEHOLD, SignalType.OUTCOME})
"""The municipality's own word of a household: it has the registers, and is asked whom it means."""
KEY = re.compile(r"[0-9a-f]{64}")


class Person(NamedTuple):
    """Somebody at a shared address."""

    birth_date: date
    surname: str


class SharedListError(ValueError):
    """A list of shared addresses that cannot be used; names the entry and the part, never the value."""


def person_in(raw: Mapping[str, Any]) -> Person | None:
    """The person that a raw record is about; null where it lacks a birth date or a surname that can be read."""
    born, name = raw.get("birth_date"), raw.get("surname")
    if isinstance(born, str):
        try:
            born = date.fromisoformat(born)
        except ValueError:
            return None
    surname = one_form(name) if isinstance(name, str) else ""
    if not isinstance(born, date) or isinstance(born, datetime) or not surname:
        return None
    return Person(born, surname)


def one_form(surname: str) -> str:
    """The one form of a surname: capitals without accents, and without what is written before it (van, de, ter)."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", surname) if not unicodedata.combining(c))
    words = "".join(c if c.isalpha() else " " for c in plain.casefold()).split()
    while len(words) > 1 and words[0] in BEFORE_A_NAME:
        words = words[1:]
    return "".join(words).upper()


class Keys:
    """Makes the keys of households.

    Args:
        secret: Of the pseudonyms.
        shared: Addresses at which each person is a household.
    """

    def __init__(self, secret: bytes, shared: frozenset[Address] = frozenset()) -> None:
        self._secret = secret
        self._shared = shared
        self._known: dict[tuple[Address, Person | None], str] = {}

    def place(self, record: Record, raw: Mapping[str, Any]) -> tuple[str, Record] | None:
        """The household that a record is about, and the record as its household reads it.

        It says where its people move to or with whom it is placed, and at a shared address whether it is known whose
        it is. That the address is shared it does not say again there: each household is one person already.

        Returns:
            Null where an address is shared and the municipality's own record does not tell whose it is.
        """
        named = raw.get("household")
        key = self._of(record.address, raw, named)
        if key is None and record.type not in OWN_TYPES:
            return self._alone(record), replace(record, unsorted=True)
        if key is None:
            return None
        if record.address in self._shared:
            record = replace(record, shared_address=None, unsorted=named is not None and raw.get("unsorted") is True)
        to_address = record.address if record.kind is OutcomeKind.PLACED else record.to_address
        if to_address is None:
            return key, record
        to = self._of(to_address, raw, raw.get("to_household"))
        return None if to is None else (key, replace(record, to_household=to))

    def of(self, address: Address, raw: Mapping[str, Any]) -> str | None:
        """The key of the household at an address that a record tells of; null where that cannot be told."""
        return self._of(address, raw, None)

    def _of(self, address: Address, raw: Mapping[str, Any], named: object) -> str | None:
        if address not in self._shared:
            return self._made(address, None)
        if isinstance(named, str):  # as a task names it: a caseworker's system knows no birth date
            return named if KEY.fullmatch(named) else None
        person = person_in(raw)
        return None if person is None else self._made(address, person)

    def _alone(self, record: Record) -> str:
        """The household of one signal: all records of a claim, or a request or a benefit stop by itself."""
        claim = record.reference if record.type in CREDITOR_TYPES else record.id
        return pseudonym(self._secret, record.address, "unsorted", record.partner, record.type, claim or "")

    def _made(self, address: Address, person: Person | None) -> str:
        known = self._known.get((address, person))
        if known is None:
            about = () if person is None else (person.birth_date.isoformat(), person.surname)
            known = self._known[address, person] = pseudonym(self._secret, address, *about)
        return known


def shared_addresses(text: str) -> frozenset[Address]:
    """The addresses of a list: TOML, ``[[address]]`` with postcode, number, letter, addition, and a word on what it is.

    Raises:
        SharedListError: When it cannot be used.
    """
    try:
        entries = tomllib.loads(text).get("address", [])
    except tomllib.TOMLDecodeError as error:
        raise SharedListError(str(error)) from error
    found = set()
    for number, entry in enumerate(entries, start=1):
        try:
            found.add(normalised(entry))
        except AddressError as error:
            raise SharedListError(f"address {number}: {error.field}: not well-formed") from None
        except AttributeError:
            raise SharedListError(f"address {number}: not a table") from None
    return frozenset(found)
