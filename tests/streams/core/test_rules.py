"""How urgent a household is, and why: the rules of section 4."""

import pytest

from streams.core import rules
from streams.core.rulebook import RULEBOOK
from streams.core.rules import CONTEXT_RAISE, RULES, Case, Rule
from streams.core.state import Level
from tests.streams.core.driver import CARE, ELSEWHERE, ENERGY, RENT, WATER, Claim, Driver, later, policy


def test_every_reason_of_section_4_is_in_the_rulebook() -> None:
    assert {rule.code for rule in RULES} | {CONTEXT_RAISE} <= {rule.id for rule in RULEBOOK if rule.section == 4}


@pytest.mark.rule("first_signal", "national.single")
def test_one_small_claim_is_a_letter() -> None:
    home = Driver()
    home.report(ENERGY)
    assert (home.level, home.reasons, home.national) == ("letter", {"first_signal"}, {"single"})


@pytest.mark.rule("national.consecutive", "consecutive")
@pytest.mark.parametrize(
    ("first", "second", "is_consecutive"),
    [
        ("2026-01-31", "2026-02-01", True),
        ("2026-02-01", "2026-02-28", False),
        ("2025-12-31", "2026-01-01", True),
        ("2025-09-01", "2026-03-01", True),
        ("2025-08-31", "2026-02-28", True),
    ],
)
def test_a_report_in_an_earlier_month_makes_consecutive(first: str, second: str, *, is_consecutive: bool) -> None:
    home = Driver(start=second)
    home.report(signalled=first)
    home.report(signalled=second)
    assert ("consecutive" in home.reasons) == is_consecutive
    assert home.national == ({"consecutive"} if is_consecutive else {"single"})
    assert home.level == ("phone" if is_consecutive else "letter")


@pytest.mark.rule("national.consecutive", "look_back")
@pytest.mark.parametrize(("first", "is_consecutive"), [("2025-09-01", False), ("2025-09-02", True)])
def test_six_months_between_reports_is_the_most_even_where_more_is_read(first: str, *, is_consecutive: bool) -> None:
    home = Driver(policy(look_back=12), start="2026-03-02")
    home.report(signalled=first)
    home.report()
    assert ("consecutive" in home.national) == is_consecutive


@pytest.mark.rule("consecutive", "national.consecutive")
def test_the_earlier_report_may_be_of_another_claim_or_of_arrears_that_were_paid() -> None:
    home = Driver()
    home.report(ENERGY, signalled="2025-12-20")
    home.paid(ENERGY, signalled="2025-12-28")
    home.report(RENT)
    assert home.reasons == {"first_signal", "consecutive"}


@pytest.mark.rule("consecutive", "national.consecutive")
def test_the_later_report_must_be_open_for_the_rule_and_not_for_the_monitor() -> None:
    home = Driver()
    home.report(RENT, signalled="2025-11-20")
    home.report(ENERGY, signalled="2026-01-20")
    home.paid(ENERGY)
    assert home.reasons == {"first_signal"}
    assert home.national == {"consecutive"}


@pytest.mark.rule("national.multiple", "multiple")
@pytest.mark.parametrize(
    ("first", "second", "national", "fires"),
    [
        ("2026-02-01", "2026-02-28", {"multiple"}, True),
        ("2026-01-31", "2026-02-01", {"consecutive"}, True),
        ("2026-01-28", "2026-02-28", {"consecutive"}, True),
        ("2026-01-27", "2026-02-28", {"consecutive"}, False),
    ],
)
def test_two_partners_in_one_month_or_at_most_31_days_apart(
    first: str, second: str, national: set[str], *, fires: bool
) -> None:
    home = Driver(start="2026-02-28")
    home.report(RENT, signalled=first)
    home.report(ENERGY, signalled=second)
    assert home.national == national
    assert ("multiple" in home.reasons) == fires
    assert home.level == "phone"


@pytest.mark.rule("multiple", "national.multiple")
def test_both_reports_must_be_open_for_the_rule_and_not_for_the_monitor() -> None:
    home = Driver()
    home.report(RENT)
    home.report(ENERGY)
    home.paid(ENERGY)
    assert home.national == {"multiple"}
    assert home.reasons == {"first_signal"}


