"""From a raw record, in the names of the interchange format, to ours (rules section 7)."""

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from schemas.codes import (
    CREDITOR_TYPES,
    DISPUTES,
    AddressEvent,
    Channel,
    Crisis,
    EndResult,
    Exclusion,
    Kind,
    SignalType,
    StopReason,
    answer_kind,
)
from streams.core import fields
from streams.core.calendar import local_day
from streams.core.fields import InvalidError
from streams.core.records import Record

MOST_CENTS = 10**12


def read(raw: Mapping[str, Any], received_at: int | None = None) -> Record:
    """The record in raw values; what is needed and well-formed depends on the type.

    Raises:
        InvalidError: Naming the first field that is missing or malformed.
    """
    identity, partner = fields.name(raw, "id"), fields.name(raw, "partner")
    kind_of = fields.code(raw, "type", SignalType)
    if kind_of is None:
        raise InvalidError("type")
    signalled_on = fields.needed_date(raw, "signalled_on")
    received_at = fields.moment(raw) if received_at is None else received_at
    if signalled_on > local_day(received_at):
        raise InvalidError("signalled_on")
    address = fields.address(raw, "address")
    if address is None:
        raise InvalidError("address")
    record = Record(identity, partner, kind_of, signalled_on, received_at, address)
    if kind_of in CREDITOR_TYPES:
        return _creditor(record, raw)
    if kind_of is SignalType.BENEFIT_STOP:
        return replace(record, stop_reason=fields.needed_code(raw, "stop_reason", StopReason))
    if kind_of is SignalType.ADDRESS:
        return replace(
            record,
            address_event=fields.needed_code(raw, "address_event", AddressEvent),
            everyone=fields.flag(raw, "everyone"),
            to_address=fields.address(raw, "to_address"),
        )
    if kind_of is SignalType.HOUSEHOLD:
        return replace(
            record,
            children=fields.flag(raw, "children"),
            known_at_debt_help=fields.flag(raw, "known_at_debt_help"),
            excluded=_exclusion(raw),
            shared_address=fields.flag(raw, "shared_address"),
        )
    if kind_of is SignalType.OUTCOME:
        return _answer(record, raw)
    return record


def _answer(record: Record, raw: Mapping[str, Any]) -> Record:
    try:
        kind = answer_kind(fields.text(raw, "kind"))
    except ValueError:
        raise InvalidError("kind") from None
    signal = fields.name(raw, "disputed_signal") if kind in DISPUTES else None
    return replace(
        record,
        kind=kind,
        channel=fields.code(raw, "channel", Channel),
        result=fields.code(raw, "result", EndResult),
        disputed_signal=signal,
        reached=fields.flag(raw, "reached"),
        promised_on=fields.optional_date(raw, "promised_on"),
        promised_by=fields.optional_text(raw, "promised_by"),
        visit_at=fields.optional_moment(raw, "visit_at"),
        visit_with=fields.optional_text(raw, "visit_with"),
        acted_by=fields.optional_text(raw, "acted_by"),
        acting_for=fields.optional_text(raw, "acting_for"),
        why=fields.optional_text(raw, "why"),
        strict=fields.flag(raw, "strict") is True,
    )


def _creditor(record: Record, raw: Mapping[str, Any]) -> Record:
    kind = fields.needed_code(raw, "kind", Kind)
    if not isinstance(raw.get("preconditions") or {}, Mapping):
        raise InvalidError("preconditions")
    reference = fields.name(raw, "reference")
    report = kind is Kind.REPORT
    return replace(
        record,
        kind=kind,
        reference=reference,
        arisen_on=fields.needed_date(raw, "arisen_on") if report else fields.optional_date(raw, "arisen_on"),
        amount_cents=fields.whole(raw, "amount_cents", MOST_CENTS, needed=report),
        crisis=fields.code(raw, "crisis", Crisis),
        months=fields.whole(raw, "months", 1200),
    )


def _exclusion(raw: Mapping[str, Any]) -> Exclusion | None:
    value = raw.get("excluded")  # the rules write "legal person" with a space
    return fields.code(
        {"excluded": value.replace(" ", "_") if isinstance(value, str) else value}, "excluded", Exclusion
    )
