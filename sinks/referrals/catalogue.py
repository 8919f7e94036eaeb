"""The referral catalogue: one TOML file per organisation, checked as a whole before anything is shown of it.

An organisation writes and dates its own entries. Whatever has an income limit names help without one: nobody is told
only what they just miss (founding text C).
"""

import tomllib
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

STALE_DAYS = 180
"""Days after which an organisation should look at its entry again [ours]."""

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=400)]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
Prefix = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{0,3}$")]
Phone = Annotated[str, StringConstraints(pattern=r"^0[0-9 -]{7,14}$")]
Email = Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+\.[a-z]{2,}$")]
Website = Annotated[str, StringConstraints(pattern=r"^https://[^\s\"<>]+$")]


class Need(StrEnum):
    """What help is for; the values head the published page."""

    HOUSING = "wonen"
    ENERGY = "energie"
    WATER = "water"
    CARE = "zorg"
    DEBTS = "schulden"
    PAPERWORK = "papieren"
    CHILDREN = "kinderen"
    TALKING = "praten"


class Audience(StrEnum):
    """Whom an entry is meant for, where that is not everybody."""

    FAMILIES = "gezinnen met kinderen"
    OLDER = "ouderen"
    ENTREPRENEURS = "ondernemers"
    WORKERS = "mensen met werk"
    YOUNG = "jongeren"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Organisation(_Strict):
    """Who helps, and how to reach them."""

    name: Text
    about: Text
    phone: Phone
    email: Email | None = None
    website: Website | None = None


class Entry(_Strict):
    """One kind of help. An empty area is the whole municipality, an empty audience everybody."""

    id: Slug
    name: Text
    what: Text
    needs: Annotated[tuple[Need, ...], Field(min_length=1)]
    audience: tuple[Audience, ...] = ()
    area: tuple[Prefix, ...] = ()
    conditions: tuple[Text, ...] = ()
    income_limit: Text | None = None
    alternatives: tuple[str, ...] = ()
    answer_days: Annotated[int, Field(ge=1, le=90)] = 14
    owner: Text
    checked_on: date

    def serves(self, postcode: str) -> bool:
        """Whether it is there for an address with this postcode."""
        return not self.area or postcode.startswith(self.area)


class _File(_Strict):
    organisation: Organisation
    entry: Annotated[tuple[Entry, ...], Field(min_length=1)]


class Listed(NamedTuple):
    """An entry with its organisation, under one key: "organisation/entry"."""

    key: str
    organisation: Organisation
    entry: Entry

    def is_stale(self, today: date) -> bool:
        """Whether its organisation has not looked at it for too long."""
        return today > self.entry.checked_on + timedelta(days=STALE_DAYS)


class CatalogueError(ValueError):
    """The catalogue cannot be used; one line a fault, each with file, entry and field."""

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(self.faults))


class ReferralCatalogue:
    """All entries of a municipality, by key.

    Args:
        listed: In the order of their files.
    """

    def __init__(self, listed: Iterable[Listed]) -> None:
        self._listed = {one.key: one for one in listed}

    @classmethod
    def read(cls, folder: Path, today: date) -> Self:
        """Read and check a folder.

        Args:
            folder: With a file for each organisation; a file's name is the organisation's key.
            today: A check dated after it is a fault.

        Raises:
            CatalogueError: Naming every fault there is.
        """
        files = sorted(folder.glob("*.toml"))
        if not files:
            raise CatalogueError([f"{folder}: no *.toml"])
        listed: list[Listed] = []
        faults: list[str] = []
        for file in files:
            try:
                listed += _listed(file)
            except CatalogueError as error:
                faults += error.faults
        faults += _faults(listed, today)
        if faults:
            raise CatalogueError(faults)
        return cls(listed)

    def __iter__(self) -> Iterator[Listed]:
        return iter(self._listed.values())

    def __getitem__(self, key: str) -> Listed:
        return self._listed[key]

    def stale(self, today: date) -> list[Listed]:
        """Entries that their organisations should look at again."""
        return [one for one in self if one.is_stale(today)]


def _listed(file: Path) -> list[Listed]:
    try:
        raw = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise CatalogueError([f"{file.name}: {error}"]) from error
    try:
        found = _File.model_validate(raw)
    except ValidationError as error:
        raise CatalogueError([_told(file, raw, one["loc"], one["msg"]) for one in error.errors()]) from error
    return [Listed(f"{file.stem}/{entry.id}", found.organisation, entry) for entry in found.entry]


def _told(file: Path, raw: dict[str, object], where: tuple[int | str, ...], what: str) -> str:
    """File, entry and field of a fault; an entry by its id, or by its number where it has none."""
    place = [str(part) for part in where]
    entries = raw.get("entry")
    if len(where) > 1 and where[0] == "entry" and isinstance(where[1], int) and isinstance(entries, list):
        one = entries[where[1]]
        name = one.get("id") if isinstance(one, dict) else None
        place = [f"entry {name or where[1] + 1}", ".".join(place[2:])]
    elif len(where) > 1:
        place = [place[0], ".".join(place[1:])]
    return ": ".join([file.name, *filter(None, place), what])


def _faults(listed: list[Listed], today: date) -> Iterator[str]:
    known: dict[str, Listed] = {}
    for one in listed:
        at = "{}.toml: entry {}".format(*one.key.split("/"))
        if one.key in known:
            yield f"{at}: id: is there twice"
        known[one.key] = one
    for one in listed:
        at = "{}.toml: entry {}".format(*one.key.split("/"))
        if one.entry.checked_on > today:
            yield f"{at}: checked_on: is after today"
        if one.entry.income_limit is not None and not one.entry.alternatives:
            yield f"{at}: alternatives: an income_limit needs help without one beside it"
        for key in one.entry.alternatives:
            fault = _fault_of_alternative(one.entry, known.get(key))
            if fault:
                yield f"{at}: alternatives: {key}: {fault}"


def _fault_of_alternative(entry: Entry, other: Listed | None) -> str | None:
    if other is None:
        return "is not in the catalogue"
    if other.entry.income_limit is not None:
        return "has an income_limit itself"
    if other.entry.audience and not (entry.audience and set(entry.audience) <= set(other.entry.audience)):
        return "is not for everybody that this entry is for"
    if set(entry.needs).isdisjoint(other.entry.needs):
        return "helps with something else"
    if other.entry.area and not (entry.area and all(prefix.startswith(other.entry.area) for prefix in entry.area)):
        return "is not there for the whole area"
    return None
