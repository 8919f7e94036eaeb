"""The decision: duplicates, versions, time that passes before a record is applied, policies that come into force."""

from datetime import date
from uuid import uuid5

import pytest

from streams.core.admission import admit
from streams.core.household import advance, decide
from streams.core.policy import Policies
from streams.core.records import Record
from streams.core.state import Household
from streams.core.task import TASKS
from tests.streams.core.driver import ENERGY, RENT, WATER, Answer, Driver, policy

CHEAP = policy(version="streng", valid_from=date(2026, 3, 2), high_cents=30_000)


@pytest.mark.rule("duplicate")
@pytest.mark.parametrize(
    "send", ["report", "amount", "paid", "withdrawn", "crisis_lifted", "stop", "moved", "facts", "asks", "referred"]
)
def test_a_record_that_comes_twice_changes_nothing_the_second_time(send: str) -> None:
    home = Driver()
    home.report(ENERGY)
    assert getattr(home, send)(id="een").result == "accepted"
    before = home.household, len(home.versions)
    assert getattr(home, send)(id="een").result == "duplicate"
    assert (home.household, len(home.versions)) == before


SENT = ["report", "amount", "stop", "moved", "facts", "asks", "referred"]


@pytest.mark.rule("duplicate.sender")
@pytest.mark.parametrize("theirs", SENT)
@pytest.mark.parametrize("ours", SENT)
def test_the_id_of_anothers_record_is_no_duplicate(theirs: str, ours: str) -> None:
    home = Driver()
    getattr(home, theirs)(id="geraden", partner="een")
    assert getattr(home, ours)(id="geraden", partner="ander").result == "accepted"
    assert getattr(home, ours)(id="geraden", partner="ander").result == "duplicate"


@pytest.mark.rule("duplicate.sender")
def test_the_id_that_opened_anothers_task_opens_another_task() -> None:
    home = Driver()
    home.asks(id="geraden")
    home.outcome("closed")
    home.report(id="geraden")
    first, second = home.tasks
    assert first.id != second.id
    home.report(ENERGY, id="geraden")
    assert home.task.members == ("geraden",)
    assert home.task.score > second.score


@pytest.mark.rule("duplicate")
@pytest.mark.parametrize("kind", ["attempt", "contact", "accepted", "closed", "refused"])
def test_an_outcome_that_comes_twice_is_known(kind: str) -> None:
    home = Driver()
    home.report()
    home.outcome(kind, id="uitkomst")
    assert home.outcome(kind, id="uitkomst", on="2026-02-20").result == "duplicate"
    assert home.household.task is not None
    assert home.household.task.last_outcome_on == date(2026, 2, 2)


@pytest.mark.rule("duplicate", "outcome.no_task")
def test_an_outcome_without_a_task_is_remembered_too() -> None:
    home = Driver()
    assert home.outcome("contact", id="uitkomst").reason == "no_task"
    home.report()
    assert home.outcome("contact", id="uitkomst").result == "duplicate"
    assert home.status == "open"


@pytest.mark.rule("duplicate")
@pytest.mark.parametrize("end", ["paid", "withdrawn"])
def test_ids_of_a_closed_claim_are_remembered(end: str) -> None:
    home = Driver()
    home.report(id="melding")
    getattr(home, end)()
    assert home.report(id="melding", on="2026-08-02", signalled="2026-02-02").result == "duplicate"
    assert not home.live


@pytest.mark.rule("duplicate", "repeated")
def test_a_repeated_report_that_comes_twice_is_a_duplicate() -> None:
    home = Driver()
    home.report()
    home.outcome("contact")
    home.report(id="nogmaals", on="2026-02-10")
    assert home.report(id="nogmaals").result == "duplicate"


@pytest.mark.rule("duplicate", "time")
def test_time_passes_for_a_duplicate_as_well() -> None:
    home = Driver()
    home.report(id="melding")
    home.report(id="melding", on="2026-02-16", signalled="2026-02-02")
    assert home.rung == "phone"


