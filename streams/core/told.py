"""What a partner is told of its own signals, and when: picked up, reached, help accepted, pause until; nothing else.

An outcome is told to those whose claims were open when it came, so that nobody learns of what was done before its own
signal. What is not picked up is told on a fixed day after its receipt, whatever the reason: an exclusion, a household
that debt help knows or a death looks like any signal that nobody came to, and no earlier or later (record 0006).
"""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import NamedTuple

from msgspec.structs import replace

from schemas.codes import EndResult, Kind, OutcomeKind
from streams.core.calendar import local_day
from streams.core.policy import Policy
from streams.core.records import Record
from streams.core.situation import Situation
from streams.core.state import Claim, Departed, Entry, Household, Of, Request, Status, Told
from streams.core.transfers import Carried

NOT_PICKED_UP = frozenset(list(EndResult)[:6])
"""End results that say that the signal was not picked up [std]."""
HELPED = frozenset({EndResult.ADVICE, EndResult.REFERRAL, EndResult.REFERRAL_FINANCIAL, EndResult.REFERRAL_OTHER})
REACHED = HELPED | {EndResult.NO_REACTION, EndResult.SELF_RELIANT}
Change = Callable[[Told | None], Told | None]
Signal = Entry | Request
NOTHING = Carried()


class Telling(NamedTuple):
    """What one partner is to be told of one of its signals."""

    partner: str
    signal_id: str
    told: Told


def repeated(household: Household, record: Record) -> tuple[Household, bool]:
    """Whether a `repeated` report is told to be one: only to who knows that the arrears were picked up.

    To anybody else it stays an accepted report, which is answered like the others.
    """
    knows = any(
        entry.told is not None and entry.told.picked_up
        for one in household.everybody
        for claim in one.claims
        if (claim.partner, claim.type, claim.reference) == (record.partner, record.type, record.reference)
        for entry in claim.entries
    )
    if not knows:
        return household, False
    said = Told(household.today, repeated=True)
    return _changed(household, lambda _: said, {(record.partner, record.id)}), True


def by_outcome(before: Household, after: Household, record: Record, found: Situation) -> Household:
    """The household after an outcome, with what it tells to the senders of what was open.

    Args:
        before: The household as the outcome found it.
        after: As it left it.
        record: The outcome.
        found: The situation before it.
    """
    facts = before.facts
    hidden = facts is not None and (facts.excluded is not None or facts.known_at_debt_help is True)
    if hidden or before.task is None or before.task.status is Status.SUPPRESSED:
        return after  # looks like any other that is not picked up
    concerned = {(claim.claim.partner, report.id) for claim in found.open for report in claim.episode.reports}
    concerned |= {(request.partner, request.id) for request in found.requests}

    def change(told: Told | None) -> Told | None:
        return _after(told, record, after)

    return _changed(after, change, concerned)


def _after(told: Told | None, record: Record, household: Household) -> Told | None:
    if told is not None and told.repeated:
        return told
    known = told if told is not None and told.picked_up else Told(household.today, picked_up=True)
    task = household.task
    assert task is not None  # an outcome that belongs to no task has been refused
    paused = task.collection_paused_until
    runs = paused is not None and paused >= household.today
    if record.kind is OutcomeKind.CLOSED:
        if record.result in NOT_PICKED_UP:
            return told
        reached = True if record.result in REACHED else known.reached or False
        accepted = True if record.result in HELPED else known.accepted or False
        said = replace(known, reached=reached, accepted=accepted)
    elif record.kind is OutcomeKind.REFUSED:
        said = replace(known, reached=True, accepted=False, paused_until=None)
    elif record.kind is OutcomeKind.REOPENED:
        if told is None or not told.picked_up:
            return told  # there is nothing to take back
        said = Told(known.on, picked_up=True)
        if runs:
            said = replace(said, reached=True, accepted=True, paused_until=paused)
    elif task.status is Status.HELPED:
        said = replace(known, reached=True, accepted=True, paused_until=paused if runs else known.paused_until)
    elif record.kind is OutcomeKind.CONTACT:
        said = replace(known, reached=True)
    else:
        said = known
    return told if said == told else replace(said, on=household.today)


def by_time(household: Household, policy: Policy) -> Household:
    """The household, with `not picked up` told of every signal whose day for an answer has come."""
    late = {
        (partner, signal.id) for partner, signal in _unanswered(household) if _day(signal, policy) <= household.today
    }
    if not late:
        return household
    return _changed(household, lambda told: told or Told(household.today), late)


def next_telling(household: Household, policy: Policy) -> date | None:
    """The first day on which time alone tells a partner something."""
    return min((_day(signal, policy) for _, signal in _unanswered(household)), default=None)


def tellings(before: Household, after: Household, brought: Carried = NOTHING) -> list[Telling]:
    """What has changed of what partners know; a `repeated` report is told by its receipt.

    Args:
        before: The household before.
        after: And after.
        brought: What came from another household, with what that one has told of it.
    """
    if before.claims is after.claims and before.requests is after.requests and before.departed is after.departed:
        return []
    known = {(p, signal.id): signal.told for p, signal in (*_ours(before), *_signals(brought))}
    return [
        Telling(partner, signal.id, signal.told)
        for partner, signal in _ours(after)
        if signal.told is not None and not signal.told.repeated and signal.told != known.get((partner, signal.id))
    ]


def _day(signal: Signal, policy: Policy) -> date:
    return local_day(signal.received_at) + timedelta(days=policy.partner_answer_days)


def _ours(household: Household) -> Iterator[tuple[str, Signal]]:
    """The signals that this household tells of; of what went along to another one, that one does."""
    yield from _signals(household)
    for left in household.departed:
        if left.move.gone:
            yield from _signals(left)


def _signals(one: Household | Departed | Carried) -> Iterator[tuple[str, Signal]]:
    for claim in one.claims:
        for entry in claim.entries:
            if entry.kind is Kind.REPORT:
                yield claim.partner, entry
    for request in one.requests:
        yield request.partner, request


def _unanswered(household: Household) -> Iterator[tuple[str, Signal]]:
    return ((partner, signal) for partner, signal in _ours(household) if signal.told is None)


def _changed(household: Household, change: Change, concerned: set[tuple[str, str]]) -> Household:
    if not concerned:
        return household

    def in_claim(claim: Claim) -> Claim:
        entries = (
            replace(e, told=change(e.told)) if e.kind is Kind.REPORT and (claim.partner, e.id) in concerned else e
            for e in claim.entries
        )
        return replace(claim, entries=tuple(entries))

    def in_all(one: Of) -> Of:
        requests = (replace(r, told=change(r.told)) if (r.partner, r.id) in concerned else r for r in one.requests)
        return replace(one, claims=tuple(map(in_claim, one.claims)), requests=tuple(requests))

    return replace(in_all(household), departed=tuple(map(in_all, household.departed)))
