"""The stage: what records, ticks, activations and poison do to states; what a crash at any point leaves behind."""

from datetime import timedelta

import pytest
from msgspec.structs import replace
from structlog.testing import capture_logs

from schemas.codes import AddressEvent, OutcomeKind, SignalType, StopReason
from streams.core.household import Version, advance, decide
from streams.core.policy import Policies
from streams.core.records import Address, Record
from streams.core.state import Household
from streams.households import stage as stage_module
from streams.households import stored
from streams.households.stage import GapError, SourceRecord
from streams.wire import arrival_of, millis, task_of
from tests.streams.households.made import (
    CATALOGUE,
    CODEC,
    EVENTS,
    NOON,
    TOPIC_ID,
    Desk,
    activation_of,
    admitted,
    day,
    event,
    impossible,
    key_of,
    months,
    report,
    source,
    tick_of,
)
from tests.streams.live import OWN, POSTCODE, RENT, START, Load

MARK = stored.mark_key(0)


def test_a_list_of_records_gives_what_the_core_gives() -> None:
    records = admitted(Load(1, 5).records(0, 80))
    desk = Desk().feed(source([event(record) for record in records]))
    households: dict[str, Household] = {}
    tasks, receipts = [], []
    for record in records:
        key = key_of(record.address.number)
        decision = decide(households.get(key) or Household(key), record, Policies())
        households[key] = decision.household
        tasks += [task_of(decision.household, v, Policies().on(v.changed_on)) for v in decision.versions]
        receipts.append((record.id, decision.receipt.result.value))
    assert desk.tasks == tasks
    assert {key.decode(): stored.household(data).household for key, data in desk.states.items()} == households
    told = [(receipt["signal_id"], receipt["result"]) for receipt in desk.decoded("SignalReceipt")]
    assert told == [receipt for receipt in receipts if receipt[1] != "accepted"]
    assert told


def test_a_batch_and_one_at_a_time_are_the_same() -> None:
    records = source(months(2))
    together = Desk().feed(records)
    alone = Desk()
    for record in records:
        alone.feed([record])
    assert together.states == alone.states
    assert together.outputs == alone.outputs


def test_what_was_applied_before_changes_nothing_and_is_still_answered() -> None:
    """Each record has effects, empty ones too: without them nobody would acknowledge it."""
    records = source(months(3))
    desk = Desk().feed(records)
    states, outputs = dict(desk.states), desk.outputs
    again = Desk(desk.states)
    assert again.position == len(records) - 1
    again.feed(records)
    assert again.steps == [([], {})] * len(records)
    assert again.states == states
    desk.feed(records)
    assert desk.outputs == outputs


def test_a_missing_record_stops_it() -> None:
    one, two, three = source([event(report(f"r{n}", n)) for n in (1, 2, 3)])
    desk = Desk().feed([one])
    with pytest.raises(GapError, match=f"{EVENTS}/0: expected offset 1, got 2"):
        desk.feed([three])
    desk.feed([two, three])
    assert len(desk.states) == 3


@pytest.mark.parametrize(
    ("applied", "log_start", "expected"),
    [(None, 0, 0), (None, 40, 40), (10, 40, 40), (50, 40, 51), (39, 40, 40)],
    ids=["new", "log begins later", "records expired", "state is further", "just in time"],
)
def test_it_goes_on_where_state_and_log_allow(applied: int | None, log_start: int, expected: int) -> None:
    states = {} if applied is None else {MARK: stored.packed(stored.Mark(applied, TOPIC_ID))}
    value = event(report("r", 1))
    with pytest.raises(GapError, match=f"expected offset {expected},"):
        Desk(states, log_start).feed([SourceRecord(expected + 1, None, value)])
    assert len(Desk(states, log_start).feed([SourceRecord(expected, None, value)]).tasks) == 1


def test_expired_records_are_told() -> None:
    with capture_logs() as lines:
        Desk({MARK: stored.packed(stored.Mark(10, TOPIC_ID))}, log_start=40)
    assert [(line["event"], line["missing"]) for line in lines] == [("records expired before they were applied", 29)]


def test_the_state_remembers_its_topic() -> None:
    desk = Desk({MARK: stored.packed(stored.Mark(3, "an older topic"))})
    assert desk.stage.topic_id(0) == "an older topic"
    assert Desk().stage.topic_id(0) == TOPIC_ID


