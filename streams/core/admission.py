"""Admission: is this a record we may use? The first reason that applies is the one given (rules section 2)."""

from collections.abc import Collection, Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from schemas.codes import REQUEST_TYPES, Kind, OutcomeKind, Precondition, Refusal, SignalType
from streams.core.agreements import OPTIONAL_FIELDS, Agreement, Agreements
from streams.core.answers import fault
from streams.core.calendar import add_months
from streams.core.fields import InvalidError
from streams.core.policy import Policies, Policy
from streams.core.reading import read
from streams.core.records import Record


class Refused(Struct, frozen=True):
    """Why a record was not let in, and by which field where one is to blame. Never its value."""

    reason: Refusal
    field: str | None = None


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
    for field in OPTIONAL_FIELDS[record.type]:
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
