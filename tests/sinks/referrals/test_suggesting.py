"""Which help is suggested, with its reason, and never only what people just miss."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.codes import CREDITOR_TYPES
from sinks.referrals.catalogue import Audience, ReferralCatalogue
from sinks.referrals.suggesting import BY_REASON, Circumstances, Suggestion, suggestions
from tests.sinks.referrals.test_catalogue import FOLDER, TODAY

CATALOGUE = ReferralCatalogue.read(FOLDER, TODAY)


def suggested(
    *types: str, postcode: str = "9915SA", reasons: tuple[str, ...] = ("first_signal",)
) -> dict[str, Suggestion]:
    found = Circumstances(postcode, frozenset(types), frozenset(reasons))
    return {one.listed.key: one for one in suggestions(CATALOGUE, found, TODAY)}


def test_each_suggestion_says_why() -> None:
    found = suggested("Energie")
    assert found["energieklus/tochtstrips"].because == ("het gaat om gas, licht of warmte",)
    assert all(one.because for one in found.values())


def test_help_from_the_neighbourhood_is_for_the_neighbourhood() -> None:
    assert "energieklus/tochtstrips" not in suggested("Energie", postcode="9935SA")


def test_what_fits_most_comes_first() -> None:
    found = list(suggested("Energie", "Huur", reasons=("first_signal", "multiple", "consecutive")))
    assert found[0] == "gemeente-veenhaven/budgetcoach"


def test_families_are_thought_of_where_children_are_at_risk() -> None:
    found = suggested("Huur", reasons=("children_at_risk", "crisis"))
    assert found["noodfonds-veenhaven/kind"].ask_first == ()
    assert "gemeente-veenhaven/kindpakket" not in suggested("Huur")


@pytest.mark.parametrize(
    ("audience", "asked"),
    [
        ((Audience.FAMILIES,), ()),
        ((Audience.FAMILIES, Audience.OLDER), ()),
        ((Audience.OLDER,), ("is voor ouderen",)),
        ((Audience.OLDER, Audience.YOUNG), ("is voor ouderen, jongeren",)),
    ],
)
def test_one_audience_that_is_known_to_fit_is_enough(audience: tuple[Audience, ...], asked: tuple[str, ...]) -> None:
    key = "noodfonds-veenhaven/kind"
    listed = CATALOGUE[key]._replace(entry=CATALOGUE[key].entry.model_copy(update={"audience": audience}))
    found = Circumstances("9915SA", frozenset({"Huur"}), frozenset({"children_at_risk"}))
    (one,) = suggestions(ReferralCatalogue([listed]), found, TODAY)
    assert one.ask_first == asked


def test_a_limit_and_conditions_are_told_and_never_judged() -> None:
    asked = suggested("Zorg")["gemeente-veenhaven/bijzondere-bijstand"].ask_first
    assert asked == ("grens: 130 procent van de bijstandsnorm", "u vraagt het aan voordat u iets koopt")


def test_the_day_of_the_answer_follows_from_the_entry() -> None:
    assert suggested("Huur")["noodfonds-veenhaven/snelle-hulp"].answer_by == date(2026, 11, 28)


def test_somebody_to_talk_to_is_always_there() -> None:
    assert "buurthuis-de-lantaarn/koffie" in suggested()


@pytest.mark.parametrize("kind", sorted(CREDITOR_TYPES))
def test_every_type_of_signal_has_help(kind: str) -> None:
    assert len(suggested(kind)) >= 2


@settings(deadline=None)
@given(
    types=st.sets(st.sampled_from(sorted(CREDITOR_TYPES))),
    reasons=st.sets(st.sampled_from(sorted(BY_REASON))),
    postcode=st.sampled_from(["9915SA", "9935SD"]),
)
def test_wherever_there_is_a_limit_there_is_help_without_one(types: set[str], reasons: set[str], postcode: str) -> None:
    found = suggested(*types, postcode=postcode, reasons=tuple(reasons))
    for one in found.values():
        if one.listed.entry.income_limit is not None:
            others = [found[key] for key in one.listed.entry.alternatives if key in found]
            assert any(other.listed.entry.income_limit is None for other in others)
