"""The life of a task: what opens it, how it moves with the facts and with time (rules section 5)."""

from datetime import date, timedelta
from uuid import NAMESPACE_URL, uuid5

from msgspec import Struct
from msgspec.structs import replace

from schemas.codes import AddressEvent
from streams.core import promises
from streams.core.calendar import add_working_days, local_day
from streams.core.claims import Episode, in_order
from streams.core.policy import Policy
from streams.core.rules import judge, months_of_rent, national_class, partners
from streams.core.situation import Situation, situation
from streams.core.state import Claim, Dispute, Ending, Household, Known, Level, Objection, Status, Task, known_as

TASKS = uuid5(NAMESPACE_URL, "urn:lantaarn:task")
HANDOVER = {
    AddressEvent.ABROAD: "abroad",
    AddressEvent.DECEASED: "deceased",
    AddressEvent.MOVED: "moved_out",
}
MOVED_WITHIN = "moved_within"
PLACED = "placed"
"""Reason of a task whose signals have gone to the person whom they are about."""
LEFT_BEHIND = frozenset({*HANDOVER.values(), MOVED_WITHIN, PLACED})
"""Reasons with which a task ends because nobody concerned is left."""
DISPUTED = "disputed"
DISPUTED_CRISIS = "disputed_crisis"
"""Reasons of a task about which the resident says that a record is wrong; the second where that is a crisis."""
OBJECTION = "objection"
"""Reason of a task that stands still, or has ended, because the resident objects."""
NEXT_RUNG = {Level.LETTER: Level.PHONE, Level.PHONE: Level.HOME_VISIT}


class Seen(Struct):
    """A household's situation with the level and reasons that it gives."""

    found: Situation
    whole: Situation  # with what is in dispute; the same where nothing is
    level: Level | None
    reasons: list[str]
    crises: tuple[str, ...]


def see(household: Household, found: Situation, policy: Policy) -> Seen:
    """Judge a situation."""
    level, reasons = judge(found, household.facts, policy)
    whole = situation(household, policy, disputed=True) if disputes(household) else found
    return Seen(found, whole, level, [*reasons, *_disputed(household, found, whole)], _crises(found))


def _crises(found: Situation) -> tuple[str, ...]:
    return tuple(sorted(f"{c.claim.key}\x1f{crisis}" for c, crisis, _ in found.crises))


def disputes(household: Household) -> dict[str, Dispute]:
    """Each record that is in dispute, by its id."""
    entries = (entry for claim in household.claims for entry in claim.entries)
    marked = {entry.id: entry.dispute for entry in entries if entry.dispute is not None}
    return marked | {stop.id: stop.dispute for stop in household.stops if stop.dispute is not None}


def _disputed(household: Household, found: Situation, whole: Situation) -> list[str]:
    """Reasons of what is in dispute and would still be read: a crisis among it is told apart."""
    if found is whole:
        return []
    marked = disputes(household)
    read = {stop.id for stop in (*(pair.stop for pair in whole.pairs), *whole.loose_stops)}
    for claim in whole.open:
        begun = in_order(claim.episode.reports[0])
        read |= {entry.id for entry in claim.claim.entries if in_order(entry) >= begun}
    if marked.keys().isdisjoint(read):
        return []
    return [DISPUTED] if set(_crises(whole)) <= set(_crises(found)) else [DISPUTED, DISPUTED_CRISIS]


def owner(household: Household, policy: Policy) -> str:
    """The team that owns the household's task: debt help's own where it knows them, else the neighbourhood's."""
    assert household.address is not None
    known = household.facts is not None and household.facts.known_at_debt_help is True
    return policy.debt_help_team if known else policy.team_for(household.address)


def opened(household: Household, seen: Seen, opener: str, policy: Policy) -> Task:
    """A new task, by the record that opens it."""
    level = seen.level or Level.LETTER
    return Task(
        id=str(uuid5(uuid5(TASKS, household.key), opener)),
        opened_on=household.today,
        level=level,
        rung=level,
        rung_since=household.today,
        due_on=due(seen.found, policy),
        crises=seen.crises,
    )


