"""Commands that look and change nothing: the worklist, why a task is so, whether the ledger balances, the log.

Rooms are loaded by the command that needs them, so that the processes of the pipeline start without them.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lantaarn.commands.one_task import agree_or_end, looked_at
from lantaarn.loading import load_settings
from lantaarn.places import check_place, written_to
from lantaarn.settings import SettingsError
from lantaarn.wiring import deployment
from streams.core.calendar import local_day
from streams.core.state import Status
from streams.wire import millis

if TYPE_CHECKING:
    from rich.console import RenderableType

    from lantaarn.logbook import Entry
    from lantaarn.reconcile import AdapterBooks, Report

AsJson = Annotated[bool, typer.Option("--json", help="One JSON object, for programs.")]
AGAIN_SECONDS = 1.0


def tasks(
    status: Annotated[Status, typer.Option(help="Which tasks.")] = Status.OPEN,
    limit: Annotated[int, typer.Option(min=1, help="Most tasks on the list.")] = 20,
    on: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day to read it on; today.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show a caseworker what there is to do, in order of work, and how much this list leaves out."""
    from lantaarn import showing  # noqa: PLC0415
    from lantaarn.access_log import AccessLog  # noqa: PLC0415
    from sinks.store.store import CaseStore  # noqa: PLC0415
    from sinks.worklist import week_plan, worklist  # noqa: PLC0415

    settings = load_settings()
    today = on.date() if on else local_day(millis(datetime.now(UTC)))
    policy = settings.load_policies().on(today)
    with closing(CaseStore(settings.case_store_url)) as store:
        if policy.contacts_per_week is None or status is not Status.OPEN:
            found = worklist(store, today, limit, status.value, policy.regular_days)
        else:
            found = week_plan(store, today, policy.contacts_per_week, limit, policy.regular_days)
        AccessLog(settings).looked("werklijst bekijken", (row.household for row in (*found.rows, *found.not_done)))
    if as_json:
        week = None
        if found.capacity is not None:
            left = [{"task_id": row.task_id, "band": row.band, "due_on": row.due_on} for row in found.not_done]
            week = {"capacity": found.capacity, "done": found.done, "not_done": left}
        _print({"tasks": [asdict(row) for row in found.rows], "left_out": found.left_out, "week": week})
    else:
        _show(showing.worklist_table(found, status.value))


