"""Commands for what a municipality must publish and account for: made from data, changed by nobody's hand."""

import json
from contextlib import closing
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from lantaarn.loading import load_settings
from lantaarn.settings import SettingsError, load_agreements, load_policy
from streams.core.agreements import Agreements
from streams.core.calendar import local_day
from streams.core.policy import Policy
from streams.wire import millis

register_commands = typer.Typer(
    help="Law as data: the entry for the algorithm register, the annex to a DPIA, figures by neighbourhood.",
    no_args_is_help=True,
)
AboutFile = Annotated[Path, typer.Option(help="What only the municipality can say (TOML).")]
PolicyFile = Annotated[Path | None, typer.Option(help="Policy; without, the one in force by the settings.")]
AgreementsFile = Annotated[Path | None, typer.Option(help="Agreements; without, those of the settings.")]
On = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day that it tells of; today.")]
Source = Annotated[str | None, typer.Option(help="Where the program's source is published (https).")]


@register_commands.command("entry")
def show_entry(
    about: AboutFile,
    policy: PolicyFile = None,
    agreements: AgreementsFile = None,
    on: On = None,
    source: Source = None,
) -> None:
    """Print the entry for the national algorithm register (publication standard 1.0), as JSON."""
    from pydantic import ValidationError  # noqa: PLC0415

    from lantaarn.register.about import load  # noqa: PLC0415
    from lantaarn.register.entry import entry  # noqa: PLC0415

    today = _day(on)
    try:
        made = entry(load(about), _policy(policy, today), _agreements(agreements), today, source)
    except ValidationError as error:
        told = [f"{'.'.join(str(part) for part in one['loc'])}: {one['msg']}" for one in error.errors()]
        raise SettingsError("the standard does not take it: " + "; ".join(told)) from error
    typer.echo(json.dumps(made.model_dump(exclude_none=True), ensure_ascii=False, indent=2))


@register_commands.command("dpia")
def show_dpia(about: AboutFile, policy: PolicyFile = None, agreements: AgreementsFile = None, on: On = None) -> None:
    """Print the annex to a DPIA in Markdown: purposes, parties, fields, retention, access, rules."""
    from lantaarn.register.about import load  # noqa: PLC0415
    from lantaarn.register.dpia import annex  # noqa: PLC0415

    today = _day(on)
    typer.echo(annex(load(about), _policy(policy, today), _agreements(agreements), today), nl=False)


@register_commands.command("neighbourhoods")
def show_neighbourhoods(
    on: On = None, as_json: Annotated[bool, typer.Option("--json", help="One JSON object, for programs.")] = False
) -> None:
    """Show level, rung, no contact and overdue by neighbourhood, to check for bias; small numbers are held back."""
    from rich.console import Console  # noqa: PLC0415

    from lantaarn.register.showing import table  # noqa: PLC0415
    from sinks.neighbourhoods import figures  # noqa: PLC0415
    from sinks.store.store import CaseStore  # noqa: PLC0415

    with closing(CaseStore(load_settings().case_store_url)) as store:
        found = figures(store.report_tasks(), _day(on))
    if as_json:
        typer.echo(json.dumps(asdict(found)))
    else:
        Console().print(table(found))


def _day(on: datetime | None) -> date:
    return on.date() if on else local_day(millis(datetime.now(UTC)))


def _policy(file: Path | None, on: date) -> Policy:
    return load_policy(file) if file else load_settings().load_policies().on(on)


def _agreements(file: Path | None) -> Agreements:
    return load_agreements(file) if file else load_settings().load_agreements()
