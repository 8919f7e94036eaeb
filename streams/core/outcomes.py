"""What a caseworker's outcome does to a task (rules section 6)."""

from datetime import timedelta

from msgspec.structs import replace

from schemas.codes import OutcomeKind
from streams.core.policy import Policy
from streams.core.state import Household, Status, Task
from streams.core.task import HANDOVER, OBJECTION, Seen, known_now


class NoTaskError(Exception):
    """The outcome belongs to no task that could take it."""


def with_outcome(household: Household, kind: OutcomeKind, by: str, seen: Seen, policy: Policy) -> Household:
    """The household after an outcome.

    Args:
        household: With `today` advanced to the outcome's day.
        kind: What was reported.
        by: Id of the outcome.
        seen: The situation before it.
        policy: In force today.

    Raises:
        NoTaskError: When no task is there, or it has ended or been withdrawn (`reopened` undoes an end).
    """
    task = household.task
    if task is None or task.status is Status.WITHDRAWN:
        raise NoTaskError
    if kind is OutcomeKind.REOPENED:
        return _reopened(household, task)
    if task.status is Status.ENDED:
        raise NoTaskError
    noted = _noted(household, task)
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


def _noted(household: Household, task: Task) -> Task:
    today = household.today
    return replace(task, picked_up_on=task.picked_up_on or today, last_outcome_on=today)


def _reopened(household: Household, task: Task) -> Household:
    if task.status in {Status.OPEN, Status.SUPPRESSED}:
        return household  # nothing to undo
    before = household.ending
    if task.status is Status.ENDED and before is not None:
        household = replace(household, ending=before.before)
    if household.objection is not None and OBJECTION in task.lasting:
        household = replace(household, objection=replace(household.objection, upheld_by=None))
    lasting = tuple(reason for reason in task.lasting if reason not in {*HANDOVER.values(), OBJECTION})
    noted = replace(_noted(household, task), status=Status.OPEN, rung_since=household.today, lasting=lasting)
    return replace(household, task=noted)