def explain(
    task_id: Annotated[str, typer.Argument(metavar="TASK-ID")],
    resident: Annotated[bool, typer.Option("--resident", help="In plain Dutch, for the resident.")] = False,
    on: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Date on the resident's text; today.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say why a task is as it is, by running the rules again; exit code 1 when what is stored differs."""
    from lantaarn import showing  # noqa: PLC0415
    from lantaarn.commands.resident import told_to_the_resident  # noqa: PLC0415

    if resident:
        told_to_the_resident(task_id, on)
        return
    found = looked_at(task_id, "taak uitleggen")
    if as_json:
        _print(showing.explanation_json(found))
    else:
        _show(showing.explanation(found))
    agree_or_end(found)


def reconcile(
    adapter: Annotated[list[Path] | None, typer.Option(help="An adapter's file that runs here; repeatable.")] = None,
    outbox: Annotated[list[Path] | None, typer.Option(help="Its outbox; one for each --adapter, in order.")] = None,
    root: Annotated[Path | None, typer.Option(help="Folder that the adapters' paths start from; their own.")] = None,
    wait: Annotated[float, typer.Option(min=0, help="Seconds to go on asking while something is under way.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Account for every line, record and row; exit code 1 names what is unaccounted.

    Partners' adapters run elsewhere: without --adapter the ledger begins at the topics. What is still under way is
    unaccounted until it has arrived.
    """
    from lantaarn import showing  # noqa: PLC0415
    from lantaarn.reconcile import reconcile as reconciled  # noqa: PLC0415

    books = _books(adapter or [], outbox or [], root)
    made = deployment()
    settings = made.settings

    def ask() -> "Report":
        return reconciled(
            settings.kafka(),
            made.codec,
            made.catalogue,
            settings.case_store_url,
            now=datetime.now(UTC),
            books=books,
            policies=settings.load_policies(),
        )

    found = _until_balanced(ask, wait)
    if as_json:
        _print(found.to_json())
    else:
        _show(showing.report(found))
    if not found.balanced:
        sys.exit(1)


def export_log(
    out: Annotated[Path, typer.Option(help="Where the records go, one JSON object a line; only you can read it.")],
) -> None:
    """Write household-events as a file for `lantaarn replay`. It holds addresses.

    Live, records were applied in the order of their partition; a replay applies by receipt and id. Where a household's
    records stand otherwise, a replay may give it another history, and that is told. Each household is a line in the
    access log before the file is there.
    """
    from lantaarn.access_log import AccessLog  # noqa: PLC0415
    from lantaarn.exporting import Order, exported  # noqa: PLC0415
    from lantaarn.logbook import Logbook  # noqa: PLC0415

    check_place(out)
    made = deployment()
    order, count, last = Order(), 0, datetime.min.replace(tzinfo=UTC)
    unreadable: list[str] = []

    def moment(at: datetime) -> None:
        nonlocal last
        last = max(last, at)

    def left_out(entry: "Entry") -> None:
        unreadable.append(f"{entry.partition}:{entry.offset}")

    logbook, topic = Logbook(made.settings.kafka()), made.catalogue.household_events
    bounds = logbook.bounds([topic])
    keys = {entry.key for entry in logbook.read(bounds) if entry.key is not None}
    AccessLog(made.settings).looked("log uitvoeren", sorted(key.decode(errors="replace") for key in keys))
    entries = logbook.read(bounds)
    with written_to(out):
        out.unlink(missing_ok=True)  # a file that was there may be readable to others
        descriptor = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        for line in order.watch(exported(entries, made.codec, left_out, moment)):
            file.write(json.dumps(line.values, ensure_ascii=False) + "\n")
            count += 1
    come_to = f"; for the tasks as they stand: replay --as-of {local_day(millis(last))}" if last.year > 1 else ""
    typer.echo(f"{count} records{come_to}")
    if unreadable:
        typer.echo(f"{len(unreadable)} records cannot be read and are left out: {', '.join(unreadable)}", err=True)
    if order.differing:
        typer.echo(
            f"{order.differing} households: their order in the log is not that of (received_at, id); a replay may give "
            "them another history (rung, no_response, overdue, sequence, task id)",
            err=True,
        )


def _books(adapters: Sequence[Path], outboxes: Sequence[Path], root: Path | None) -> "list[AdapterBooks]":
    from lantaarn.reconcile import AdapterBooks  # noqa: PLC0415
    from producers.config import load  # noqa: PLC0415

    if len(adapters) != len(outboxes):
        raise SettingsError(f"--adapter {len(adapters)} times, --outbox {len(outboxes)} times: give each its outbox")
    for file in (*adapters, *outboxes):
        if not file.exists():
            raise SettingsError(f"{file}: not there")
    return [AdapterBooks(load(file, root), outbox) for file, outbox in zip(adapters, outboxes, strict=True)]


def _until_balanced(ask: "Callable[[], Report]", wait: float) -> "Report":
    deadline = time.monotonic() + wait
    while True:
        found = ask()
        if found.balanced or time.monotonic() >= deadline:
            return found
        time.sleep(AGAIN_SECONDS)


def _show(what: "RenderableType") -> None:
    from rich.console import Console  # noqa: PLC0415

    Console().print(what)


def _print(value: Mapping[str, Any]) -> None:
    def text(other: object) -> str:
        if isinstance(other, date):
            return other.isoformat()
        raise TypeError(type(other).__name__)

    typer.echo(json.dumps(value, default=text, ensure_ascii=False, indent=2))
