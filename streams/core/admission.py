"""Admission: is this a record we may use? The first reason that applies is the one given (rules section 2)."""

import re
from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from schemas.codes import (
    CREDITOR_TYPES,
    DISPUTES,
    REQUEST_TYPES,
    AddressEvent,
    Channel,
    Crisis,
    EndResult,
    Exclusion,
    Kind,
    OutcomeKind,
    Precondition,
    Refusal,
    SignalType,
    StopReason,
    answer_kind,
)
from streams.core.addresses import AddressError, normalised
from streams.core.agreements import OPTIONAL_FIELDS, Agreement, Agreements
from streams.core.answers import fault
from streams.core.calendar import add_months, local_day
from streams.core.policy import Policies, Policy
from streams.core.records import Address, Record

DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})")  # RFC 3339
FIRST_YEAR, LAST_YEAR = 1970, 2999  # of a receipt; months can be added and taken off within them
MOST_CENTS = 10**12
E = TypeVar("E", bound=StrEnum)


class Refused(Struct, frozen=True):
    """Why a record was not let in, and by which field where one is to blame. Never its value."""

    reason: Refusal
    field: str | None = None


class InvalidError(Exception):
    """A field that is missing or malformed."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


def admit(
    raw: Mapping[str, Any],
    policies: Policies,
    agreements: Agreements,
    *,
    owner: str | None = None,
    types: Collection[SignalType] | None = None,
    received_at: int | None = None,
) -> Record | Refused:
    """Judge one raw record, in the names of the interchange format (rules section 7).

    Args:
        raw: Dates as ``date`` or ISO text, ``received_at`` as RFC 3339 text; absent is null; members that are not
            known are ignored.
        policies: The one in force on the day received decides.
        agreements: Who may send what.
        owner: The partner that the topic belongs to, where it belongs to one; an outcome on a topic must also say
            all that its kind asks for (`streams.core.answers`).
        types: Those that the topic's contract is for; else a partner could pass for a caseworker.
        received_at: When it was received (ms since 1970), where the broker and not the record says so.
    """
    try:
        record = _on_topic(raw, read(raw, received_at), owner, types)
    except InvalidError as error:
        return Refused(Refusal.INVALID, error.field)
    policy = policies.on(record.day)
    agreement = _covered(raw, record, policy, agreements, owner)
    if isinstance(agreement, Refused):
        return agreement
    if record.kind is Kind.REPORT:
        stated = raw.get("preconditions") or {}
        for precondition in Precondition:
            if stated.get(precondition) is not True:
                return Refused(Refusal.PRECONDITION, f"preconditions.{precondition}")
        if record.crisis is None and (field := _unjustified(record, policy, agreement)):
            return Refused(Refusal.UNJUSTIFIED, field)
    if record.type in REQUEST_TYPES and raw.get("consent") is False:
        return Refused(Refusal.PRECONDITION, "consent")
    if record.signalled_on < add_months(record.day, -policy.look_back):
        return Refused(Refusal.EXPIRED, "signalled_on")
    return record if agreement is None else replace(record, agreement=agreement.version)


def _on_topic(
    raw: Mapping[str, Any], record: Record, owner: str | None, types: Collection[SignalType] | None
) -> Record:
    """What a topic asks beyond the interchange format: a type of its own, and all that an answer's kind needs."""
    if types is not None and record.type not in types:
        raise InvalidError("type")
    if owner is None or not isinstance(record.kind, OutcomeKind):
        return record
    field = fault(raw, record)
    if field is not None:
        raise InvalidError(field)
    return replace(record, strict=True)


def _covered(
    raw: Mapping[str, Any], record: Record, policy: Policy, agreements: Agreements, owner: str | None
) -> Agreement | Refused | None:
    """The agreement that lets a record in; null where none is asked for."""
    if owner is not None and record.partner != owner:
        return Refused(Refusal.NO_AGREEMENT)
    if record.type is SignalType.OUTCOME:
        return None  # the municipality's own caseworkers
    if record.type is SignalType.BENEFIT_STOP and policy.benefit_stop_basis is None:
        return Refused(Refusal.NO_AGREEMENT)
    if agreements.entries is None:
        return None
    agreement = agreements.covering(record.partner, record.type, record.signalled_on)
    if agreement is None:
        return Refused(Refusal.NO_AGREEMENT)
    for field in OPTIONAL_FIELDS.get(record.type, ()):
        if raw.get(field) is not None and agreement.withholds(record.type, field):
            return Refused(Refusal.NO_AGREEMENT, field)
    return agreement


def _unjustified(record: Record, policy: Policy, agreement: Agreement | None) -> str | None:
    assert record.arisen_on is not None
    assert record.amount_cents is not None
    age = (record.signalled_on - record.arisen_on).days
    if record.amount_cents < policy.threshold_cents:
        return "amount_cents"
    if agreement is not None and (field := _outside_experiment(record, policy)):
        return field
    if age < policy.min_days:
        return "arisen_on"
    if record.type is SignalType.HEALTH_INSURANCE and age > policy.max_days:
        return "arisen_on"
    return None


def _outside_experiment(record: Record, policy: Policy) -> str | None:
    # The conditions belong to an experiment, and an experiment is there by its agreement.
    assert record.amount_cents is not None
    if record.type is SignalType.STUDENT_LOAN and record.amount_cents < policy.duo_cents:
        return "amount_cents"
    if record.type in {SignalType.CAK_CONTRIBUTION, SignalType.CAK_INSURANCE}:
        if record.amount_cents < policy.cak_cents:
            return "amount_cents"
        if (record.months or 0) < policy.cak_months:
            return "months"
    return None


