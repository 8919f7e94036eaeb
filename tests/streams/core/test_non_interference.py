"""Non-interference: what a partner learns depends on its own records and on what it may be told, and on nothing else.

Two worlds have the same records of one partner; all else differs: other partners' records (some under ids that this
partner uses), facts, moves, benefit stops, requests. What the partner sees is compared.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from itertools import chain
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from schemas.codes import EndResult, Exclusion, Kind, Result, SignalType
from streams.core.household import advance, decide
from streams.core.policy import Policies
from streams.core.records import Record
from streams.core.state import Household, Told
from streams.core.told import tellings
from tests.streams.core.driver import RENT
from tests.streams.core.strategies import CHANGING, DEFAULT, histories

OURS = RENT.partner
ANSWER = timedelta(days=28)
thorough = settings(
    max_examples=60, deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow]
)


class Seen(NamedTuple):
    """What one partner sees: answers to its records in order, and what it is told of them."""

    receipts: list[tuple[str, str]]
    told: list[tuple[str, Told]]


def view(records: Iterable[Record], policies: Policies, until: date) -> Seen:
    home = Household("huishouden")
    seen = Seen([], [])

    def tell(before: Household, after: Household) -> None:
        seen.told.extend((t.signal_id, t.told) for t in tellings(before, after) if t.partner == OURS)

    def ticked(home: Household, until: date) -> Household:
        while home.wakes_on is not None and home.wakes_on <= until:
            before, (home, _) = home, advance(home, home.wakes_on, policies)
            tell(before, home)
        return home

    for record in records:
        home = ticked(home, record.day)
        before = home
        decision = decide(home, record, policies)
        home = decision.household
        tell(before, home)
        if record.partner == OURS:  # intake has answered `accepted`; the household may refine it
            result = decision.receipt.result if decision.tells_sender else Result.ACCEPTED
            seen.receipts.append((record.id, result.value))
    ticked(home, until)
    return seen


def merged(ours: list[Record], others: list[Record]) -> list[Record]:
    return sorted(chain(ours, others), key=lambda record: (record.received_at, record.partner))


@st.composite
def own_records(draw: st.DrawFn) -> list[Record]:
    drawn = draw(histories(outcome=(), most=8))
    ours = [record for record in drawn if record.partner == OURS]
    twice = draw(st.sampled_from([None, *ours])) if ours else None
    if twice is not None:  # sent again, a month later
        ours = sorted([*ours, replace(twice, received_at=twice.received_at + 30 * 86_400_000)], key=received)
    return ours


def received(record: Record) -> int:
    return record.received_at


@st.composite
def rest(draw: st.DrawFn, ours: list[Record], outcome: tuple[str, ...] = ()) -> list[Record]:
    """All that others know and do; some of their records bear ids of ours."""
    ids = [record.id for record in ours]
    made = []
    for number, record in enumerate(draw(histories(outcome=outcome, most=10))):
        partner = "een-ander" if record.partner == OURS else record.partner
        borrowed = draw(st.booleans()) and ids and record.type is not SignalType.OUTCOME
        identity = draw(st.sampled_from(ids)) if borrowed else f"ander-{number}"
        result = draw(st.sampled_from(list(EndResult))).value if record.kind == "closed" else None
        made.append(replace(record, partner=partner, id=identity, result=result))
    return made


def horizon(*worlds: list[Record]) -> date:
    return max(record.day for world in worlds for record in world) + timedelta(days=60)


def reports(records: list[Record]) -> dict[str, date]:
    """Report -> the day it was received first."""
    found: dict[str, date] = {}
    for record in records:
        if record.kind is Kind.REPORT:
            found.setdefault(record.id, record.day)
    return found


@pytest.mark.rule("non_interference")
@thorough
@given(st.data(), st.sampled_from([DEFAULT, CHANGING]))
def test_without_an_outcome_nothing_that_others_know_changes_what_a_partner_sees(
    data: st.DataObject, policies: Policies
) -> None:
    ours = data.draw(own_records())
    others = data.draw(rest(ours))
    if not ours:
        return
    until = horizon(ours, others)
    assert view(merged(ours, others), policies, until) == view(ours, policies, until)


@pytest.mark.rule("non_interference", "told.hidden")
@thorough
@given(st.data(), st.sampled_from([{"excluded": Exclusion.UNSAFE}, {"known_at_debt_help": True}]))
def test_whatever_is_done_for_an_excluded_or_known_household_looks_as_if_nobody_came(
    data: st.DataObject, facts: dict[str, Any]
) -> None:
    ours = data.draw(own_records())
    if not ours:
        return
    kinds = ("attempt", "contact", "accepted", "refused", "closed", "reopened")
    others = [r for r in data.draw(rest(ours, kinds)) if r.type is not SignalType.HOUSEHOLD]
    first = ours[0]
    moment = min(record.received_at for record in merged(ours, others)) - 60_000
    fact = Record("feit", "gemeente", SignalType.HOUSEHOLD, first.signalled_on, moment, first.address, **facts)
    until = horizon(ours, others)
    assert view([fact, *merged(ours, others)], DEFAULT, until) == view(ours, DEFAULT, until)


@pytest.mark.rule("non_interference", "told.fixed_day", "told.outcome")
@thorough
@given(st.data())
def test_two_worlds_differ_for_a_partner_in_nothing_but_what_it_may_know(data: st.DataObject) -> None:
    ours = data.draw(own_records())
    if not ours:
        return
    kinds = ("attempt", "contact", "accepted", "refused", "closed", "reopened")
    worlds = [data.draw(rest(ours, kinds)) for _ in range(2)]
    until = horizon(ours, *worlds)
    views = [view(merged(ours, others), DEFAULT, until) for others in worlds]
    alone = view(ours, DEFAULT, until)
    mine = reports(ours)
    for others, seen in zip(worlds, views, strict=True):
        days = {record.day for record in others if record.type is SignalType.OUTCOME}
        known: dict[str, date] = {}
        for signal, told in seen.told:
            assert signal in mine
            if told.picked_up:  # an allowed value, on a day on which a caseworker did something
                assert told.on in days
                assert told.on >= mine[signal]
            else:  # and this one on a day that follows from the partner's own record
                assert told == Told(mine[signal] + ANSWER)
            known.setdefault(signal, told.on)
        # Receipts are those of a partner that is alone, but for `repeated` where it was told that somebody came.
        assert [identity for identity, _ in seen.receipts] == [identity for identity, _ in alone.receipts]
        for (identity, result), (_, otherwise) in zip(seen.receipts, alone.receipts, strict=True):
            if result != otherwise:
                assert (result, otherwise) == ("repeated", "accepted")
                assert any(told.picked_up and told.on <= mine[identity] for _, told in seen.told)
        repeated = {identity for identity, result in seen.receipts if result == "repeated"}
        for signal, day in mine.items():  # each report has an answer by its day, in every world
            assert signal in repeated or known[signal] <= day + ANSWER
