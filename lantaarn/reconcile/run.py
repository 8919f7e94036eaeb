"""Puts the hops together."""

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from lantaarn.logbook import Logbook
from lantaarn.reconcile import adapters, endings, intake, moves, stored, tasks
from lantaarn.reconcile.adapters import AdapterBooks
from lantaarn.reconcile.logs import read
from lantaarn.reconcile.report import Ledger, Report
from schemas.codec import Codec
from schemas.topics import Catalogue
from streams.core.policy import Policies
from streams.rerun import Rerun, Step
from streams.wire import is_arrival, millis


def reconcile(
    kafka: Mapping[str, Any],
    codec: Codec,
    catalogue: Catalogue,
    case_store_url: str,
    *,
    now: datetime,
    books: Sequence[AdapterBooks] = (),
    policies: Policies | None = None,
) -> Report:
    """Account for every record of a deployment.

    What is still under way is unaccounted: ask when the processes have nothing left to do, or ask again.

    Args:
        kafka: Connection settings of a user that may read all topics.
        codec: For the contracts.
        catalogue: The deployment's topics.
        case_store_url: SQLAlchemy's address of the case store.
        now: Tells what may have expired.
        books: Of the adapters that run here; without, the ledger begins at the topics.
        policies: Used only where the log no longer has their activations.

    Raises:
        LogError: When a topic cannot be read.
        SinkError: When the case store cannot.
    """
    ledger = Ledger()
    expected, places = tasks.Expected(), endings.Endings()
    logbook = Logbook(kafka)
    events = catalogue.household_events
    late = any(logbook.bounds([events])[events.name].starts.values())
    rerun = Rerun(codec, catalogue, policies=policies if late else None)

    def on_step(step: Step, event: dict[str, Any] | None) -> None:
        expected.take(step)
        if event is not None and event["household"] is not None and not is_arrival(event):
            places.take(step, event, lambda: rerun.policies(step.partition))

    with _without_collecting():
        logs = read(logbook, codec, catalogue, rerun, millis(now), on_step)
        found = stored.read(case_store_url)
    for name, bounds in logs.bounds.items():
        ledger.note(
            f"{name}/{partition} begins at offset {start}: what was before it cannot be counted"
            for partition, start in bounds.starts.items()
            if start
        )
    adapters.check(books, logs, ledger)
    intake.check(logs, ledger)
    tasks.check(logs, expected, rerun, found, ledger)
    moves.check(logs, expected, ledger)
    endings.check(places, found, logs, ledger)
    return ledger.report()


@contextmanager
def _without_collecting() -> Iterator[None]:
    """What is read holds no cycles: looking for them again and again takes a third of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