def test_a_tick_moves_who_is_due_and_nobody_else() -> None:
    desk = Desk().feed(source([event(report("r1", 1)), event(report("r2", 2, day=10)), tick_of(14)]))
    moved = desk.tasks[2:]
    assert [(t["household"], t["sequence"], t["rung"], t["caused_by"]) for t in moved] == [
        (key_of(1), 2, "phone", None)
    ]
    assert desk.steps[-1].changes.keys() == {key_of(1).encode(), MARK}
    assert [*desk.steps[-1].changes][-1] == MARK  # written last: a state with this offset has seen all of it


def test_a_tick_counts_once_an_hour_and_never_backwards() -> None:
    first = event(report("r1", 1))
    desk = Desk().feed(source([first, tick_of(14, 12), tick_of(14, 12), tick_of(0), tick_of(14, 13)]))
    assert [len(step.outputs) for step in desk.steps] == [1, 1, 0, 0, 0]
    assert [[*step.changes] for step in desk.steps[2:]] == [[MARK]] * 3
    mark = stored.mark(desk.states[MARK])
    assert mark.offset == 4
    assert Desk().feed(source([first, tick_of(14, 13)])).tasks == desk.tasks


def test_a_late_tick_gives_each_deadline_its_own_date() -> None:
    desk = Desk().feed(source([event(report("r1", 1)), tick_of(40)]))
    assert [(t["changed_on"], t["rung"]) for t in desk.tasks] == [
        (day(0), "letter"),
        (day(14), "phone"),
        (day(21), "home_visit"),
        (day(29), "home_visit"),
    ]
    assert "overdue" in desk.tasks[-1]["reasons"]


def test_an_activation_looks_at_every_household_again() -> None:
    document = f'version = "2"\nvalid_from = {START}\nhigh_cents = 10000\n'
    reports = [event(report(f"r{n}", n)) for n in (1, 2, 3)]
    desk = Desk().feed(source([*reports, activation_of(document, 1), event(report("r4", 4, day=1))]))
    changed = desk.tasks[3:]
    assert [(t["policy_version"], t["level"]) for t in changed] == [("2", "phone")] * 4
    assert {t["caused_by"] for t in changed[:3]} == {"policy.2"}
    assert {t["household"] for t in changed} == {key_of(n) for n in (1, 2, 3, 4)}
    assert Desk(desk.states).feed(source([event(report("r5", 5, day=1))], first=5)).tasks[0]["level"] == "phone"


def test_the_same_activation_twice_changes_nothing_and_another_of_its_version_is_refused() -> None:
    document = f'version = "2"\nvalid_from = {START}\nhigh_cents = 10000\n'
    other = document.replace("10000", "15000")
    values = [event(report("r1", 1)), activation_of(document, 1), activation_of(document, 1), activation_of(other, 1)]
    desk = Desk().feed(source(values))
    assert len(desk.tasks) == 2
    assert desk.steps[2].outputs == []
    letters = desk.decoded("DeadLetter")
    assert [(letter["offset"], letter["error"]) for letter in letters] == [(3, "PolicyError")]
    assert stored.mark(desk.states[MARK]).policies.on(START).high_cents == 10_000


@pytest.mark.parametrize("value", [pytest.param(value, id=name) for name, value in impossible()])
def test_a_poison_record_becomes_a_dead_letter_and_the_rest_goes_on(value: bytes | None) -> None:
    values = [event(report("r1", 1)), value, event(report("r2", 2))]
    with capture_logs() as lines:
        desk = Desk().feed(source(values))
    (letter,) = desk.decoded("DeadLetter")
    assert (letter["topic"], letter["partition"], letter["offset"]) == (EVENTS, 0, 1)
    assert letter["value"] == value
    assert letter["reason"] == "failed"
    assert "9901" not in letter["error"]
    assert [*desk.steps[1].changes] == [MARK]
    assert {t["household"] for t in desk.tasks} == {key_of(1), key_of(2)}
    again = Desk(desk.states)
    assert again.position == 2
    assert [(line["event"], line["offset"]) for line in lines] == [("record not applied", 1)]


