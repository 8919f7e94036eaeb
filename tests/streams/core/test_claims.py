"""Claims and their episodes: what a creditor's records together say, in whatever order they came."""

from itertools import permutations

import pytest

from streams.core.claims import episodes
from tests.streams.core.driver import ENERGY, RENT, Claim, Driver, policy


@pytest.mark.rule("claim", "many_partners")
def test_another_reference_or_type_of_a_partner_is_another_claim() -> None:
    home = Driver()
    home.report(RENT, amount=60_000)
    home.report(RENT._replace(reference="H-101"), amount=60_000)
    home.report(RENT._replace(type="Overige"), amount=60_000)
    assert home.members == {"woonstichting-1", "woonstichting-2", "woonstichting-3"}
    assert home.reasons == {"first_signal", "high_amount"}
    home.paid(RENT)
    assert home.members == {"woonstichting-2", "woonstichting-3"}


@pytest.mark.rule("claim", "repeated")
def test_the_same_reference_at_another_partner_is_another_claim() -> None:
    home = Driver()
    home.report(RENT)
    home.outcome("attempt")
    assert home.report(Claim("andere-verhuurder", "Huur", RENT.reference)).result == "accepted"


@pytest.mark.rule("claim.order", "claim.amount")
def test_the_latest_amount_by_the_senders_date_holds_whatever_came_last() -> None:
    home = Driver()
    home.report(amount=30_000, signalled="2026-01-05")
    home.amount(RENT, 100_000, signalled="2026-01-20")
    home.amount(RENT, 40_000, signalled="2026-01-10")
    assert "high_amount" in home.reasons


@pytest.mark.rule("claim.order")
@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_a_claims_records_say_the_same_in_any_order(order: tuple[int, ...]) -> None:
    home = Driver(start="2026-02-20")
    steps = [
        lambda: home.report(id="a", amount=30_000, signalled="2026-01-05", on="2026-02-01"),
        lambda: home.paid(id="b", signalled="2026-01-15", on="2026-02-02"),
        lambda: home.report(id="c", amount=20_000, signalled="2026-01-25", on="2026-02-03"),
        lambda: home.amount(id="d", amount=100_000, signalled="2026-02-01", on="2026-02-04"),
    ]
    for step in order:
        steps[step]()
    assert home.members == {"c"}
    assert home.due == "2026-03-03"
    assert home.reasons == {"first_signal", "high_amount"}


@pytest.mark.rule("claim.order")
def test_records_of_one_date_order_by_receipt_and_then_by_id() -> None:
    home = Driver()
    home.report(id="b", clock="10:00:00", amount=30_000)
    home.paid(id="a", clock="10:00:00")
    assert home.live, "the report comes after the payment by its id"
    home.paid(id="c", clock="10:00:00")
    assert home.status == "withdrawn"
    home = Driver()
    home.report(clock="10:00:00")
    home.paid(clock="09:59:59")
    assert home.live


@pytest.mark.rule("claim.amount")
def test_what_an_amount_leaves_out_stays_as_it_was() -> None:
    home = Driver()
    home.report(amount=100_000, months=2)
    home.amount(RENT, None, months=1)
    assert home.reasons == {"first_signal", "high_amount"}
    home.amount(RENT, 40_000)
    assert home.reasons == {"first_signal"}
    assert home.task.score == 10, "a month of rent is still owed"


@pytest.mark.rule("claim.amount")
def test_a_later_report_that_leaves_months_out_keeps_them() -> None:
    home = Driver()
    home.report(months=2)
    home.report(amount=31_000)
    assert "rent_months" in home.reasons


@pytest.mark.rule("crisis.holds", "claim.amount")
def test_an_amount_brings_a_crisis() -> None:
    home = Driver()
    home.report()
    home.amount(crisis="eviction", on="2026-02-09")
    assert home.level == "home_visit"
    assert home.due == "2026-02-12"


@pytest.mark.rule("claim.no_episode")
@pytest.mark.parametrize("kind", ["amount", "paid", "withdrawn", "crisis_lifted"])
def test_a_record_other_than_a_report_opens_nothing(kind: str) -> None:
    home = Driver()
    answer = getattr(home, kind)(crisis="eviction") if kind == "amount" else getattr(home, kind)()
    assert answer.result == "accepted"
    assert not home.versions


