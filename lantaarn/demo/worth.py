"""What continuous matching is worth: the same months matched as they come, and matched once a month."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median

from streams.core.household import Version
from streams.core.policy import Policies
from streams.core.state import Household
from streams.replay import Cadence, replay


@dataclass(frozen=True, slots=True)
class Opening:
    """A task as it was when it opened."""

    opened_on: date
    due_on: date


@dataclass(frozen=True, slots=True)
class Earlier:
    """Days earlier to a task, and due dates that the monthly run misses and the continuous one does not."""

    pairs: int
    median_days: float
    deadlines_saved: int


def earlier(lines: Sequence[bytes], policies: Policies, as_of: date, secret: bytes) -> Earlier:
    """Replay both ways; tasks are paired by household in order of opening.

    Args:
        lines: The exported log.
        policies: In force.
        as_of: Last day of both runs.
        secret: Of the pseudonyms.
    """
    daily, monthly = (_openings(lines, policies, as_of, secret, cadence) for cadence in Cadence)
    pairs = [pair for key, tasks in daily.items() for pair in zip(tasks, monthly.get(key, []), strict=False)]
    return Earlier(
        pairs=len(pairs),
        median_days=median((late.opened_on - early.opened_on).days for early, late in pairs) if pairs else 0,
        deadlines_saved=sum(late.opened_on > late.due_on and early.opened_on <= early.due_on for early, late in pairs),
    )


def _openings(
    lines: Sequence[bytes], policies: Policies, as_of: date, secret: bytes, cadence: Cadence
) -> dict[str, list[Opening]]:
    found: dict[str, list[Opening]] = defaultdict(list)

    def opened(household: Household, version: Version) -> None:
        if version.task.sequence == 1:
            found[household.key].append(Opening(version.task.opened_on, version.task.due_on))

    replay(lines, policies=policies, as_of=as_of, secret=secret, cadence=cadence, on_version=opened)
    return found
