"""What a caseworker's outcome does to a task (rules section 6)."""

from datetime import timedelta

from msgspec.structs import replace

from schemas.codes import Channel, EndResult, OutcomeKind
from streams.core import promises
from streams.core.end_results import fits
from streams.core.policy import Policy
from streams.core.records import Record
from streams.core.state import Household, Status, Task
from streams.core.task import LEFT_BEHIND, OBJECTION, Seen, known_now


class NoTaskError(Exception):
    """The outcome belongs to no task that could take it."""


class ContradictionError(Exception):
    """What was told does not fit what was told before, or the facts."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


REACHED = frozenset({OutcomeKind.CONTACT, OutcomeKind.ACCEPTED, OutcomeKind.REFUSED})
"""Outcomes that nobody can report without having reached the resident."""


def live_task(household: Household) -> Task:
    """The task that an outcome is about.

    Raises:
        NoTaskError: When no task is there, or it has ended or been withdrawn.
    """
    task = household.task
    if task is None or not task.status.live:
        raise NoTaskError
    return task


def with_outcome(household: Household, record: Record, seen: Seen, policy: Policy) -> Household:
    """The household after an outcome.

    Args:
        household: With `today` advanced to the outcome's day.
        record: What was reported.
        seen: The situation before it.
        policy: In force today.

    Raises:
        NoTaskError: When no task is there, or it has ended or been withdrawn (`reopened` undoes an end).
        ContradictionError: The end result does not fit what happened, where the record asks for that.
    """
    kind, by = record.kind, record.id
    if kind is OutcomeKind.REOPENED:
        return _reopened(household)
    task = live_task(household)
    if kind is OutcomeKind.CLOSED and record.strict:
        _asked_to_fit(task, record)
    noted = _noted(household, task, record)
    if kind is OutcomeKind.REFUSED:
        # Who refuses while being helped has been spoken to: no cool-down, but no new task for the same facts either.
        cools = task.status in {Status.OPEN, Status.WAITING}
        until = household.today + timedelta(days=policy.cool_down_days) if cools else None
        return replace(
            household,
            task=replace(noted, status=Status.ENDED),
            ending=known_now(household, seen, by, until),
        )
    if kind is OutcomeKind.CLOSED:
        return replace(household, task=replace(noted, status=Status.ENDED), ending=known_now(household, seen, by))
    if task.status is Status.SUPPRESSED:
        return replace(household, task=noted)  # only a person's decision to end it changes anything
    if kind is OutcomeKind.ACCEPTED and task.status is not Status.HELPED:
        paused_until = household.today + timedelta(days=policy.collection_pause_days)
        noted = replace(noted, status=Status.HELPED, collection_paused_until=paused_until)
    elif kind is OutcomeKind.CONTACT and task.status is Status.OPEN:
        noted = replace(noted, status=Status.WAITING)
    return replace(household, task=noted)


def _asked_to_fit(task: Task, record: Record) -> None:
    if not isinstance(record.result, EndResult) or not fits(record.result, task, reached_now=record.reached is True):
        raise ContradictionError("result")


def _noted(household: Household, task: Task, record: Record) -> Task:
    today = household.today
    reached = record.kind in REACHED or (record.kind is OutcomeKind.CLOSED and record.reached is True)
    return replace(
        promises.with_answer(task, record, today),
        picked_up_on=task.picked_up_on or today,
        last_outcome_on=today,
        reached=task.reached + reached,
        reached_last=reached,
        checked_on=today if record.channel is Channel.ADMINISTRATIVE else task.checked_on,
    )


def _reopened(household: Household) -> Household:
    task = household.task
    if task is None or task.status is Status.WITHDRAWN:
        raise NoTaskError
    if task.status in {Status.OPEN, Status.SUPPRESSED}:
        return household  # nothing to undo
    before = household.ending
    if task.status is Status.ENDED and before is not None:
        household = replace(household, ending=before.before)
    if household.objection is not None and OBJECTION in task.lasting:
        household = replace(household, objection=replace(household.objection, upheld_by=None))
    lasting = tuple(reason for reason in task.lasting if reason not in {*LEFT_BEHIND, OBJECTION})
    today = household.today
    undone = replace(
        task,
        status=Status.OPEN,
        rung_since=today,
        lasting=lasting,
        picked_up_on=task.picked_up_on or today,
        last_outcome_on=today,
        # Of a task that had ended it is the end that was wrong: a pause from before it still stands.
        collection_paused_until=None if task.status is Status.HELPED else task.collection_paused_until,
        reached=task.reached - task.reached_last,  # the entry that was wrong
        reached_last=False,
    )
    return replace(household, task=undone)