@pytest.mark.rule("multiple")
def test_two_claims_of_one_partner_are_not_multiple() -> None:
    home = Driver()
    home.report(RENT)
    home.report(RENT._replace(reference="H-101"))
    assert home.reasons == {"first_signal"}
    assert home.national == {"single"}


@pytest.mark.rule("national.multiple", "national.consecutive", "level.highest")
def test_a_household_can_be_multiple_and_consecutive() -> None:
    home = Driver()
    home.report(RENT, signalled="2026-01-05")
    home.report(RENT, amount=31_000)
    home.report(ENERGY)
    assert home.national == {"consecutive", "multiple"}
    assert home.reasons == {"first_signal", "consecutive", "multiple"}


@pytest.mark.rule("many_partners", "level.highest")
def test_three_partners_bring_a_home_visit_and_two_do_not() -> None:
    home = Driver()
    home.report(RENT, signalled="2025-10-01")
    home.report(ENERGY, signalled="2025-12-01")
    assert home.level == "phone"
    home.report(CARE)
    assert home.level == "home_visit"
    assert home.reasons == {"first_signal", "consecutive", "many_partners"}
    home.paid(RENT)
    assert "many_partners" not in home.reasons


@pytest.mark.rule("high_amount", "level.falls")
@pytest.mark.parametrize(("amount", "level"), [(69_999, "letter"), (70_000, "phone"), (70_001, "phone")])
def test_a_thousand_euros_of_open_claims_together_is_a_phone_call(amount: int, level: str) -> None:
    home = Driver()
    home.report(RENT, amount=30_000)
    home.report(RENT._replace(reference="H-101"), amount=amount)
    assert home.level == level
    home.paid(RENT)
    assert home.level == "letter"
    assert "high_amount" not in home.reasons


@pytest.mark.rule("rent_months")
@pytest.mark.parametrize(("months", "level"), [(0, "letter"), (1, "letter"), (2, "home_visit"), (3, "home_visit")])
def test_two_months_of_rent_is_a_home_visit(months: int, level: str) -> None:
    home = Driver()
    home.report(RENT, months=months)
    assert home.level == level
    assert ("rent_months" in home.reasons) == (months >= 2)


@pytest.mark.rule("rent_months", "consecutive")
def test_second_missed_rent_within_window_goes_to_home_visit() -> None:
    home = Driver()
    home.report(RENT, months=1)
    assert home.level == "letter"
    home.report(RENT, months=2, amount=60_000, on="2026-03-02")
    assert home.level == home.rung == "home_visit"
    assert home.reasons == {"first_signal", "rent_months", "consecutive", "no_response"}


@pytest.mark.rule("rent_months")
def test_months_of_energy_or_of_two_rents_do_not_add_up() -> None:
    home = Driver()
    home.report(ENERGY, months=6)
    home.report(RENT, months=1)
    home.report(RENT._replace(reference="garage"), months=1)
    assert "rent_months" not in home.reasons


@pytest.mark.rule("crisis")
@pytest.mark.parametrize(
    ("claim", "threat"), [(RENT, "eviction"), (ENERGY, "cutoff"), (WATER, "cutoff"), (CARE, "insurance_end")]
)
def test_a_crisis_is_a_home_visit(claim: Claim, threat: str) -> None:
    home = Driver()
    home.report(claim, crisis=threat, amount=100)
    assert home.level == "home_visit"
    assert home.reasons == {"first_signal", "crisis"}


@pytest.mark.rule("crisis")
def test_a_crisis_of_a_paid_claim_is_none() -> None:
    home = Driver()
    home.report(RENT)
    home.report(ENERGY, crisis="cutoff")
    home.paid(ENERGY)
    assert "crisis" not in home.reasons


