"""Why a task is as it is: the core run again over its household's events, and what it saw when it decided."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from msgspec.structs import replace

from lantaarn.before_visits import asked_first
from lantaarn.logbook import Logbook
from lantaarn.residents import Residents, event_in, events_of
from schemas.codec import Codec
from schemas.codes import Exclusion, SignalType
from schemas.topics import Catalogue
from sinks.store.rows import TaskDict, canonical
from streams.core.calendar import add_working_days, local_day
from streams.core.departing import with_who_left
from streams.core.policy import Policies, Policy
from streams.core.rulebook import RULEBOOK
from streams.core.rules import CONTEXT_RAISE, RULES, judge
from streams.core.situation import Situation, situation
from streams.core.state import Household, Level
from streams.core.task import LEFT_BEHIND
from streams.rerun import Rerun, Step
from streams.wire import is_arrival, millis, transfer_of

KEPT = {rule.id: rule for rule in RULEBOOK}
ELSEWHERE = {
    "no_response": "rung.no_response",
    **dict.fromkeys(LEFT_BEHIND, "handover"),
    **dict.fromkeys((exclusion.value for exclusion in Exclusion), "suppressed"),
}
"""Reasons that the rulebook has under another name; the others bear their rule's."""


ARRIVED = "arrived"
"""What the register's record says to the new household of people who moved."""


class Reason(NamedTuple):
    """One reason of the task as it stands, with the rule behind it."""

    code: str
    level: str | None  # what the rule gives; null for what time or a caseworker brought about
    source: str  # law, standard, practice or our own choice
    rule: str  # the rule's own words
    decides: bool  # it gives the level


class Ground(NamedTuple):
    """One date that asks for a first contact."""

    on: date
    ground: str  # regular, crisis, lost_contact or request
    source: str  # law or our own choice
    partner: str | None
    type: str
    detail: str | None  # the crisis
    received_on: date
    decides: bool


class Said(NamedTuple):
    """One record about the household, and what became of it."""

    id: str
    partner: str
    type: str
    kind: str | None
    signalled_on: date
    received_on: date
    amount_cents: int | None
    detail: str | None  # crisis, stop reason or address event
    became: str  # member, repeated, duplicate, no_task, failed or evidence


class Difference(NamedTuple):
    """A version in the case store that is not what the core makes."""

    sequence: int
    fields: tuple[str, ...]  # names only; `missing` or `extra` for a whole version


class Explanation(NamedTuple):
    """All there is to say of a task."""

    task: TaskDict  # as it is stored
    reasons: tuple[Reason, ...]
    grounds: tuple[Ground, ...]
    said: tuple[Said, ...]  # about those whose task it is
    versions: tuple[TaskDict, ...]  # as the core makes them
    differences: tuple[Difference, ...]
    known_at_debt_help: bool  # then the level is phone, whatever the rules give
    deceased: bool  # somebody who lived there has died
    shared_address: bool  # households that do not know each other
    asked_first: str | None  # what a person does before anybody is approached, whatever the last version says
    log_start: int  # offset at which the household's partition begins; above 0 its history may be cut

    @property
    def agrees(self) -> bool:
        """Whether what is stored is what the core makes of the events."""
        return not self.differences


def explain(
    logbook: Logbook,
    codec: Codec,
    catalogue: Catalogue,
    stored: Sequence[TaskDict],
    current: TaskDict | None,
    policies: Policies | None = None,
) -> Explanation:
    """Run the core again for one task.

    Args:
        logbook: Reads household-events.
        codec: For the contracts.
        catalogue: Names the topics.
        stored: All versions of the task in the case store, the first one first.
        current: The task as the case store gives it to caseworkers; null where only its versions are there.
        policies: Used only where the log no longer has their activations.

    Raises:
        LogError: When household-events cannot be read.
    """
    task = current or stored[-1]
    partition, log_start, records = events_of(task["household"], logbook, catalogue)
    residents = Residents(task["household"])
    rerun = Rerun(codec, catalogue, policies=policies if log_start else None)
    said: list[Said] = []
    decided: tuple[Household, Policies] | None = None  # as they were at the last version
    present: tuple[Household, Policies] | None = None
    for record in records:
        step = rerun.step(partition, record)
        event = event_in(record, codec)
        residents.take(step, event, rerun.policies(partition))
        told = [] if event is None else _said(event, step)
        again = bool(told) and told[0].detail == ARRIVED and told[0].id in {one.id for one in said}
        said += [] if again else told  # what people bring along counts once, however often it comes
        household = step.household(task["household"])
        present = present if household is None else (household, rerun.policies(partition))
        if any(version["task_id"] == task["task_id"] for version in step.versions):
            decided = present
    made = rerun.tasks.get(task["task_id"], {})
    versions = tuple(canonical(made[sequence]) for sequence in sorted(made))
    members = {member["signal_id"] for member in versions[-1]["members"]} if versions else set()
    people = residents.of_task(task["task_id"]) if versions else None
    # What was said of people who lived there before, or came after, is none of theirs.
    said = [one for one in said if residents.of_record(one.partner, one.id) == people]
    if decided is not None:
        decided = (with_who_left(decided[0], task["task_id"]), decided[1])
    reasons, grounds = _why(versions[-1], *decided) if versions and decided else ((), ())
    return Explanation(
        task=task,
        reasons=reasons,
        grounds=grounds,
        said=tuple(
            one._replace(became="member") if one.became == "evidence" and one.id in members else one for one in said
        ),
        versions=versions,
        differences=_differences(stored, current, versions),
        known_at_debt_help=decided is not None and _known(decided[0]),
        deceased=any(_deceased(*known) for known in (decided, present) if known is not None),
        shared_address=present is not None and _shared(present[0]),
        asked_first=None if present is None else asked_first(present[0], task["task_id"], present[1]),
        log_start=log_start,
    )


