"""First hop: what lies at a partner's source, what its outbox says of it, and what stands on the signals topics."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from lantaarn.reconcile.logs import Logs
from lantaarn.reconcile.report import Ledger
from producers.config import AdapterConfig
from producers.ledger import OutboxLine, outbox_lines, source_lines
from producers.outbox import Status
from schemas.topics import Topic

HOP = "adapters"


class AdapterBooks(NamedTuple):
    """One adapter's two books."""

    config: AdapterConfig
    outbox: Path


def check(adapters: Iterable[AdapterBooks], logs: Logs, ledger: Ledger) -> None:
    """Compare each adapter's source with its outbox, and the outboxes with the topics."""
    said: dict[str, list[OutboxLine]] = {}
    feeding: dict[str, Topic] = {}
    for books in adapters:
        lines = {(line.delivery, line.line): line for line in outbox_lines(books.outbox)}
        _against_source(books.config, lines, ledger)
        topics = {feed.name: logs.catalogue.signals.get((feed.partner, feed.type)) for feed in books.config.feeds}
        feeding.update({topic.name: topic for topic in topics.values() if topic is not None})
        for line in lines.values():
            topic = topics.get(line.delivery.partition("/")[0])
            if topic is not None:
                said.setdefault(topic.name, []).append(line)
    for name, topic in feeding.items():
        _against_topic(topic, said.get(name, []), logs, ledger)


def _against_source(config: AdapterConfig, lines: dict[tuple[str, int], OutboxLine], ledger: Ledger) -> None:
    delivered = {(line.delivery, line.line) for line in source_lines(config)}
    ledger.count(HOP, {"lines at the source": len(delivered), "lines in the outbox": len(lines)})
    ledger.count(HOP, Counter(f"… {line.status.value}" for line in lines.values()))
    for delivery, line in sorted(delivered - lines.keys()):
        ledger.find(f"source of {config.name}", f"{delivery} line {line}: not in the outbox")
    for delivery, line in sorted(lines.keys() - delivered):
        ledger.find(f"outbox of {config.name}", f"{delivery} line {line}: not at the source")
    for (delivery, line), found in lines.items():
        if found.status is Status.PENDING:
            ledger.find(f"outbox of {config.name}", f"{delivery} line {line}: still to be published")


def _against_topic(topic: Topic, lines: list[OutboxLine], logs: Logs, ledger: Ledger) -> None:
    sent = Counter(line.signal_id for line in lines if line.status is Status.SENT and line.signal_id)
    known = {line.signal_id for line in lines}
    there = {identity: count for (name, identity), count in logs.copies.items() if name == topic.name}
    expired = 0
    for identity, count in sent.items():
        missing = count - there.get(identity, 0)
        if missing <= 0:
            continue
        if _expired(topic, identity, logs):
            expired += missing
        else:
            ledger.find(topic.name, f"signal {identity}: published {count} times, on the topic {count - missing} times")
    for identity in sorted(there.keys() - known):
        ledger.find(topic.name, f"signal {identity}: on the topic, in no outbox that was given")
    ledger.count(HOP, {"records published": sum(sent.values()), "records on their topics": sum(there.values())})
    if expired:
        ledger.count(HOP, {"records expired on their topics": expired})


def _expired(topic: Topic, identity: str, logs: Logs) -> bool:
    """Whether a published record can be gone by retention: its receipt is old enough, or expired too."""
    partner = topic.partner or ""
    at = logs.receipt_times.get((partner, identity))
    if at is not None:
        return logs.expired(topic, at)
    return logs.begins_late(topic) and logs.begins_late(logs.catalogue.receipts[partner])
