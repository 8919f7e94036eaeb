"""What holds for every history: order, repetition, completeness, deadline, monotone; time and the state besides."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise
from random import Random
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from schemas.codes import CREDITOR_TYPES, AddressEvent, Crisis, Kind, SignalType
from streams.core.addresses import normalised
from streams.core.calendar import add_months, add_working_days
from streams.core.household import Receipt, Version, advance, decide, reconsider
from streams.core.policy import Policies
from streams.core.records import Record
from streams.core.situation import situation
from streams.core.state import Household, Status, Task, claim_key
from streams.households.stored import StoredHousehold, household, packed
from streams.wire import task_of
from tests.streams.core.driver import ADDRESS, policy
from tests.streams.core.strategies import CHANGING, CLUSTERED, DEFAULT, histories

HISTORY = {"no_response", "silence", "follow_up", "promise", "cured", "overdue"}
ANY_POLICY = st.sampled_from([DEFAULT, CHANGING])
LOOK_BACK = 6
ONE_DAY = timedelta(days=1)

thorough = settings(
    max_examples=80,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)


class Step(NamedTuple):
    """A household after a record."""

    record: Record
    household: Household
    versions: tuple[Version, ...]
    receipt: Receipt

    @property
    def live(self) -> Task | None:
        """The task that asks something of somebody, if there is one."""
        task = self.household.task
        return task if task is not None and task.status.live else None


def steps(records: list[Record], policies: Policies = DEFAULT) -> Iterator[Step]:
    home = Household("huishouden")
    for record in records:
        decision = decide(home, record, policies)
        home = decision.household
        yield Step(record, home, decision.versions, decision.receipt)


def told(records: list[Record], policies: Policies = DEFAULT) -> list[Version]:
    return [version for step in steps(records, policies) for version in step.versions]


def visible(task: Task) -> tuple[object, ...]:
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


def presently(home: Household) -> object:
    """What must not depend on the order of records."""
    task = home.task
    if task is None or not task.status.live:
        return None
    return task.level, task.due_on, task.members, task.national, set(task.reasons) - HISTORY


@pytest.mark.rule("level.order", "claim.order")
@thorough
@given(histories(outcome=(), handover=False), st.randoms(use_true_random=False), ANY_POLICY)
def test_any_order_of_the_same_records_gives_the_same_task(
    records: list[Record], random: Random, policies: Policies
) -> None:
    last = max(record.day for record in records)
    shuffled = random.sample(records, len(records))
    *_, straight = steps(records, policies)
    *_, mixed = steps(shuffled, policies)
    later = last + timedelta(days=random.choice([0, 1, 30, 100, 200]))
    for day in (last, later):
        one, _ = advance(straight.household, day, policies)
        other, _ = advance(mixed.household, day, policies)
        assert presently(one) == presently(other)


@pytest.mark.rule("duplicate")
@thorough
@given(histories(gaps=CLUSTERED, most=9), st.data())
def test_a_record_twice_or_a_suffix_again_changes_nothing_but_receipts(
    records: list[Record], data: st.DataObject
) -> None:
    for number, step in enumerate(steps(records)):
        first = data.draw(st.integers(0, number))
        for again in records[first : number + 1]:
            decision = decide(step.household, again, DEFAULT)
            assert decision.receipt.result == "duplicate"
            assert decision.household == step.household
            assert not decision.versions


def paid_after(report: Record, applied: list[Record]) -> bool:
    """Whether a later record of the claim says that a report's arrears have ended."""
    stamp = (report.signalled_on, report.received_at, report.id)
    return any(
        record.kind in {Kind.PAID, Kind.WITHDRAWN}
        and claim_of(record) == claim_of(report)
        and (record.signalled_on, record.received_at, record.id) > stamp
        for record in applied
    )


def claims_that_left(applied: list[Record]) -> set[str]:
    """A plain reading of whose claims have gone abroad, by death or out of town with everybody, and not come back."""
    here: set[str] = set()
    gone: set[str] = set()
    for record in applied:
        if record.type in CREDITOR_TYPES and claim_of(record) not in gone:
            here.add(claim_of(record))
        elif record.type is SignalType.ADDRESS and record.everyone and record.address_event is not AddressEvent.LEFT:
            gone |= here
            here = set()
    return gone


