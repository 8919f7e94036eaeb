"""The monthly overview of partners."""

import json
from datetime import UTC, datetime
from typing import Annotated

import typer

from lantaarn.wiring import deployment
from streams.core.calendar import local_day
from streams.wire import millis


def overview(
    month: Annotated[datetime, typer.Option(formats=["%Y-%m"], help="Which month, for example 2026-03.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, for programs.")] = False,
) -> None:
    """Count what each partner delivered in a month: refused by reason, amounts, silence, agreements that end."""
    from lantaarn import overview as overviews  # noqa: PLC0415

    today = local_day(millis(datetime.now(UTC)))
    found = overviews.overview(deployment(), month.date(), today)
    if as_json:
        typer.echo(json.dumps(overviews.to_json(found), ensure_ascii=False, indent=2))
    else:
        typer.echo("\n".join(overviews.lines(found)))
