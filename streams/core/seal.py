"""Notices that an entry of the agreements file was changed instead of replaced: what a seal has seen stays as it was.

Each record that was let in bears the version of its agreement; that says something only while a version goes on saying
the same. A seal holds a digest of every field, so that it can name what changed without repeating it.
"""

import hashlib
import json
from collections.abc import Iterable
from typing import NamedTuple

import msgspec
from msgspec import Struct

from streams.core.agreements import Agreement, Agreements

DIGITS = 16


class SealedEntry(Struct, frozen=True, forbid_unknown_fields=True):
    """What a seal keeps of one entry."""

    partner: str
    municipality: str
    version: str
    fields: dict[str, str]  # those that are filled -> digest

    @property
    def identity(self) -> tuple[str, str, str]:
        """What names an entry."""
        return (self.partner, self.municipality, self.version)

    def __str__(self) -> str:
        return f"{self.partner} version {self.version} ({self.municipality})"


class Compared(NamedTuple):
    """An agreements file beside its seal."""

    broken: tuple[str, ...]  # entries that are not as they were, and in what
    unsealed: tuple[SealedEntry, ...]  # entries that the seal has not seen


def sealed(agreements: Agreements) -> list[SealedEntry]:
    """The seal of all entries."""
    return [_sealed(entry) for entry in agreements.entries or ()]


def compare(seal: Iterable[SealedEntry], agreements: Agreements) -> Compared:
    """What was changed or taken away since, and what is new."""
    now = {entry.identity: entry for entry in sealed(agreements)}
    broken = []
    for before in seal:
        entry = now.pop(before.identity, None)
        if entry is None:
            broken.append(f"{before}: is gone")
        elif changed := sorted(
            name
            for name in before.fields.keys() | entry.fields.keys()
            if before.fields.get(name) != entry.fields.get(name)
        ):
            broken.append(f"{before}: changed in {', '.join(changed)}")
    return Compared(tuple(broken), tuple(now.values()))


def _sealed(entry: Agreement) -> SealedEntry:
    filled = msgspec.to_builtins(entry)  # a field that is added to the register later is not filled in older entries
    return SealedEntry(
        entry.partner, entry.municipality, entry.version, {name: _digest(value) for name, value in filled.items()}
    )


def _digest(value: object) -> str:
    written = json.dumps(value, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(written.encode()).hexdigest()[:DIGITS]