def test_a_household_that_fails_in_a_tick_stays_as_it_was_and_due(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk().feed(source([event(report("r1", 1)), event(report("r2", 2))]))
    before = desk.states[key_of(1).encode()]

    def failing(household: Household, *args: object) -> tuple[Household, tuple[Version, ...]]:
        if household.key == key_of(1):
            raise ZeroDivisionError
        return advance(household, *args)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(stage_module, "advance", failing)
        desk.feed(source([tick_of(14)], first=2))
    (letter,) = desk.decoded("DeadLetter")
    assert letter["key"] == key_of(1).encode()
    assert desk.states[key_of(1).encode()] == before
    assert [t["household"] for t in desk.tasks[2:]] == [key_of(2)]
    desk.feed(source([tick_of(14, 13)], first=3))
    assert [t["household"] for t in desk.tasks[3:]] == [key_of(1)]
    assert desk.tasks[3]["changed_on"] == day(14)


def test_of_each_household_that_fails_in_a_tick_there_is_a_letter_known_from_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    desk = Desk().feed(source([event(report("r1", 1)), event(report("r2", 2)), b"no record"]))
    monkeypatch.setattr(stage_module, "advance", lambda *_: 1 / 0)
    desk.feed(source([tick_of(14)], first=3))
    letters = [output for output in desk.outputs if output.topic == CATALOGUE.rejected.name]
    ids = [dict(letter.headers)["ce_id"].decode() for letter in letters]
    assert ids[0] == f"{EVENTS}.0.2"
    assert sorted(ids[1:]) == sorted(f"{EVENTS}.0.3.{key_of(house)}" for house in (1, 2))
    keys = {letter["key"] for letter in desk.decoded("DeadLetter")}
    assert keys == {None, key_of(1).encode(), key_of(2).encode()}


def test_a_failure_of_the_world_is_no_poison(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk()
    monkeypatch.setattr(desk.stage, "_tasks", lambda *_: (_ for _ in ()).throw(OSError("registry is away")))
    with pytest.raises(OSError, match="registry is away"):
        desk.feed(source([event(report("r1", 1))]))
    monkeypatch.undo()
    assert len(desk.feed(source([event(report("r1", 1))])).tasks) == 1


@pytest.mark.parametrize("seed", [4, 5, 6])
def test_after_a_crash_between_any_two_changes_the_end_is_the_same(seed: int) -> None:
    """Changes reach the changelog one by one; the process may die after each. Ticks and activations change many."""
    records = source(months(seed))
    whole = Desk().feed(records)
    every = {output.headers[3]: output for output in whole.outputs}
    written: dict[bytes, bytes] = {}
    told: dict[object, object] = {}
    points = longest = 0
    for step in whole.steps:
        told |= {output.headers[3]: output for output in step.outputs}  # delivered before the changes
        longest = max(longest, len(step.changes))
        for key, value in step.changes.items():
            heir = Desk(written)
            heir.feed(records)
            assert heir.states == whole.states
            again = {output.headers[3]: output for output in heir.outputs}
            assert told | again == every
            assert all(every[identity] == output for identity, output in again.items())
            written[key] = value
            points += 1
    assert written == whole.states
    assert longest > 3, "no record changed several households"
    assert points > len(records)


def test_receipts_go_to_the_partner_that_sent_the_record() -> None:
    desk = Desk().feed(source([event(report("r1", 1)), event(report("r1", 1))]))
    (receipt,) = desk.decoded("SignalReceipt")
    assert (receipt["signal_id"], receipt["result"], receipt["partner"]) == ("r1", "duplicate", RENT)
    assert desk.outputs[-1].topic == f"gm9999.receipts.{RENT}"


def test_a_partner_without_a_topic_for_receipts_gets_none() -> None:
    stranger = replace(report("r1", 1), partner="former-partner")
    desk = Desk().feed(source([event(stranger), event(stranger)]))
    assert desk.decoded("SignalReceipt") == []
    assert len(desk.tasks) == 1


BASIS = 'version = "b"\nvalid_from = 2020-01-01\n[benefit_stop_basis]\nlegal_basis = "artikel 6"\ndpia = "DPIA-1"'


@pytest.mark.rule("consultation.deliberate", "lost_contact", "silence", "follow_up")
def test_lost_contact_goes_its_whole_way_and_the_benefits_office_hears_only_the_question() -> None:
    rent = report("huur", 7, day=1)
    stop = replace(rent, id="stop", partner="isd", type=SignalType.BENEFIT_STOP, kind=None, reference=None)
    stop = replace(stop, stop_reason=StopReason.WHEREABOUTS_UNKNOWN, amount_cents=None, arisen_on=None, months=None)

    def answer(identity: str, kind: OutcomeKind, on: int, **more: object) -> Record:
        made = report(identity, 7, day=on)
        bare = dict.fromkeys(("reference", "arisen_on", "amount_cents", "months"))
        return replace(made, partner=OWN, type=SignalType.OUTCOME, kind=kind, **bare, **more)

    asked = {"acted_by": "consulent", "why": "wij vinden niemand thuis"}
    steps = [
        activation_of(BASIS, 0),
        event(rent),
        event(stop),
        event(answer("verkeerd", OutcomeKind.CONSULTATION, 2, acting_for="een ander team", **asked)),
        event(answer("vraag", OutcomeKind.CONSULTATION, 2, acting_for="wijkteam", **asked)),
        event(answer("gesproken", OutcomeKind.CONTACT, 3)),
        tick_of(24),  # 21 days of silence
        event(answer("hulp", OutcomeKind.ACCEPTED, 25)),
        tick_of(81),  # 56 days without news
    ]
    desk = Desk().feed(source(steps))
    told = [(task["status"], task["rung"]) for task in desk.tasks]
    assert told[0] == ("open", "letter")
    assert told[1] == ("open", "joint_home_visit")
    assert [status for status, _ in told[1:]] == ["open", "waiting", "open", "helped", "open"]
    assert {"lost_contact", "silence", "follow_up"} <= set(desk.tasks[-1]["reasons"])
    receipts = {
        receipt["signal_id"]: (receipt["reason"], receipt["field"]) for receipt in desk.decoded("SignalReceipt")
    }
    assert receipts == {"verkeerd": ("contradiction", "acting_for")}
    (question,) = desk.decoded("BenefitConsultation")
    assert question.keys() == {"id", "asked_on", "asked_by", "team", "why", "address"}
    assert (question["id"], question["asked_by"], question["team"]) == ("vraag", "consulent", "wijkteam")
    assert not [output for output in desk.outputs if output.topic.endswith("receipts.isd")]


def test_a_state_that_was_replaced_under_it_is_read_anew() -> None:
    """What is kept decoded belongs to the bytes it was made of, and to no others."""
    desk = Desk().feed(source([event(report("r1", 1)), event(report("r2", 1, day=1))]))
    alone = Desk().feed(source([event(report("r1", 1))]))
    key = key_of(1).encode()
    desk.states[key] = alone.states[key]
    desk.feed(source([event(report("r3", 1, day=2))], first=2))
    found = stored.household(desk.states[key]).household
    assert [entry.id for claim in found.claims for entry in claim.entries] == ["r1", "r3"]


@pytest.mark.rule("moved.along", "moved.once")
def test_what_people_take_along_leaves_as_a_transfer_and_is_taken_in_once_without_a_receipt() -> None:
    move = Record(
        id="m1",
        partner=OWN,
        type=SignalType.ADDRESS,
        address=Address(POSTCODE, 1),
        signalled_on=day(3),
        received_at=millis(NOON + timedelta(days=3)),
        address_event=AddressEvent.MOVED,
        everyone=True,
        to_address=Address(POSTCODE, 2),
        to_household=key_of(2),
    )
    desk = Desk().feed(source([event(report("r1", 1)), event(move)]))
    (transfer,) = desk.decoded("HouseholdTransfer")
    assert (transfer["household"], transfer["came_from"], transfer["caused_by"]) == (key_of(2), key_of(1), "m1")
    arrival = CODEC.encode("HouseholdEvent", arrival_of(transfer))
    desk.feed(source([arrival, arrival, tick_of(40)], first=2))
    assert [(t["household"], t["status"], t["sequence"]) for t in desk.tasks[:3]] == [
        (key_of(1), "open", 1),
        (key_of(1), "ended", 2),
        (key_of(2), "open", 1),
    ]
    assert desk.decoded("SignalReceipt") == []
    assert [status["signal_id"] for status in desk.decoded("SignalStatus")] == ["r1"], "told once, at the new address"