@pytest.mark.rule("claim.no_episode")
@pytest.mark.parametrize("kind", ["amount", "crisis_lifted", "paid", "withdrawn"])
def test_a_record_before_the_first_report_changes_nothing_of_it(kind: str) -> None:
    home = Driver()
    home.report(crisis="eviction", amount=100_000)
    before = home.task
    getattr(home, kind)(signalled="2026-02-01", **({"amount": 9_000} if kind == "amount" else {}))
    assert home.task == before


@pytest.mark.rule("claim.no_episode", "episode.paid")
def test_an_amount_after_payment_changes_nothing() -> None:
    home = Driver()
    home.report(RENT)
    home.report(ENERGY)
    home.paid(ENERGY)
    before = home.task
    home.amount(ENERGY, 200_000, crisis="cutoff", on="2026-02-03")
    assert home.task == before


@pytest.mark.rule("claim.no_episode", "consecutive")
def test_withdrawn_after_paid_changes_nothing() -> None:
    home = Driver()
    home.report(signalled="2026-01-05")
    home.paid(signalled="2026-01-10")
    home.withdrawn(signalled="2026-01-12")
    home.report(signalled="2026-02-02")
    assert home.reasons == {"first_signal", "consecutive"}


@pytest.mark.rule("episode.withdrawn", "national.consecutive")
def test_a_withdrawn_report_counts_for_nothing() -> None:
    home = Driver()
    home.report(signalled="2026-01-05")
    home.withdrawn(signalled="2026-01-10")
    home.report(signalled="2026-02-02")
    assert home.reasons == {"first_signal"}
    assert home.national == {"single"}


@pytest.mark.rule("episode.withdrawn")
def test_withdrawing_an_episode_takes_all_its_reports_along() -> None:
    home = Driver()
    home.report(ENERGY)
    home.report(RENT, signalled="2026-01-05")
    home.report(RENT, signalled="2026-02-01", amount=31_000)
    assert home.reasons == {"first_signal", "consecutive", "multiple"}
    home.withdrawn(RENT)
    assert home.reasons == {"first_signal"}
    assert home.members == {"stroomnet-1"}


@pytest.mark.rule("episode.paid")
def test_the_next_report_begins_a_new_episode_with_its_own_amount_months_and_due() -> None:
    home = Driver()
    home.report(ENERGY)
    home.report(RENT, amount=120_000, months=3, crisis="eviction")
    home.paid(RENT, on="2026-02-10")
    home.report(RENT, amount=30_000, on="2026-02-20")
    home.paid(ENERGY)
    assert home.members == {"woonstichting-4"}
    assert home.due == "2026-03-20"
    assert home.reasons == {"first_signal"}


@pytest.mark.rule("episode.paid", "claim.order")
def test_a_late_payment_splits_an_episode() -> None:
    home = Driver()
    home.report(signalled="2026-01-05", on="2026-02-02")
    home.report(signalled="2026-01-25", on="2026-02-06", amount=31_000)
    assert home.due == "2026-03-02"
    home.paid(signalled="2026-01-15", on="2026-02-09")
    assert home.members == {"woonstichting-2"}
    assert home.due == "2026-03-06"


@pytest.mark.rule("episode.expiry")
def test_an_episode_lives_to_the_day_six_months_after_its_last_report_and_not_a_day_longer() -> None:
    home = Driver()
    home.report()
    home.advance_to("2026-08-02")
    assert home.live
    home.advance_to("2026-08-03")
    assert home.status == "withdrawn"
    assert home.changed_on == "2026-08-03"


@pytest.mark.rule("episode.expiry", "months")
def test_an_episode_that_began_on_the_last_of_august_ends_with_february() -> None:
    home = Driver(start="2025-08-31")
    home.report()
    assert home.advance_to("2026-02-28").live
    assert not home.advance_to("2026-03-01").live


