"""Why a version of a task is as it is: its reasons with their rules, and each date that asks for a first contact."""

from datetime import date, timedelta
from typing import NamedTuple

from msgspec.structs import replace

from schemas.codes import Exclusion
from sinks.store.rows import TaskDict
from streams.core.calendar import add_working_days, local_day
from streams.core.policy import Policies, Policy
from streams.core.rulebook import RULEBOOK
from streams.core.rules import CONTEXT_RAISE, RULES, judge
from streams.core.situation import Situation, situation
from streams.core.state import Household, Level
from streams.core.task import LEFT_BEHIND

KEPT = {rule.id: rule for rule in RULEBOOK}
ELSEWHERE = {
    "no_response": "rung.no_response",
    **dict.fromkeys(LEFT_BEHIND, "handover"),
    **dict.fromkeys((exclusion.value for exclusion in Exclusion), "suppressed"),
}
"""Reasons that the rulebook has under another name; the others bear their rule's."""


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


def why(task: TaskDict, household: Household, policies: Policies) -> tuple[tuple[Reason, ...], tuple[Ground, ...]]:
    """Reasons and grounds of a version, from the household and the policies as they were when it was made."""
    policy = policies.on(household.today)
    found = situation(household, policy)
    ending = household.ending
    if household.task is not None and not household.task.status.live and ending is not None:
        # What the end has spent is read once more, as the core did for its last version.
        found = situation(replace(household, ending=ending.before), policy)
    level, _ = judge(found, household.facts, policy)
    return _reasons(task, None if known_at_debt_help(household) else level), _grounds(task, found, policy)


def known_at_debt_help(household: Household) -> bool:
    """Whether debt help knows this household: then the level is phone, whatever the rules give."""
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
