"""The life of a task: due dates, rungs, reasons, order of work."""

from uuid import uuid5

import pytest

from streams.core.state import Level
from streams.core.task import TASKS, timer
from tests.streams.core.driver import CARE, ENERGY, RENT, WATER, Driver, policy


@pytest.mark.rule("task.one", "task.id")
def test_all_claims_of_a_household_are_one_task_by_the_record_that_opened_it() -> None:
    home = Driver()
    home.report(RENT, id="opener")
    home.report(ENERGY)
    home.asks()
    home.stop()
    assert len(home.tasks) == 1
    assert home.task.id == str(uuid5(uuid5(TASKS, "huishouden"), "opener"))
    assert home.task.opened_on.isoformat() == "2026-02-02"


@pytest.mark.rule("task.id")
def test_a_new_task_has_another_id_and_its_own_sequence() -> None:
    home = Driver()
    home.report()
    home.withdrawn()
    home.report(on="2026-02-09")
    first, second = home.tasks
    assert first.id != second.id
    assert (first.sequence, second.sequence) == (2, 1)


@pytest.mark.rule("due.regular", "day")
def test_four_weeks_after_the_local_day_of_receipt() -> None:
    home = Driver()
    home.report(signalled="2026-01-05", clock="23:59:59")
    assert home.due == "2026-03-02"


@pytest.mark.rule("due.regular", "due.earliest")
def test_the_first_receipt_of_an_episode_counts_also_when_it_is_processed_later() -> None:
    home = Driver(start="2026-02-16")
    home.report(signalled="2026-02-02")
    assert home.due == "2026-03-16"
    home.report(signalled="2026-02-10", on="2026-02-12", amount=31_000)
    assert home.due == "2026-03-12"


@pytest.mark.rule("due.earliest")
def test_paying_the_earliest_claim_moves_the_due_date_on() -> None:
    home = Driver()
    home.report(RENT)
    home.report(ENERGY, on="2026-02-06")
    assert home.due == "2026-03-02"
    home.paid(RENT)
    assert home.due == "2026-03-06"


@pytest.mark.rule("due.crisis", "working_days", "due.earliest")
@pytest.mark.parametrize(
    ("received", "due"),
    [
        ("2026-02-02", "2026-02-05"),
        ("2026-02-06", "2026-02-11"),
        ("2026-04-01", "2026-04-08"),
        ("2026-05-01", "2026-05-07"),
    ],
)
def test_a_crisis_is_due_in_three_working_days(received: str, due: str) -> None:
    home = Driver(start="2026-01-26")
    home.report(RENT)
    home.report(ENERGY, crisis="cutoff", on=received, amount=20_000)
    assert home.due == min(due, "2026-02-23")


@pytest.mark.rule("due.crisis", "crisis.holds")
def test_each_crisis_counts_from_its_own_first_receipt() -> None:
    home = Driver()
    home.report(RENT, crisis="eviction")
    home.amount(RENT, crisis="eviction", on="2026-02-09")
    home.amount(RENT, crisis="cutoff", on="2026-02-09")
    assert home.due == "2026-02-05"


@pytest.mark.rule("due.crisis", "crisis.lifted")
def test_lifting_a_crisis_takes_its_due_date_away() -> None:
    home = Driver()
    home.report(crisis="eviction")
    home.crisis_lifted()
    assert home.due == "2026-03-02"


@pytest.mark.rule("due.lost_contact")
def test_lost_contact_is_due_three_working_days_after_the_pair_was_complete() -> None:
    home = Driver()
    home.report(RENT)
    home.stop(on="2026-02-12")
    assert home.due == "2026-02-17"


@pytest.mark.rule("due.lost_contact", "lost_contact")
def test_a_pair_is_complete_with_the_rent_when_the_stop_came_first() -> None:
    home = Driver()
    home.stop()
    home.report(RENT, on="2026-02-12")
    assert home.due == "2026-02-17"