@pytest.mark.rule("children_at_risk")
def test_eviction_where_children_live_is_a_joint_home_visit_in_any_order() -> None:
    first, second = Driver(), Driver()
    first.facts(children=True)
    first.report(crisis="eviction")
    second.report(crisis="eviction")
    assert second.level == "home_visit"
    second.facts(children=True)
    for home in (first, second):
        assert home.level == "joint_home_visit"
        assert home.reasons == {"first_signal", "crisis", "children_at_risk"}


@pytest.mark.rule("children_at_risk")
@pytest.mark.parametrize("children", [False, None])
def test_eviction_without_children_is_no_joint_visit(children: bool | None) -> None:  # noqa: FBT001
    home = Driver()
    home.facts(children=children)
    home.report(crisis="eviction")
    assert home.level == "home_visit"


@pytest.mark.rule("children_at_risk")
def test_cut_off_with_children_is_no_joint_visit() -> None:
    home = Driver()
    home.facts(children=True)
    home.report(ENERGY, crisis="cutoff")
    assert home.level == "home_visit"


@pytest.mark.rule("facts.latest", "children_at_risk")
def test_later_facts_replace_all_four_and_make_what_they_leave_out_unknown() -> None:
    home = Driver()
    home.report(crisis="eviction")
    home.facts(children=True)
    home.facts(shared_address=True, on="2026-02-03")
    assert home.level == "home_visit"
    assert home.household.facts is not None
    assert home.household.facts.children is None


@pytest.mark.rule("facts.latest")
def test_facts_that_come_late_do_not_replace_later_ones() -> None:
    home = Driver()
    home.report(crisis="eviction")
    home.facts(children=True)
    home.facts(children=False, signalled="2026-02-01")
    assert "children_at_risk" in home.reasons
    home.facts(children=False, clock="12:00:00")
    assert "children_at_risk" in home.reasons
    home.facts(children=False)
    assert "children_at_risk" not in home.reasons


@pytest.mark.rule("facts.last")
def test_facts_do_not_expire() -> None:
    home = Driver()
    home.facts(children=True, signalled="2025-08-02")
    home.advance_to("2027-02-01")
    home.report(crisis="eviction")
    assert home.level == "joint_home_visit"


@pytest.mark.rule("lost_contact")
@pytest.mark.parametrize(("apart", "level"), [(0, "joint_home_visit"), (90, "joint_home_visit"), (91, "letter")])
def test_rent_and_a_stop_for_unknown_whereabouts_within_90_days_is_lost_contact(apart: int, level: str) -> None:
    home = Driver(start="2026-06-01")
    home.report(RENT, signalled="2026-02-02")
    home.stop(signalled=later("2026-02-02", apart))
    assert home.level == level
    assert ("lost_contact" in home.reasons) == (apart <= 90)
    assert "context_raise" not in home.reasons


@pytest.mark.rule("lost_contact")
@pytest.mark.parametrize(("apart", "lost"), [(90, True), (91, False)])
def test_the_stop_may_come_before_the_rent(apart: int, *, lost: bool) -> None:
    home = Driver(start="2026-06-01")
    home.stop(signalled="2026-02-02")
    assert not home.versions
    home.report(RENT, signalled=later("2026-02-02", apart))
    assert ("lost_contact" in home.reasons) == lost


@pytest.mark.rule("lost_contact", "context_raise")
@pytest.mark.parametrize(("claim", "reason"), [(ENERGY, "whereabouts_unknown"), (RENT, "other")])
def test_other_arrears_or_another_reason_to_stop_is_context_only(claim: Claim, reason: str) -> None:
    home = Driver()
    home.report(claim)
    home.stop(reason)
    assert home.reasons == {"first_signal", "context_raise"}
    assert home.level == "phone"


@pytest.mark.rule("lost_contact", "level.falls")
def test_rent_that_is_paid_is_no_lost_contact_any_more() -> None:
    home = Driver()
    home.report(ENERGY)
    home.report(RENT)
    home.stop()
    assert home.level == "joint_home_visit"
    home.paid(RENT)
    assert home.reasons == {"first_signal", "context_raise"}
    assert home.rung == "joint_home_visit"