@pytest.mark.rule("episode.expiry")
@pytest.mark.parametrize(("dated", "members"), [("2026-02-05", {"oud", "nieuw"}), ("2026-02-06", {"nieuw"})])
def test_a_report_dated_after_the_end_of_an_episode_is_outside_it(dated: str, members: set[str]) -> None:
    home = Driver(start="2026-01-05")
    home.report(id="oud", signalled="2025-08-05")
    assert home.live
    home.report(id="nieuw", on=dated, amount=100_000)
    assert home.members == members
    assert len(home.tasks) == 3 - len(members)


@pytest.mark.rule("episode.expiry", "claim.no_episode")
def test_a_payment_dated_after_the_end_of_an_episode_is_outside_it() -> None:
    home = Driver(policy(look_back=1), start="2026-01-05")
    home.report(id="oud")
    home.advance_to("2026-02-05")
    assert home.live
    home.paid(on="2026-02-06")
    home.report(id="nieuw", on="2026-02-07")
    assert home.members == {"nieuw"}


@pytest.mark.rule("episode.whole")
def test_an_open_claim_keeps_the_months_and_first_receipt_of_reports_that_are_read_no_longer() -> None:
    home = Driver(start="2026-01-05")
    home.report(id="eerste", amount=100_000, months=2)
    home.report(id="tweede", on="2026-05-04", amount=110_000)
    home.advance_to("2026-07-06")
    assert home.members == {"tweede"}
    assert home.reasons >= {"high_amount", "rent_months", "overdue"}
    assert home.due == "2026-02-02"


@pytest.mark.rule("crisis.holds")
def test_a_crisis_holds_through_records_that_do_not_mention_it() -> None:
    home = Driver()
    home.report(crisis="eviction")
    home.amount(RENT, 20_000, on="2026-02-09")
    home.report(amount=40_000, on="2026-02-16")
    assert "crisis" in home.reasons
    assert home.due == "2026-02-05"


@pytest.mark.rule("crisis.holds", "episode.paid")
def test_a_crisis_ends_with_its_episode() -> None:
    home = Driver()
    home.report(crisis="eviction")
    home.paid(on="2026-02-09")
    home.report(on="2026-02-10")
    assert home.reasons == {"first_signal"}


@pytest.mark.rule("crisis.lifted", "level.falls")
def test_lifting_takes_every_crisis_of_the_claim_and_of_no_other() -> None:
    home = Driver()
    home.report(RENT, crisis="eviction")
    home.amount(RENT, crisis="cutoff")
    home.report(ENERGY, crisis="cutoff")
    home.crisis_lifted(RENT, on="2026-02-03")
    assert "crisis" in home.reasons
    home.crisis_lifted(ENERGY)
    assert "crisis" not in home.reasons
    assert home.level == "phone"
    assert home.rung == "home_visit"


@pytest.mark.rule("crisis.lifted", "due.crisis")
def test_a_crisis_that_comes_back_after_lifting_is_due_from_its_return() -> None:
    home = Driver()
    home.report(crisis="eviction")
    home.crisis_lifted(on="2026-02-03")
    assert home.due == "2026-03-02"
    home.amount(crisis="eviction", on="2026-02-16")
    assert home.due == "2026-02-19"


@pytest.mark.rule("repeated", "picked_up")
def test_a_report_before_any_outcome_is_no_repetition() -> None:
    home = Driver()
    home.report()
    home.wait(30)
    assert home.report().result == "accepted"
    assert home.members == {"woonstichting-1", "woonstichting-2"}


@pytest.mark.rule("repeated", "members")
@pytest.mark.parametrize("kind", ["attempt", "contact", "accepted"])
def test_an_equal_report_of_a_claim_picked_up_is_marked_and_changes_no_rule(kind: str) -> None:
    home = Driver()
    home.report(months=1)
    home.outcome(kind)
    answer = home.report(months=4, on="2026-02-09")
    assert answer.result == "repeated"
    assert home.members == {"woonstichting-1", answer.id}
    assert home.reasons == {"first_signal"}
    assert home.national == {"single"}
    assert home.due == "2026-03-02"


@pytest.mark.rule("repeated.higher_amount")
@pytest.mark.parametrize(("amount", "expected"), [(29_999, "repeated"), (30_000, "repeated"), (30_001, "accepted")])
def test_a_higher_amount_must_be_picked_up(amount: int, expected: str) -> None:
    home = Driver()
    home.report(amount=30_000)
    home.outcome("contact")
    assert home.report(amount=amount, on="2026-03-02").result == expected


