"""Second hop: each record on a partner's topic has a receipt or a dead letter, and each accepted one an event."""

from collections import Counter

from lantaarn.reconcile.logs import Logs, ReceiptKind, Seen, Sender
from lantaarn.reconcile.report import Ledger
from schemas.codes import Result
from schemas.topics import OWN_PARTNER

HOP = "intake"


def check(logs: Logs, ledger: Ledger) -> None:
    """Compare partners' topics with receipts, dead letters and household-events, both ways."""
    for sender, seen in logs.sent.items():
        _judged(sender, seen, logs, ledger)
    for place, timestamp in logs.unreadable.items():
        if place not in logs.dead_letters and not logs.expired(logs.catalogue.rejected, timestamp):
            ledger.find(_at(place), "unreadable, and no dead letter")
    for sender in sorted((logs.receipts.keys() | logs.events.keys()) - logs.sent.keys()):
        _without_record(sender, logs, ledger)
    read = {topic.name for topic in logs.catalogue.intake_topics()}
    for place, timestamp in logs.dead_letters.items():
        if place[0] in read and place[2] < logs.bounds[place[0]].starts[place[1]]:
            topic = next(t for t in logs.catalogue.intake_topics() if t.name == place[0])
            if not logs.expired(topic, timestamp):
                ledger.find(_at(place), "a dead letter tells of it, the record is gone")
    for place in logs.spoilt:
        ledger.find(_at(place), "cannot be read, though only our own processes write there")
    _count(logs, ledger)


def _judged(sender: Sender, seen: Seen, logs: Logs, ledger: Ledger) -> None:
    partner, identity = sender
    accepted, refused = judgements(logs.receipts.get(sender))
    receipts = logs.catalogue.receipts[partner]
    if accepted + refused < seen.count and not logs.expired(receipts, seen.timestamp):
        times = f"{accepted + refused} receipts for {seen.count} records" if seen.count > 1 else "no receipt"
        ledger.find(_at(seen.place), f"signal {identity}: {times} on {receipts.name}")
    events = logs.events[sender].count if sender in logs.events else 0
    topic = logs.catalogue.household_events
    # A refusal that was written twice makes this bound too low, never too high.
    if accepted and events < max(seen.count - refused, 1) and not logs.expired(topic, logs.receipt_times[sender]):
        ledger.find(topic.name, f"signal {identity}: accepted, and not on the topic (first at {_at(seen.place)})")
    if events and refused and not accepted:
        ledger.find(topic.name, f"signal {identity}: on the topic, and refused")


def _without_record(sender: Sender, logs: Logs, ledger: Ledger) -> None:
    partner, identity = sender
    topics = [topic for topic in logs.catalogue.intake_topics() if (topic.partner or OWN_PARTNER) == partner]
    event = logs.events.get(sender)
    written = logs.receipt_times.get(sender, 0) or (event.timestamp if event else 0)
    if any(logs.expired(topic, written) for topic in topics):
        return
    traces = [
        *(["a receipt"] if sender in logs.receipts else []),
        *([f"an event at {_at(event.place)}"] if event else []),
    ]
    where = ", ".join(topic.name for topic in topics) or f"topics of {partner}"
    ledger.find(where, f"signal {identity}: {' and '.join(traces)}, and no record")


def judgements(receipts: Counter[ReceiptKind] | None) -> tuple[int, int]:
    """How many of intake's receipts accept, and how many refuse."""
    ours = {kind: number for kind, number in (receipts or {}).items() if kind.of_intake}
    accepted = sum(number for kind, number in ours.items() if kind.result == Result.ACCEPTED.value)
    return accepted, sum(ours.values()) - accepted


def _count(logs: Logs, ledger: Ledger) -> None:
    judged = {sender: judgements(logs.receipts.get(sender)) for sender in logs.sent}
    ledger.count(
        HOP,
        {
            "records on partners' topics": sum(seen.count for seen in logs.sent.values()) + len(logs.unreadable),
            "… unreadable": len(logs.unreadable),
            "different ids": len(logs.sent),
            "… accepted": sum(1 for accepted, _ in judged.values() if accepted),
            "… refused": sum(1 for accepted, refused in judged.values() if refused and not accepted),
            "… without a receipt": sum(1 for both in judged.values() if not any(both)),
            "ids on household-events": len(logs.events),
        },
    )


def _at(place: tuple[str, int, int]) -> str:
    return f"{place[0]}/{place[1]} offset {place[2]}"