@pytest.mark.rule("lost_contact", "context.alone")
@pytest.mark.parametrize("event", ["left", "moved", "abroad"])
@pytest.mark.parametrize("stop_first", [True, False])
def test_a_stop_and_an_address_left_open_a_task_without_a_claim(event: str, *, stop_first: bool) -> None:
    home = Driver()
    if stop_first:
        home.stop()
    home.moved(event)
    if not stop_first:
        assert not home.versions
        home.stop()
    assert home.level == "joint_home_visit"
    assert home.reasons == {"lost_contact"}
    assert home.national == {"single"}
    assert home.members == set()
    assert home.due == "2026-02-05"


@pytest.mark.rule("lost_contact")
@pytest.mark.parametrize(("signalled", "lost"), [("2025-11-04", True), ("2025-11-03", False)])
def test_an_address_left_more_than_90_days_before_is_no_pair(signalled: str, *, lost: bool) -> None:
    home = Driver()
    home.moved("left", signalled=signalled)
    home.stop()
    assert bool(home.versions) == lost


@pytest.mark.rule("lost_contact", "context.alone")
def test_a_death_and_a_stop_are_no_lost_contact() -> None:
    home = Driver()
    home.moved("deceased")
    home.stop()
    assert not home.versions


@pytest.mark.rule("context.alone")
@pytest.mark.parametrize("reason", ["whereabouts_unknown", "other"])
def test_a_stop_alone_opens_nothing(reason: str) -> None:
    home = Driver()
    assert home.stop(reason).result == "accepted"
    assert not home.wait(200).versions


@pytest.mark.rule("context_raise")
@pytest.mark.parametrize(("apart", "raised"), [(0, True), (90, True), (91, False)])
def test_a_stop_within_90_days_of_a_report_raises_one_level(apart: int, *, raised: bool) -> None:
    home = Driver(start="2026-06-01")
    home.stop("other", signalled="2026-02-02")
    home.report(ENERGY, signalled=later("2026-02-02", apart))
    assert ("context_raise" in home.reasons) == raised
    assert home.level == ("phone" if raised else "letter")


@pytest.mark.rule("context_raise")
def test_context_raises_at_most_to_a_home_visit_and_is_a_reason_all_the_same() -> None:
    home = Driver()
    home.stop("other")
    home.report(ENERGY, amount=100_000)
    assert home.level == "home_visit"
    home.report(RENT, crisis="eviction")
    assert home.level == "home_visit"
    home.facts(children=True)
    assert home.level == "joint_home_visit"
    assert "context_raise" in home.reasons


@pytest.mark.rule("context_raise", "lost_contact")
def test_a_stop_in_no_pair_raises_beside_one_that_is() -> None:
    home = Driver()
    home.report(RENT)
    home.stop("whereabouts_unknown")
    assert "context_raise" not in home.reasons
    home.stop("other")
    assert home.reasons == {"first_signal", "lost_contact", "context_raise"}
    assert home.level == "joint_home_visit"


@pytest.mark.rule("context_raise", "self_report")
def test_a_stop_beside_a_self_report_without_arrears_raises_nothing() -> None:
    home = Driver()
    home.asks()
    home.stop("other")
    assert home.reasons == {"self_report"}
    assert home.level == "phone"


@pytest.mark.rule("intake.benefit_stop_basis", "context_raise")
def test_without_a_basis_a_stop_takes_no_part() -> None:
    home = Driver(policy(benefit_stop_basis=None))
    home.report(RENT)
    assert home.stop().reason == "no_agreement"
    assert home.reasons == {"first_signal"}


@pytest.mark.rule("look_back", "context_raise")
def test_a_stop_is_read_for_the_look_back_and_then_gone() -> None:
    home = Driver()
    home.stop("other")
    home.report(ENERGY, on="2026-03-02")
    assert "context_raise" in home.advance_to("2026-08-02").reasons
    assert "context_raise" not in home.advance_to("2026-08-03").reasons
    assert home.changed_on == "2026-08-03"