def opens(household: Household, seen: Seen) -> bool:
    """Whether the facts ask for a new task, given what was known when the last one ended."""
    found, ending = seen.found, household.ending
    if household.objection is not None:
        return bool(found.requests) or _has_new_crisis(seen, ending, household.objection)
    if ending is None:
        return found.calls
    if found.requests or any(known_as(pair.stop) not in ending.stops for pair in found.pairs):
        return True
    return any(_asks(claim.episode, ending.claims.get(claim.claim.key), household.today) for claim in found.open)


def _asks(episode: Episode, known: Known | None, today: date) -> bool:
    """Whether an open claim asks for a task, given what was known of it when the last one ended."""
    if known is None:
        return True
    if known.cool_down_until is None:
        # A late record can show that what is open now began after the end, or that a report counts after all.
        return any(report.id not in known.reports for report in episode.counted)
    new_crisis = any(crisis not in known.crises for crisis in episode.crises)
    return today > known.cool_down_until or episode.amount_cents > known.amount_cents or new_crisis


def _has_new_crisis(seen: Seen, ending: Ending | None, objection: Objection) -> bool:
    claims = ending.claims if ending else {}
    known = {f"{key}\x1f{crisis}" for key, claim in claims.items() for crisis in claim.crises}
    return not known.union(objection.crises).issuperset(seen.crises)


def due(found: Situation, policy: Policy) -> date:
    """The date of first contact: the earliest that any claim, crisis, lost contact or request asks for [law]."""
    regular = timedelta(days=policy.regular_days)
    days = [local_day(claim.episode.first_received_at) + regular for claim in found.open]
    days += [local_day(request.received_at) + regular for request in found.requests]
    urgent = [at for _, _, at in found.crises] + [pair.complete_at for pair in found.pairs]
    days += [add_working_days(local_day(at), policy.crisis_working_days) for at in urgent]
    return min(days)


def timer(task: Task, policy: Policy) -> date | None:
    """The day on which waiting alone moves the task, if it does."""
    if task.status is Status.OPEN:
        wait = {Level.LETTER: policy.wait_days.letter, Level.PHONE: policy.wait_days.phone}.get(task.rung)
        return None if wait is None else task.rung_since + timedelta(days=wait)
    if task.last_outcome_on is not None:
        if task.status is Status.WAITING:
            return task.last_outcome_on + timedelta(days=policy.silence_days)
        if task.status is Status.HELPED:
            return task.last_outcome_on + timedelta(days=policy.follow_up_days)
    return None


def moved_on(household: Household, task: Task, seen: Seen, policy: Policy) -> Task:
    """The task as the facts and the day now make it; its sequence is the caller's to raise."""
    today, found = household.today, seen.found
    if task.status.live:
        task = _held_or_not(household, task, seen)
        task = _cured_or_withdrawn(task, seen)
        task = _timed(task, today, policy)
        task = _raised(task, seen, today)
    elif seen.level is not None:
        task = replace(task, level=seen.level, rung=max(task.rung, seen.level))
    if found.deceased and task.rung < Level.PHONE:
        task = replace(task, rung=Level.PHONE, rung_since=today)  # after a death never a letter
    if found.calls:
        task = replace(task, due_on=due(found, policy), members=found.members)
    overdue = task.status is Status.OPEN and task.picked_up_on is None and task.due_on < today
    reasons = {*seen.reasons, *task.lasting}
    if overdue:
        reasons.add("overdue")
    if task.status is Status.SUPPRESSED and household.facts and household.facts.excluded:
        reasons.add(household.facts.excluded.value)
    if task.status is Status.SUPPRESSED and household.objection is not None:
        reasons.add(OBJECTION)
    return replace(
        task,
        reasons=tuple(sorted(reasons)),
        national=national_class(found, policy),
        band=_band(reasons),
        score=_score(found, reasons, policy),
    )


