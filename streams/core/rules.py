"""The rules of section 4: how urgent a household is, and why. Each rule is a line here, with its source.

The level is the highest that any rule gives; each that fires is a reason.
"""

from collections.abc import Callable
from datetime import date, timedelta
from itertools import pairwise

from msgspec import Struct

from schemas.codes import Crisis, SignalType
from streams.core.calendar import add_months
from streams.core.policy import Policy
from streams.core.situation import Situation
from streams.core.state import Facts, Level


class Case(Struct, frozen=True):
    """What a rule looks at."""

    found: Situation
    facts: Facts | None
    policy: Policy


class Rule(Struct, frozen=True):
    """A reason for a task, and the level it gives."""

    code: str
    level: Level
    source: str
    fires: Callable[[Case], bool]


RULES: list[Rule] = []
"""The rules, in the order of the rules' text."""


def rule(level: Level, source: str) -> Callable[[Callable[[Case], bool]], Callable[[Case], bool]]:
    """Enter a function as a rule; its name is the reason's code."""

    def entered(fires: Callable[[Case], bool]) -> Callable[[Case], bool]:
        RULES.append(Rule(fires.__name__, level, source, fires))
        return fires

    return entered


def partners(found: Situation) -> set[str]:
    """The partners with an open claim."""
    return {claim.claim.partner for claim in found.open}


def months_of_rent(found: Situation) -> int:
    """The most months of rent owed on one open claim."""
    return max((c.episode.months for c in found.open if c.claim.type is SignalType.RENT), default=0)


def is_consecutive(found: Situation, policy: Policy, *, open_only: bool = False) -> bool:
    """A report in an earlier calendar month, at most six months before a later one, same claim or not [practice].

    Args:
        found: The situation; its reports are in order of date.
        policy: Gives the months.
        open_only: The later report must be of an open episode.
    """
    earlier = None  # the latest report of the months before the current one
    current = None
    for report in found.reports:
        if current is not None and _month(report.signalled_on) != _month(current):
            earlier = current
        current = report.signalled_on
        if earlier is None or (open_only and not report.in_open):
            continue
        if earlier >= add_months(report.signalled_on, -policy.consecutive_months):
            return True
    return False


def is_multiple(found: Situation, *, open_only: bool = False) -> bool:
    """Reports of two partners or more in one calendar month [practice]."""
    seen: dict[tuple[int, int], str] = {}
    for report in found.reports:
        if open_only and not report.in_open:
            continue
        if seen.setdefault(_month(report.signalled_on), report.partner) != report.partner:
            return True
    return False


def national_class(found: Situation, policy: Policy) -> tuple[str, ...]:
    """How the national monitor counts this household: single, or multiple, consecutive or both [practice]."""
    names = []
    if is_consecutive(found, policy):
        names.append("consecutive")
    if is_multiple(found):
        names.append("multiple")
    return tuple(names) or ("single",)


def _near(found: Situation, policy: Policy) -> bool:
    reports = [report for report in found.reports if report.in_open]
    within = timedelta(days=policy.near_days)
    return any(
        first.partner != second.partner and second.signalled_on - first.signalled_on <= within
        for first, second in pairwise(reports)  # the closest pair stands side by side
    )


def _month(day: date) -> tuple[int, int]:
    return (day.year, day.month)


@rule(Level.LETTER, "domain 4 [practice]")
def first_signal(case: Case) -> bool:
    """There is an open claim."""
    return bool(case.found.open)


@rule(Level.PHONE, "domain 3 [practice]")
def consecutive(case: Case) -> bool:
    """A report in an earlier month, the later one of an episode that is still open."""
    return is_consecutive(case.found, case.policy, open_only=True)


@rule(Level.PHONE, "domain 3 [practice]")
def multiple(case: Case) -> bool:
    """Two partners report in one month, or close to each other, and both episodes are still open."""
    return is_multiple(case.found, open_only=True) or _near(case.found, case.policy)


@rule(Level.HOME_VISIT, "[ours]")
def many_partners(case: Case) -> bool:
    """Open claims of several partners."""
    return len(partners(case.found)) >= case.policy.many


@rule(Level.PHONE, "domain 4 [ours]")
def high_amount(case: Case) -> bool:
    """The open amounts together are high."""
    return sum(claim.episode.amount_cents for claim in case.found.open) >= case.policy.high_cents


@rule(Level.HOME_VISIT, "domain 4 [practice]")
def rent_months(case: Case) -> bool:
    """Some months of rent are owed on one open claim."""
    return months_of_rent(case.found) >= case.policy.rent_months


@rule(Level.HOME_VISIT, "domain 4 [law]")
def crisis(case: Case) -> bool:
    """Eviction, cut-off or the end of the insurance threatens on an open claim."""
    return any(claim.episode.crises for claim in case.found.open)


@rule(Level.JOINT_HOME_VISIT, "founding text B")
def children_at_risk(case: Case) -> bool:
    """Eviction threatens where children live."""
    evicted = any(Crisis.EVICTION in claim.episode.crises for claim in case.found.open)
    return evicted and case.facts is not None and case.facts.children is True


@rule(Level.JOINT_HOME_VISIT, "founding text E")
def lost_contact(case: Case) -> bool:
    """A benefit stopped because nobody knows where they are, and rent is owed or the address was left."""
    return bool(case.found.pairs)


@rule(Level.PHONE, "domain 2")
def self_report(case: Case) -> bool:
    """The resident asks for help."""
    return any(request.type is SignalType.SELF_REPORT for request in case.found.requests)


@rule(Level.PHONE, "domain 2")
def warm_handover(case: Case) -> bool:
    """A welfare partner refers the resident, with consent."""
    return any(request.type is SignalType.REFERRAL for request in case.found.requests)


CONTEXT_RAISE = "context_raise"
"""A benefit stop beside arrears: one level above what the rules give, at most a home visit (domain 2 [ours])."""


def judge(found: Situation, facts: Facts | None, policy: Policy) -> tuple[Level | None, list[str]]:
    """The level that the situation asks for, null when nothing does, and the reasons of section 4."""
    case = Case(found, facts, policy)
    fired = [entry for entry in RULES if entry.fires(case)]
    reasons = [entry.code for entry in fired]
    level = max((entry.level for entry in fired), default=None)
    if level is not None and found.loose_stops:
        reasons.append(CONTEXT_RAISE)
        level = max(level, min(Level(min(level + 1, Level.JOINT_HOME_VISIT)), Level.HOME_VISIT))
    if level is not None and facts is not None and facts.known_at_debt_help:
        level = Level.PHONE  # one task, for the team that knows them
    return level, reasons
