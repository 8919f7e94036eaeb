"""What a resident asks by right: to be left alone, or to have a record put right (GDPR articles 16, 18 and 21).

Neither is an outcome of the table in the rules' section 6: nobody has been reached and nothing picked up, so no timer,
no repetition and no partner's receipt hangs on it.
"""

from datetime import date

from msgspec.structs import replace

from schemas.codes import RightKind
from streams.core.calendar import add_months
from streams.core.claims import STATEMENTS
from streams.core.policy import Policy
from streams.core.state import Dispute, Entry, Household, Objection, Status, Stop, Task
from streams.core.task import DISPUTED_CRISIS, OBJECTION, Seen, disputes, known_now, lasting


class NoSubjectError(Exception):
    """Nothing is there to decide upon or to dispute."""


def with_right(household: Household, kind: RightKind, by: str, signal: str | None, seen: Seen) -> Household:
    """The household after an objection or a dispute, or a person's decision on one.

    Args:
        household: With `today` advanced to the day.
        kind: What is asked or decided.
        by: Id of the record.
        signal: Id of the signal in dispute; null for objections.
        seen: The situation before it.

    Raises:
        NoSubjectError: When a decision is about no objection, or a dispute about no record that we have.
    """
    if kind is RightKind.OBJECTION:
        return household if household.objection is not None else _objected(household, by)
    if kind is RightKind.OBJECTION_UPHELD:
        return _upheld(household, by, seen)
    if kind is RightKind.OBJECTION_LIFTED:
        if household.objection is None:
            raise NoSubjectError
        return _lifted(household, household.objection)
    assert signal is not None
    if kind is RightKind.DISPUTED:
        return _marked(household, signal, None, Dispute(signal, household.today))
    return _marked(household, signal, signal, None)


def _objected(household: Household, by: str) -> Household:
    task = household.task
    if task is not None and task.status.live and task.visit is not None:
        task = replace(task, visit=None)  # nobody goes there any more
    return replace(household, task=task, objection=Objection(by, household.today))


def _lifted(household: Household, objection: Objection) -> Household:
    ending = household.ending
    if ending is not None and ending.by == objection.upheld_by:
        ending = ending.before  # what was known then may open a task again
    return replace(household, objection=None, ending=ending)


def _upheld(household: Household, by: str, seen: Seen) -> Household:
    if household.objection is None:
        raise NoSubjectError
    household = replace(household, objection=replace(household.objection, upheld_by=by, crises=seen.crises))
    task = household.task
    if task is None or not task.status.live:
        return household
    ended = replace(lasting(task, OBJECTION), status=Status.ENDED)
    return replace(household, task=ended, ending=known_now(household, seen, by))


def _marked(household: Household, signal: str, marked_by: str | None, dispute: Dispute | None) -> Household:
    """Put a mark on one record, or take it off that record and whatever said the same again."""

    def concerns(one: Entry | Stop) -> bool:
        if marked_by is not None:
            return one.dispute is not None and one.dispute.signal == marked_by
        return one.id == signal and (isinstance(one, Stop) or one.kind in STATEMENTS)

    found = [one for claim in household.claims for one in claim.entries if concerns(one)]
    if not found and not any(concerns(stop) for stop in household.stops):
        raise NoSubjectError
    return replace(
        household,
        claims=tuple(
            replace(claim, entries=tuple(replace(e, dispute=dispute) if concerns(e) else e for e in claim.entries))
            for claim in household.claims
        ),
        stops=tuple(replace(stop, dispute=dispute) if concerns(stop) else stop for stop in household.stops),
    )


def decide_by(household: Household, task: Task, policy: Policy) -> date | None:
    """The day by which a person must have decided on an objection or a dispute; null when there is none.

    A month [law], or the task's own due date where that comes first and a crisis is among it.
    """
    asked = [dispute.since for dispute in disputes(household).values()]
    if household.objection is not None:
        asked.append(household.objection.since)
    if not asked:
        return None
    answer = add_months(min(asked), policy.answer_months)
    urgent = not {"crisis", DISPUTED_CRISIS}.isdisjoint(task.reasons)
    return min(answer, task.due_on) if urgent else answer
