"""``lantaarn consult``: the owner of a task asks the benefits caseworker, on purpose and with a name and a reason."""

import sys
from contextlib import closing
from datetime import UTC, datetime
from typing import Annotated
from uuid import NAMESPACE_URL, uuid5

import typer

from lantaarn.producing import write_outcome
from lantaarn.wiring import deployment
from schemas.codes import OutcomeKind
from streams.core.calendar import local_day
from streams.wire import millis


def consult(
    task_id: Annotated[str, typer.Argument(metavar="TASK-ID")],
    by: Annotated[str, typer.Option(help="Role or staff number of who asks.")],
    team: Annotated[str, typer.Option(help="The team that asks: only the owner of the task may.")],
    why: Annotated[str, typer.Option(help="What is asked and why. No personal data.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without, only show what would be asked.")] = False,
) -> None:
    """Ask the benefits caseworker about a lost contact. Nothing reaches the benefits office in any other way.

    What became of it is on the municipality's receipts: accepted, or refused as `contradiction` or `no_task`.
    """
    from lantaarn.access_log import AccessLog  # noqa: PLC0415
    from sinks.store.store import CaseStore  # noqa: PLC0415 - only those who ask pay for it

    made = deployment()
    with closing(CaseStore(made.settings.case_store_url)) as store:
        task = store.task(task_id)
    if task is None:
        sys.exit(f"lantaarn: {task_id}: no such task in the case store")
    AccessLog(made.settings).looked("navraag bij uitkeringen", [str(task["household"])])
    if "lost_contact" not in task["reasons"]:
        sys.exit(f"lantaarn: {task_id}: no lost contact, so there is nothing to ask the benefits caseworker")
    if team != task["owner"]:
        sys.exit(f"lantaarn: {task_id}: its owner is {task['owner']}, and only its owner may ask")
    typer.echo(f"The benefits caseworker gets the address of task {task_id} and this question, nothing else:")
    typer.echo(f"  {by}, {team}: {why}")
    if not yes:
        typer.echo("Nothing asked. Give --yes to ask it.")
        return
    today = local_day(millis(datetime.now(UTC)))
    identity = str(uuid5(NAMESPACE_URL, f"urn:lantaarn:consultation:{task_id}:{today}:{by}:{why}"))
    write_outcome(made, task, OutcomeKind.CONSULTATION, identity, today, acted_by=by, acting_for=team, why=why)
    typer.echo("Asked.")