@pytest.mark.rule("due.lost_contact")
def test_of_two_pairs_the_first_complete_counts() -> None:
    home = Driver()
    home.report(RENT)
    home.stop(on="2026-02-12")
    home.moved("left", on="2026-02-13")
    home.stop(on="2026-02-16")
    assert home.due == "2026-02-17"


@pytest.mark.rule("due.lost_contact", "claim.order")
def test_a_pair_that_was_complete_before_but_is_processed_later_counts_by_its_receipt() -> None:
    home = Driver()
    home.report(RENT)
    home.stop(on="2026-02-12")
    home.moved("left", on="2026-02-04")
    home.stop(on="2026-02-05")
    assert home.due == "2026-02-10"


@pytest.mark.rule("due.request", "due.earliest")
def test_a_request_is_due_four_weeks_after_its_receipt() -> None:
    home = Driver()
    home.asks(signalled="2026-01-05")
    assert home.due == "2026-03-02"
    home.referred(on="2026-02-03")
    home.report(RENT, on="2026-02-04")
    assert home.due == "2026-03-02"


@pytest.mark.rule("rung", "rung.no_response")
def test_a_letter_without_contact_becomes_a_call_after_14_days_and_a_visit_7_days_later() -> None:
    home = Driver()
    home.report()
    assert home.wait(13).rung == "letter"
    home.wait(1)
    assert (home.rung, home.level, home.changed_on) == ("phone", "letter", "2026-02-16")
    assert home.reasons == {"first_signal", "no_response"}
    assert home.wait(6).rung == "phone"
    home.wait(1)
    assert (home.rung, home.changed_on) == ("home_visit", "2026-02-23")


@pytest.mark.rule("rung.visit")
def test_waiting_alone_never_makes_a_joint_visit() -> None:
    home = Driver()
    home.report(months=2)
    assert home.wait(120).rung == "home_visit"
    assert "no_response" not in home.reasons
    assert timer(home.task, policy()) is None


@pytest.mark.rule("rung.no_response", "outcome.attempt.open")
def test_an_attempt_that_did_not_reach_changes_nothing_for_the_timers() -> None:
    home = Driver()
    home.report()
    home.outcome("attempt", on="2026-02-15")
    assert home.advance_to("2026-02-16").rung == "phone"


@pytest.mark.rule("rung.raised")
def test_a_level_above_the_rung_begins_the_rung_anew() -> None:
    home = Driver()
    home.report(amount=30_000)
    home.amount(RENT, 100_000, on="2026-02-12")
    assert home.rung == "phone"
    assert home.advance_to("2026-02-18").rung == "phone"
    assert home.advance_to("2026-02-19").rung == "home_visit"


@pytest.mark.rule("rung.raised", "rung")
def test_a_level_that_reaches_the_rung_begins_nothing_anew() -> None:
    home = Driver()
    home.report(amount=30_000)
    home.amount(RENT, 100_000, on="2026-02-18")
    assert (home.level, home.rung) == ("phone", "phone")
    assert home.advance_to("2026-02-23").rung == "home_visit"


@pytest.mark.rule("rung")
def test_the_rung_never_goes_back() -> None:
    home = Driver()
    home.report(RENT)
    home.report(ENERGY, crisis="cutoff")
    home.crisis_lifted(ENERGY)
    home.paid(ENERGY)
    assert home.rung == "home_visit"
    assert "no_response" not in home.wait(40).reasons


@pytest.mark.rule("overdue", "score")
def test_overdue_begins_the_day_after_the_due_date() -> None:
    home = Driver()
    home.report(months=2)
    assert "overdue" not in home.advance_to("2026-03-02").reasons
    before = home.task.score
    home.advance_to("2026-03-03")
    assert "overdue" in home.reasons
    assert home.task.score == before + 30
    assert home.changed_on == "2026-03-03"


@pytest.mark.rule("overdue", "reasons.lasting")
@pytest.mark.parametrize("kind", ["attempt", "contact", "accepted"])
def test_an_outcome_takes_overdue_away_for_good(kind: str) -> None:
    home = Driver()
    home.report(months=2)
    home.advance_to("2026-03-10")
    home.outcome(kind)
    assert "overdue" not in home.reasons
    assert "overdue" not in home.wait(90).reasons


