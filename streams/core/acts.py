"""What the owner of a task does on purpose: ask the benefits caseworker, go on a joint visit.

Neither is an outcome: nothing is picked up by it and no clock runs differently. Neither ever happens by itself. What a
consultation tells is only who asks for what at which address; no signal, amount or reason goes to the benefits office,
and nothing comes back from it but a telephone call (founding text E) [ours].
"""

from datetime import date

from msgspec import Struct
from msgspec.structs import replace

from schemas.codes import OutcomeKind, SignalType
from streams.core.calendar import local_day
from streams.core.outcomes import ContradictionError
from streams.core.policy import Policy
from streams.core.records import Address, Record
from streams.core.state import Household, Level, Status, Task, Visit
from streams.core.task import Seen, owner


class Consultation(Struct, frozen=True):
    """A question to the benefits caseworker, about a resident who cannot be found."""

    id: str
    asked_on: date
    asked_by: str  # role or staff number
    team: str  # whom to call back
    why: str
    address: Address


def consultation(record: Record) -> Consultation:
    """The question in an accepted record."""
    return Consultation(
        record.id,
        record.signalled_on,
        record.acted_by or "",
        record.acting_for or "",
        record.why or "",
        record.address,
    )


def with_act(household: Household, task: Task, record: Record, seen: Seen, policy: Policy) -> Household:
    """The household after a deliberate act.

    Raises:
        ContradictionError: It does not fit the facts.
    """
    if record.kind is OutcomeKind.CONSULTATION:
        if not seen.found.pairs or household.objection is not None:
            raise ContradictionError("kind")  # only about a lost contact, and not of who wants to be left alone
        if record.acting_for != owner(household, policy):
            raise ContradictionError("acting_for")
        return household
    if task.status is Status.SUPPRESSED:
        raise ContradictionError("kind")  # nobody goes there
    return replace(household, task=_visited(household, task, record, seen))


def _visited(household: Household, task: Task, record: Record, seen: Seen) -> Task:
    assert record.visit_at is not None
    if local_day(record.visit_at) < household.today:
        raise ContradictionError("visit_at")
    if record.visit_with is not None and record.visit_with not in _landlords(seen):
        raise ContradictionError("visit_with")
    visit = Visit(record.visit_at, record.acted_by or "", record.visit_with)
    if task.rung < Level.JOINT_HOME_VISIT:
        task = replace(task, rung=Level.JOINT_HOME_VISIT, rung_since=household.today)
    return replace(task, visit=visit)


def _landlords(seen: Seen) -> set[str]:
    """Who has signalled rent arrears that are still open: only they may come along."""
    return {claim.claim.partner for claim in seen.found.open if claim.claim.type is SignalType.RENT}
