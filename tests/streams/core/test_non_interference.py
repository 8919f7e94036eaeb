"""Non-interference: what a partner learns depends on its own records and on what it may be told, and on nothing else.

Two worlds have the same records of one partner; all else differs: other partners' records (some under ids that this
partner uses), facts, moves (to another household of the municipality too), benefit stops, requests, whether the address
is on the list of shared ones and what is placed with a person there. What the partner sees is compared.
"""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from itertools import chain
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from schemas.codes import AddressEvent, EndResult, Exclusion, Kind, OutcomeKind, Result, SignalType
from streams.core.addresses import normalised
from streams.core.household import Decision, advance, decide, take_in
from streams.core.keys import OWN_TYPES, Keys
from streams.core.policy import Policies
from streams.core.records import Address, Record
from streams.core.state import Household, Told
from streams.core.told import NOTHING, tellings
from streams.core.transfers import Carried
from tests.streams.core.driver import ADDRESS, RENT
from tests.streams.core.strategies import CHANGING, DEFAULT, histories

OURS = RENT.partner
ANSWER = timedelta(days=28)
HOME = normalised(ADDRESS)
UNLISTED, LISTED = Keys(b"geheim"), Keys(b"geheim", frozenset({HOME}))
ANNA = {"birth_date": "2001-05-17", "surname": "van der Wal"}
NOBODY: dict[str, str] = {}
thorough = settings(
    max_examples=60, deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow]
)


class Seen(NamedTuple):
    """What one partner sees: answers to its records in order, and what it is told of them."""

    receipts: list[tuple[str, str]]
    told: list[tuple[str, Told]]  # day by day; within a day by signal


class Town:
    """All households, and what goes from one to another at once."""

    def __init__(self, policies: Policies) -> None:
        self.policies = policies
        self.homes: dict[str, Household] = {}
        self.told: list[tuple[str, Told]] = []

    def known(self, key: str) -> Household:
        return self.homes.get(key) or Household(key)

    def ticked(self, until: date) -> None:
        for key in list(self.homes):
            while (wakes_on := self.homes[key].wakes_on) is not None and wakes_on <= until:
                self._tell(advance(self.homes[key], wakes_on, self.policies)[0])

    def decided(self, decision: Decision, brought: Carried = NOTHING) -> None:
        self._tell(decision.household, brought)
        if (transfer := decision.transfer) is not None:
            taken = take_in(self.known(transfer.household), transfer, self.policies)
            self.decided(taken, transfer.carried)

    def _tell(self, after: Household, brought: Carried = NOTHING) -> None:
        told = tellings(self.known(after.key), after, brought)
        self.told += [(one.signal_id, one.told) for one in told if one.partner == OURS]
        self.homes[after.key] = after


def view(
    records: Iterable[Record],
    policies: Policies,
    until: date,
    keys: Keys = UNLISTED,
    person: Mapping[str, str] = NOBODY,
) -> Seen:
    """What our partner sees.

    Args:
        records: Of everybody, in order of receipt.
        policies: In force.
        until: The last day.
        keys: Of a municipality that has the address on its list, or has not.
        person: Whom our partner's records tell; others never do.
    """
    town, receipts = Town(policies), []
    for record in records:
        town.ticked(record.day)
        placed = keys.place(record, person if record.partner == OURS else _raw(record, keys))
        assert placed is not None
        decision = decide(town.known(placed[0]), placed[1], policies)
        town.decided(decision)
        if record.partner == OURS:  # intake has answered `accepted`; the household may refine it
            result = decision.receipt.result if decision.tells_sender else Result.ACCEPTED
            receipts.append((record.id, result.value))
    town.ticked(until)
    return Seen(receipts, sorted(town.told, key=lambda one: (one[1].on, one[0])))


def _raw(record: Record, keys: Keys) -> Mapping[str, str]:
    """What others' records tell: the municipality's are of Anna, its answers of whoever has a task."""
    if record.type is not SignalType.OUTCOME:
        return ANNA if record.type in OWN_TYPES else NOBODY
    minute = record.received_at // 60_000
    of_anna = record.kind is not OutcomeKind.PLACED and minute % 3 == 0
    reference = record.reference or (RENT.reference, "H-101")[minute % 2]
    alone = keys.place(Record("", OURS, SignalType.RENT, record.day, 0, HOME, reference=reference), NOBODY)
    assert alone is not None
    return {**ANNA, "household": keys.of(HOME, ANNA) or "" if of_anna else alone[0]}


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
    after = (
        draw(st.lists(st.tuples(st.sampled_from(ours), st.booleans(), st.integers(1, 20)), max_size=3)) if ours else []
    )
    for number, (own, moves, seconds) in enumerate(after):
        at = own.received_at + seconds * 1000
        made.append(_moved(f"verhuizing-{number}", own, at) if moves else _placed(f"plaatsing-{number}", own, at))
    return made


def _moved(identity: str, own: Record, at: int) -> Record:
    """Everybody moves to another household of the municipality."""
    moved = Record(identity, "gemeente", SignalType.ADDRESS, own.day, at, HOME, address_event=AddressEvent.MOVED)
    return replace(moved, everyone=True, to_address=Address("9901AB", 90))


def _placed(identity: str, own: Record, at: int) -> Record:
    """Somebody finds out whose a signal of our partner is; where the address is not shared there is nothing to find."""
    act = Record(identity, "gemeente", SignalType.OUTCOME, own.day, at, HOME, kind=OutcomeKind.PLACED)
    return replace(act, reference=own.reference)


worlds_of = st.sampled_from([(UNLISTED, NOBODY), (UNLISTED, ANNA), (LISTED, NOBODY), (LISTED, ANNA)])
"""Whether the address is on the list, and whether our partner tells the person."""


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
@given(st.data(), st.sampled_from([DEFAULT, CHANGING]), worlds_of)
def test_without_an_outcome_nothing_that_others_know_changes_what_a_partner_sees(
    data: st.DataObject, policies: Policies, world: tuple[Keys, dict[str, str]]
) -> None:
    ours = data.draw(own_records())
    others = data.draw(rest(ours))
    if not ours:
        return
    until = horizon(ours, others)
    assert view(merged(ours, others), policies, until, *world) == view(ours, policies, until)


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
    drawn = data.draw(rest(ours, kinds))
    others = [r for r in drawn if r.type is not SignalType.HOUSEHOLD and not r.everyone]  # who comes next is another
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
    views = [view(merged(ours, others), DEFAULT, until, *data.draw(worlds_of)) for others in worlds]
    alone = view(ours, DEFAULT, until)
    mine = reports(ours)
    for others, seen in zip(worlds, views, strict=True):
        answers = (record for record in others if record.type is SignalType.OUTCOME)
        days = {record.day for record in answers if record.kind is not OutcomeKind.PLACED}
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