@pytest.mark.rule("overdue", "reasons.lasting")
def test_overdue_goes_with_the_claim_that_was() -> None:
    home = Driver()
    home.report(RENT)
    home.report(ENERGY, on="2026-02-23")
    home.advance_to("2026-03-03")
    assert "overdue" in home.reasons
    home.paid(RENT)
    assert "overdue" not in home.reasons


@pytest.mark.rule("reasons.lasting")
def test_no_response_stays_with_the_task_and_the_rules_reasons_do_not() -> None:
    home = Driver()
    home.report(RENT)
    home.report(ENERGY)
    home.wait(7)
    assert home.reasons == {"first_signal", "multiple", "no_response"}
    home.outcome("contact")
    home.paid(ENERGY)
    assert home.reasons == {"first_signal", "no_response"}


@pytest.mark.rule("band")
def test_children_go_first_then_crises_then_the_rest() -> None:
    home = Driver()
    home.report(RENT, months=3, amount=200_000)
    assert home.task.band == 3
    home.amount(RENT, crisis="eviction")
    assert home.task.band == 2
    home.facts(children=True)
    assert home.task.band == 1
    home.crisis_lifted()
    assert home.task.band == 3


@pytest.mark.rule("score")
def test_each_point_of_the_score() -> None:
    home = Driver()
    home.report(ENERGY, amount=20_000)
    assert home.task.score == 0
    home.report(WATER, amount=20_000)
    assert home.task.score == 15
    home.report(CARE, amount=20_000)
    assert home.task.score == 30
    home.report(RENT, amount=20_000, months=1)
    assert home.task.score == 45 + 10
    home.amount(RENT, months=4)
    assert home.task.score == 45 + 30
    home.amount(RENT, 100_000)
    assert home.task.score == 45 + 30 + 10
    home.stop()
    assert home.task.score == 45 + 30 + 10 + 40
    home.report(ENERGY, signalled="2026-01-12", amount=31_000)
    assert home.task.score == 45 + 30 + 10 + 40 + 10


@pytest.mark.rule("score")
def test_points_are_the_policys() -> None:
    points = {"further_partner": 1, "rent_month": 2, "rent_months_at_most": 5}
    home = Driver(policy(points=type(policy().points)(**points)))
    home.report(ENERGY)
    home.report(RENT, months=3)
    assert home.task.score == 1 + 5


@pytest.mark.rule("suppressed")
@pytest.mark.parametrize("excluded", ["legal_person", "unsafe", "detention", "other"])
def test_an_excluded_household_has_its_task_suppressed_with_the_reason(excluded: str) -> None:
    home = Driver()
    home.facts(excluded=excluded)
    home.report(months=2)
    assert home.status == "suppressed"
    assert home.reasons == {"first_signal", "rent_months", excluded}
    assert (home.level, home.due) == ("home_visit", "2026-03-02")
    assert home.wait(60).reasons == {"first_signal", "rent_months", excluded}


@pytest.mark.rule("suppressed")
def test_a_task_is_suppressed_when_the_exclusion_comes_later_and_opens_again_when_it_goes() -> None:
    home = Driver()
    home.report()
    home.facts(excluded="unsafe", on="2026-02-09")
    assert home.status == "suppressed"
    assert home.advance_to("2026-03-20").rung == "letter"
    home.facts(on="2026-03-20")
    assert (home.status, home.reasons) == ("open", {"first_signal", "overdue"})
    assert home.advance_to("2026-04-02").rung == "letter"
    assert home.advance_to("2026-04-03").rung == "phone"


@pytest.mark.rule("suppressed")
def test_a_person_ends_a_suppressed_task() -> None:
    home = Driver()
    home.facts(excluded="detention")
    home.report()
    home.outcome("contact")
    assert home.status == "suppressed"
    home.outcome("closed")
    assert home.status == "ended"


