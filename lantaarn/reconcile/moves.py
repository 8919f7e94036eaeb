"""What people who moved take along: each transfer that the core makes is on its topic, and has arrived."""

from lantaarn.reconcile.logs import Logs
from lantaarn.reconcile.report import Ledger
from lantaarn.reconcile.tasks import Expected

HOP = "moves"


def check(logs: Logs, expected: Expected, ledger: Ledger) -> None:
    """Compare what ought to have gone along with household-transfers, and those with household-events."""
    transfers, events = logs.catalogue.household_transfers, logs.catalogue.household_events
    whole = not logs.begins_late(events)  # else a rerun has not seen all the moves
    for identity in sorted(expected.transfers.keys() - logs.transfers.keys()):
        if not logs.begins_late(transfers):
            ledger.find(transfers.name, f"transfer {identity}: missing")
    for identity in sorted(logs.transfers.keys() - expected.transfers.keys()):
        if whole:
            ledger.find(transfers.name, f"transfer {identity}: the core does not make it of the events")
    for identity, seen in sorted(logs.transfers.items()):
        if identity not in logs.arrivals and not logs.expired(events, seen.timestamp):
            ledger.find(events.name, f"transfer {identity}: has left, and not arrived")
    for identity in sorted(logs.arrivals.keys() - logs.transfers.keys()):
        if not logs.begins_late(transfers):
            ledger.find(events.name, f"transfer {identity}: has arrived, and never left")
    ledger.count(HOP, {"transfers": len(logs.transfers), "arrived": len(logs.arrivals)})