@pytest.mark.rule("repeated.higher_amount")
def test_the_highest_amount_seen_is_what_a_repetition_may_not_exceed() -> None:
    home = Driver()
    home.report(amount=30_000)
    home.amount(RENT, 50_000)
    home.amount(RENT, 10_000)
    home.outcome("contact")
    assert home.report(amount=50_000, on="2026-02-03").result == "repeated"
    assert home.report(amount=50_001, on="2026-02-04").result == "accepted"
    assert home.report(amount=50_001, on="2026-02-05").result == "repeated"


@pytest.mark.rule("repeated.new_crisis")
def test_a_crisis_that_the_claim_did_not_have_is_no_repetition() -> None:
    home = Driver()
    home.report(crisis="eviction")
    home.outcome("contact")
    assert home.report(crisis="eviction", on="2026-02-03").result == "repeated"
    assert home.report(crisis="cutoff", on="2026-02-04").result == "accepted"
    home.crisis_lifted(on="2026-02-05")
    assert home.report(crisis="eviction", on="2026-02-06").result == "accepted"


@pytest.mark.rule("picked_up", "repeated")
@pytest.mark.parametrize(("on", "expected"), [("2026-08-09", "repeated"), ("2026-08-10", "accepted")])
def test_a_claim_is_picked_up_for_the_look_back(on: str, expected: str) -> None:
    home = Driver()
    home.report()
    home.outcome("contact", on="2026-02-09")
    home.outcome("contact", on="2026-03-01")
    home.report(on="2026-06-01")
    assert home.report(on=on).result == expected


@pytest.mark.rule("picked_up", "repeated")
def test_a_claim_of_a_task_that_has_ended_is_still_picked_up() -> None:
    home = Driver()
    home.report()
    home.outcome("closed", on="2026-02-09")
    assert home.report(on="2026-03-02").result == "repeated"
    assert home.status == "ended"


@pytest.mark.rule("picked_up")
def test_a_claim_that_joins_a_task_picked_up_before_is_picked_up_with_it() -> None:
    home = Driver()
    home.report(RENT)
    home.outcome("contact")
    assert home.report(ENERGY, on="2026-02-03").result == "accepted"
    assert home.report(ENERGY, on="2026-02-04").result == "repeated"


@pytest.mark.rule("repeated.prolongs", "episode.expiry")
def test_a_repeated_report_prolongs_its_episode() -> None:
    home = Driver()
    home.report()
    home.outcome("accepted")
    home.report(on="2026-05-04")
    assert home.advance_to("2026-08-03").task.members == ("woonstichting-3",)
    assert "cured" not in home.advance_to("2026-11-04").task.reasons
    assert "cured" in home.advance_to("2026-11-05").task.reasons


@pytest.mark.rule("repeated.prolongs", "picked_up")
def test_a_report_after_payment_begins_an_episode_and_counts() -> None:
    home = Driver()
    home.report()
    home.outcome("contact")
    home.paid(on="2026-02-09")
    assert home.report(on="2026-02-16").result == "accepted"
    assert home.report(on="2026-02-17").result == "repeated"
    assert home.due == "2026-03-16"


@pytest.mark.rule("repeated.prolongs", "claim.order")
def test_a_late_payment_makes_a_repeated_report_the_first_of_its_episode() -> None:
    home = Driver()
    home.report()
    home.outcome("contact")
    assert home.report(on="2026-02-16").result == "repeated"
    assert home.due == "2026-03-02"
    home.paid(signalled="2026-02-09", on="2026-02-17")
    assert home.members == {"woonstichting-3"}
    assert home.due == "2026-03-16"


@pytest.mark.rule("repeated.prolongs", "claim.order", "due.regular")
def test_an_equal_report_dated_before_the_first_of_an_episode_begins_it_and_counts() -> None:
    home = Driver()
    home.report()
    home.outcome("contact")
    assert home.report(signalled="2026-01-25", on="2026-02-10").result == "accepted"
    assert "consecutive" in home.reasons
    assert home.due == "2026-03-02"