def is_disputed(record: Record, household: Household) -> bool:
    return any(e.id == record.id and e.dispute is not None for claim in household.claims for e in claim.entries)


def claim_of(record: Record) -> str:
    return claim_key(record.partner, record.type, record.reference)


@pytest.mark.rule("members", "repeated", "closed.known", "cool_down")
@thorough
@given(histories(), ANY_POLICY)
def test_every_accepted_report_is_a_member_or_its_absence_is_explained(
    records: list[Record], policies: Policies
) -> None:
    """A report is a member at once, unless its arrears have ended, it is too old, an ending holds its claim back, it
    comes late about people who have left with that claim, it says again what is in dispute, or the resident objects."""
    applied: list[Record] = []
    for step in steps(records, policies):
        applied.append(step.record)
        if step.record.kind is not Kind.REPORT:
            continue
        assert step.receipt.result in {"accepted", "repeated"}
        if paid_after(step.record, applied) or step.record.signalled_on < add_months(step.household.today, -LOOK_BACK):
            continue
        if any(e.id == step.record.id for left in step.household.departed for c in left.claims for e in c.entries):
            assert claim_of(step.record) in claims_that_left(applied)
        elif is_disputed(step.record, step.household):
            assert any(one.kind == "disputed" for one in applied)
        elif step.live is None and step.household.objection is not None:
            assert any(one.kind == "objection" for one in applied)
        elif step.live is None:
            ending = step.household.ending
            assert ending is not None
            assert claim_of(step.record) in ending.claims
            known = ending.claims[claim_of(step.record)]
            assert step.receipt.result == "repeated" or known.cool_down_until is not None
        else:
            assert step.record.id in step.live.members


@pytest.mark.rule("members", "task.version")
@thorough
@given(histories(), ANY_POLICY)
def test_every_member_is_an_accepted_report_and_every_version_tells_the_present_task(
    records: list[Record], policies: Policies
) -> None:
    accepted: set[str] = set()
    for step in steps(records, policies):
        if step.record.kind is Kind.REPORT:
            accepted.add(step.record.id)
        for version in step.versions:
            assert set(version.task.members) <= accepted
        if step.versions:
            assert step.household.task is not None
            assert visible(step.versions[-1].task) == visible(step.household.task)


def crises_open(records: list[Record], repeated: set[str], today: date) -> dict[Crisis, date]:
    """A plain reading of one claim: the crises of its open episode, each with the day it was first received."""
    crises: dict[Crisis, date] = {}
    until: date | None = None
    for record in sorted(records, key=lambda record: (record.signalled_on, record.received_at, record.id)):
        if until is None or record.signalled_on > until:
            until, crises = None, {}
        if record.kind is Kind.REPORT:
            until = add_months(record.signalled_on, LOOK_BACK)
        if until is None or record.kind in {Kind.PAID, Kind.WITHDRAWN, Kind.CRISIS_LIFTED}:
            crises = {}
            until = until if record.kind is Kind.CRISIS_LIFTED else None
        elif record.crisis and record.id not in repeated:
            crises[record.crisis] = min(record.day, crises.get(record.crisis, record.day))
    return crises if until is not None and today <= until else {}


@pytest.mark.rule("due.crisis", "crisis.holds", "reopens.crisis")
@thorough
@given(histories(outcome=("attempt", "contact", "accepted", "reopened"), handover=False), ANY_POLICY)
def test_an_open_crisis_always_has_a_task_due_within_three_working_days(
    records: list[Record], policies: Policies
) -> None:
    applied: list[Record] = []
    repeated: set[str] = set()
    for step in steps(records, policies):
        applied.append(step.record)
        if step.receipt.result == "repeated":
            repeated.add(step.record.id)
        for key in {claim_of(record) for record in applied if record.type in CREDITOR_TYPES}:
            claimed = [record for record in applied if record.type in CREDITOR_TYPES and claim_of(record) == key]
            for received in crises_open(claimed, repeated, step.household.today).values():
                assert step.live is not None
                assert step.live.due_on <= add_working_days(received, 3)


