"""Which fields a record of each type has, what kind of value each holds and which must be there.

The same names serve as keys of a feed's ``columns``, as field of a rejection and, nested, as the contract's fields.
Needed here is what the contract cannot do without. What the rules ask besides (an amount in a report, say) is for
intake to judge: an adapter translates.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from schemas.codes import (
    CREDITOR_TYPES,
    AddressEvent,
    Crisis,
    Exclusion,
    Kind,
    Precondition,
    SignalType,
    StopReason,
)
from schemas.topics import SIGNAL_RECORDS

Shape = Literal["text", "date", "amount", "months", "flag", "code", "postcode", "house", "letter", "addition", "bsn"]

_CRISES: dict[SignalType, tuple[Crisis, ...]] = {
    SignalType.RENT: (Crisis.EVICTION,),
    SignalType.ENERGY: (Crisis.CUTOFF,),
    SignalType.WATER: (Crisis.CUTOFF,),
    SignalType.HEALTH_INSURANCE: (Crisis.INSURANCE_END,),
}


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a type; ``codes`` are what a code field may hold."""

    name: str
    shape: Shape
    needed: bool = False
    codes: tuple[str, ...] = ()


def _codes(codes: type[StrEnum]) -> tuple[str, ...]:
    return tuple(str(code) for code in codes)


_ADDRESS = (
    Field("postcode", "postcode", needed=True),
    Field("number", "house", needed=True),
    Field("letter", "letter"),
    Field("addition", "addition"),
    Field("bsn", "bsn"),  # checked and dropped
    Field("birth_date", "date"),  # these two tell at a shared address who it is
    Field("surname", "text"),
)
_SIGNALLED = Field("signalled_on", "date", needed=True)


def _creditor(kind: SignalType) -> tuple[Field, ...]:
    return (
        Field("kind", "code", needed=True, codes=_codes(Kind)),
        Field("reference", "text", needed=True),
        _SIGNALLED,
        Field("arisen_on", "date"),
        Field("amount_cents", "amount"),
        Field("crisis", "code", codes=_CRISES.get(kind, tuple(Crisis))),
        Field("months", "months"),
        *(Field(name, "flag") for name in Precondition),
        *_ADDRESS,
    )


_HELP = (_SIGNALLED, Field("consent", "flag", needed=True), *_ADDRESS)

_OTHERS: dict[SignalType, tuple[Field, ...]] = {
    SignalType.BENEFIT_STOP: (
        _SIGNALLED,
        Field("stop_reason", "code", needed=True, codes=_codes(StopReason)),
        *_ADDRESS,
    ),
    SignalType.SELF_REPORT: _HELP,
    SignalType.REFERRAL: _HELP,
    SignalType.HOUSEHOLD: (
        _SIGNALLED,
        Field("children", "flag"),
        Field("known_at_debt_help", "flag"),
        Field("excluded", "code", codes=_codes(Exclusion)),
        Field("shared_address", "flag"),
        *_ADDRESS,
    ),
    SignalType.ADDRESS: (
        _SIGNALLED,
        Field("address_event", "code", needed=True, codes=_codes(AddressEvent)),
        Field("everyone", "flag"),
        Field("to_postcode", "postcode"),
        Field("to_number", "house"),
        Field("to_letter", "letter"),
        Field("to_addition", "addition"),
        *_ADDRESS,
    ),
}

FIELDS: dict[SignalType, tuple[Field, ...]] = {
    kind: _creditor(kind) if kind in CREDITOR_TYPES else _OTHERS[kind] for kind in SIGNAL_RECORDS
}
"""Of each type that has a topic."""
