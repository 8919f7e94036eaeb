"""Which help fits a task, and why: a pure choice, of which a person takes what they want.

What a household earns is never asked or guessed: a limit is told, with help that has none beside it.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple

from schemas.codes import SignalType
from sinks.referrals.catalogue import Audience, Listed, Need, ReferralCatalogue

BY_TYPE = {
    SignalType.RENT: Need.HOUSING,
    SignalType.MORTGAGE: Need.HOUSING,
    SignalType.ENERGY: Need.ENERGY,
    SignalType.WATER: Need.WATER,
    SignalType.HEALTH_INSURANCE: Need.CARE,
    SignalType.CAK_CONTRIBUTION: Need.CARE,
    SignalType.CAK_INSURANCE: Need.CARE,
}
OTHERWISE = Need.DEBTS
BY_REASON = {
    "many_partners": Need.DEBTS,
    "multiple": Need.DEBTS,
    "high_amount": Need.DEBTS,
    "consecutive": Need.PAPERWORK,
    "children_at_risk": Need.CHILDREN,
}
WORDS = {
    Need.HOUSING: "het gaat om de huur of de hypotheek",
    Need.ENERGY: "het gaat om gas, licht of warmte",
    Need.WATER: "het gaat om water",
    Need.CARE: "het gaat om zorgkosten",
    Need.DEBTS: "er zijn meer rekeningen tegelijk",
    Need.PAPERWORK: "het speelt al langer: hulp met post en papieren kan rust geven",
    Need.CHILDREN: "er wonen kinderen",
    Need.TALKING: "praten helpt",
}


class Circumstances(NamedTuple):
    """What the choice looks at."""

    postcode: str
    types: frozenset[str]  # of the task's own signals
    reasons: frozenset[str]  # of the task


class Suggestion(NamedTuple):
    """One place to refer to."""

    listed: Listed
    because: tuple[str, ...]
    ask_first: tuple[str, ...]  # what has to be asked before it is known to fit
    alternative_to: str | None  # the key of an entry with a limit that comes before it
    answer_by: date  # when its organisation has answered, if it is referred to today
    stale: bool


def needs_of(found: Circumstances) -> frozenset[Need]:
    """What the task is about."""
    needs = {BY_TYPE.get(SignalType(kind), OTHERWISE) for kind in found.types}
    return frozenset(needs | {BY_REASON[reason] for reason in found.reasons & BY_REASON.keys()} | {Need.TALKING})


def suggestions(catalogue: ReferralCatalogue, found: Circumstances, today: date) -> list[Suggestion]:
    """Help that fits, what fits most first; behind each entry with a limit comes help without one."""
    needs = needs_of(found)
    fitting = [one for one in catalogue if one.entry.serves(found.postcode) and needs & set(one.entry.needs)]
    fitting.sort(key=lambda one: (-len(needs & set(one.entry.needs)), one.entry.income_limit is not None, one.key))
    made: dict[str, Suggestion] = {}
    for one in fitting:
        if one.key not in made:
            made[one.key] = _suggestion(one, needs, found, today)
        if one.entry.income_limit is not None:
            for other in _alternatives(catalogue, one, found):
                made.setdefault(other.key, _suggestion(other, needs, found, today, alternative_to=one.key))
    return list(made.values())


def _alternatives(catalogue: ReferralCatalogue, one: Listed, found: Circumstances) -> Iterable[Listed]:
    return (other for key in one.entry.alternatives if (other := catalogue[key]).entry.serves(found.postcode))


def _suggestion(
    one: Listed, needs: frozenset[Need], found: Circumstances, today: date, alternative_to: str | None = None
) -> Suggestion:
    entry = one.entry
    known = {Audience.FAMILIES} if "children_at_risk" in found.reasons else set()
    # An audience lists for whom it is: one of them is enough.
    asked = [f"is voor {', '.join(entry.audience)}"] if entry.audience and known.isdisjoint(entry.audience) else []
    if entry.income_limit is not None:
        asked.append(f"grens: {entry.income_limit}")
    return Suggestion(
        listed=one,
        because=tuple(WORDS[need] for need in entry.needs if need in needs),
        ask_first=(*asked, *entry.conditions),
        alternative_to=alternative_to,
        answer_by=today + timedelta(days=entry.answer_days),
        stale=one.is_stale(today),
    )