def _said(event: Mapping[str, Any], step: Step) -> list[Said]:
    body = event["body"]
    if is_arrival(event):
        return _arrived(event, step)
    became = "evidence"
    if step.dead_letters:
        became = "failed"
    for receipt in step.receipts:
        became = receipt["reason"] or receipt["result"]
    said = Said(
        event["id"],
        body["partner"],
        body.get("type", SignalType.OUTCOME.value),
        body.get("kind"),
        body["signalled_on"],
        local_day(millis(event["received_at"])),
        body.get("amount_cents"),
        body.get("crisis") or body.get("stop_reason") or body.get("address_event"),
        became,
    )
    return [said]


def _arrived(event: Mapping[str, Any], step: Step) -> list[Said]:
    """What people brought along when they moved here, each record as its partner sent it."""
    if step.dead_letters:
        return []  # a dead letter has it
    moved, kind = transfer_of(event), SignalType.ADDRESS.value
    return [
        Said(moved.id, moved.partner, kind, None, moved.moved_on, moved.day, None, ARRIVED, "evidence"),
        *(
            Said(
                entry.id,
                claim.partner,
                claim.type.value,
                entry.kind.value,
                entry.signalled_on,
                local_day(entry.received_at),
                entry.amount_cents,
                entry.crisis,
                "repeated" if entry.repeated else "evidence",
            )
            for claim in moved.carried.claims
            for entry in claim.entries
        ),
        *(
            Said(r.id, r.partner, r.type.value, None, r.signalled_on, local_day(r.received_at), None, None, "evidence")
            for r in moved.carried.requests
        ),
    ]


def _why(task: TaskDict, household: Household, policies: Policies) -> tuple[tuple[Reason, ...], tuple[Ground, ...]]:
    policy = policies.on(household.today)
    found = situation(household, policy)
    ending = household.ending
    if household.task is not None and not household.task.status.live and ending is not None:
        # What the end has spent is read once more, as the core did for its last version.
        found = situation(replace(household, ending=ending.before), policy)
    level, _ = judge(found, household.facts, policy)
    return _reasons(task, None if _known(household) else level), _grounds(task, found, policy)


def _deceased(household: Household, policies: Policies) -> bool:
    return situation(household, policies.on(household.today)).deceased


def _shared(household: Household) -> bool:
    return household.unsorted or (household.facts is not None and household.facts.shared_address is True)


def _known(household: Household) -> bool:
    return household.facts is not None and household.facts.known_at_debt_help is True


def _reasons(task: TaskDict, level: Level | None) -> tuple[Reason, ...]:
    rules = {rule.code: rule for rule in RULES}
    made = []
    for code in task["reasons"]:
        rule = rules.get(code)
        if rule is not None:
            made.append(Reason(code, rule.level.code, rule.source, rule.fires.__doc__ or "", rule.level is level))
        else:
            kept = KEPT[ELSEWHERE.get(code, code)]
            made.append(Reason(code, None, kept.source, kept.text, decides=False))
    if level is not None and CONTEXT_RAISE in task["reasons"] and not any(reason.decides for reason in made):
        made = [r._replace(level=level.code, decides=True) if r.code == CONTEXT_RAISE else r for r in made]
    return tuple(made)


def _grounds(task: TaskDict, found: Situation, policy: Policy) -> tuple[Ground, ...]:
    """Each date that the facts ask for, the earliest first: `streams.core.task.due` takes the first of them."""
    regular = timedelta(days=policy.regular_days)
    made = []

    def add(ground: str, received_at: int, partner: str | None, kind: str, detail: str | None = None) -> None:
        day = local_day(received_at)
        urgent = ground in {"crisis", "lost_contact"}
        on = add_working_days(day, policy.crisis_working_days) if urgent else day + regular
        source = KEPT[f"due.{ground}"].source
        made.append(Ground(on, ground, source, partner, kind, detail, day, on == task["due_on"]))

    for claim in found.open:
        add("regular", claim.episode.first_received_at, claim.claim.partner, claim.claim.type.value)
    for claim, crisis, at in found.crises:
        add("crisis", at, claim.claim.partner, claim.claim.type.value, crisis.value)
    for pair in found.pairs:
        add("lost_contact", pair.complete_at, None, "Uitkeringsstop", pair.stop.reason.value)
    for request in found.requests:
        add("request", request.received_at, None, request.type.value)
    return tuple(sorted(made, key=lambda ground: (ground.on, ground.ground)))


def _differences(
    stored: Sequence[TaskDict], current: TaskDict | None, made: Sequence[TaskDict]
) -> tuple[Difference, ...]:
    theirs = {task["sequence"]: task for task in stored}
    ours = {task["sequence"]: task for task in made}
    found = []
    for sequence in sorted(theirs.keys() | ours.keys()):
        if sequence not in ours:
            found.append(Difference(sequence, ("extra",)))
        elif sequence not in theirs:
            found.append(Difference(sequence, ("missing",)))
        elif fields := _differing(ours[sequence], theirs[sequence]):
            found.append(Difference(sequence, fields))
    if made and current is None:
        found.append(Difference(made[-1]["sequence"], ("not the current one",)))
    elif made and current is not None and (fields := _differing(made[-1], current)):
        found.append(Difference(made[-1]["sequence"], fields))
    return tuple(dict.fromkeys(found))


def _differing(one: Mapping[str, Any], other: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(name for name in one if one[name] != other[name])