@pytest.mark.rule("cool_down.crisis", "cool_down.new_claim", "closed.new_claim")
@thorough
@given(histories(), st.sampled_from(list(Crisis)))
def test_a_report_of_a_new_claim_with_a_crisis_always_has_a_task_due_in_time(
    records: list[Record], crisis: Crisis
) -> None:
    *_, last = steps(records)
    new = report_of_a_new_claim(last.household, crisis)
    task = decide(last.household, new, DEFAULT).household.task
    assert task is not None
    assert task.status.live
    assert "crisis" in task.reasons
    assert task.due_on <= add_working_days(new.day, 3)


def report_of_a_new_claim(
    home: Household,
    crisis: Crisis | None,
    *,
    kind: SignalType = SignalType.WATER,
    months: int | None = None,
    lag: int = 0,
) -> Record:
    noon = int((home.today - date(1970, 1, 1)).total_seconds() + 12 * 3600) * 1000
    address = normalised(ADDRESS)
    return Record(
        id="nieuw",
        partner="waterbedrijf",
        type=kind,
        signalled_on=home.today - timedelta(days=lag),
        received_at=noon,
        address=address,
        kind=Kind.REPORT,
        reference="nieuw",
        amount_cents=30_000,
        months=months,
        crisis=crisis,
    )


@pytest.mark.rule("level.monotone")
@thorough
@given(
    histories(),
    st.sampled_from([SignalType.RENT, SignalType.ENERGY]),
    st.sampled_from([None, *Crisis]),
    st.sampled_from([None, 1, 2]),
    st.integers(0, 100),
)
def test_a_report_of_a_claim_not_seen_before_never_lowers_the_level(
    records: list[Record], kind: SignalType, crisis: Crisis | None, months: int | None, lag: int
) -> None:
    for step in steps(records):
        if step.live is None or not situation(step.household, DEFAULT.on(step.household.today)).calls:
            continue  # without a task, or one that is cured and keeps the level it had
        new = report_of_a_new_claim(step.household, crisis, kind=kind, months=months, lag=lag)
        after = decide(step.household, new, DEFAULT).household.task
        assert after is not None
        assert after.id == step.live.id
        assert after.level >= step.live.level
        assert after.rung >= step.live.rung


@pytest.mark.rule("time", "tick")
@thorough
@given(histories(), ANY_POLICY)
def test_day_by_day_is_the_same_as_at_once(records: list[Record], policies: Policies) -> None:
    *_, last = steps(records, policies)
    end = last.household.today + timedelta(days=240)
    jumped, at_the_end = advance(last.household, end, policies)
    walked = Household("huishouden")
    versions: list[Version] = []
    for record in records:
        walked, passed = by_days(walked, record.day, policies)
        decision = decide(walked, record, policies)
        walked = decision.household
        versions += [*passed, *decision.versions]
    walked, passed = by_days(walked, end, policies)
    assert walked == jumped
    assert [*versions, *passed] == [*told(records, policies), *at_the_end]


def by_days(home: Household, until: date, policies: Policies) -> tuple[Household, list[Version]]:
    versions: list[Version] = []
    while date.min < home.today < until:
        home, passed = advance(home, home.today + ONE_DAY, policies)
        versions += passed
    return home, versions


@pytest.mark.rule("tick", "time")
@thorough
@given(histories(), st.lists(st.integers(-40, 40), min_size=1, max_size=8), ANY_POLICY)
def test_ticks_anywhere_change_nothing(records: list[Record], ticks: list[int], policies: Policies) -> None:
    home = Household("huishouden")
    versions: list[Version] = []
    for number, record in enumerate(records):
        tick = record.day + timedelta(days=ticks[number % len(ticks)])
        if home.today > date.min:
            home, passed = advance(home, min(tick, record.day), policies)
            versions += passed
        decision = decide(home, record, policies)
        home = decision.household
        versions += decision.versions
    *_, last = steps(records, policies)
    assert home == last.household
    assert versions == told(records, policies)


