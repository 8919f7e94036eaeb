"""The decision: one household, one record, one policy in; the household's next state and what is to be told out.

Time is data. Before a record is applied the household is advanced to the record's day, and what falls due on the way
happens on its own date, so that late ticks, a live run and a replay agree. Nothing here asks the clock.
"""

from datetime import date, timedelta

from msgspec import Struct
from msgspec.structs import replace

from schemas.codes import OutcomeKind, Refusal, Result
from streams.core import promises, told
from streams.core.acts import Consultation, consultation
from streams.core.applying import applied, known, remembered
from streams.core.arriving import arrived, left_since, sent_on
from streams.core.departing import along, as_theirs, with_theirs
from streams.core.memory import forgotten, kept_until, remembers, used_by_another
from streams.core.outcomes import ContradictionError, NoTaskError
from streams.core.policy import Policies, Policy
from streams.core.records import Record
from streams.core.rights import NoSubjectError
from streams.core.situation import next_change, situation
from streams.core.state import Household, Status, Task, sender_key
from streams.core.task import Seen, moved_on, opened, opens, picked_up, see, timer
from streams.core.transfers import Transfer

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
    field: str | None = None


class Decision(Struct, frozen=True):
    """What a record leads to."""

    household: Household
    versions: tuple[Version, ...]
    receipt: Receipt
    consultation: Consultation | None = None  # asked on purpose, by this record
    tells_sender: bool = True  # whether the receipt is for its sender, too
    transfer: Transfer | None = None  # goes to another household


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
    if record.unsorted and not household.unsorted:
        household = replace(household, unsorted=True)
    found, before = household, household.task
    asked, tells = None, True
    try:
        household, result = applied(household, record, policy)
        receipt = Receipt(result)
        if record.kind is OutcomeKind.CONSULTATION:
            asked = consultation(record)
        if result is Result.REPEATED:
            household, tells = told.repeated(household, record)
    except NoTaskError:
        household = remembered(household, record, policy)
        receipt = Receipt(Result.REFUSED, Refusal.NO_TASK)
    except NoSubjectError:
        household = remembered(household, record, policy)
        receipt = Receipt(Result.REFUSED, Refusal.NO_SUBJECT)
    except ContradictionError as error:
        household = remembered(household, record, policy)
        receipt = Receipt(Result.REFUSED, Refusal.CONTRADICTION, error.field)
    opener = sender_key(record.partner, record.id) if used_by_another(household, record) else record.id
    household, version = _settled(before, household, policies, record.id, opener)
    here, transfer = along(found, household, record, policy)
    if here is not household:
        here, _ = _settled(here.task, here, policies, record.id)  # when who lives there now is to be looked at
    return Decision(here, (*versions, version) if version else versions, receipt, asked, tells, transfer)


def take_in(household: Household, transfer: Transfer, policies: Policies, day: date | None = None) -> Decision:
    """Apply what comes from a household whose people have moved here.

    Args:
        household: The state so far; ``Household(key)`` for one that is not known yet.
        transfer: As that household made it.
        policies: Those activated so far.
        day: When it is applied, if not on the day its cause was received.
    """
    household, versions = advance(household, day or transfer.day, policies)
    if sender_key(transfer.partner, transfer.id) in household.seen:
        return Decision(household, versions, Receipt(Result.DUPLICATE))
    policy, cause = policies.on(household.today), transfer.caused_by
    household = known(household, transfer.partner, transfer.id, policy)
    left = left_since(household, transfer)
    if left is not None:
        on = sent_on(household, transfer, left.move) if left.move.to is not None else None
        if on is None:
            household = with_theirs(household, left, arrived(as_theirs(household, left), transfer))
        household, _ = _settled(household.task, household, policies, cause)
        return Decision(household, versions, Receipt(Result.ACCEPTED), transfer=on)
    before, household = household.task, arrived(household, transfer)
    household, opened_by_it = _settled(before, household, policies, cause)
    # An objection stops what is there already: a task that a person has to decide upon stays in sight.
    household = replace(household, objection=household.objection or transfer.carried.objection)
    household, stopped_by_it = _settled(household.task, household, policies, cause)
    made = (version for version in (opened_by_it, stopped_by_it) if version is not None)
    return Decision(household, (*versions, *made), Receipt(Result.ACCEPTED))


