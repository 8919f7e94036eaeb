"""Between the contracts on the wire and the values of the core: nothing is decided here."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from msgspec.structs import asdict

from schemas.codes import (
    CREDITOR_TYPES,
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
from schemas.topics import SIGNAL_RECORDS, types_of
from streams.core.acts import Consultation
from streams.core.departing import with_who_left
from streams.core.household import Version
from streams.core.next_action import next_action
from streams.core.policy import Policy
from streams.core.records import Address, Record
from streams.core.state import Household
from streams.core.task import owner
from streams.core.told import Telling
from streams.core.transfers import Carried, Transfer

TYPES = {
    "TaskOutcome": SignalType.OUTCOME,
    **{record: next(iter(kinds)) for _, record in SIGNAL_RECORDS.values() if len(kinds := types_of(record)) == 1},
}
"""The type that a record is about, where its contract has no field for it."""

CHANGES = (SignalType.ADDRESS, SignalType.HOUSEHOLD)
CODED = {
    "crisis": Crisis,
    "stop_reason": StopReason,
    "address_event": AddressEvent,
    "excluded": Exclusion,
    "channel": Channel,
    "result": EndResult,
}
PLAIN = frozenset(Record.__struct_fields__) - {
    "id",
    "type",
    "received_at",
    "address",
    "kind",
    "to_address",
    "visit_at",
    *CODED,
}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_carried = msgspec.json.Decoder(Carried)


def millis(moment: datetime) -> int:
    """Milliseconds since 1970 (UTC)."""
    return (moment - EPOCH) // timedelta(milliseconds=1)


def moment(ms: int) -> datetime:
    """The moment of milliseconds since 1970, in UTC."""
    return EPOCH + timedelta(milliseconds=ms)


def raw_record(contract: str, value: Mapping[str, Any]) -> dict[str, Any]:
    """A partner's record under the names of the interchange format, for admission."""
    kind = TYPES.get(contract)
    return dict(value) if kind is None else {**value, "type": kind.value}


def event_of(record: Record, household: str) -> dict[str, Any]:
    """A HouseholdEvent from an accepted record."""
    fields = {name: getattr(record, name) for name in record.__struct_fields__}
    fields["address"] = _address(record.address)
    fields["to_address"] = _address(record.to_address) if record.to_address else None
    if record.type is SignalType.OUTCOME:
        fields["visit_at"] = None if record.visit_at is None else moment(record.visit_at)
        name = "nl.lantaarn.Outcome"
    elif record.type in CHANGES:
        name = "nl.lantaarn.Change"
    else:
        name = "nl.lantaarn.Signal"
    return {
        "id": record.id,
        "household": household,
        "received_at": moment(record.received_at),
        "body": (name, fields),
    }


def record_of(event: Mapping[str, Any]) -> Record:
    """The record in a HouseholdEvent about a household."""
    body = event["body"]
    kind = SignalType(body.get("type", SignalType.OUTCOME))
    fields = {name: body[name] for name in PLAIN if name in body}
    for name, codes in CODED.items():
        if body.get(name) is not None:
            fields[name] = codes(body[name])
    if body.get("kind") is not None:
        fields["kind"] = Kind(body["kind"]) if kind in CREDITOR_TYPES else answer_kind(body["kind"])
    if body.get("to_address") is not None:
        fields["to_address"] = Address(**body["to_address"])
    if body.get("visit_at") is not None:
        fields["visit_at"] = millis(body["visit_at"])
    return Record(
        id=event["id"],
        type=kind,
        received_at=millis(event["received_at"]),
        address=Address(**body["address"]),
        **fields,
    )


def transfer_value(transfer: Transfer) -> dict[str, Any]:
    """A HouseholdTransfer."""
    return {
        **asdict(transfer),
        "received_at": moment(transfer.received_at),
        "moved_at": moment(transfer.moved_at),
        "address": _address(transfer.address),
        "carried": msgspec.json.encode(transfer.carried).decode(),
    }


def arrival_of(transfer: Mapping[str, Any]) -> dict[str, Any]:
    """The HouseholdEvent of a HouseholdTransfer: the new household takes it in as it takes any record."""
    head = {name: transfer[name] for name in ("id", "household", "received_at")}
    return {**head, "body": ("nl.lantaarn.Arrival", transfer)}


def is_arrival(event: Mapping[str, Any]) -> bool:
    """Whether a HouseholdEvent is one that people who moved bring along."""
    return "carried" in event["body"]


def transfer_of(event: Mapping[str, Any]) -> Transfer:
    """The transfer in a HouseholdEvent.

    Raises:
        ValueError: When what it carries cannot be read.
    """
    body = event["body"]
    return Transfer(
        event["id"],
        event["household"],
        body["came_from"],
        Address(**body["address"]),
        body["partner"],
        body["caused_by"],
        millis(event["received_at"]),
        body["moved_on"],
        millis(body["moved_at"]),
        _carried.decode(body["carried"]),
    )


def task_of(household: Household, version: Version, policy: Policy) -> dict[str, Any]:
    """An OutreachTask from a version of a household's task."""
    task = version.task
    assert household.address is not None  # noqa: S101 - a task comes from a record, and each record has one
    action, on = next_action(household, task, policy)
    concerned = with_who_left(household, task.id)
    promise, visit = task.promise, task.visit
    repeated = {entry.id for claim in concerned.claims for entry in claim.entries if entry.repeated}
    return {
        "task_id": task.id,
        "sequence": task.sequence,
        "household": household.key,
        "address": _address(household.address),
        "status": task.status.value,
        "level": task.level.code,
        "rung": task.rung.code,
        "due_on": task.due_on,
        "band": task.band,
        "score": task.score,
        "reasons": list(task.reasons),
        "national": list(task.national),
        "members": [{"signal_id": member, "repeated": member in repeated} for member in task.members],
        "opened_on": task.opened_on,
        "changed_on": version.changed_on,
        "caused_by": version.caused_by,
        "policy_version": version.policy,
        "owner": owner(concerned, policy),
        "next_action": action,
        "next_action_on": on,
        "collection_paused_until": task.collection_paused_until,
        "promised_on": promise.on if promise else None,
        "promised_by": promise.by if promise else None,
        "visit_at": moment(visit.at) if visit else None,
        "visit_by": visit.by if visit else None,
        "visit_with": visit.partner if visit else None,
    }


def consultation_of(asked: Consultation) -> dict[str, Any]:
    """A BenefitConsultation: who asks for what at which address, and nothing that anybody signalled."""
    return {**asdict(asked), "address": _address(asked.address)}


def status_of(telling: Telling) -> dict[str, Any]:
    """A SignalStatus."""
    told = telling.told
    return {
        "signal_id": telling.signal_id,
        "partner": telling.partner,
        "picked_up": told.picked_up,
        "reached": told.reached,
        "help_accepted": told.accepted,
        "collection_paused_until": told.paused_until,
        "changed_on": told.on,
    }


def _address(address: Address) -> dict[str, Any]:
    return asdict(address)
