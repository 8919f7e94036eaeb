"""``lantaarn delivery-receipts``: what became of each delivery of an adapter, for the partner's bookkeeping."""

import json
import sqlite3
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lantaarn.settings import SettingsError
from lantaarn.wiring import Deployment, deployment
from schemas.topics import DAY_MS

if TYPE_CHECKING:
    from producers.config import AdapterConfig
    from producers.receipts import Answer, DeliveryReceipt

AGAIN_SECONDS = 1.0


def delivery_receipts(
    adapter: Annotated[Path, typer.Argument(help="The adapter's file (TOML), as given to `publish`.")],
    wait: Annotated[float, typer.Option(min=0, help="Seconds to go on asking while rows are unanswered.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, for programs.")] = False,
) -> None:
    """Account for each delivery: rows and amounts, rejected, accepted, repeated, duplicate and refused.

    Beside each file whose rows have all been answered it writes FILE.receipt.json, and writes it again when a later
    answer changes it, until the answers expire on their topic. Exit code 1: rows are unanswered; those whose answer may
    have expired do not count. The adapter may be running; kill and repeat it as you like.
    """
    from producers.config import load  # noqa: PLC0415
    from producers.receipts import put_beside  # noqa: PLC0415 - each process loads only its own room

    made = deployment()
    if not made.settings.outbox.exists():
        raise SettingsError(f"outbox: {made.settings.outbox}: not there; `lantaarn publish` makes it")
    try:
        config = load(adapter)
        found = _until_answered(made, config, wait)
    except sqlite3.Error as error:
        sys.exit(f"lantaarn: {made.settings.outbox}: {error}")
    for one in found:
        put_beside(one, config.root)
    if as_json:
        typer.echo(json.dumps({"deliveries": [one.to_json() for one in found]}, ensure_ascii=False, indent=2))
    else:
        for one in found:
            typer.echo(_told(one))
    if not all(one.complete for one in found):
        sys.exit(1)


def _until_answered(made: Deployment, config: "AdapterConfig", wait: float) -> "list[DeliveryReceipt]":
    from producers.receipts import receipts  # noqa: PLC0415

    deadline = time.monotonic() + wait
    while True:
        found = receipts(config, made.settings.outbox, *_answers(made, config))
        if all(one.complete for one in found) or time.monotonic() >= deadline:
            return found
        time.sleep(AGAIN_SECONDS)


def _answers(made: Deployment, config: "AdapterConfig") -> "tuple[dict[str, list[Answer]], dict[str, int]]":
    """All that came back for the partners of an adapter; and for those whose topic has lost some, from when on not."""
    from lantaarn.logbook import Logbook  # noqa: PLC0415
    from producers.receipts import Answer  # noqa: PLC0415

    partners = sorted({feed.partner for feed in config.feeds})
    if unknown := [partner for partner in partners if partner not in made.catalogue.receipts]:
        raise SettingsError(f"no agreement for {', '.join(unknown)}")
    topics = {partner: made.catalogue.receipts[partner] for partner in partners}
    logbook, now = Logbook(made.settings.kafka()), round(time.time() * 1000)
    bounds = logbook.bounds(topics.values())
    kept_from = {
        partner: now - topic.retention_days * DAY_MS
        for partner, topic in topics.items()
        if topic.retention_days is not None and any(bounds[topic.name].starts.values())
    }
    whole = {topics[partner].name: at for partner, at in kept_from.items()}
    answers: dict[str, list[Answer]] = {}
    for entry in logbook.read(bounds):
        if entry.timestamp < whole.get(entry.topic, 0):
            continue  # about to go, as those before it did
        receipt = made.codec.decode("SignalReceipt", entry.value)
        answers.setdefault(receipt["signal_id"], []).append(Answer(receipt["result"], receipt["reason"]))
    return answers, kept_from


def _told(one: "DeliveryReceipt") -> str:
    head = f"{one.feed.name}/{one.delivery}: "
    if one.unreadable:
        return f"{head}cannot be read: {one.unreadable}"
    rejected = ", ".join(f"{number} {reason}" for reason, number in sorted(one.rejected.items()))
    parts = [
        f"{one.rows} rows" + (f", rejected {rejected}" if rejected else ""),
        f"published {one.published.rows}, EUR {one.published.cents / 100:,.2f}",
    ]
    sums = {
        "accepted": one.accepted,
        "repeated": one.repeated,
        "duplicate": one.duplicate,
        **{f"refused {reason}": total for reason, total in sorted(one.refused.items())},
        "unanswered": one.unanswered,
        "expired": one.expired,
    }
    parts += [f"{name} {total.rows}, EUR {total.cents / 100:,.2f}" for name, total in sums.items() if total.rows]
    return head + "; ".join(parts)