@pytest.mark.rule("look_back", "lost_contact", "withdrawn")
def test_a_lost_contact_without_a_claim_is_withdrawn_when_its_records_are_read_no_longer() -> None:
    home = Driver()
    home.moved("left", signalled="2026-01-05")
    home.stop()
    assert home.advance_to("2026-07-05").live
    home.advance_to("2026-07-06")
    assert (home.status, home.changed_on) == ("withdrawn", "2026-07-06")


@pytest.mark.rule("self_report")
def test_a_self_report_is_a_phone_call_without_any_claim() -> None:
    home = Driver()
    home.asks()
    assert (home.level, home.reasons, home.national) == ("phone", {"self_report"}, {"single"})
    assert home.due == "2026-03-02"


@pytest.mark.rule("warm_handover")
def test_a_referral_is_a_phone_call() -> None:
    home = Driver()
    home.referred()
    assert (home.level, home.reasons, home.due) == ("phone", {"warm_handover"}, "2026-03-02")


@pytest.mark.rule("level.highest")
def test_the_level_is_the_highest_and_every_rule_that_fires_is_a_reason() -> None:
    home = Driver()
    home.facts(children=True)
    home.report(RENT, amount=90_000, months=3, crisis="eviction", signalled="2026-01-12")
    home.report(ENERGY)
    home.report(CARE)
    home.stop()
    home.stop("other")
    home.asks()
    home.referred()
    assert home.level == "joint_home_visit"
    assert home.reasons == {rule.code for rule in RULES} | {CONTEXT_RAISE}


@pytest.mark.rule("level.falls", "rung")
def test_the_level_falls_when_a_claim_is_cured_and_the_rung_does_not() -> None:
    home = Driver()
    home.report(RENT)
    home.report(ENERGY, crisis="cutoff")
    assert (home.level, home.rung) == ("home_visit", "home_visit")
    home.paid(ENERGY)
    assert (home.level, home.rung) == ("letter", "home_visit")


@pytest.mark.rule("handover.stays", "lost_contact")
def test_moving_within_the_municipality_pairs_with_a_stop_as_well() -> None:
    home = Driver()
    home.moved("moved", to_address=ELSEWHERE, everyone=False)
    home.stop()
    assert home.reasons == {"lost_contact"}


@pytest.mark.rule("context_raise")
def test_a_stop_near_a_report_that_was_paid_raises_nothing() -> None:
    home = Driver(start="2026-06-01")
    home.report(RENT, signalled="2026-02-02")
    home.paid(RENT, signalled="2026-02-09")
    home.report(ENERGY)
    home.stop("other", signalled="2026-02-16")
    assert "context_raise" not in home.reasons


@pytest.mark.rule("multiple")
def test_one_month_is_enough_where_a_policy_calls_only_five_days_near() -> None:
    home = Driver(policy(near_days=5), start="2026-02-28")
    home.report(RENT, signalled="2026-02-01")
    home.report(ENERGY)
    assert "multiple" in home.reasons


@pytest.mark.rule("multiple")
def test_a_paid_report_between_does_not_hide_two_that_are_open() -> None:
    home = Driver(policy(near_days=1), start="2026-02-28")
    home.report(RENT, signalled="2026-02-05")
    home.report(WATER, signalled="2026-02-10")
    home.paid(WATER, signalled="2026-02-11")
    home.report(ENERGY, signalled="2026-02-20")
    assert "multiple" in home.reasons


def test_a_rule_is_entered_under_its_name_with_its_level_and_source(monkeypatch: pytest.MonkeyPatch) -> None:
    entered: list[Rule] = []
    monkeypatch.setattr(rules, "RULES", entered)

    @rules.rule(Level.PHONE, "[ours]")
    def always_so(case: Case) -> bool:
        return bool(case.policy)

    assert entered == [Rule("always_so", Level.PHONE, "[ours]", always_so)]


@pytest.mark.rule("facts.latest")
def test_all_four_facts_are_kept() -> None:
    home = Driver()
    home.facts(children=True, known_at_debt_help=False, excluded="legal person", shared_address=True)
    facts = home.household.facts
    assert facts is not None
    assert (facts.children, facts.known_at_debt_help, facts.excluded, facts.shared_address) == (
        True,
        False,
        "legal_person",
        True,
    )
