"""Figures by neighbourhood, to see whether the rules treat one differently from another.

A share says something of people: where few are counted it is not shown. A neighbourhood is the four digits of the
postcode. Those with fewer than `FEWEST` tasks are put together; a count of 1 to 9, or one that leaves 1 to 9 others, is
held back, with whatever would give it away (`holding_back`).
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from math import sqrt
from typing import Any

from sinks.holding_back import FEWEST, WHOLE, Table, held_back, with_whole

TOGETHER = "overige"
LEVELS = ("letter", "phone", "home_visit", "joint_home_visit")
NOT_COUNTED = frozenset({"suppressed", "withdrawn"})  # nobody was to go there, or no longer
FAR = 2.0  # standard errors
YES, NO = "yes", "no"


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a neighbourhood's tasks; without a number where it is held back."""

    count: int | None
    share: float | None  # 0 to 1
    stands_out: bool = False  # further from the whole town's share than chance would often bring


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """What the tasks of a neighbourhood were, in shares."""

    name: str
    tasks: int
    level: Mapping[str, Share]
    rung: Mapping[str, Share]
    no_contact: Share
    overdue: Share


@dataclass(frozen=True, slots=True)
class Figures:
    """All of a town: its neighbourhoods, those too small put together, and the whole of what is shown."""

    neighbourhoods: tuple[Neighbourhood, ...]
    town: Neighbourhood | None
    held_back: int  # neighbourhoods that are not even shown together


def figures(tasks: Iterable[Mapping[str, Any]], today: date) -> Figures:
    """Count the tasks.

    Args:
        tasks: Rows of the view `report_tasks`.
        today: The day on which they are read.
    """
    rows: dict[str, list[Mapping[str, Any]]] = {}
    for task in tasks:
        if task["status"] not in NOT_COUNTED:
            rows.setdefault(task["neighbourhood"], []).append(task)
    small = sorted(name for name, ours in rows.items() if len(ours) < FEWEST)
    together = [task for name in small for task in rows.pop(name)]
    if len(together) >= FEWEST and len(small) > 1:
        rows[TOGETHER] = together
        small = []
    if not rows:
        return Figures((), None, len(small))
    level, rung = (
        _shares({name: _by_level(ours, field) for name, ours in rows.items()}) for field in ("level", "rung")
    )
    no_contact = _shares({name: _by_whether(ours, _no_contact) for name, ours in rows.items()})
    overdue = _shares({name: _by_whether(ours, lambda task: _overdue(task, today)) for name, ours in rows.items()})
    tasks_of = {name: len(ours) for name, ours in rows.items()} | {WHOLE: sum(map(len, rows.values()))}
    found = {
        name: Neighbourhood(name, count, level[name], rung[name], no_contact[name][YES], overdue[name][YES])
        for name, count in sorted(tasks_of.items())
    }
    town = found.pop(WHOLE)
    return Figures(tuple(found.values()), town, len(small))


def _by_level(tasks: list[Mapping[str, Any]], field: str) -> dict[str, int]:
    counts = Counter(task[field] for task in tasks)
    return {level: counts[level] for level in LEVELS}


def _by_whether(tasks: list[Mapping[str, Any]], holds: Callable[[Mapping[str, Any]], bool]) -> dict[str, int]:
    count = sum(map(holds, tasks))
    return {YES: count, NO: len(tasks) - count}


def _no_contact(task: Mapping[str, Any]) -> bool:
    return task["first_contact_on"] is None


def _overdue(task: Mapping[str, Any], today: date) -> bool:
    """No outcome by the due date, whether it came later or not yet."""
    if task["first_outcome_on"] is None and task["status"] == "ended":
        return False  # the register ended it: nobody was left
    return bool((task["first_outcome_on"] or today) > task["due_on"])


def _shares(parts: Table) -> dict[str, dict[str, Share]]:
    """What may be shown of a table, the row of the whole with it."""
    table = with_whole(parts)
    hidden = held_back(table)
    town = {column: None if (WHOLE, column) in hidden else _part(table[WHOLE], column) for column in table[WHOLE]}
    return {
        row: {
            column: Share(None, None)
            if (row, column) in hidden
            else Share(count, _part(counts, column), stands_out=_stands_out(counts, column, town[column]))
            for column, count in counts.items()
        }
        for row, counts in table.items()
    }


def _part(counts: Mapping[str, int], column: str) -> float:
    return counts[column] / sum(counts.values())


def _stands_out(counts: Mapping[str, int], column: str, town: float | None) -> bool:
    """Only beside a figure of the town that is shown: else the mark would tell something of it."""
    if town is None:
        return False
    chance = FAR * sqrt(town * (1 - town) / sum(counts.values()))
    return abs(_part(counts, column) - town) > chance > 0
