"""Every code that a caseworker may meet has words."""

from datetime import date

import pytest

from schemas.codes import AddressEvent, Crisis, Exclusion, Kind, OutcomeKind, RightKind, StopReason
from streams.core import wording
from streams.core.rules import CONTEXT_RAISE, RULES
from streams.core.state import Level, Status
from streams.core.task import DISPUTED, DISPUTED_CRISIS, LEFT_BEHIND, OBJECTION

LASTING = {"no_response", "silence", "follow_up", "promise", "cured"}
RIGHTS = {OBJECTION, DISPUTED, DISPUTED_CRISIS}


def test_each_reason_has_words_and_no_words_are_left_over() -> None:
    rules = {rule.code for rule in RULES} | {CONTEXT_RAISE, "overdue"}
    others = LASTING | RIGHTS | LEFT_BEHIND | {each.value for each in Exclusion}
    assert set(wording.REASONS) == rules | others


def test_each_level_and_next_action_has_words() -> None:
    others = {"wait", "follow_up", "confirm", "decide", "promise", "register_check", "place", "sort", "none"}
    assert set(wording.STEPS) == {level.code for level in Level} | others


def test_each_status_has_words() -> None:
    assert set(wording.STATUSES) == {status.value for status in Status}


def test_each_thing_a_record_may_say_has_words() -> None:
    codes = {code.value for codes in (Kind, OutcomeKind, RightKind, Crisis, StopReason, AddressEvent) for code in codes}
    assert codes <= set(wording.SAID)


def test_reasons_make_one_sentence() -> None:
    told = wording.in_words(["crisis", "overdue"])
    assert told.startswith("Er dreigt huisuitzetting, ")
    assert told.endswith("; de uiterste datum voor het eerste contact is voorbij")
    assert wording.in_words([]) == ""
    with pytest.raises(KeyError):
        wording.in_words(["because"])


def test_dates_and_amounts_are_written_as_people_do() -> None:
    assert wording.day(date(2026, 3, 1)) == "1 mrt 2026"
    assert [wording.euros(cents) for cents in (0, 5, 123_450, 100_000_000)] == [
        "€ 0,00",
        "€ 0,05",
        "€ 1.234,50",
        "€ 1.000.000,00",
    ]