@pytest.mark.rule("known_at_debt_help", "due.crisis")
def test_a_household_known_at_debt_help_is_a_call_by_their_team_with_the_due_date_kept() -> None:
    home = Driver()
    home.facts(known_at_debt_help=True)
    home.report(crisis="eviction")
    assert (home.level, home.rung, home.due) == ("phone", "phone", "2026-02-05")
    assert home.reasons == {"first_signal", "crisis"}
    assert home.status == "open"


@pytest.mark.rule("known_at_debt_help")
def test_a_letter_becomes_a_call_too_and_nothing_opens_without_a_cause() -> None:
    home = Driver()
    home.facts(known_at_debt_help=True)
    assert not home.versions
    home.report()
    assert home.level == "phone"


@pytest.mark.rule("known_at_debt_help", "rung")
def test_the_level_comes_back_when_they_are_known_no_longer() -> None:
    home = Driver()
    home.report(months=2)
    home.facts(known_at_debt_help=True)
    assert (home.level, home.rung) == ("phone", "home_visit")
    home.facts(known_at_debt_help=False)
    assert home.level == "home_visit"


@pytest.mark.rule("withdrawn")
@pytest.mark.parametrize("end", ["paid", "withdrawn"])
def test_nothing_left_and_no_outcome_withdraws_the_task(end: str) -> None:
    home = Driver()
    home.report(RENT)
    home.report(ENERGY)
    getattr(home, end)(RENT)
    assert home.live
    getattr(home, end)(ENERGY)
    assert home.status == "withdrawn"
    assert "cured" not in home.reasons
    assert len(home.wait(400).versions) == 4


@pytest.mark.rule("withdrawn")
def test_a_request_keeps_a_task_when_its_claims_are_paid() -> None:
    home = Driver()
    home.report(RENT)
    home.asks()
    home.paid(RENT)
    assert (home.status, home.reasons) == ("open", {"self_report"})


@pytest.mark.rule("withdrawn")
def test_after_a_withdrawn_task_the_same_claim_may_open_another() -> None:
    home = Driver()
    home.report()
    home.paid()
    home.report(on="2026-02-03")
    assert len(home.tasks) == 2
    assert home.status == "open"


@pytest.mark.rule("cured", "reasons.lasting")
@pytest.mark.parametrize(("kind", "status"), [("attempt", "open"), ("contact", "waiting"), ("accepted", "helped")])
def test_nothing_left_after_an_outcome_is_cured_with_level_due_and_members_kept(kind: str, status: str) -> None:
    home = Driver()
    home.report(id="huur", months=2)
    home.outcome(kind)
    home.paid(on="2026-02-03")
    assert home.reasons == {"cured"}
    assert home.status == status
    assert (home.level, home.due, home.members) == ("home_visit", "2026-03-02", {"huur"})


@pytest.mark.rule("cured", "reasons.lasting", "repeated")
def test_cured_stays_when_a_new_episode_begins() -> None:
    home = Driver()
    home.report(months=2)
    home.outcome("attempt")
    home.paid(on="2026-02-03")
    home.report(id="nieuw", on="2026-02-10")
    assert home.reasons == {"cured", "first_signal"}
    assert (home.level, home.due, home.members) == ("letter", "2026-03-10", {"nieuw"})
    assert len(home.tasks) == 1


@pytest.mark.rule("handover")
@pytest.mark.parametrize(("event", "reason"), [("abroad", "abroad"), ("deceased", "deceased"), ("moved", "moved_out")])
def test_everyone_gone_ends_the_task_with_a_reason(event: str, reason: str) -> None:
    home = Driver()
    home.report()
    home.moved(event, everyone=True)
    assert home.status == "ended"
    assert home.reasons == {"first_signal", reason}


@pytest.mark.rule("handover", "lost_contact")
def test_everyone_gone_ends_a_lost_contact_too() -> None:
    home = Driver()
    home.report()
    home.stop()
    home.moved("abroad", everyone=True)
    assert home.status == "ended"
    assert home.reasons == {"first_signal", "lost_contact", "abroad"}
    assert not home.wait(90).live


