"""What the owner of a task does on purpose: ask the benefits caseworker, go on a joint visit, place a signal.

None is an outcome: nothing is picked up by it and no clock runs differently. None ever happens by itself. What a
consultation tells is only who asks for what at which address; no signal, amount or reason goes to the benefits office,
and nothing comes back from it but a telephone call (founding text E) [ours]. A signal of a shared address is placed
with the person that it is about once somebody has found out who that is: it goes there as what is open goes with people
who move, with its dates and with what its partner has been told (record 0006).
"""

from datetime import date

from msgspec import Struct
from msgspec.structs import replace

from schemas.codes import AddressEvent, OutcomeKind, SignalType
from streams.core.arriving import with_claim
from streams.core.calendar import local_day
from streams.core.departing import destination
from streams.core.outcomes import ContradictionError
from streams.core.policy import Policy
from streams.core.records import Address, Record
from streams.core.situation import situation
from streams.core.state import Household, Level, Move, Status, Task, Visit
from streams.core.task import PLACED, Seen, known_now, lasting, owner, see


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
    if record.kind is OutcomeKind.PLACED:
        return _placed(household, task, record, policy)
    if task.status is Status.SUPPRESSED:
        raise ContradictionError("kind")  # nobody goes there
    return replace(household, task=_visited(household, task, record, seen))


def _placed(household: Household, task: Task, record: Record, policy: Policy) -> Household:
    if not household.unsorted:
        raise ContradictionError("kind")  # it is known whose it is
    to = destination(household, replace(record, to_address=record.address))
    if to is None:
        raise ContradictionError("to_household")
    household = _with_all(household)
    seen = see(household, situation(household, policy), policy)
    stamp = (record.signalled_on, record.received_at, record.id)
    gone = Move(*stamp, AddressEvent.MOVED, everyone=True, gone=False, partner=record.partner, to=to)
    return replace(
        household,
        moves=(*household.moves, gone),
        ending=known_now(household, seen, record.id),
        objection=None,  # it goes along
        task=replace(lasting(task, PLACED), status=Status.ENDED),
    )


def _with_all(household: Household) -> Household:
    """The household with what went to a person by mistake, so that it goes to the right one."""
    here = household
    for left in here.departed:
        for claim in left.claims:
            household = with_claim(household, claim, follows=True)
        household = replace(household, requests=(*household.requests, *left.requests))
    return replace(household, departed=())


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
