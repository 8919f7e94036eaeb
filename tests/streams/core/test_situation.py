"""What is read, of which date: reports, stops, address events and requests within the look-back."""

import pytest

from tests.streams.core.driver import ENERGY, RENT, Driver, policy


@pytest.mark.rule("members", "look_back")
def test_members_are_the_reports_of_open_episodes_only() -> None:
    home = Driver()
    home.report(RENT, id="huur")
    home.report(ENERGY, id="stroom")
    home.amount(RENT, 40_000)
    home.stop("other")
    home.facts(children=True)
    home.outcome("attempt")
    assert home.members == {"huur", "stroom"}
    home.paid(ENERGY)
    assert home.members == {"huur"}


@pytest.mark.rule("members", "look_back")
@pytest.mark.parametrize(("on", "members"), [("2026-07-05", {"eerste", "tweede"}), ("2026-07-06", {"tweede"})])
def test_a_report_is_a_member_until_it_is_older_than_the_look_back(on: str, members: set[str]) -> None:
    home = Driver(start="2026-01-05")
    home.report(id="eerste")
    home.report(id="tweede", on="2026-03-02", amount=31_000)
    home.advance_to(on)
    assert home.members == members


@pytest.mark.rule("look_back", "months")
@pytest.mark.parametrize(("on", "consecutive"), [("2026-08-31", True), ("2026-09-01", False)])
def test_a_report_of_the_end_of_february_is_read_to_the_end_of_august(on: str, *, consecutive: bool) -> None:
    home = Driver(start="2026-02-28")
    home.report(RENT)
    home.report(RENT, on="2026-06-01", amount=31_000)
    home.advance_to(on)
    assert ("consecutive" in home.reasons) == consecutive


@pytest.mark.rule("look_back", "self_report", "withdrawn")
def test_a_self_report_is_read_for_the_look_back() -> None:
    home = Driver()
    home.asks()
    assert home.advance_to("2026-08-02").live
    assert home.advance_to("2026-08-03").status == "withdrawn"


@pytest.mark.rule("look_back", "claim.order")
def test_a_record_that_is_processed_late_is_read_as_of_today() -> None:
    home = Driver(start="2026-08-03")
    home.report(ENERGY)
    assert home.report(RENT, on="2026-02-02").result == "accepted"
    assert home.members == {"stroomnet-1"}
    assert home.national == {"single"}


@pytest.mark.rule("national.single", "look_back")
def test_reports_older_than_the_look_back_do_not_count_for_the_monitor() -> None:
    home = Driver()
    home.report(RENT)
    home.paid(RENT)
    home.report(ENERGY, on="2026-07-20")
    assert home.national == {"consecutive"}
    home.advance_to("2026-08-03")
    assert home.national == {"single"}


@pytest.mark.rule("look_back")
def test_what_is_as_old_as_the_look_back_is_read_by_a_record_of_that_day() -> None:
    asked = Driver()
    asked.asks()
    asked.facts(children=True, on="2026-08-02")
    assert asked.live
    gone = Driver(policy(lost_contact_days=200))
    gone.moved("left")
    gone.stop(on="2026-08-02")
    assert gone.level == "joint_home_visit"
    stopped = Driver(policy(context_days=200))
    stopped.stop("other")
    stopped.report(ENERGY, on="2026-08-02")
    assert stopped.reasons == {"first_signal", "context_raise"}
