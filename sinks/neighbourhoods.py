"""Figures by neighbourhood, to see whether the rules treat one differently from another.

A share says something of people: where few are counted it is not shown. A neighbourhood is the four digits of the
postcode. Those with fewer than `FEWEST` tasks are put together; a count of 1 to 9, or one that leaves 1 to 9 others, is
held back, and so is a second one where it could be worked out from the rest [practice: as Statistics Netherlands].
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from math import sqrt
from typing import Any

FEWEST = 10
TOGETHER = "overige"
LEVELS = ("letter", "phone", "home_visit", "joint_home_visit")
NOT_COUNTED = frozenset({"suppressed", "withdrawn"})  # nobody was to go there, or no longer
FAR = 2.0  # standard errors


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
    shown = [task for ours in rows.values() for task in ours]
    if not shown:
        return Figures((), None, len(small))
    town = _neighbourhood("", shown, today, None)
    found = tuple(_neighbourhood(name, ours, today, shown) for name, ours in sorted(rows.items()))
    return Figures(found, town, len(small))


def _neighbourhood(
    name: str, tasks: list[Mapping[str, Any]], today: date, town: list[Mapping[str, Any]] | None
) -> Neighbourhood:
    return Neighbourhood(
        name,
        len(tasks),
        _shares(tasks, town, "level"),
        _shares(tasks, town, "rung"),
        _share(tasks, town, _no_contact),
        _share(tasks, town, lambda task: _overdue(task, today)),
    )


def _no_contact(task: Mapping[str, Any]) -> bool:
    return task["first_contact_on"] is None


def _overdue(task: Mapping[str, Any], today: date) -> bool:
    """No outcome by the due date, whether it came later or not yet."""
    if task["first_outcome_on"] is None and task["status"] == "ended":
        return False  # the register ended it: nobody was left
    return bool((task["first_outcome_on"] or today) > task["due_on"])


def _shares(tasks: list[Mapping[str, Any]], town: list[Mapping[str, Any]] | None, field: str) -> dict[str, Share]:
    counts = Counter(task[field] for task in tasks)
    hidden = _hidden({level: counts[level] for level in LEVELS})
    found = {}
    for level in LEVELS:
        if level in hidden:
            found[level] = Share(None, None)
        else:
            of_town = None if town is None else sum(task[field] == level for task in town) / len(town)
            found[level] = _shown(counts[level], len(tasks), of_town)
    return found


def _share(
    tasks: list[Mapping[str, Any]],
    town: list[Mapping[str, Any]] | None,
    holds: Callable[[Mapping[str, Any]], bool],
) -> Share:
    count = sum(map(holds, tasks))
    if _few(count) or _few(len(tasks) - count):
        return Share(None, None)
    return _shown(count, len(tasks), None if town is None else sum(map(holds, town)) / len(town))


def _shown(count: int, of: int, town: float | None) -> Share:
    share = count / of
    if town is None:
        return Share(count, share)
    return Share(count, share, stands_out=abs(share - town) > FAR * sqrt(town * (1 - town) / of) > 0)


def _hidden(counts: Mapping[str, int]) -> set[str]:
    """What is held back: few, and one more where a single one could be worked out from the total."""
    hidden = {name for name, count in counts.items() if _few(count)}
    if len(hidden) == 1 and (others := [name for name in counts if name not in hidden and counts[name]]):
        hidden.add(min(others, key=lambda name: counts[name]))
    return hidden


def _few(count: int) -> bool:
    return 0 < count < FEWEST
