"""Signals of shared addresses of which nobody can tell whose they are: what waits for a person to find that out."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, NamedTuple

from lantaarn.logbook import Entry
from schemas.codec import Codec, UndecodableError
from schemas.codes import REQUEST_TYPES, Kind, SignalType
from sinks.fields import Address
from sinks.store.store import CaseStore
from streams.core.calendar import local_day
from streams.core.state import Status
from streams.wire import millis

SHOWN = {SignalType.BENEFIT_STOP.value, *(kind.value for kind in REQUEST_TYPES)}


class Unsorted(NamedTuple):
    """One signal, and the task that stands for it; a benefit stop opens none, and a new one may not be there yet."""

    household: str
    partner: str
    type: str
    reference: str | None
    signalled_on: date
    received_on: date
    address: Address
    task_id: str | None
    due_on: date | None


def unsorted(entries: Iterable[Entry], codec: Codec, store: CaseStore, since: date) -> list[Unsorted]:
    """What is to be sorted, the most pressing first.

    Args:
        entries: Of household-events.
        codec: Reads them.
        store: Knows which tasks are over: placed, dismissed, paid.
        since: Of what has no task, nothing older is shown: it counts for nothing any more.
    """
    latest = {event["household"]: event for event in _signals(entries, codec)}
    found = []
    for household, event in latest.items():
        task = store.last_of_household(household)
        if task is None and event["body"]["signalled_on"] < since:
            continue
        if task is None or Status(task["status"]).live:
            found.append(_made(event, task))
    return sorted(found, key=lambda one: (one.due_on or date.max, one.received_on, one.household))


def _signals(entries: Iterable[Entry], codec: Codec) -> Iterable[dict[str, Any]]:
    for entry in entries:
        try:
            event = codec.decode("HouseholdEvent", entry.value)
        except UndecodableError:
            continue  # a dead letter has it
        body = event["body"]
        if body.get("unsorted") and (body.get("kind") == Kind.REPORT.value or body["type"] in SHOWN):
            yield event


def _made(event: Mapping[str, Any], task: Mapping[str, Any] | None) -> Unsorted:
    body = event["body"]
    return Unsorted(
        event["household"],
        body["partner"],
        body["type"],
        body["reference"],
        body["signalled_on"],
        local_day(millis(event["received_at"])),
        Address(**body["address"]),
        task["task_id"] if task else None,
        task["due_on"] if task else None,
    )