@pytest.mark.rule("task.version")
def test_each_visible_change_is_one_version_with_the_record_that_caused_it() -> None:
    home = Driver()
    home.report(RENT)
    home.report(ENERGY)
    home.outcome("contact")
    home.advance_to("2026-02-23")
    told = [(version.task.sequence, version.caused_by, version.changed_on.isoformat()) for version in home.versions]
    assert told == [
        (1, "woonstichting-1", "2026-02-02"),
        (2, "stroomnet-2", "2026-02-02"),
        (3, "gemeente-3", "2026-02-02"),
        (4, None, "2026-02-23"),
    ]
    assert {version.policy for version in home.versions} == {"test-1"}


@pytest.mark.rule("task.version")
def test_no_change_is_no_version() -> None:
    home = Driver()
    home.report(RENT, months=2)
    home.outcome("attempt")
    home.amount(RENT, 31_000)
    home.facts(shared_address=True)
    home.moved("left")
    home.paid(WATER)
    assert len(home.versions) == 1


@pytest.mark.rule("task.version")
def test_a_raised_score_alone_is_a_version() -> None:
    home = Driver()
    home.report(RENT, months=2)
    home.amount(RENT, months=3)
    assert [version.task.score for version in home.versions] == [20, 30]


@pytest.mark.rule("time")
def test_deadlines_fire_on_their_own_date_before_a_later_record_is_applied() -> None:
    home = Driver()
    home.report(RENT)
    home.report(ENERGY, on="2026-03-20")
    told = [(version.changed_on.isoformat(), version.task.rung.code, version.caused_by) for version in home.versions]
    assert told == [
        ("2026-02-02", "letter", "woonstichting-1"),
        ("2026-02-16", "phone", None),
        ("2026-02-23", "home_visit", None),
        ("2026-03-03", "home_visit", None),
        ("2026-03-20", "home_visit", "stroomnet-2"),
    ]


@pytest.mark.rule("time", "silence")
def test_silence_and_what_follows_it_fire_in_order_in_one_jump() -> None:
    home = Driver()
    home.report()
    home.outcome("contact")
    home.advance_to("2026-12-31")
    assert [version.changed_on.isoformat() for version in home.versions] == [
        "2026-02-02",
        "2026-02-02",
        "2026-02-23",
        "2026-03-02",
        "2026-08-03",
    ]


@pytest.mark.rule("time", "silence")
def test_a_contact_on_the_day_of_its_deadline_comes_after_it() -> None:
    home = Driver()
    home.report()
    home.outcome("contact")
    home.outcome("contact", on="2026-02-23")
    assert [version.task.status.value for version in home.versions] == ["open", "waiting", "open", "waiting"]
    assert "silence" in home.reasons


@pytest.mark.rule("time")
def test_a_record_received_earlier_is_applied_today() -> None:
    home = Driver()
    home.report(RENT)
    home.advance_to("2026-02-20")
    home.report(ENERGY, on="2026-02-10", crisis="cutoff")
    assert home.due == "2026-02-13"
    assert home.changed_on == "2026-02-20"
    assert "overdue" in home.reasons


@pytest.mark.rule("tick")
def test_a_tick_that_comes_late_or_twice_changes_nothing() -> None:
    home = Driver()
    home.report()
    home.advance_to("2026-02-20")
    for day in (date(2026, 2, 20), date(2026, 2, 10)):
        assert advance(home.household, day, home.policies) == (home.household, ())


@pytest.mark.rule("wakes_on")
def test_the_state_says_when_time_alone_may_change_something() -> None:
    home = Driver()
    home.report()
    assert home.household.wakes_on == date(2026, 2, 16)
    home.outcome("contact")
    assert home.household.wakes_on == date(2026, 2, 23)
    home.outcome("refused")
    assert home.household.wakes_on == date(2026, 4, 4)


