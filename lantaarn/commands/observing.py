"""Commands for the people on call: the watch, the status."""

import json
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from lantaarn.log_lines import log_as_json
from lantaarn.settings import SettingsError
from lantaarn.wiring import deployment, stop_on_signals

if TYPE_CHECKING:
    from lantaarn.reconcile import Report

SIX_HOURS = 6 * 3600


def watch(
    every: Annotated[float, typer.Option(min=1, help="Seconds from one round to the next.")] = 60,
    reconcile_every: Annotated[
        float, typer.Option(min=0, help="Seconds from one check of the ledger to the next; 0: never.")
    ] = SIX_HOURS,
) -> None:
    """Watch over what no process knows by itself, and show it as metrics (LANTAARN_METRICS_PORT).

    Groups that fall behind or stand still, deadlines, silent partners, agreements that end, dead letters, the ledger.
    It changes nothing. The ledger reads all topics and the whole case store: give it memory, and the night.
    """
    from lantaarn.observing import parts, starting  # noqa: PLC0415
    from lantaarn.observing.watching import Watch  # noqa: PLC0415
    from lantaarn.reconcile import reconcile  # noqa: PLC0415

    log_as_json("watch")
    made = deployment()
    settings = made.settings
    stop = stop_on_signals()

    def reconciled() -> "Report":
        return reconcile(
            settings.kafka(),
            made.codec,
            made.catalogue,
            settings.case_store_url,
            now=datetime.now(UTC),
            policies=settings.load_policies(),
        )

    with starting.post(made, "watch", starting.WATCH_PATIENCE) as post:
        if post is None:
            raise SettingsError("metrics_port: the watch has nothing to show without one (LANTAARN_METRICS_PORT)")
        looked_at: list[parts.Part] = [
            parts.GroupsPart(post.meter, made),
            parts.CasesPart(post.meter, made),
            parts.PartnersPart(post.meter, made),
            parts.LettersPart(post.meter, made),
        ]
        if reconcile_every:
            ledger = parts.LedgerPart(post.meter, reconciled, every=reconcile_every, pause=every, stop=stop)
            looked_at.append(ledger)
        Watch(post, looked_at).run(every, stop)


def status(as_json: Annotated[bool, typer.Option("--json", help="One JSON object, for programs.")] = False) -> None:
    """Show whether everything is there, whether it moves and what needs a person; exit code 1 when something does."""
    from rich.console import Console  # noqa: PLC0415

    from lantaarn.observing.showing import status_screen  # noqa: PLC0415
    from lantaarn.observing.status import status as looked  # noqa: PLC0415

    found = looked(deployment())
    if as_json:
        typer.echo(json.dumps(found.to_json(), ensure_ascii=False, indent=2))
    else:
        Console().print(status_screen(found))
    if found.problems:
        sys.exit(1)
