"""``lantaarn sorting``: signals of shared addresses of which nobody can tell whose they are, and who they are about."""

import json
import sys
from collections.abc import Mapping
from contextlib import closing
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any
from uuid import NAMESPACE_URL, uuid5

import typer

from lantaarn.producing import write_outcome
from lantaarn.settings import SettingsError
from lantaarn.wiring import Deployment, deployment
from schemas.codes import EndResult, OutcomeKind
from streams.core.calendar import add_months, local_day
from streams.core.keys import person_in
from streams.core.next_action import PLACE
from streams.wire import millis

TaskId = Annotated[str, typer.Argument(metavar="TASK-ID")]
By = Annotated[str, typer.Option(help="Role or staff number of who found out.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do it; without, only show what would be done.")]
sorting_commands = typer.Typer(
    help="Signals of shared addresses that do not tell whose they are.", no_args_is_help=True
)


@sorting_commands.command("list")
def list_unsorted(as_json: Annotated[bool, typer.Option("--json", help="JSON, for programs.")] = False) -> None:
    """Show what waits for somebody to find out whose it is, the most pressing first. It holds addresses."""
    from lantaarn.access_log import AccessLog  # noqa: PLC0415
    from lantaarn.logbook import Logbook  # noqa: PLC0415
    from lantaarn.showing import sorting_table  # noqa: PLC0415
    from lantaarn.sorting import unsorted  # noqa: PLC0415
    from sinks.store.store import CaseStore  # noqa: PLC0415

    made, today = deployment(), _today()
    settings = made.settings
    since = add_months(today, -settings.load_policies().on(today).look_back)
    with closing(CaseStore(settings.case_store_url)) as store:
        _, entries = Logbook(settings.kafka()).all(made.catalogue.household_events)
        found = unsorted(entries, made.codec, store, since)
        AccessLog(settings).looked("uitzoeken van wie een melding is", (one.household for one in found))
    if as_json:
        rows = [{**one._asdict(), "address": asdict(one.address)} for one in found]
        typer.echo(json.dumps(rows, default=str, ensure_ascii=False, indent=2))
        return
    from rich.console import Console  # noqa: PLC0415

    Console().print(sorting_table(found) if found else "Nothing to sort.")


@sorting_commands.command("place")
def place(
    task_id: TaskId,
    person: Annotated[
        Path, typer.Option(help="A JSON file with birth_date (2001-05-17) and surname; - is standard input.")
    ],
    by: By,
    yes: Yes = False,
) -> None:
    """Say whose it is: what is open goes to that resident, with its dates. What became of it is on the receipts."""
    told = _person(person)
    made, task = _looked_at(task_id, "melding bij een bewoner plaatsen")
    typer.echo(f"What is open on task {task_id} goes to the resident in {person}; whoever sent it is told nothing.")
    if not yes:
        typer.echo("Nothing placed. Give --yes to place it.")
        return
    _write(made, task, OutcomeKind.PLACED, acted_by=by, **told)
    typer.echo("Sent.")


@sorting_commands.command("dismiss")
def dismiss(
    task_id: TaskId,
    by: By,
    why: Annotated[str, typer.Option(help="Why nobody can be found or helped. No personal data.")],
    result: Annotated[EndResult, typer.Option(help="The official end result.")] = EndResult.OTHER_REASON,
    yes: Yes = False,
) -> None:
    """Give it up, with a reason: whoever sent it is told `not picked up` on the day that is fixed for it anyway."""
    made, task = _looked_at(task_id, "melding zonder bewoner afsluiten")
    typer.echo(f"Task {task_id} is closed: {result.value}. {by}: {why}")
    if not yes:
        typer.echo("Nothing closed. Give --yes to close it.")
        return
    more = {"acted_by": by, "why": why, "result": result.value}
    _write(made, task, OutcomeKind.CLOSED, **more)
    typer.echo("Sent.")


def _looked_at(task_id: str, action: str) -> tuple[Deployment, Mapping[str, Any]]:
    from lantaarn.access_log import AccessLog  # noqa: PLC0415
    from sinks.store.store import CaseStore  # noqa: PLC0415 - half a second that only those who ask should pay

    made = deployment()
    with closing(CaseStore(made.settings.case_store_url)) as store:
        task = store.task(task_id)
    if task is None:
        sys.exit(f"lantaarn: {task_id}: no such task in the case store")
    AccessLog(made.settings).looked(action, [str(task["household"])])
    if task["next_action"] != PLACE:
        sys.exit(f"lantaarn: {task_id}: nothing to sort: its next action is {task['next_action']}")
    return made, task


def _person(file: Path) -> Mapping[str, Any]:
    """Birth date and surname; they are in no argument, log line or message."""
    try:
        raw = json.loads(sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise SettingsError(f"{file}: cannot be read as JSON") from None  # the cause may repeat what is in it
    if not isinstance(raw, dict) or person_in(raw) is None:
        raise SettingsError(f"{file}: birth_date, surname: needed, and well-formed")
    return {"birth_date": date.fromisoformat(raw["birth_date"]), "surname": raw["surname"]}


def _write(made: Deployment, task: Mapping[str, Any], kind: OutcomeKind, **more: object) -> None:
    # The same version of a task gives the same id, whoever it is placed with: given twice it is done once.
    identity = uuid5(NAMESPACE_URL, f"urn:lantaarn:sorting:{kind.value}:{task['task_id']}:{task['sequence']}")
    write_outcome(made, task, kind, str(identity), _today(), **more)


def _today() -> date:
    return local_day(millis(datetime.now(UTC)))