def advance(household: Household, day: date, policies: Policies) -> tuple[Household, tuple[Version, ...]]:
    """Let time pass up to and including a day; deadlines fire in order, each on its own date."""
    versions: list[Version] = []
    while household.wakes_on is not None and household.wakes_on <= day:
        household = replace(household, today=household.wakes_on)
        household, version = _settled(household.task, household, policies, None)
        if version:
            versions.append(version)
    if day > household.today:
        household = replace(household, today=day)
    return household, tuple(versions)


def reconsider(
    household: Household, day: date, before: Policies, after: Policies, cause: str
) -> tuple[Household, tuple[Version, ...]]:
    """Look at a household again because a policy has been activated.

    Args:
        household: As it is.
        day: The day of the activation.
        before: The policies until now: what fell due until then was theirs, however late it is looked at.
        after: With the new one.
        cause: Id of the activation.
    """
    household, versions = advance(household, day, before)
    household, version = _settled(household.task, household, after, cause)
    return household, (*versions, version) if version else versions


def _settled(
    before: Task | None, household: Household, policies: Policies, cause: str | None, opener: str | None = None
) -> tuple[Household, Version | None]:
    """Let the facts as they are now move the task, or open one; forget what is over; say when to look again.

    Args:
        before: The task as its last version has it.
        household: With what a record or the day has changed.
        policies: Those activated so far.
        cause: Id of the record; null when time alone moves.
        opener: What a task that it opens is named by, where that is not the cause.
    """
    policy = policies.on(household.today)
    task = household.task
    version = None
    seen = see(household, situation(household, policy), policy)
    if task is not None and task.status.live:
        household, version = _versioned(before, household, moved_on(household, task, seen, policy), seen, policy, cause)
    elif task is not None and before is not None and before.status.live:
        # Its last version still tells what it answered: what the end has spent is read once more.
        ending = household.ending.before if household.ending else None
        last = see(household, situation(replace(household, ending=ending), policy), policy)
        household, version = _versioned(before, household, moved_on(household, task, last, policy), last, policy, cause)
    elif opens(household, seen):
        opener = opener or cause or (household.ending.by if household.ending else policy.version)
        task = moved_on(household, opened(household, seen, opener, policy), seen, policy)
        household, version = _versioned(None, household, task, seen, policy, cause)
    household = forgotten(told.by_time(household, policy), policy)
    return replace(household, wakes_on=_next_wake(household, seen, policies, policy)), version


def _versioned(
    before: Task | None, household: Household, task: Task, seen: Seen, policy: Policy, cause: str | None
) -> tuple[Household, Version | None]:
    version = None
    if before is None or _visible(task) != _visible(before):
        task = replace(task, sequence=task.sequence + 1)
        version = Version(task, household.today, cause, policy.version)
    claims = household.claims
    if task.picked_up_on is not None:
        members = {claim.claim.key for claim in seen.found.open}
        claims = tuple(picked_up(claim, task) if claim.key in members else claim for claim in claims)
    return replace(household, task=task, claims=claims), version


def _next_wake(household: Household, seen: Seen, policies: Policies, policy: Policy) -> date | None:
    """The first day after today on which time alone may change something."""
    today, task = household.today, household.task
    days = [
        policies.next_change(today),
        told.next_telling(household, policy),
        *(day + ONE_DAY for day in kept_until(household, policy)),
    ]
    if task is not None and task.status.live:
        days += [timer(task, policy), promises.next_day(task)]
        days.append(next_change(seen.found, household, policy))
        if seen.whole is not seen.found:
            days.append(next_change(seen.whole, household, policy))
        if task.status is Status.OPEN and task.picked_up_on is None:
            days.append(task.due_on + ONE_DAY)
    elif household.ending is not None:
        ends = (known.cool_down_until for known in household.ending.claims.values())
        days += [day + ONE_DAY for day in ends if day is not None]
    return min((day for day in days if day is not None and day > today), default=None)


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
        task.promise,
        task.visit,
    )
