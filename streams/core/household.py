"""The decision: one household, one record, one policy in; the household's next state and what is to be told out.

Time is data. Before a record is applied the household is advanced to the record's day, and what falls due on the way
happens on its own date, so that late ticks, a live run and a replay agree. Nothing here asks the clock.
"""

from datetime import date, timedelta

from msgspec import Struct
from msgspec.structs import replace

from schemas.codes import CREDITOR_TYPES, AddressEvent, Kind, OutcomeKind, Refusal, Result, SignalType
from streams.core.calendar import add_months
from streams.core.claims import with_record
from streams.core.memory import forgotten, next_forgetting, remembers
from streams.core.outcomes import NoTaskError, with_outcome
from streams.core.policy import Policies, Policy
from streams.core.records import Record
from streams.core.situation import next_change, situation
from streams.core.state import Facts, Household, Move, Request, Status, Stop, Task
from streams.core.task import HANDOVER, Seen, known_now, lasting, moved_on, opened, opens, picked_up, see, timer

ONE_DAY = timedelta(days=1)


class Version(Struct, frozen=True):
    """One version of a task, to be told to the world."""

    task: Task
    changed_on: date
    caused_by: str | None  # id of the record; null when a deadline did
    policy: str


class Receipt(Struct, frozen=True):
    """What became of a record."""

    result: Result
    reason: Refusal | None = None


class Decision(Struct, frozen=True):
    """What a record leads to."""

    household: Household
    versions: tuple[Version, ...]
    receipt: Receipt


def decide(household: Household, record: Record, policies: Policies, day: date | None = None) -> Decision:
    """Apply one accepted record.

    Args:
        household: The state so far; ``Household(key)`` for one that is not known yet.
        record: Accepted by intake.
        policies: Those activated so far.
        day: When it is applied, if not on the day it was received (monthly matching).
    """
    household, versions = advance(household, day or record.day, policies)
    if remembers(household, record):
        return Decision(household, versions, Receipt(Result.DUPLICATE))
    policy = policies.on(household.today)
    before = household.task
    try:
        household, result = _applied(household, record, policy)
    except NoTaskError:
        household = _remembered(household, record, policy)
        return Decision(household, versions, Receipt(Result.REFUSED, Refusal.NO_TASK))
    household, version = _settled(before, household, policy, record.id)
    household = forgotten(household, policy)
    return Decision(household, (*versions, version) if version else versions, Receipt(result))


def advance(household: Household, day: date, policies: Policies) -> tuple[Household, tuple[Version, ...]]:
    """Let time pass up to and including a day; deadlines fire in order, each on its own date."""
    versions: list[Version] = []
    if household.today == date.min:  # nothing has ever happened here
        return replace(household, today=max(day, household.today)), ()
    while (due := wakes_on(household, policies)) is not None and due <= day:
        household = replace(household, today=due)
        policy = policies.on(due)
        household, version = _settled(household.task, household, policy, None)
        household = forgotten(household, policy)
        if version:
            versions.append(version)
    if day > household.today:
        household = replace(household, today=day)
    return household, tuple(versions)


def wakes_on(household: Household, policies: Policies) -> date | None:
    """The first day after `today` on which time alone may change something; null when there is none."""
    today, task = household.today, household.task
    policy = policies.on(today)
    days = [policies.next_change(today), next_forgetting(household, policy)]
    if task is not None and task.status.live:
        days += [timer(task, policy), next_change(situation(household, policy), household, policy)]
        if task.status is Status.OPEN and task.picked_up_on is None:
            days.append(task.due_on + ONE_DAY)
    elif household.ending is not None and household.ending.cool_down_until is not None:
        days.append(household.ending.cool_down_until + ONE_DAY)
    return min((day for day in days if day is not None and day > today), default=None)


def _applied(household: Household, record: Record, policy: Policy) -> tuple[Household, Result]:
    if record.type is SignalType.OUTCOME:
        assert isinstance(record.kind, OutcomeKind)
        seen = see(household, situation(household, policy), policy)
        household = with_outcome(household, record.kind, record.id, seen, policy)
        return _remembered(household, record, policy), Result.ACCEPTED
    household = replace(household, address=record.address)
    if record.type in CREDITOR_TYPES:
        household, repeated = with_record(household, record, policy.look_back)
        if record.kind is Kind.REPORT and not repeated:
            household = _asks_again(household, record)
        return household, Result.REPEATED if repeated else Result.ACCEPTED
    stamp = (record.signalled_on, record.received_at, record.id)
    if record.type is SignalType.BENEFIT_STOP:
        assert record.stop_reason is not None
        household = replace(household, stops=(*household.stops, Stop(*stamp, record.stop_reason)))
    elif record.type is SignalType.ADDRESS:
        household = _with_move(household, record, policy)
    elif record.type is SignalType.HOUSEHOLD:
        household = _with_facts(_remembered(household, record, policy), record)
    else:
        household = replace(household, requests=(*household.requests, Request(*stamp, record.type)))
    return household, Result.ACCEPTED


