"""What the owner of a task does next, and by when (rules section 6): no live task is without either."""

from datetime import date

from schemas.codes import AddressEvent
from streams.core import promises
from streams.core.calendar import local_day
from streams.core.policy import Policy
from streams.core.rights import decide_by
from streams.core.state import Household, Level, Status, Task
from streams.core.task import timer
from streams.core.transfers import order

REGISTER_CHECK = "register_check"
SORT = "sort"
PLACE = "place"
RUNGS = frozenset(level.code for level in Level)
VISITS = frozenset({Level.HOME_VISIT.code, Level.JOINT_HOME_VISIT.code})


def next_action(household: Household, task: Task, policy: Policy) -> tuple[str, date | None]:
    """The next action and its day.

    Args:
        household: Whose task it is, for what a resident has asked by right.
        task: The version in question.
        policy: In force that day.

    Returns:
        A rung, or wait, follow_up, confirm, decide, promise, register_check, place, sort; none when the task has ended.
    """
    if not task.status.live:
        return "none", None
    if task.status is Status.SUPPRESSED:
        on = decide_by(household, task, policy)
        return ("confirm", task.due_on) if on is None else ("decide", on)
    action, on = _by_the_clock(task, policy)
    promised, visit = task.promise, task.visit
    if promised is not None and not promised.passed and promised.on <= on:
        action, on = promises.PROMISE, promised.on
    if visit is not None and not visit.passed and visit.on <= on:
        action, on = Level.JOINT_HOME_VISIT.code, visit.on
    if household.unsorted and action in RUNGS:
        return PLACE, on  # nobody can be approached: it is not known whose it is
    if household.facts is not None and household.facts.shared_address and action in RUNGS:
        return SORT, on  # before anybody is approached, a person finds out whose it is
    return (REGISTER_CHECK, on) if action in VISITS and _may_have_left(household, task) else (action, on)


def _may_have_left(household: Household, task: Task) -> bool:
    """Whether somebody left the address, and nobody has looked in the register since who still lives there.

    A later Adres or Huishouden is the register's own word; a caseworker's is an outcome by the channel Administratief.
    """
    last = max(household.moves, key=order, default=None)
    if last is None or last.event is not AddressEvent.LEFT:
        return False
    told = household.facts is not None and household.facts.signalled_on > last.signalled_on
    checked = task.checked_on is not None and task.checked_on >= local_day(last.received_at)
    return not (told or checked)


def _by_the_clock(task: Task, policy: Policy) -> tuple[str, date]:
    moves_on = timer(task, policy)
    if moves_on is None:
        return task.rung.code, task.due_on
    if task.status is Status.WAITING:
        return "wait", moves_on
    if task.status is Status.HELPED:
        return "follow_up", moves_on
    return task.rung.code, min(moves_on, task.due_on) if task.picked_up_on is None else moves_on
