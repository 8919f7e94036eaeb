"""How a run of scenarios looks: one row each, and below what differed."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table

from lantaarn.scenarios.checking import Difference
from lantaarn.scenarios.reading import Scenario


class Verdict(NamedTuple):
    """What came of one scenario."""

    scenario: Scenario
    differences: list[Difference]


def verdicts(found: Sequence[Verdict], root: Path) -> RenderableType:
    """All scenarios of a run, folder by folder."""
    parts: list[RenderableType] = []
    folders: dict[Path, list[Verdict]] = {}
    for verdict in found:
        folders.setdefault(verdict.scenario.file.parent, []).append(verdict)
    for folder, ours in folders.items():
        name = folder.name if folder == root else str(folder.relative_to(root))
        table = Table(box=SIMPLE_HEAD, title=escape(name), title_justify="left", title_style="bold")
        for heading in ("", "File", "What it shows"):
            table.add_column(heading, overflow="fold")
        for verdict in ours:
            table.add_row(_mark(verdict), escape(verdict.scenario.file.stem), escape(verdict.scenario.title))
        parts.append(table)
    parts += [_differing(verdict, root) for verdict in found if verdict.differences]
    return Group(*parts, summary(found))


def summary(found: Sequence[Verdict]) -> str:
    """How many there were, and how many are as expected."""
    wrong = sum(bool(verdict.differences) for verdict in found)
    if wrong:
        differ = "differs from what it expects" if wrong == 1 else "differ from what they expect"
        return f"[bold red]{wrong} of {len(found)} {differ}.[/]"
    return (
        "[bold green]1, as it expects.[/]" if len(found) == 1 else f"[bold green]{len(found)}, all as they expect.[/]"
    )


def _mark(verdict: Verdict) -> str:
    return "[bold red]✗[/]" if verdict.differences else "[green]✓[/]"


def _differing(verdict: Verdict, root: Path) -> RenderableType:
    name = str(verdict.scenario.file.relative_to(root))
    table = Table(box=SIMPLE_HEAD, title=escape(name), title_justify="left", title_style="bold red")
    for heading in ("When and where", "What", "Expected", "Found"):
        table.add_column(heading, overflow="fold")
    for one in verdict.differences:
        table.add_row(*(escape(part) for part in one))
    return table