def _held_or_not(household: Household, task: Task, seen: Seen) -> Task:
    """Held: excluded, objected to, or nothing left but what is in dispute. Nobody writes, calls or goes there."""
    excluded = household.facts is not None and household.facts.excluded is not None
    held = excluded or household.objection is not None or (seen.whole.calls and not seen.found.calls)
    if held and task.status is not Status.SUPPRESSED:
        return replace(task, status=Status.SUPPRESSED)
    if not held and task.status is Status.SUPPRESSED:
        return replace(task, status=Status.OPEN, rung_since=household.today)
    return task


def _cured_or_withdrawn(task: Task, seen: Seen) -> Task:
    if seen.whole.calls:
        return task
    if task.picked_up_on is None:
        return replace(task, status=Status.WITHDRAWN)
    return lasting(task, "cured")


def _timed(task: Task, today: date, policy: Policy) -> Task:
    task = _clocked(task, today, policy)
    return promises.passed(task, today) or task


def _clocked(task: Task, today: date, policy: Policy) -> Task:
    at = timer(task, policy)
    if at is None or at > today:
        return task
    if task.status is Status.OPEN:
        return lasting(replace(task, rung=NEXT_RUNG[task.rung], rung_since=today), "no_response")
    reopened = replace(task, status=Status.OPEN, rung_since=today)
    if task.status is Status.HELPED:
        return lasting(reopened, "follow_up")
    return lasting(replace(reopened, rung=NEXT_RUNG.get(task.rung, task.rung)), "silence")


def _raised(task: Task, seen: Seen, today: date) -> Task:
    if seen.level is None:
        return task  # nothing asks any more: the level stays for the caseworker
    new_crisis = any(crisis not in task.crises for crisis in seen.crises)
    if (seen.level > task.level or new_crisis) and task.status in {Status.WAITING, Status.HELPED}:
        task = replace(task, status=Status.OPEN, rung_since=today)
    if seen.level > task.rung:
        task = replace(task, rung=seen.level, rung_since=today)
    crises = tuple(sorted({*task.crises, *seen.crises})) if new_crisis else task.crises
    return replace(task, level=seen.level, crises=crises)


def lasting(task: Task, reason: str) -> Task:
    """The task with a reason that stays with it."""
    return task if reason in task.lasting else replace(task, lasting=(*task.lasting, reason))


def _band(reasons: set[str]) -> int:
    if "children_at_risk" in reasons:
        return 1
    return 2 if reasons & {"crisis", DISPUTED_CRISIS} else 3


def _score(found: Situation, reasons: set[str], policy: Policy) -> int:
    points = policy.points
    score = max(len(partners(found)) - 1, 0) * points.further_partner
    score += min(months_of_rent(found) * points.rent_month, points.rent_months_at_most)
    for reason in ("lost_contact", "consecutive", "high_amount", "overdue"):
        if reason in reasons:
            score += getattr(points, reason)
    return score


def known_now(household: Household, seen: Seen, by: str, cool_down_until: date | None = None) -> Ending:
    """What is known at the moment when a task ends, so that it opens nothing by itself."""
    before = household.ending
    return Ending(
        by=by,
        claims={
            c.claim.key: Known(
                tuple(r.id for r in c.episode.reports),
                c.episode.amount_cents,
                tuple(sorted(c.episode.crises)),
                cool_down_until,
            )
            for c in seen.found.open
        },
        stops=tuple(sorted({known_as(pair.stop) for pair in seen.found.pairs})),
        requests=tuple(sorted({*(before.requests if before else ()), *(known_as(r) for r in seen.found.requests)})),
        before=None if before is None else replace(before, before=None),
    )


def picked_up(claim: Claim, task: Task) -> Claim:
    """The claim, marked as member of a task that somebody has picked up."""
    if task.picked_up_on is None or (claim.picked_up_on or date.min) >= task.picked_up_on:
        return claim
    return replace(claim, picked_up_on=task.picked_up_on)