def _asks_again(household: Household, record: Record) -> Household:
    # A closed claim may open a task again once its creditor reports it anew; a refusal cools down first.
    ending = household.ending
    key = f"{record.partner}\x1f{record.type}\x1f{record.reference}"
    if ending is None or ending.cool_down_until is not None or key not in ending.claims:
        return household
    claims = {known: then for known, then in ending.claims.items() if known != key}
    return replace(household, ending=replace(ending, claims=claims))


def _with_move(household: Household, record: Record, policy: Policy) -> Household:
    assert record.address_event is not None
    event, everyone = record.address_event, bool(record.everyone)
    gone = event in {AddressEvent.ABROAD, AddressEvent.DECEASED} or (
        event is AddressEvent.MOVED and not policy.inside(record.to_address)
    )
    move = Move(record.signalled_on, record.received_at, record.id, event, everyone, gone)
    household = replace(household, moves=(*household.moves, move))
    if not (gone and everyone):
        return household
    seen = see(household, situation(household, policy), policy)
    household = replace(household, ending=known_now(household, seen, record.id))
    if household.task is None or not household.task.status.live:
        return household
    return replace(household, task=replace(lasting(household.task, HANDOVER[event]), status=Status.ENDED))


def _with_facts(household: Household, record: Record) -> Household:
    known = household.facts
    stamp = (record.signalled_on, record.received_at, record.id)
    if known is not None and (known.signalled_on, known.received_at, known.id) > stamp:
        return household  # an older statement that came late
    facts = Facts(*stamp, record.children, record.known_at_debt_help, record.excluded, record.shared_address)
    return replace(household, facts=facts)


def _remembered(household: Household, record: Record, policy: Policy) -> Household:
    until = add_months(household.today, policy.look_back)
    return replace(household, seen={**household.seen, record.id: until})


def _settled(
    before: Task | None, household: Household, policy: Policy, cause: str | None
) -> tuple[Household, Version | None]:
    """Let the facts as they are now move the task, or open one.

    Args:
        before: The task as its last version has it.
        household: With what a record or the day has changed.
        policy: In force today.
        cause: Id of the record; null when time alone moves.
    """
    task = household.task
    if task is not None and not task.status.live and before is not None and before.status.live:
        # Its last version still tells what it answered: what the end has spent is read once more.
        ending = household.ending.before if household.ending else None
        seen = see(household, situation(replace(household, ending=ending), policy), policy)
        task = moved_on(household, task, seen, policy)
        return _versioned(before, household, task, seen, policy, cause)
    seen = see(household, situation(household, policy), policy)
    if task is not None and task.status.live:
        task = moved_on(household, task, seen, policy)
    elif opens(household, seen):
        opener = cause or (household.ending.by if household.ending else policy.version)
        before, task = None, moved_on(household, opened(household, seen, opener, policy), seen, policy)
    else:
        return household, None
    return _versioned(before, household, task, seen, policy, cause)


def _versioned(
    before: Task | None, household: Household, task: Task, seen: Seen, policy: Policy, cause: str | None
) -> tuple[Household, Version | None]:
    if task.picked_up_on is not None:
        members = {claim.claim.key for claim in seen.found.open}
        claims = tuple(picked_up(c, task) if c.key in members else c for c in household.claims)
        household = replace(household, claims=claims)
    if before is not None and _visible(task) == _visible(before):
        return replace(household, task=task), None
    task = replace(task, sequence=task.sequence + 1)
    return replace(household, task=task), Version(task, household.today, cause, policy.version)


def _visible(task: Task) -> tuple[object, ...]:
    """What makes a new version when it changes."""
    return (
        task.level,
        task.rung,
        task.status,
        task.due_on,
        task.members,
        task.reasons,
        task.national,
        task.band,
        task.score,
    )
