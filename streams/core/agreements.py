"""Agreements with partners: who may send what, on which ground, from when until when (founding text B).

The agreements file is the partner register. An entry names the partner (KvK or OIN, contact person), the types and the
fields that it may send, the legal basis, the processing activity and the days between which it holds. Nothing that no
entry covers is let in.
"""

import re
import tomllib
from datetime import date, timedelta
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from schemas.codes import CREDITOR_TYPES, EXPERIMENT_TYPES, REQUEST_TYPES, SignalType

PERSON = ("birth_date", "surname")
"""What tells at a shared address who it is."""
OPTIONAL_FIELDS: dict[SignalType, tuple[str, ...]] = {
    **dict.fromkeys((SignalType.BENEFIT_STOP, *REQUEST_TYPES), PERSON),
    **dict.fromkeys(CREDITOR_TYPES, ("crisis", "months", *PERSON)),
    SignalType.ADDRESS: ("everyone", "to_address", *PERSON),
    SignalType.HOUSEHOLD: ("children", "known_at_debt_help", "excluded", "shared_address", *PERSON),
}
"""What a type's records may hold beyond what the type cannot do without: the part that an agreement can withhold."""
AT = re.compile(r"(?P<what>.*?)(?: - at `(?:key in )?\$?\.?(?P<field>[^`]*)`)?", re.DOTALL)


class AgreementError(ValueError):
    """An agreements file that cannot be used; names the entry, the field and what is wrong with it."""


class Agreement(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One agreement. The days from `valid_from` to `valid_until` are both included.

    An agreement is never changed: a later one of the same partner takes its place from its own `valid_from` on, by
    naming its version in `replaces`. What was admitted before stays admitted by what was in force then.

    Attributes:
        partner: Identifier, as in topics.
        types: What it may send.
        municipality: Code (CBS).
        version: Of this agreement; stamped on every record that it lets in.
        valid_from: First day on which a signal may be dated.
        valid_until: Last one.
        replaces: Version of the entry whose place this one takes.
        rhythm_days: That may pass between two deliveries before somebody should ask; decides nothing.
        fields: By type, which of `OPTIONAL_FIELDS` may be filled; a type that is not named may fill all of them.
        legal_basis: On what ground the partner sends; needed for a type that the law does not name (experiments).
        processing: URI of the processing activity in the municipality's register.
        kvk: Number in the trade register.
        oin: Number as an organisation in government (OIN).
        contact: Whom to call.
    """

    partner: Annotated[str, Meta(min_length=1)]
    types: tuple[SignalType, ...]
    municipality: str
    version: Annotated[str, Meta(min_length=1)]
    valid_from: date
    valid_until: date
    replaces: str | None = None
    rhythm_days: Annotated[int, Meta(ge=1)] | None = None
    fields: dict[SignalType, tuple[str, ...]] = {}
    legal_basis: Annotated[str, Meta(min_length=1)] | None = None
    processing: Annotated[str, Meta(pattern=r"^(https?://|urn:)\S+$")] | None = None
    kvk: Annotated[str, Meta(pattern=r"^\d{8}$")] | None = None
    oin: Annotated[str, Meta(pattern=r"^\d{20}$")] | None = None
    contact: Annotated[str, Meta(min_length=1)] | None = None

    def __post_init__(self) -> None:
        if self.valid_until < self.valid_from:
            raise AgreementError("valid_until: is before valid_from")
        for kind, names in self.fields.items():
            if kind not in self.types:
                raise AgreementError(f"fields.{kind}: is not among the types")
            for name in names:
                if name not in OPTIONAL_FIELDS.get(kind, ()):
                    raise AgreementError(f"fields.{kind}: {kind} has no field {name} that could be withheld")
        if self.legal_basis is None and (experiments := [kind for kind in self.types if kind in EXPERIMENT_TYPES]):
            raise AgreementError(f"legal_basis: needed for {', '.join(experiments)}")

    def covers(self, partner: str, kind: SignalType, day: date) -> bool:
        """Whether a record of this partner and type, dated this day, may come in."""
        return self.partner == partner and kind in self.types and self.valid_from <= day <= self.valid_until

    def withholds(self, kind: SignalType, field: str) -> bool:
        """Whether a record of this type may not fill a field of `OPTIONAL_FIELDS`."""
        return field not in self.fields.get(kind, OPTIONAL_FIELDS.get(kind, ()))

    @property
    def lacking(self) -> tuple[str, ...]:
        """What the register should say of a partner and this entry does not; it decides nothing."""
        known = {
            "kvk or oin": self.kvk or self.oin,
            "legal_basis": self.legal_basis,
            "processing": self.processing,
            "contact": self.contact,
            "rhythm_days": self.rhythm_days,
        }
        return tuple(name for name, value in known.items() if value is None)


class Agreements(Struct, frozen=True):
    """All agreements of a municipality, or none at all where everything is allowed (a replay without a file)."""

    entries: tuple[Agreement, ...] | None = None

    @classmethod
    def from_toml(cls, text: str) -> "Agreements":
        """Read an agreements file's text.

        Raises:
            AgreementError: When it is not TOML, a key is unknown, a value does not fit, or a version is there twice.
        """
        try:
            found = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise AgreementError(str(error)) from error
        entries = found.pop("agreement", [])
        if found or not isinstance(entries, list):
            raise AgreementError(f"{', '.join(found) or 'agreement'}: only [[agreement]] is known")
        made = tuple(_entry(number, entry) for number, entry in enumerate(entries, 1))
        known: set[tuple[str, str, str]] = set()
        for number, entry in enumerate(made, 1):
            identity = (entry.partner, entry.municipality, entry.version)
            if identity in known:
                raise AgreementError(f"{_named(number, entry.partner, entry.version)}: version: is there already")
            known.add(identity)
        return cls(made)

    def of(self, municipality: str | None) -> "Agreements":
        """Those of one municipality; all of them where none is named."""
        if self.entries is None or municipality is None:
            return self
        return Agreements(tuple(entry for entry in self.entries if entry.municipality == municipality))

    def covering(self, partner: str, kind: SignalType, day: date) -> Agreement | None:
        """The agreement that lets a record in; null where none does."""
        fitting = (entry for entry in self.entries or () if entry.covers(partner, kind, day))
        return next((entry for entry in fitting if day <= self.last_day(entry)), None)

    def last_day(self, entry: Agreement) -> date:
        """The last day on which an agreement counts: its own, or the day before another takes its place."""
        ours = (entry.partner, entry.municipality, entry.version)
        taken = [e.valid_from for e in self.entries or () if (e.partner, e.municipality, e.replaces) == ours]
        return min([entry.valid_until, *(day - timedelta(days=1) for day in taken)])

    @property
    def senders(self) -> set[tuple[str, SignalType]]:
        """Every (partner, type) that has, had or will have an agreement."""
        return {(entry.partner, kind) for entry in self.entries or () for kind in entry.types}


def _entry(number: int, found: Any) -> Agreement:
    try:
        return msgspec.convert(found, Agreement)
    except msgspec.ValidationError as error:
        named = found if isinstance(found, dict) else {}
        where = _named(number, named.get("partner", "no partner"), named.get("version", "?"))
        told = AT.fullmatch(str(error))
        assert told is not None
        field = f"{told['field']}: " if told["field"] else ""
        raise AgreementError(f"{where}: {field}{told['what']}") from error


def _named(number: int, partner: object, version: object) -> str:
    return f"agreement {number}, {partner} version {version}"
