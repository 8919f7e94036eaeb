"""Between contracts and core: nothing is lost on the way, nothing decided."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from schemas.codes import (
    CREDITOR_TYPES,
    AddressEvent,
    Channel,
    Crisis,
    EndResult,
    Exclusion,
    Kind,
    OutcomeKind,
    RightKind,
    SignalType,
    StopReason,
)
from streams.core.household import Version, decide
from streams.core.policy import Policies, Policy
from streams.core.records import Address, Record
from streams.core.state import Household
from streams.wire import event_of, millis, moment, raw_record, record_of, task_of
from tests.streams.households.made import CODEC, key_of, report
from tests.streams.live import START

texts = st.text(min_size=1, max_size=8)
addresses = st.builds(Address, texts, st.integers(1, 99999), st.none() | texts, st.none() | texts)
dates = st.dates(date(1970, 1, 1), date(2100, 1, 1))
flags = st.none() | st.booleans()
base: dict[str, Any] = {
    "id": texts,
    "partner": texts,
    "signalled_on": dates,
    "received_at": st.integers(0, 4_000_000_000_000),
    "address": addresses,
}
creditors = st.builds(
    Record,
    type=st.sampled_from(sorted(CREDITOR_TYPES)),
    kind=st.sampled_from(Kind),
    reference=texts,
    arisen_on=st.none() | dates,
    amount_cents=st.none() | st.integers(0, 10**12),
    crisis=st.none() | st.sampled_from(Crisis),
    months=st.none() | st.integers(0, 1200),
    agreement=st.none() | texts,
    **base,
)
stops = st.builds(
    Record, type=st.just(SignalType.BENEFIT_STOP), stop_reason=st.sampled_from(StopReason), agreement=texts, **base
)
requests = st.builds(Record, type=st.sampled_from([SignalType.SELF_REPORT, SignalType.REFERRAL]), **base)
moves = st.builds(
    Record,
    type=st.just(SignalType.ADDRESS),
    address_event=st.sampled_from(AddressEvent),
    everyone=flags,
    to_address=st.none() | addresses,
    **base,
)
facts = st.builds(
    Record,
    type=st.just(SignalType.HOUSEHOLD),
    children=flags,
    known_at_debt_help=flags,
    excluded=st.none() | st.sampled_from(Exclusion),
    shared_address=flags,
    **base,
)
outcomes = st.builds(
    Record,
    type=st.just(SignalType.OUTCOME),
    kind=st.sampled_from([*OutcomeKind, *RightKind]),
    disputed_signal=st.none() | st.just("melding"),
    channel=st.none() | st.sampled_from(Channel),
    result=st.none() | st.sampled_from(EndResult),
    reached=flags,
    promised_on=st.none() | dates,
    promised_by=st.none() | texts,
    visit_at=st.none() | st.integers(0, 4_000_000_000_000),
    visit_with=st.none() | texts,
    acted_by=st.none() | texts,
    acting_for=st.none() | texts,
    why=st.none() | texts,
    strict=st.booleans(),
    **base,
)


@given(creditors | stops | requests | moves | facts | outcomes, texts)
def test_a_record_comes_through_an_event_as_it_was(record: Record, household: str) -> None:
    event = CODEC.decode("HouseholdEvent", CODEC.encode("HouseholdEvent", event_of(record, household)))
    assert event["household"] == household
    assert record_of(event) == record


@given(st.integers(-2_000_000_000_000, 4_000_000_000_000))
def test_milliseconds_and_moments(ms: int) -> None:
    assert millis(moment(ms)) == ms
    assert millis(moment(ms).astimezone(ZoneInfo("Europe/Amsterdam"))) == ms
    assert moment(0) == datetime(1970, 1, 1, tzinfo=ZoneInfo("UTC"))


def test_a_raw_record_has_the_type_of_its_topic() -> None:
    """A partner cannot choose it; only where one topic carries two types does the record say which."""
    assert raw_record("RentArrears", {"id": "a", "type": "Water"})["type"] == "Huur"
    assert raw_record("TaskOutcome", {"id": "a"})["type"] == "Uitkomst"
    assert raw_record("HouseholdFact", {"id": "a", "type": "Adres"})["type"] == "Adres"


POLICY = Policy.from_toml(
    f'version = "1"\nvalid_from = {START}\nteams = {{ 99 = "stad", 9901 = "haven" }}\nteam = "rest"'
)


def task(*records: Record) -> dict[str, Any]:
    household = Household(key_of(1))
    versions: list[Version] = []
    for record in records:
        decision = decide(household, record, Policies((POLICY,)))
        household = decision.household
        versions += decision.versions
    made = task_of(household, versions[-1], POLICY)
    return CODEC.decode("OutreachTask", CODEC.encode("OutreachTask", made))


def outcome(kind: OutcomeKind) -> Record:
    given_at = report("outcome", 1).received_at + 1
    return Record("o-1", "gemeente", SignalType.OUTCOME, START, given_at, Address("9901XK", 1), kind=kind)


def test_an_open_task_has_an_owner_and_a_next_action() -> None:
    made = task(report("r1", 1))
    assert (made["owner"], made["next_action"], made["next_action_on"]) == ("haven", "letter", date(2026, 2, 16))
    assert made["members"] == [{"signal_id": "r1", "repeated": False}]
    assert made["address"] == {"postcode": "9901XK", "number": 1, "letter": None, "addition": None}
    assert (made["policy_version"], made["caused_by"]) == ("1", "r1")


def test_a_task_that_waits_or_helps_says_until_when() -> None:
    assert task(report("r1", 1), outcome(OutcomeKind.CONTACT))["next_action"] == "wait"
    helped = task(report("r1", 1), outcome(OutcomeKind.ACCEPTED))
    assert (helped["next_action"], helped["next_action_on"]) == ("follow_up", date(2026, 3, 30))
    assert helped["collection_paused_until"] == date(2026, 3, 4)


def test_an_ended_task_asks_nothing() -> None:
    made = task(report("r1", 1), outcome(OutcomeKind.CLOSED))
    assert (made["status"], made["next_action"], made["next_action_on"]) == ("ended", "none", None)


def test_debt_help_owns_whom_it_knows() -> None:
    fact = Record(
        "f", "gemeente", SignalType.HOUSEHOLD, START, report("x", 1).received_at, Address("9901XK", 1),
        known_at_debt_help=True,
    )  # fmt: skip
    assert task(fact, report("r1", 1))["owner"] == "schuldhulpverlening"


def test_a_member_that_repeats_is_marked() -> None:
    made = task(report("r1", 1), outcome(OutcomeKind.CONTACT), report("r2", 1, day=2))
    assert made["members"] == [{"signal_id": "r1", "repeated": False}, {"signal_id": "r2", "repeated": True}]
