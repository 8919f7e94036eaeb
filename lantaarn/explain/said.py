"""What was said of a household, record by record, and what became of it."""

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from schemas.codes import SignalType
from streams.core.calendar import local_day
from streams.rerun import Step
from streams.wire import is_arrival, millis, transfer_of

ARRIVED = "arrived"
"""What the register's record says to the new household of people who moved."""


class Said(NamedTuple):
    """One record about the household, and what became of it."""

    id: str
    partner: str
    type: str
    kind: str | None
    signalled_on: date
    received_on: date
    amount_cents: int | None
    detail: str | None  # crisis, stop reason or address event
    became: str  # member, repeated, duplicate, no_task, failed or evidence


def said_in(event: Mapping[str, Any], step: Step) -> list[Said]:
    """The records in one event, with what one step of the rerun made of it."""
    body = event["body"]
    if is_arrival(event):
        return _arrived(event, step)
    became = "evidence"
    if step.dead_letters:
        became = "failed"
    for receipt in step.receipts:
        became = receipt["reason"] or receipt["result"]
    said = Said(
        event["id"],
        body["partner"],
        body.get("type", SignalType.OUTCOME.value),
        body.get("kind"),
        body["signalled_on"],
        local_day(millis(event["received_at"])),
        body.get("amount_cents"),
        body.get("crisis") or body.get("stop_reason") or body.get("address_event"),
        became,
    )
    return [said]


def _arrived(event: Mapping[str, Any], step: Step) -> list[Said]:
    """What people brought along when they moved here, each record as its partner sent it."""
    if step.dead_letters:
        return []  # a dead letter has it
    moved, kind = transfer_of(event), SignalType.ADDRESS.value
    return [
        Said(moved.id, moved.partner, kind, None, moved.moved_on, moved.day, None, ARRIVED, "evidence"),
        *(
            Said(
                entry.id,
                claim.partner,
                claim.type.value,
                entry.kind.value,
                entry.signalled_on,
                local_day(entry.received_at),
                entry.amount_cents,
                entry.crisis,
                "repeated" if entry.repeated else "evidence",
            )
            for claim in moved.carried.claims
            for entry in claim.entries
        ),
        *(
            Said(r.id, r.partner, r.type.value, None, r.signalled_on, local_day(r.received_at), None, None, "evidence")
            for r in moved.carried.requests
        ),
    ]