@pytest.mark.rule("handover", "handover.stays")
@pytest.mark.parametrize(
    ("postcode", "status"), [("9901ZZ", "open"), ("9902AA", "open"), ("1011AA", "ended"), (None, "ended")]
)
def test_a_move_is_out_when_its_postcode_is_not_in_the_policys_list(postcode: str | None, status: str) -> None:
    home = Driver(policy(postcodes=("9901", "9902")))
    home.report()
    to_address = None if postcode is None else {"postcode": postcode, "number": 1}
    home.moved("moved", everyone=True, to_address=to_address)
    assert home.status == status


@pytest.mark.rule("handover.stays")
@pytest.mark.parametrize("event", ["abroad", "deceased", "moved", "left"])
@pytest.mark.parametrize("everyone", [False, None])
def test_when_somebody_stays_behind_so_does_the_task(event: str, everyone: bool | None) -> None:  # noqa: FBT001
    home = Driver()
    home.report(months=2)
    home.moved(event, everyone=everyone)
    assert home.status == "open"
    assert home.reasons == {"first_signal", "rent_months"}


@pytest.mark.rule("handover.stays")
def test_leaving_the_address_with_everyone_is_no_handover() -> None:
    home = Driver()
    home.report()
    home.moved("left", everyone=True)
    assert home.status == "open"


@pytest.mark.rule("handover.deceased")
def test_after_a_death_never_a_letter() -> None:
    home = Driver()
    home.report()
    home.moved("deceased", everyone=False, on="2026-02-09")
    assert (home.level, home.rung) == ("letter", "phone")
    assert home.advance_to("2026-02-15").rung == "phone"
    assert home.advance_to("2026-02-16").rung == "home_visit"


@pytest.mark.rule("handover.deceased")
def test_a_task_that_opens_after_a_death_begins_with_a_call() -> None:
    home = Driver()
    home.moved("deceased", everyone=False)
    home.report(on="2026-02-03")
    assert home.task.rung == Level.PHONE


@pytest.mark.rule("handover", "departed.late", "departed")
def test_after_a_handover_what_was_known_opens_nothing_and_a_new_claim_does() -> None:
    home = Driver()
    home.report(RENT)
    home.moved("abroad", everyone=True)
    home.amount(RENT, 200_000, crisis="eviction", on="2026-02-03")
    assert not home.wait(30).live
    home.report(ENERGY)
    assert home.live
    assert len(home.tasks) == 2


@pytest.mark.rule("handover", "departed.news")
def test_after_a_handover_a_report_that_is_not_repeated_opens_a_task() -> None:
    home = Driver()
    home.report(RENT)
    home.moved("abroad", everyone=True)
    home.report(RENT, on="2026-03-02")
    assert home.live
    assert home.task.sequence == 1


@pytest.mark.rule("reasons.lasting")
def test_a_lasting_reason_is_kept_once() -> None:
    home = Driver()
    home.report()
    home.wait(21)
    assert home.rung == "home_visit"
    assert home.task.lasting == ("no_response",)


@pytest.mark.rule("handover", "level.highest")
def test_the_register_event_that_ends_a_task_still_says_how_urgent_it_was() -> None:
    home = Driver()
    home.report(ENERGY)
    home.stop()
    assert home.level == "phone"
    home.moved("abroad", everyone=True)
    assert home.status == "ended"
    assert (home.level, home.rung) == ("joint_home_visit", "joint_home_visit")
    assert home.reasons == {"first_signal", "lost_contact", "abroad"}


@pytest.mark.rule("handover")
def test_everyone_gone_where_there_is_no_task_is_only_noted() -> None:
    home = Driver()
    assert home.moved("abroad", everyone=True, id="vertrek").result == "accepted"
    assert not home.versions
    move = home.household.departed[0].move
    assert (move.id, move.event, move.everyone, move.gone) == ("vertrek", "abroad", True, True)


@pytest.mark.rule("handover.deceased")
def test_after_a_death_the_call_keeps_its_own_deadline() -> None:
    home = Driver()
    home.report()
    home.moved("deceased", everyone=False, on="2026-02-09")
    home.facts(children=True, on="2026-02-12")
    assert home.advance_to("2026-02-16").rung == "home_visit"