@pytest.mark.rule("policy.in_force")
def test_the_policy_in_force_on_the_day_applied_decides() -> None:
    home = Driver(Policies((policy(), CHEAP)))
    home.report(amount=30_000)
    assert home.level == "letter"
    home.advance_to("2026-03-01")
    assert "high_amount" not in home.reasons
    home.advance_to("2026-03-02")
    assert "high_amount" in home.reasons
    assert (home.versions[-1].policy, home.versions[-1].caused_by) == ("streng", None)
    assert home.changed_on == "2026-03-02"


@pytest.mark.rule("policy.in_force", "intake.unjustified")
def test_intake_follows_the_policy_of_the_day_received() -> None:
    milder = policy(version="mild", valid_from=date(2026, 3, 2), threshold_cents=20_000)
    home = Driver(Policies((policy(), milder)))
    assert home.report(amount=10_000, on="2026-03-01").result == "accepted"
    assert home.report(ENERGY, amount=10_000, on="2026-03-02").reason == "unjustified"


@pytest.mark.rule("policy.activated")
def test_an_activation_looks_at_the_household_again() -> None:
    home = Driver(Policies((policy(),)))
    home.report(amount=30_000)
    home.advance_to("2026-03-10")
    home.activate(CHEAP)
    assert "high_amount" in home.reasons
    assert (home.changed_on, home.versions[-1].caused_by) == ("2026-03-10", "policy.streng")
    told = len(home.versions)
    home.activate(CHEAP)
    assert len(home.versions) == told


@pytest.mark.rule("policy.activated", "policy.in_force")
def test_a_policy_activated_ahead_of_its_day_waits_for_it() -> None:
    home = Driver(Policies((policy(),)))
    home.report(amount=30_000, months=2)
    home.activate(CHEAP)
    assert len(home.versions) == 1
    assert home.household.wakes_on == date(2026, 3, 2)
    home.advance_to("2026-03-02")
    assert "high_amount" in home.reasons


@pytest.mark.rule("policy.activated")
def test_a_policy_that_waits_shorter_moves_rungs_at_once() -> None:
    home = Driver(Policies((policy(),)))
    home.report()
    home.advance_to("2026-02-12")
    waits = type(policy().wait_days)(letter=10)
    home.activate(policy(version="vlot", valid_from=date(2026, 2, 12), wait_days=waits))
    assert home.rung == "phone"
    assert home.changed_on == "2026-02-12"


@pytest.mark.rule("policy.activated", "context_raise")
def test_a_policy_without_a_basis_puts_stops_out_of_use() -> None:
    home = Driver(Policies((policy(),)))
    home.report(RENT)
    home.stop()
    assert home.level == "joint_home_visit"
    home.activate(policy(version="zonder", valid_from=date(2026, 2, 2), benefit_stop_basis=None))
    assert home.reasons == {"first_signal"}


@pytest.mark.rule("outcome.no_task")
def test_an_outcome_without_a_task_is_answered_with_the_reason() -> None:
    assert Driver().outcome("contact", id="uitkomst") == Answer("uitkomst", "refused", "no_task")


@pytest.mark.rule("task.version", "policy.in_force")
def test_a_day_on_which_nothing_visible_changes_makes_no_version() -> None:
    home = Driver(Policies((policy(), policy(version="gelijk", valid_from=date(2026, 2, 10)))))
    home.report(RENT, months=2)
    home.advance_to("2026-02-10")
    assert len(home.versions) == 1


@pytest.mark.rule("task.version")
def test_the_version_with_which_a_task_ends_names_its_outcome() -> None:
    home = Driver()
    home.report()
    home.outcome("closed", id="afgesloten")
    assert (home.status, home.versions[-1].caused_by) == ("ended", "afgesloten")


