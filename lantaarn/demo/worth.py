"""What continuous matching is worth: the same months matched as they come, and matched once a month."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median

from sinks.fields import TaskForm
from streams.core.household import Version
from streams.core.policy import Policies
from streams.core.state import Household
from streams.replay import Cadence, replay, task_line


@dataclass(frozen=True, slots=True)
class Opening:
    """A task as it was when it opened."""

    opened_on: date
    due_on: date


@dataclass(frozen=True, slots=True)
class Months:
    """One replay of the exported log."""

    tasks: dict[str, TaskForm]  # the last version of each, by id
    openings: dict[str, list[Opening]]  # by household, in order


@dataclass(frozen=True, slots=True)
class Earlier:
    """Days earlier to a task, and due dates that the monthly run misses and the continuous one does not."""

    pairs: int
    median_days: float
    deadlines_saved: int


def months(lines: Sequence[bytes], policies: Policies, as_of: date, secret: bytes, cadence: Cadence) -> Months:
    """Replay the log.

    Args:
        lines: The exported log.
        policies: In force.
        as_of: Last day.
        secret: Of the pseudonyms.
        cadence: As records come, or on the 1st of each month.
    """
    openings: dict[str, list[Opening]] = defaultdict(list)

    def opened(household: Household, version: Version) -> None:
        if version.task.sequence == 1:
            openings[household.key].append(Opening(version.task.opened_on, version.task.due_on))

    done = replay(lines, policies=policies, as_of=as_of, secret=secret, cadence=cadence, on_version=opened)
    forms = {
        task_id: TaskForm.of_json(task_line(household.address, version.task))
        for task_id, (household, version) in done.tasks.items()
    }
    return Months(forms, openings)


def differing(stored: Iterable[TaskForm], replayed: Months) -> int:
    """Tasks that are not the same in every field."""
    known = {task.task_id: task for task in stored}
    return sum(known.get(task_id) != replayed.tasks.get(task_id) for task_id in known.keys() | replayed.tasks.keys())


def earlier(daily: Months, monthly: Months) -> Earlier:
    """Compare; tasks are paired by household in order of opening."""
    pairs = [
        pair
        for key, tasks in daily.openings.items()
        for pair in zip(tasks, monthly.openings.get(key, []), strict=False)
    ]
    return Earlier(
        pairs=len(pairs),
        median_days=median((late.opened_on - early.opened_on).days for early, late in pairs) if pairs else 0,
        deadlines_saved=sum(late.opened_on > late.due_on and early.opened_on <= early.due_on for early, late in pairs),
    )
