"""Agreements with partners: who may send what, for which municipality, from when until when (founding text B)."""

import tomllib
from datetime import date, timedelta

import msgspec
from msgspec import Struct

from schemas.codes import SignalType


class AgreementError(ValueError):
    """An agreements file that cannot be used; says which entry and why."""


class Agreement(Struct, frozen=True, forbid_unknown_fields=True):
    """One agreement. The days from `valid_from` to `valid_until` are both included.

    An agreement is never changed: a later one of the same partner takes its place from its own `valid_from` on, by
    naming its version in `replaces`. What was admitted before stays admitted by what was in force then.
    """

    partner: str
    types: tuple[SignalType, ...]
    municipality: str
    version: str
    valid_from: date
    valid_until: date
    replaces: str | None = None
    rhythm_days: int | None = None  # that may pass between two deliveries before somebody should ask; decides nothing

    def __post_init__(self) -> None:
        if self.valid_until < self.valid_from:
            raise AgreementError(f"{self.partner} version {self.version}: valid_until is before valid_from")
        if self.rhythm_days is not None and self.rhythm_days < 1:
            raise AgreementError(f"{self.partner} version {self.version}: rhythm_days is less than 1")

    def covers(self, partner: str, kind: SignalType, day: date) -> bool:
        """Whether a record of this partner and type, dated this day, may come in."""
        return self.partner == partner and kind in self.types and self.valid_from <= day <= self.valid_until


class _File(Struct, forbid_unknown_fields=True):
    agreement: list[Agreement] = []


class Agreements(Struct, frozen=True):
    """All agreements of a municipality, or none at all where everything is allowed (a replay without a file)."""

    entries: tuple[Agreement, ...] | None = None

    @classmethod
    def from_toml(cls, text: str) -> "Agreements":
        """Read an agreements file's text.

        Raises:
            AgreementError: When it is not TOML, a key is unknown or a value does not fit.
        """
        try:
            return cls(tuple(msgspec.convert(tomllib.loads(text), _File).agreement))
        except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
            raise AgreementError(str(error)) from error

    def of(self, municipality: str | None) -> "Agreements":
        """Those of one municipality; all of them where none is named."""
        if self.entries is None or municipality is None:
            return self
        return Agreements(tuple(entry for entry in self.entries if entry.municipality == municipality))

    def version_for(self, partner: str, kind: SignalType, day: date) -> str | None:
        """The version of the agreement that lets a record in; empty where none are asked for, null when refused."""
        if self.entries is None:
            return ""
        fitting = (entry for entry in self.entries if entry.covers(partner, kind, day) and day <= self.last_day(entry))
        return next((entry.version for entry in fitting), None)

    def last_day(self, entry: Agreement) -> date:
        """The last day on which an agreement counts: its own, or the day before another takes its place."""
        ours = (entry.partner, entry.municipality, entry.version)
        taken = [e.valid_from for e in self.entries or () if (e.partner, e.municipality, e.replaces) == ours]
        return min([entry.valid_until, *(day - timedelta(days=1) for day in taken)])

    @property
    def senders(self) -> set[tuple[str, SignalType]]:
        """Every (partner, type) that has, had or will have an agreement."""
        return {(entry.partner, kind) for entry in self.entries or () for kind in entry.types}
