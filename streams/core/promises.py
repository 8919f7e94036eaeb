"""What was promised to a resident, and a joint visit that was decided on: a day that passes unheard comes back [ours].

Both are kept by an outcome on that day or later; a promise is also kept early, by any contact.
"""

from datetime import date

from msgspec.structs import replace

from schemas.codes import OutcomeKind
from streams.core.calendar import ONE_DAY
from streams.core.records import Record
from streams.core.state import Promise, Status, Task

BACK_ON_THE_LIST = frozenset({Status.OPEN, Status.WAITING, Status.HELPED})
PROMISE = "promise"
"""The reason: what was promised, or the visit, was on a day that went by without any outcome."""


def with_answer(task: Task, record: Record, today: date) -> Task:
    """The task after an outcome, which may keep what was promised and may promise anew."""
    promise, visit = task.promise, task.visit
    if promise is not None and (today >= promise.on or record.kind is not OutcomeKind.ATTEMPT):
        promise = None
    if visit is not None and (today >= visit.on or record.kind in {OutcomeKind.CLOSED, OutcomeKind.REFUSED}):
        visit = None
    if record.promised_on is not None:
        promise = Promise(record.promised_on, record.promised_by or "")
    return replace(task, promise=promise, visit=visit)


def pending(task: Task) -> list[date]:
    """Days on which something will be done for the resident, by promise or by visit."""
    return [one.on for one in (task.promise, task.visit) if one is not None and not one.passed]


def next_day(task: Task) -> date | None:
    """The day on which the first of them has gone by."""
    if task.status not in BACK_ON_THE_LIST:
        return None
    return min((on + ONE_DAY for on in pending(task)), default=None)


def passed(task: Task, today: date) -> Task | None:
    """The task back on the list because a promised day has gone by; null where none has."""
    on = next_day(task)
    if on is None or on > today:
        return None
    promise, visit = task.promise, task.visit
    if promise is not None and promise.on < today:
        promise = replace(promise, passed=True)
    if visit is not None and visit.on < today:
        visit = replace(visit, passed=True)
    if task.status is not Status.OPEN:
        task = replace(task, status=Status.OPEN, rung_since=today)
    lasting = task.lasting if PROMISE in task.lasting else (*task.lasting, PROMISE)
    return replace(task, promise=promise, visit=visit, lasting=lasting)