@pytest.mark.rule("repeated.prolongs", "national.consecutive")
def test_a_repeated_report_that_becomes_the_first_of_its_episode_counts_in_the_rules() -> None:
    home = Driver(start="2026-01-05")
    home.report()
    home.outcome("contact")
    assert home.report(on="2026-02-09").result == "repeated"
    assert home.national == {"single"}
    home.paid(signalled="2026-01-20", on="2026-02-10")
    assert home.national == {"consecutive"}
    assert "consecutive" in home.reasons


@pytest.mark.rule("members", "look_back", "wakes_on")
@pytest.mark.parametrize(("on", "is_member"), [("2026-08-20", True), ("2026-08-21", False)])
def test_a_repeated_report_is_a_member_until_it_is_older_than_the_look_back(on: str, *, is_member: bool) -> None:
    home = Driver()
    home.report()
    home.outcome("contact")
    home.report(id="nogmaals", on="2026-02-20")
    home.report(amount=31_000, on="2026-07-01")
    home.advance_to(on)
    assert ("nogmaals" in home.members) == is_member


@pytest.mark.rule("picked_up")
def test_a_claim_is_picked_up_by_the_first_outcome_of_the_latest_task_that_it_was_a_member_of() -> None:
    home = Driver()
    home.report()
    home.outcome("closed", on="2026-02-09")
    home.report(amount=31_000, on="2026-06-01")
    home.outcome("contact", on="2026-06-02")
    assert home.report(amount=31_000, on="2026-10-01").result == "repeated"


@pytest.mark.rule("picked_up")
def test_a_claim_that_was_paid_before_the_first_outcome_is_not_picked_up() -> None:
    home = Driver()
    home.report(RENT)
    home.report(ENERGY)
    home.paid(ENERGY)
    home.outcome("closed", on="2026-02-03")
    assert home.report(ENERGY, on="2026-02-10").result == "accepted"
    assert home.report(ENERGY, on="2026-02-11").result == "accepted"


@pytest.mark.rule("episode.expiry")
def test_an_episode_that_has_expired_is_closed_before_the_next_one() -> None:
    home = Driver(start="2026-01-05")
    home.report(amount=60_000)
    home.report(amount=60_000, on="2026-07-06")
    assert home.live
    assert "high_amount" not in home.reasons
    assert home.due == "2026-08-03"


@pytest.mark.rule("episode.expiry", "wakes_on")
def test_a_record_on_the_last_day_of_an_episode_finds_it_open_and_the_next_day_ends_it() -> None:
    home = Driver()
    home.report(RENT)
    home.facts(children=True, on="2026-08-02")
    assert home.live
    home.advance_to("2026-08-20")
    assert (home.status, home.changed_on) == ("withdrawn", "2026-08-03")


@pytest.mark.rule("episode.expiry", "months", "wakes_on")
def test_an_episode_of_the_end_of_february_ends_before_its_report_is_read_no_longer() -> None:
    home = Driver(start="2026-02-28")
    home.report()
    home.advance_to("2026-09-10")
    assert (home.status, home.changed_on) == ("withdrawn", "2026-08-29")


@pytest.mark.rule("claim.amount", "rent_months")
def test_months_that_are_not_told_are_none() -> None:
    home = Driver()
    home.report(RENT)
    assert home.task.score == 0


@pytest.mark.rule("cool_down.higher_amount", "intake.crisis")
def test_the_first_cent_on_a_claim_of_nothing_is_a_higher_amount() -> None:
    home = Driver()
    home.report(RENT, amount=0, crisis="eviction")
    home.outcome("refused")
    assert not home.live
    home.amount(RENT, 1, on="2026-02-10")
    assert home.live


@pytest.mark.rule("repeated")
def test_a_claim_of_nothing_can_be_repeated() -> None:
    home = Driver()
    home.report(RENT, amount=0, crisis="eviction")
    home.outcome("contact")
    assert home.report(RENT, amount=0, crisis="eviction", on="2026-02-10").result == "repeated"


