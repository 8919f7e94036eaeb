"""Reports from the case store: ``lantaarn report obstacles|monitoring|visits``; they change nothing."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lantaarn.loading import load_settings
from lantaarn.wiring import deployment
from streams.core.calendar import local_day
from streams.core.wording import STEPS
from streams.wire import millis

if TYPE_CHECKING:
    from sinks.reports import VisitRow
    from sinks.store.store import CaseStore

report = typer.Typer(help="Obstacles, the month's figures, joint visits of the week.", no_args_is_help=True)
AsJson = Annotated[bool, typer.Option("--json", help="JSON, for programs.")]


@report.command()
def obstacles(as_json: AsJson = False) -> None:
    """Which rules and procedures stood in the way of helping, where and when."""
    from sinks import reports  # noqa: PLC0415 - half a second that only those who ask should pay

    with _store() as store:
        found = reports.obstacles(store)
    if as_json:
        typer.echo(_json(found))
        return
    _tell(found, ("times", "rule", "procedure", "place", "first_met", "last_met"))


@report.command()
def monitoring(
    month: Annotated[datetime | None, typer.Option(formats=["%Y-%m"], help="Which month; the last one.")] = None,
    neighbourhood: Annotated[str | None, typer.Option(help="First four characters of a postcode; all of it.")] = None,
    publish: Annotated[
        bool,
        typer.Option(
            help="Hold back what is counted one to nine times and what would give that away. Publish the whole town's "
            "figures or those of its neighbourhoods, never both: the difference gives away what is held back."
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """The month's figures on the outcome measures, each with what it counts."""
    from sinks import reports  # noqa: PLC0415

    of = month.date() if month else _today().replace(day=1) - timedelta(days=1)
    with _store() as store:
        figures = reports.monitoring(store, of, neighbourhood=neighbourhood, publish=publish)
    if as_json:
        typer.echo(_json({"month": f"{of:%Y-%m}", "neighbourhood": neighbourhood, **figures}))
        return
    rows = []
    for name, value in figures.items():
        parts = value.items() if isinstance(value, Mapping) else [("", value)]
        rows += [
            {"measure": name, "what": reports.MEASURES[name], "of": of_what, "number": _shown(number, publish=publish)}
            for of_what, number in parts
        ]
    _tell(rows, ("measure", "of", "number", "what"))


@report.command()
def visits(
    week: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Any day of the week; today.")] = None,
    landlord: Annotated[str | None, typer.Option(help="Only what this landlord may know: address and time.")] = None,
    as_json: AsJson = False,
) -> None:
    """Joint home visits of a week by neighbourhood: decided on, and waiting for a caseworker to decide.

    Runs the rules over household-events to say what is done before anybody goes, such as a look in the BRP.
    """
    from lantaarn.access_log import AccessLog  # noqa: PLC0415
    from lantaarn.showing import address  # noqa: PLC0415
    from sinks import reports  # noqa: PLC0415

    day = week.date() if week else _today()
    with _store() as store:
        found = reports.visits(store, day)
    if landlord is not None:
        found = [one for one in found if reports.for_landlord([one], landlord)]
    AccessLog(load_settings()).looked("huisbezoeken van de week", (one.household for one in found))
    found = _with_what_is_asked_first(found)
    if landlord is not None:
        told = reports.for_landlord(found, landlord)
        if len(told) < len(found):
            typer.echo(
                f"Left out, look in the BRP first: {len(found) - len(told)}; see the list of all visits.", err=True
            )
        if as_json:
            typer.echo(_json([asdict(one) for one in told]))
            return
        rows = [{"at": f"{one.at:%a %d-%m %H:%M}", "address": address(one.address)} for one in told]
        _tell(rows, ("at", "address"))
        return
    if as_json:
        typer.echo(_json([asdict(one) for one in found]))
        return
    rows = [
        {
            **asdict(one),
            "at": f"{one.at:%a %d-%m %H:%M}" if one.at else "to decide",
            "with": one.visit_with or "",
            "first": STEPS[one.asked_first] if one.asked_first else "",
            "address": address(one.address),
        }
        for one in found
    ]
    _tell(rows, ("neighbourhood", "at", "first", "address", "with", "owner", "task_id"))


def _with_what_is_asked_first(rows: "list[VisitRow]") -> "list[VisitRow]":
    """The rows as the rules see them now: somebody who left made no version that the case store could have."""
    from lantaarn.before_visits import asked_before_each  # noqa: PLC0415
    from lantaarn.logbook import Logbook  # noqa: PLC0415

    if not rows:
        return []
    made = deployment()
    tasks = {row.task_id: row.household for row in rows}
    logbook, policies = Logbook(made.settings.kafka()), made.settings.load_policies()
    first = asked_before_each(logbook, made.codec, made.catalogue, tasks, policies)
    return [replace(row, asked_first=first[row.task_id]) for row in rows]


def _today() -> date:
    return local_day(millis(datetime.now(UTC)))


def _shown(number: object, *, publish: bool) -> str:
    return ("held back" if publish else "-") if number is None else str(number)


def _tell(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> None:
    from rich.box import SIMPLE_HEAD  # noqa: PLC0415
    from rich.console import Console  # noqa: PLC0415
    from rich.markup import escape  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    table = Table(*columns, box=SIMPLE_HEAD)
    for column in table.columns:
        column.overflow = "fold"
    for row in rows:
        table.add_row(*(escape("" if row[name] is None else str(row[name])) for name in columns))
    Console().print(table if rows else "Nothing to report.")


def _json(value: object) -> str:
    def text(other: object) -> str:
        if isinstance(other, date):
            return other.isoformat()
        raise TypeError(type(other).__name__)

    return json.dumps(value, default=text, ensure_ascii=False, indent=2)


@contextmanager
def _store() -> "Iterator[CaseStore]":
    from sinks.store.store import CaseStore  # noqa: PLC0415

    with closing(CaseStore(load_settings().case_store_url)) as store:
        yield store