@pytest.mark.rule("wakes_on")
@thorough
@given(histories(), st.floats(0, 1), ANY_POLICY)
def test_nothing_changes_before_the_day_to_wake_on(records: list[Record], part: float, policies: Policies) -> None:
    for step in steps(records, policies):
        home = step.household
        wakes_on = home.wakes_on or home.today + timedelta(days=800)
        assert wakes_on > home.today
        days = (wakes_on - home.today).days
        for day in {0, round(part * (days - 1)), days - 1}:
            looked, versions = reconsider(home, home.today + timedelta(days=day), policies, policies, "kijk")
            assert not versions
            assert replace(looked, today=home.today) == home


@pytest.mark.rule("retention", "wakes_on")
@thorough
@given(histories())
def test_every_household_is_forgotten_but_for_a_stub_or_a_live_task(records: list[Record]) -> None:
    *_, last = steps(records)
    home, _ = advance(last.household, last.household.today + timedelta(days=2 * 366), DEFAULT)
    assert [*home.claims, *home.stops, *home.moves, *home.requests, *home.departed, *home.seen] == []
    assert home.wakes_on is None
    assert home.task is None or home.task.status in {Status.OPEN, Status.SUPPRESSED}
    assert (home.task is None) <= (home.ending is None)


@pytest.mark.rule("task.version", "task.id", "task.one")
@thorough
@given(histories(), ANY_POLICY)
def test_versions_count_up_without_gaps_and_each_shows_a_change(records: list[Record], policies: Policies) -> None:
    versions = told(records, policies)
    for before, after in pairwise(versions):
        assert before.changed_on <= after.changed_on
        if after.task.sequence == 1:
            assert not before.task.status.live
            assert after.task.id != before.task.id
        else:
            assert after.task.id == before.task.id
            assert after.task.sequence == before.task.sequence + 1
            assert visible(after.task) != visible(before.task)
    if versions:
        assert versions[0].task.sequence == 1


@pytest.mark.rule("rung", "reasons.lasting", "overdue")
@thorough
@given(histories(), ANY_POLICY)
def test_rungs_never_go_back_and_lasting_reasons_stay(records: list[Record], policies: Policies) -> None:
    versions = told(records, policies)
    for version in versions:
        task = version.task
        assert task.rung >= task.level
        overdue = task.status is Status.OPEN and task.picked_up_on is None and task.due_on < version.changed_on
        assert ("overdue" in task.reasons) == overdue
    for before, after in pairwise(versions):
        if after.task.id == before.task.id:
            assert after.task.rung >= before.task.rung
            lasting = {"no_response", "silence", "follow_up", "cured"} & set(before.task.reasons)
            assert lasting <= set(after.task.reasons)


@pytest.mark.rule("task.id")
@thorough
@given(histories(), ANY_POLICY)
def test_a_state_survives_its_bytes_at_every_step(records: list[Record], policies: Policies) -> None:
    for offset, step in enumerate(steps(records, policies)):
        state = StoredHousehold(offset, step.household)
        assert household(packed(state)) == state


@pytest.mark.rule("policy.activated")
@thorough
@given(histories())
def test_looking_again_under_the_same_policy_changes_nothing(records: list[Record]) -> None:
    for step in steps(records):
        again = reconsider(step.household, step.household.today, DEFAULT, DEFAULT, "policy.test-1")
        assert again == (step.household, ())
        same = Policies((*DEFAULT.activated, policy(valid_from=date(2019, 1, 1), version="oud")))
        assert reconsider(step.household, step.household.today, DEFAULT, same, "policy.oud") == (step.household, ())


@pytest.mark.rule("owner")
@thorough
@given(histories(), ANY_POLICY)
def test_every_live_task_has_an_owner_and_a_next_action_with_a_date(records: list[Record], policies: Policies) -> None:
    for step in steps(records, policies):
        for version in step.versions:
            told = task_of(step.household, version, policies.on(version.changed_on))
            if version.task.status.live:
                assert told["owner"]
                assert told["next_action"] != "none"
                assert isinstance(told["next_action_on"], date)
            else:
                assert (told["next_action"], told["next_action_on"]) == ("none", None)