@pytest.mark.rule("repeated", "disputed")
def test_an_amount_in_dispute_is_no_measure_of_what_is_repeated() -> None:
    home = Driver()
    home.report(RENT)
    home.outcome("contact", on="2026-02-04")
    home.amount(RENT, 60_000, id="hoger", on="2026-02-05")
    home.outcome("disputed", disputed_signal="hoger", on="2026-02-06")
    assert home.report(RENT, amount=50_000, on="2026-03-02").result == "accepted"


@pytest.mark.rule("repeated.new_crisis", "crisis.lifted")
@pytest.mark.parametrize("told", ["2026-02-20", "2026-03-04"], ids=["in order", "late"])
def test_a_crisis_that_was_lifted_before_it_was_said_again_is_new_also_when_that_is_told_late(told: str) -> None:
    home = Driver()
    home.report(crisis="eviction")
    home.outcome("attempt", on="2026-02-03")
    if told < "2026-03-02":
        home.crisis_lifted(on=told, signalled="2026-02-20")
    home.report(crisis="eviction", on="2026-03-02")
    if told > "2026-03-02":
        home.crisis_lifted(on=told, signalled="2026-02-20")
    assert (home.status, home.level) == ("open", "home_visit")
    assert home.reasons >= {"crisis", "consecutive"}


@pytest.mark.rule("repeated.new_crisis", "closed.known")
def test_a_closed_claim_asks_again_when_a_late_record_shows_that_its_report_was_no_repetition() -> None:
    home = Driver()
    home.report(crisis="eviction")
    home.outcome("closed", on="2026-02-03")
    assert home.report(crisis="eviction", on="2026-03-02").result == "repeated"
    assert not home.live
    home.crisis_lifted(on="2026-03-04", signalled="2026-02-20")
    assert (home.live, home.level) == (True, "home_visit")


@pytest.mark.rule("repeated.higher_amount", "episode.paid")
def test_of_reports_after_a_payment_told_late_each_counts_that_says_more_than_those_before_it() -> None:
    home = Driver()
    home.report(amount=90_000, crisis="eviction")
    home.outcome("attempt", on="2026-02-03")
    assert home.report(amount=50_000, on="2026-03-02").result == "repeated"
    assert home.report(amount=80_000, crisis="eviction", on="2026-03-09").result == "repeated"
    assert home.report(amount=70_000, crisis="eviction", on="2026-03-10").result == "repeated"
    home.paid(on="2026-03-11", signalled="2026-02-20")
    episode = episodes(home.household.claims[0], home.household.today, 6)[-1]
    assert [entry.amount_cents for entry in episode.counted] == [50_000, 80_000]
    assert home.reasons >= {"crisis"}


@pytest.mark.rule("repeated.new_crisis", "crisis.lifted")
@pytest.mark.parametrize("lifted", ["2026-03-03", "2026-02-20"], ids=["after it", "before a report that says it too"])
def test_a_repetition_stays_one_where_the_crisis_was_said_before_or_is_said_by_another(lifted: str) -> None:
    home = Driver()
    home.report(crisis="eviction")
    home.report(amount=40_000, crisis="eviction", on="2026-03-09")
    home.outcome("attempt", on="2026-03-10")
    assert home.report(crisis="eviction", on="2026-03-11", signalled="2026-03-02").result == "repeated"
    home.crisis_lifted(on="2026-03-12", signalled=lifted)
    episode = episodes(home.household.claims[0], home.household.today, 6)[-1]
    assert [entry.signalled_on.day for entry in episode.counted] == [2, 9]


@pytest.mark.rule("repeated.higher_amount", "disputed")
def test_a_repetition_takes_not_the_place_of_what_it_repeats_when_that_is_disputed() -> None:
    home = Driver()
    home.report(amount=30_000)
    home.report(id="hoger", amount=90_000, crisis="eviction", on="2026-02-03")
    home.outcome("attempt", on="2026-02-04")
    assert home.report(amount=90_000, crisis="eviction", on="2026-03-02").result == "repeated"
    home.outcome("disputed", disputed_signal="hoger", on="2026-03-03")
    assert "crisis" not in home.reasons
    assert episodes(home.household.claims[0], home.household.today, 6)[-1].amount_cents == 30_000
