"""The readable summary at the end of the demonstration."""

from collections.abc import Mapping

from rich.console import Console, Group
from rich.table import Table

from lantaarn.demo.figures import Figures
from sinks.worklist import Worklist
from streams.core.wording import STEPS, day, in_words


def show(console: Console, figures: Figures, urgent: Worklist) -> None:
    """Print the summary.

    Args:
        console: Where to.
        figures: What happened.
        urgent: The first tasks in order of work.
    """
    console.rule("What came in")
    console.print(
        Group(
            f"{figures.signals_read:,} signals read: {figures.accepted:,} accepted, {figures.repeated} repeated, "
            f"{figures.duplicates} sent twice, {sum(figures.refused.values())} refused; "
            f"{figures.outcomes:,} outcomes from caseworkers",
            _counts("refused because", figures.refused),
        )
    )
    console.rule("What came of it")
    console.print(f"{figures.households:,} households, {sum(figures.tasks.values()):,} tasks")
    console.print(_counts("level", figures.tasks))
    console.print(_counts("status", figures.statuses))
    console.rule(f"The ten most urgent of {len(urgent.rows) + urgent.left_out:,} open tasks")
    console.print(_urgent(urgent))
    balanced = figures.ledger["balanced"]
    console.rule("Can it be trusted?")
    console.print(
        "The ledger balances: every line is accounted for." if balanced else "[red]The ledger does not balance:"
    )
    for finding in figures.ledger["unaccounted"][:10]:
        console.print(f"  {finding}")
    same = figures.replay_differs == 0
    console.print(
        "A replay of the exported log gives the same tasks, field by field."
        if same
        else f"[red]{figures.replay_differs} tasks differ from a replay of the exported log."
    )
    console.rule("What continuous matching is worth, against the same months matched once a month")
    worth = figures.earlier
    console.print(
        f"Over {worth.pairs:,} tasks: {worth.median_days:g} days earlier (median), "
        f"and {worth.deadlines_saved} statutory deadlines saved."
    )
    phases = ", ".join(f"{phase} {seconds:.1f} s" for phase, seconds in figures.seconds.items())
    console.print(f"[dim]{phases}; policy {figures.policy_version}")


def _counts(title: str, counts: Mapping[str, int]) -> Table:
    table = Table(title, "number", box=None, pad_edge=False)
    for name, count in sorted(counts.items(), key=lambda item: -item[1]):
        table.add_row(name, f"{count:,}")
    return table


def _urgent(urgent: Worklist) -> Table:
    table = Table("due", "how", "why", "team", box=None, pad_edge=False)
    for row in urgent.rows:
        table.add_row(day(row.due_on), STEPS[row.rung], in_words(row.reasons), row.owner)
    return table