def read(raw: Mapping[str, Any], received_at: int | None = None) -> Record:
    """The record in raw values; what is needed and well-formed depends on the type.

    Raises:
        InvalidError: Naming the first field that is missing or malformed.
    """
    identity, partner = _text(raw, "id"), _text(raw, "partner")
    kind_of = _code(raw, "type", SignalType)
    if kind_of is None:
        raise InvalidError("type")
    signalled_on = _needed_date(raw, "signalled_on")
    received_at = moment(raw) if received_at is None else received_at
    if signalled_on > local_day(received_at):
        raise InvalidError("signalled_on")
    address = _address(raw, "address")
    if address is None:
        raise InvalidError("address")
    record = Record(identity, partner, kind_of, signalled_on, received_at, address)
    if kind_of in CREDITOR_TYPES:
        return _creditor(record, raw)
    if kind_of is SignalType.BENEFIT_STOP:
        return replace(record, stop_reason=_needed_code(raw, "stop_reason", StopReason))
    if kind_of is SignalType.ADDRESS:
        return replace(
            record,
            address_event=_needed_code(raw, "address_event", AddressEvent),
            everyone=_flag(raw, "everyone"),
            to_address=_address(raw, "to_address"),
        )
    if kind_of is SignalType.HOUSEHOLD:
        return replace(
            record,
            children=_flag(raw, "children"),
            known_at_debt_help=_flag(raw, "known_at_debt_help"),
            excluded=_exclusion(raw),
            shared_address=_flag(raw, "shared_address"),
        )
    if kind_of is SignalType.OUTCOME:
        return _answer(record, raw)
    return record


def _answer(record: Record, raw: Mapping[str, Any]) -> Record:
    try:
        kind = answer_kind(_text(raw, "kind"))
    except ValueError:
        raise InvalidError("kind") from None
    signal = _text(raw, "disputed_signal") if kind in DISPUTES else None
    return replace(
        record,
        kind=kind,
        channel=_code(raw, "channel", Channel),
        result=_code(raw, "result", EndResult),
        disputed_signal=signal,
        reached=_flag(raw, "reached"),
        promised_on=_optional_date(raw, "promised_on"),
        promised_by=_optional_text(raw, "promised_by"),
        visit_at=_optional_moment(raw, "visit_at"),
        visit_with=_optional_text(raw, "visit_with"),
        acted_by=_optional_text(raw, "acted_by"),
        acting_for=_optional_text(raw, "acting_for"),
        why=_optional_text(raw, "why"),
        strict=_flag(raw, "strict") is True,
    )


def _creditor(record: Record, raw: Mapping[str, Any]) -> Record:
    kind = _needed_code(raw, "kind", Kind)
    if not isinstance(raw.get("preconditions") or {}, Mapping):
        raise InvalidError("preconditions")
    reference = _text(raw, "reference")
    report = kind is Kind.REPORT
    return replace(
        record,
        kind=kind,
        reference=reference,
        arisen_on=_needed_date(raw, "arisen_on") if report else _optional_date(raw, "arisen_on"),
        amount_cents=_whole(raw, "amount_cents", MOST_CENTS, needed=report),
        crisis=_code(raw, "crisis", Crisis),
        months=_whole(raw, "months", 1200),
    )


def _text(raw: Mapping[str, Any], field: str) -> str:
    value = raw.get(field)
    if not isinstance(value, str) or not value.strip():
        raise InvalidError(field)
    return value


def _optional_text(raw: Mapping[str, Any], field: str) -> str | None:
    return None if raw.get(field) is None else _text(raw, field)


def _code(raw: Mapping[str, Any], field: str, codes: type[E]) -> E | None:
    value = raw.get(field)
    if value is None:
        return None
    try:
        return codes(value)
    except ValueError:
        raise InvalidError(field) from None


def _needed_code(raw: Mapping[str, Any], field: str, codes: type[E]) -> E:
    code = _code(raw, field, codes)
    if code is None:
        raise InvalidError(field)
    return code


def _exclusion(raw: Mapping[str, Any]) -> Exclusion | None:
    value = raw.get("excluded")  # the rules write "legal person" with a space
    return _code({"excluded": value.replace(" ", "_") if isinstance(value, str) else value}, "excluded", Exclusion)


def _flag(raw: Mapping[str, Any], field: str) -> bool | None:
    value = raw.get(field)
    if value is not None and not isinstance(value, bool):
        raise InvalidError(field)
    return value


def _whole(raw: Mapping[str, Any], field: str, most: int, *, needed: bool = False) -> int | None:
    value = raw.get(field)
    if value is None and not needed:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
        raise InvalidError(field)
    return value


def _optional_date(raw: Mapping[str, Any], field: str) -> date | None:
    value = raw.get(field)
    if value is None:
        return None
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if not isinstance(value, str) or not DATE.fullmatch(value):
        raise InvalidError(field)
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise InvalidError(field) from None


def _needed_date(raw: Mapping[str, Any], field: str) -> date:
    day = _optional_date(raw, field)
    if day is None:
        raise InvalidError(field)
    return day


def moment(raw: Mapping[str, Any]) -> int:
    """When a raw record was received, in milliseconds since 1970 (UTC).

    Raises:
        InvalidError: When it is missing, malformed or without a time zone.
    """
    return _moment(raw, "received_at")


def _optional_moment(raw: Mapping[str, Any], field: str) -> int | None:
    return None if raw.get(field) is None else _moment(raw, field)


def _moment(raw: Mapping[str, Any], field: str) -> int:
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
    return round(found.timestamp() * 1000)


def _address(raw: Mapping[str, Any], field: str) -> Address | None:
    value = raw.get(field)
    if value is None:
        return None
    if not isinstance(value, Mapping):
        raise InvalidError(field)
    try:
        return normalised(value)
    except AddressError as error:
        raise InvalidError(f"{field}.{error.field}") from None
