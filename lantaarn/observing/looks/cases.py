"""The case store in figures: tasks by status, open tasks by what is left of their deadline."""

from collections import Counter
from datetime import date
from typing import NamedTuple

from sqlalchemy import and_, case, func, select

from lantaarn.observing.limits import AT_RISK_WORKING_DAYS
from schemas.codes import ACTS, OutcomeKind
from sinks.store.engine import open_engine, plain_errors
from sinks.store.model import Task, TaskReason, table
from sinks.store.views import LINKED_OUTCOMES
from streams.core.calendar import add_working_days
from streams.core.state import Status

BUSY_MS = 5000
STATES = ("broken", "passed", "at_risk", "later", "attempted")
BANDS = (1, 2, 3)
OVERDUE = "overdue"
PICKS_UP = tuple(sorted(kind.value for kind in set(OutcomeKind) - ACTS))
"""Kinds of answers that pick a task up: no acts, nor what a resident asks by right."""


class CasesLook(NamedTuple):
    """How the cases stand."""

    tasks: dict[str, int]  # by status; each status is there
    deadlines: dict[tuple[str, int], int]  # open tasks by state and band; each pair is there
    adrift: dict[str, int]  # live tasks that lack an owner, a next_action or its day; by what they lack

    def state(self, state: str) -> int:
        """Open tasks of one state."""
        return sum(count for (found, _), count in self.deadlines.items() if found == state)


class Dated(NamedTuple):
    """Open tasks of one due date and band; none is both overdue and attempted."""

    due_on: date
    band: int
    tasks: int
    overdue: int
    attempted: int


def look(url: str, today: date) -> CasesLook:
    """Ask the case store, in three queries.

    Args:
        url: SQLAlchemy's address.
        today: The day on which it is asked.

    Raises:
        SinkError: When it does not answer.
    """
    tasks, reasons = table(Task), table(TaskReason)
    overdue = and_(
        reasons.c.task_id == tasks.c.task_id, reasons.c.sequence == tasks.c.sequence, reasons.c.reason == OVERDUE
    )
    by_status = select(tasks.c.status, func.count()).group_by(tasks.c.status)
    picked_up = and_(LINKED_OUTCOMES.c.kind.in_(PICKS_UP), LINKED_OUTCOMES.c.refused.is_(None))  # undone or not
    done = select(LINKED_OUTCOMES.c.task_id).where(picked_up).distinct().subquery("done")
    attempted = func.count(case((reasons.c.reason.is_(None), done.c.task_id)))  # the next version has it no longer
    by_date = (
        select(tasks.c.due_on, tasks.c.band, func.count(), func.count(reasons.c.reason), attempted)
        .select_from(tasks.outerjoin(reasons, overdue).outerjoin(done, done.c.task_id == tasks.c.task_id))
        .where(tasks.c.status == Status.OPEN.value)
        .group_by(tasks.c.due_on, tasks.c.band)
    )
    live = tasks.c.status.in_([status.value for status in Status if status.live])
    lacking = {
        "owner": tasks.c.owner == "",
        "next_action": tasks.c.next_action.in_(["", "none"]),
        "day": tasks.c.next_action_on.is_(None),
    }
    adrift = select(*(func.count(case((missing, 1))).label(name) for name, missing in lacking.items())).where(live)
    engine = open_engine(url, BUSY_MS)
    try:
        with plain_errors(), engine.connect() as connection:
            counts = {str(status): int(count) for status, count in connection.execute(by_status)}
            dated = [Dated(row[0], *map(int, row[1:])) for row in connection.execute(by_date)]
            without = {name: int(count) for name, count in connection.execute(adrift).mappings().one().items()}
    finally:
        engine.dispose()
    return CasesLook(
        {status.value: counts.get(status.value, 0) for status in Status}, _deadlines(dated, today), without
    )


def _deadlines(dated: list[Dated], today: date) -> dict[tuple[str, int], int]:
    soon = add_working_days(today, AT_RISK_WORKING_DAYS)
    found: Counter[tuple[str, int]] = Counter({(state, band): 0 for state in STATES for band in BANDS})
    for one in dated:
        state = "passed" if one.due_on < today else "at_risk" if one.due_on <= soon else "later"
        found["broken", one.band] += one.overdue
        found["attempted", one.band] += one.attempted
        found[state, one.band] += one.tasks - one.overdue - one.attempted
    return dict(found)
