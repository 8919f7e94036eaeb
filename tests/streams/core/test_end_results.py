"""An end result may not contradict what happened before, where intake asks that; the rules' own format never does."""

import pytest

from schemas.codes import EndResult
from streams.core.end_results import FITS, Fits
from tests.streams.core.driver import Driver

NOT_PICKED_UP = {EndResult.REPEATED, EndResult.UNJUSTIFIED, EndResult.OTHER_REASON}
FROM_ELSEWHERE = {
    EndResult.DECEASED,
    EndResult.NOT_RESIDENT,
    EndResult.KNOWN_AT_DEBT_HELP,
    EndResult.OTHER_PROGRAMME,
    EndResult.PAID_OR_ARRANGED,
    EndResult.REFERRAL_WITHOUT,
}
SAID_BY_THE_RESIDENT = {
    EndResult.SELF_RELIANT,
    EndResult.ADVICE,
    EndResult.REFERRAL,
    EndResult.REFERRAL_FINANCIAL,
    EndResult.REFERRAL_OTHER,
}
UNTRIED = NOT_PICKED_UP | FROM_ELSEWHERE
HISTORIES: dict[str, tuple[list[str], bool | None, set[EndResult]]] = {
    "nothing": ([], None, UNTRIED),
    "nothing, and reached at the close": ([], True, FROM_ELSEWHERE | SAID_BY_THE_RESIDENT),
    "an attempt": (["attempt"], None, UNTRIED | {EndResult.NO_CONTACT}),
    "an attempt, and reached at the close": (["attempt"], True, FROM_ELSEWHERE | SAID_BY_THE_RESIDENT),
    "a contact": (["contact"], None, FROM_ELSEWHERE | SAID_BY_THE_RESIDENT | {EndResult.NO_REACTION}),
    "a contact and attempts": (
        ["contact", "attempt", "attempt"],
        False,
        FROM_ELSEWHERE | SAID_BY_THE_RESIDENT | {EndResult.NO_REACTION},
    ),
    "help": (["accepted"], None, FROM_ELSEWHERE | SAID_BY_THE_RESIDENT | {EndResult.NO_REACTION}),
    "a contact that was undone": (["contact", "reopened"], None, UNTRIED | {EndResult.NO_CONTACT}),
    "one of two contacts undone": (
        ["contact", "contact", "reopened"],
        None,
        FROM_ELSEWHERE | SAID_BY_THE_RESIDENT | {EndResult.NO_REACTION},
    ),
    "a refusal that was undone": (["attempt", "refused", "reopened"], None, UNTRIED | {EndResult.NO_CONTACT}),
    "a close that was undone": (["attempt", "closed", "reopened"], None, UNTRIED | {EndResult.NO_CONTACT}),
}


@pytest.mark.rule("end_result.fits")
@pytest.mark.parametrize("result", list(EndResult))
@pytest.mark.parametrize(("before", "reached", "fitting"), HISTORIES.values(), ids=list(HISTORIES))
def test_an_end_result_fits_what_happened(
    before: list[str],
    reached: bool | None,  # noqa: FBT001
    fitting: set[EndResult],
    result: EndResult,
) -> None:
    home = Driver()
    home.report()
    for kind in before:
        home.outcome(kind)
    told = len(home.versions)
    answer = home.outcome("closed", result=result.value, reached=reached, strict=True)
    if result in fitting:
        assert (answer.result, home.status) == ("accepted", "ended")
    else:
        assert (answer.result, answer.reason, answer.field) == ("refused", "contradiction", "result")
        assert len(home.versions) == told, "nothing has changed"
        assert home.live


@pytest.mark.rule("end_result.fits", "outcome.closed")
@pytest.mark.parametrize("result", [None, *EndResult])
def test_without_being_asked_any_end_result_or_none_ends_the_task_as_the_rules_say(result: EndResult | None) -> None:
    home = Driver()
    home.report()
    assert home.outcome("closed", result=result).result == "accepted"
    assert home.status == "ended"


@pytest.mark.rule("end_result.fits", "duplicate")
def test_an_answer_that_was_refused_is_known_when_it_comes_again() -> None:
    home = Driver()
    home.report()
    wrong = {"id": "fout", "result": EndResult.NO_REACTION.value, "strict": True}
    assert home.outcome("closed", **wrong).reason == "contradiction"
    home.outcome("contact")
    assert home.outcome("closed", **wrong).result == "duplicate"
    assert home.outcome("closed", **wrong | {"id": "goed"}).result == "accepted"


@pytest.mark.rule("end_result.fits", "outcome.no_task")
def test_no_task_comes_before_a_contradiction() -> None:
    home = Driver()
    assert home.outcome("closed", result=EndResult.NO_REACTION.value, strict=True).reason == "no_task"


@pytest.mark.rule("end_result.fits")
def test_each_end_result_is_in_the_table() -> None:
    assert set(FITS) == set(EndResult)
    assert set(FITS.values()) == set(Fits)
