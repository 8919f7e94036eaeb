"""The status as one screen."""

from datetime import UTC, datetime

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table

from lantaarn.observing.looks import cases
from lantaarn.observing.status import OK, Status

UNKNOWN = "[bold red]not seen[/]"


def status_screen(found: Status) -> RenderableType:
    """What needs a person first, then how everything stands."""
    head = [f"[bold]Lantaarn[/], {found.at:%Y-%m-%d %H:%M:%S} UTC, policy {escape(found.policy)}", ""]
    head += [f"[bold red]![/] {escape(problem)}" for problem in found.problems]
    if not found.problems:
        head.append("[bold green]Nothing needs a person.[/]")
    return Group(*head, _facts(found), _groups(found), _partners(found))


def _facts(found: Status) -> RenderableType:
    table = Table(box=SIMPLE_HEAD, show_header=False)
    for name, answer in found.reached.items():
        table.add_row(name, "ok" if answer == OK else f"[bold red]{escape(answer)}[/]")
    table.add_row("last tick", _moment(found.last_tick))
    letters = found.letters
    counted = {} if letters is None else {key: count for key, count in letters.counts.items() if count}
    told = ", ".join(f"{count} {reason}, {age}" for (reason, age), count in counted.items()) or "none"
    table.add_row("dead letters", UNKNOWN if letters is None else told)
    if found.cases is None:
        table.add_row("tasks", UNKNOWN)
    else:
        store = found.cases
        table.add_row("tasks", ", ".join(f"{count} {status}" for status, count in store.tasks.items()))
        table.add_row(
            "deadlines of open tasks",
            ", ".join(f"{store.state(state)} {state.replace('_', ' ')}" for state in cases.STATES),
        )
    return table


def _groups(found: Status) -> RenderableType:
    if found.groups is None:
        return f"groups: {UNKNOWN}"
    table = Table("Group", "Members", "Behind", "Oldest", box=SIMPLE_HEAD)
    for one in found.groups:
        table.add_row(one.group, str(one.members), f"{one.lag_records:,}", f"{one.lag_seconds:.0f} s")
    return table


def _partners(found: Status) -> RenderableType:
    table = Table("Partner", "Last heard", "May be silent", "Agreements until", box=SIMPLE_HEAD)
    for one in found.partners or ():
        until = ", ".join(f"{a.type.value} {a.last_day}" for a in found.agreements if a.partner == one.partner)
        last = datetime.fromtimestamp(one.last_at, UTC) if one.last_at is not None else None
        may = "" if one.rhythm is None else f"{one.rhythm / 86400:.0f} days"
        table.add_row(escape(one.partner), _moment(last), may, until)
    return table


def _moment(moment: datetime | None) -> str:
    return "none" if moment is None else f"{moment:%Y-%m-%d %H:%M} UTC"
