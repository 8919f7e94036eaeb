"""Every code that may stand in a resident's explanation has words, and they are kind."""

from datetime import date

import pytest

from lantaarn.explain import Explanation
from lantaarn.resident import SharedAddressError, kept, story_of
from schemas.codes import CREDITOR_TYPES, Kind, OutcomeKind, RightKind, SignalType
from schemas.topics import Catalogue
from sinks.letters import explaining
from sinks.letters.explaining import Kept, Story, Told, explanation
from sinks.letters.texts import FaultyTextError
from sinks.letters.words import faults
from streams.core.policy import BUILT_IN
from streams.core.state import Level, Status
from streams.core.wording import REASONS
from tests.sinks.letters.made import CONTACT, TODAY
from tests.streams.core.driver import policy

KEPT = (Kept("Een bericht telt mee", "6 maanden"),)


def test_each_reason_step_and_outcome_has_words() -> None:
    assert set(explaining.BECAUSE) == set(REASONS)
    assert set(explaining.STEPS) == {level.code for level in Level}
    assert set(explaining.DONE) == {each.value for kinds in (OutcomeKind, RightKind) for each in kinds}
    assert set(explaining.SAID) == {each.value for each in Kind}
    assert set(explaining.OTHER) == set(SignalType) - CREDITOR_TYPES - {SignalType.OUTCOME}


def told(kind_of: SignalType, kind: str | None = None) -> Told:
    return Told(date(2026, 2, 2), "woonstichting-de-wende", kind_of.value, kind, 30_000)


@pytest.mark.parametrize("status", list(Status))
def test_the_explanation_is_plain_whatever_stands_in_it(status: Status) -> None:
    everything = [told(kind_of, kind.value) for kind_of in sorted(CREDITOR_TYPES) for kind in Kind]
    everything += [told(kind_of) for kind_of in explaining.OTHER]
    everything += [told(SignalType.OUTCOME, kind) for kind in explaining.DONE]
    for level in Level:
        story = Story(everything, sorted(REASONS), level.code, status.value, TODAY, "wijkteam", 2, KEPT)
        assert list(faults(explanation(story, CONTACT, TODAY))) == []


@pytest.mark.parametrize("partner", ["incasso-noord", "woonstichting-de-wende"])
def test_a_threat_that_a_name_brings_in_stops_the_explanation(partner: str) -> None:
    stern = CONTACT.model_copy(update={"partners": {"woonstichting-de-wende": "Deurwaarder De Wende"}})
    one = told(SignalType.RENT, Kind.REPORT.value)._replace(partner=partner)
    story = Story([one], ["first_signal"], "letter", "open", TODAY, "wijkteam", 1, KEPT)
    with pytest.raises(FaultyTextError, match=r"^threat: (Incasso|Deurwaarder)$"):
        explanation(story, stern, TODAY)


def test_an_unknown_reason_or_outcome_is_told_in_general_words() -> None:
    story = Story([told(SignalType.OUTCOME, "new")], ["new"], "letter", "open", TODAY, "wijkteam", 1, KEPT)
    made = explanation(story, CONTACT, TODAY)
    assert explaining.OTHERWISE in made
    assert "Een medewerker schreef iets op." in made


@pytest.mark.parametrize(("months", "said"), [(1, "Binnen een maand beslist"), (3, "Binnen 3 maanden beslist")])
def test_within_how_long_an_objection_is_decided_on_follows_from_the_policy(months: int, said: str) -> None:
    task = {"reasons": [], "rung": "letter", "status": "open", "due_on": TODAY, "owner": "wijkteam"}
    flags = {"known_at_debt_help": False, "deceased": False, "shared_address": False}
    found = Explanation(task, (), (), (), (), (), asked_first=None, log_start=0, **flags)
    story = story_of(found, policy(answer_months=months), Catalogue("", ()))
    assert said in explanation(story, CONTACT, TODAY)


def test_how_long_follows_from_policy_and_topics() -> None:
    found = kept(BUILT_IN, Catalogue("", ()))
    assert [one.long for one in found[:3]] == ["6 maanden", "248 dagen", "30 dagen"]


def test_at_a_shared_address_nobody_is_told_of_another() -> None:
    flags = {"known_at_debt_help": False, "deceased": False, "shared_address": True}
    shared = Explanation({}, (), (), (), (), (), asked_first=None, log_start=0, **flags)
    with pytest.raises(SharedAddressError):
        story_of(shared, BUILT_IN, Catalogue("", ()))