@pytest.mark.rule("policy.activated", "time")
def test_deadlines_before_an_activation_fire_first() -> None:
    home = Driver(Policies((policy(),)))
    home.report(amount=30_000)
    home.day = "2026-03-10"
    home.activate(policy(version="streng", valid_from=date(2026, 4, 1), high_cents=30_000))
    assert [(version.changed_on.isoformat(), version.caused_by) for version in home.versions] == [
        ("2026-02-02", "woonstichting-1"),
        ("2026-02-16", None),
        ("2026-02-23", None),
        ("2026-03-03", None),
    ]
    assert home.household.wakes_on == date(2026, 4, 1)


@pytest.mark.rule("policy.activated", "retention.stub")
def test_an_activation_changes_nothing_of_a_household_without_records() -> None:
    home = Driver(Policies((policy(),)))
    home.activate(CHEAP)
    assert home.household == Household("huishouden", today=date(2026, 2, 2), wakes_on=date(2026, 3, 2))
    assert not home.versions


@pytest.mark.rule("wakes_on", "overdue")
def test_a_due_date_wakes_nobody_once_the_task_is_picked_up() -> None:
    home = Driver()
    home.report(RENT, months=2)
    home.advance_to("2026-03-02")
    assert home.household.wakes_on == date(2026, 3, 3)
    home.outcome("attempt")
    assert home.household.wakes_on == date(2026, 8, 3)


@pytest.mark.rule("task.id", "policy.in_force", "lost_contact")
@pytest.mark.parametrize("end", [None, "closed", "abroad"])
def test_a_task_that_a_policy_opens_by_its_day_is_named_after_it_or_after_the_last_end(end: str | None) -> None:
    wider = policy(version="ruimer", valid_from=date(2026, 4, 1))
    home = Driver(Policies((policy(lost_contact_days=1), wider)))
    if end:
        home.report(WATER)
    if end == "closed":
        home.outcome("closed", id=end)
    if end == "abroad":
        home.moved("abroad", everyone=True, id=end)
    home.paid(WATER, on="2026-02-03")
    home.moved("left", on="2026-02-10")
    home.stop(on="2026-02-20")
    assert not home.live
    home.advance_to("2026-04-01")
    assert home.status == "open"
    assert home.task.id == str(uuid5(uuid5(TASKS, "huishouden"), "closed" if end == "closed" else "ruimer"))


@pytest.mark.rule("policy.activated", "policy.in_force")
@pytest.mark.parametrize("ticked", [True, False], ids=["ticks in time", "ticks late"])
@pytest.mark.parametrize("valid_from", [date(2026, 3, 1), date(2026, 3, 10)])
def test_what_fell_due_before_a_policy_was_activated_was_not_its_affair(valid_from: date, *, ticked: bool) -> None:
    home = Driver(start="2026-02-02")
    home.report(amount=30_000)
    if ticked:
        home.advance_to("2026-03-09")
    home.day = "2026-03-10"
    home.activate(policy(version="streng", valid_from=valid_from, high_cents=30_000))
    told = [(str(v.changed_on), v.policy, v.caused_by) for v in home.versions[-2:]]
    assert told == [("2026-03-03", "test-1", None), ("2026-03-10", "streng", "policy.streng")]


@pytest.mark.rule("task.id")
def test_of_two_senders_with_one_id_each_opens_a_task_of_its_own() -> None:
    home = Driver()
    home.report(RENT, id="melding-1")
    home.paid(RENT, on="2026-02-03")
    home.report(ENERGY, id="melding-1", on="2026-02-04")
    first, second = (version for version in home.versions if version.task.sequence == 1)
    assert (first.caused_by, second.caused_by) == ("melding-1", "melding-1")
    assert first.task.id == str(uuid5(uuid5(TASKS, "huishouden"), "melding-1"))
    assert second.task.id == str(uuid5(uuid5(TASKS, "huishouden"), "stroomnet\x1fmelding-1"))


@pytest.mark.rule("outcome.no_task")
def test_whoever_sent_what_is_refused_is_told() -> None:
    home = Driver()
    home.outcome("closed")
    record = admit(home.raws[-1], home.policies, home.agreements)
    assert isinstance(record, Record)
    assert decide(Household("huishouden"), record, home.policies).tells_sender
