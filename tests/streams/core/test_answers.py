"""What a caseworker's answer must say by its kind, and what contradicts it; the interchange format asks none of it."""

from datetime import UTC, date, datetime, time
from typing import Any

import pytest

from schemas.codes import Channel, EndResult, Help, OutcomeKind, PartOfDay, Refusal
from streams.core.admission import Refused, admit
from streams.core.agreements import Agreements
from streams.core.answers import NEEDED, ONLY_WITH
from streams.core.policy import Policies
from streams.core.records import Record
from tests.streams.core.driver import ADDRESS, START

OWNER = "gemeente"
FULL: dict[str, dict[str, Any]] = {
    "attempt": {"channel": "Telefoon"},
    "contact": {"channel": "Huisbezoek"},
    "accepted": {"channel": "Huisbezoek", "wish": "eerst de huur"},
    "refused": {"channel": "Telefoon"},
    "closed": {"result": "(Budget)advies en/of quick fix"},
    "reopened": {"acted_by": "teamleider", "why": "verkeerde woning"},
    "consultation": {"acted_by": "consulent", "acting_for": "wijkteam", "why": "wij vinden niemand thuis"},
    "joint_visit": {"acted_by": "consulent", "visit_at": "2026-02-06T09:30:00+01:00"},
    "placed": {"acted_by": "consulent", "household": "a" * 64, "birth_date": "2001-05-17", "surname": "Wal"},
}
OBSTACLE = {"obstacle_rule": "Kostendelersnorm", "obstacle_procedure": "aanvraag", "obstacle_place": "loket"}
INVESTMENT = {"help": "direct_investment", "help_cents": 45_000, "help_for": "wasmachine"}
EXAMPLES: dict[str, dict[str, Any]] = {
    "result": {"result": "Geen reactie na eerder contact"},
    "reached": {"reached": False},
    "contacted_at": {"contacted_at": datetime(2026, 2, 2, 8, tzinfo=UTC)},
    "wish": {"wish": "rust"},
    "joint_with": {"joint_with": ["voedselbank"], "wish": "rust"},
    "help": {"help": "advice"},
    "help_cents": INVESTMENT,
    "help_for": INVESTMENT,
    "promised_on": {"promised_on": date(2026, 2, 9), "promised_by": "consulent"},
    "promised_by": {"promised_on": date(2026, 2, 9), "promised_by": "consulent"},
    **dict.fromkeys(("obstacle_rule", "obstacle_procedure", "obstacle_place"), OBSTACLE),
    "obstacle_on": {**OBSTACLE, "obstacle_on": date(2026, 2, 1)},
    "acting_for": {"acting_for": "wijkteam"},
    "visit_at": {"visit_at": datetime(2026, 2, 6, 9, tzinfo=UTC)},
    "visit_with": {"visit_with": "woonstichting"},
    **{name: {name: FULL["placed"][name]} for name in ("birth_date", "surname")},
}


def raw(kind: str, **values: Any) -> dict[str, Any]:
    return {
        "id": "antwoord",
        "partner": OWNER,
        "type": "Uitkomst",
        "kind": kind,
        "signalled_on": START,
        "received_at": f"{START}T20:00:00+01:00",
        "address": ADDRESS,
        **FULL[kind],
        **values,
    }


def blamed(given: dict[str, Any], *, owner: str | None = OWNER) -> str | None:
    """The field for which an answer is refused; null when it is let in."""
    found = admit(given, Policies(), Agreements(), owner=owner)
    if isinstance(found, Record):
        assert found.strict is (owner is not None)
        return None
    assert isinstance(found, Refused)
    assert found.reason is Refusal.INVALID
    return found.field


@pytest.mark.rule("answer.needed", "answer.lenient")
@pytest.mark.parametrize("kind", list(OutcomeKind))
def test_each_kind_needs_its_fields_on_a_topic_and_not_in_the_interchange_format(kind: OutcomeKind) -> None:
    assert blamed(raw(kind)) is None
    for field in NEEDED[kind]:
        assert blamed(raw(kind, **{field: None})) == field
        assert blamed(raw(kind, **{field: None}), owner=None) is None


def allowed() -> list[Any]:
    return [pytest.param(kind, field) for kind in OutcomeKind for field, kinds in ONLY_WITH.items() if kind in kinds]


def contradictions() -> list[Any]:
    return [
        pytest.param(kind, field) for kind in OutcomeKind for field, kinds in ONLY_WITH.items() if kind not in kinds
    ]


@pytest.mark.rule("answer.only_with")
@pytest.mark.parametrize(("kind", "field"), allowed())
def test_what_fits_a_kind_is_let_in(kind: str, field: str) -> None:
    given = {**EXAMPLES[field], **({"reached": REACHED[kind]} if field == "reached" else {})}
    assert blamed(raw(kind, **given)) is None


REACHED = {"attempt": False, "contact": True, "accepted": True, "refused": True, "closed": True}


@pytest.mark.rule("answer.only_with", "answer.lenient")
@pytest.mark.parametrize(("kind", "field"), contradictions())
def test_what_contradicts_a_kind_is_invalid_with_the_fields_name(kind: str, field: str) -> None:
    given = raw(kind, **EXAMPLES[field])
    assert blamed(given) in EXAMPLES[field].keys() & (ONLY_WITH.keys())
    assert blamed(given, owner=None) is None


@pytest.mark.rule("answer.only_with")
@pytest.mark.parametrize("kind", [kind for kind, reached in REACHED.items() if kind != "closed"])
def test_reached_must_agree_with_the_kind_and_a_close_may_say_either(kind: str) -> None:
    assert blamed(raw(kind, reached=not REACHED[kind])) == "reached"
    assert blamed(raw(kind, reached=REACHED[kind])) is None
    assert blamed(raw("closed", reached=True)) is None
    assert blamed(raw("closed", reached=False)) is None


@pytest.mark.rule("answer.codes")
def test_each_official_code_is_let_in_and_there_are_ten_and_sixteen() -> None:
    assert (len(Channel), len(EndResult)) == (10, 16)
    for channel in Channel:
        assert blamed(raw("attempt", channel=channel.value)) is None
    for result in EndResult:
        assert blamed(raw("closed", result=result.value)) is None
    assert blamed(raw("attempt", channel="Fax")) == "channel"
    assert blamed(raw("closed", result="Klaar")) == "result"


@pytest.mark.rule("answer.obstacle")
@pytest.mark.parametrize("missing", list(OBSTACLE))
def test_an_obstacle_has_a_rule_a_procedure_and_a_place(missing: str) -> None:
    given = {**OBSTACLE, missing: None}
    assert blamed(raw("closed", **given)) == missing
    assert blamed(raw("closed", **given), owner=None) is None
    assert blamed(raw("closed", **OBSTACLE, obstacle_on=date(2026, 2, 3))) == "obstacle_on"
    assert blamed(raw("closed", obstacle_on=date(2026, 2, 1))) == "obstacle_rule"


@pytest.mark.rule("answer.investment")
@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"help_cents": None}, "help_cents"),
        ({"help_cents": 0}, "help_cents"),
        ({"help_for": " "}, "help_for"),
        ({"help": "advice"}, "help_cents"),
        ({"help": None}, "help_cents"),
        ({"help": None, "help_cents": None}, "help"),
        ({"help": "a_loan"}, "help"),
    ],
)
def test_a_direct_investment_has_an_amount_and_what_it_was_for(change: dict[str, Any], field: str) -> None:
    assert blamed(raw("accepted", **INVESTMENT)) is None
    assert blamed(raw("accepted", **{**INVESTMENT, **change})) == field


@pytest.mark.rule("answer.investment")
def test_any_other_help_needs_no_amount() -> None:
    for helped in set(Help) - {Help.DIRECT_INVESTMENT}:
        assert blamed(raw("contact", help=helped.value)) is None


@pytest.mark.rule("answer.wish")
@pytest.mark.parametrize("kind", ["contact", "accepted", "closed"])
@pytest.mark.parametrize("more", [{}, INVESTMENT])
def test_several_who_help_together_begin_with_the_residents_wish(kind: str, more: dict[str, Any]) -> None:
    assert blamed(raw(kind, joint_with=["voedselbank"], wish=None, **more)) == "wish"
    assert blamed(raw(kind, joint_with=["voedselbank"], wish="rust", **more)) is None


def test_an_obstacle_may_be_of_the_answers_own_day_and_not_of_a_later_one() -> None:
    assert blamed(raw("contact", **OBSTACLE, obstacle_on=date(2026, 2, 2))) is None
    assert blamed(raw("contact", **OBSTACLE, obstacle_on=date(2026, 2, 3))) == "obstacle_on"


def test_a_direct_investment_may_be_of_one_cent() -> None:
    assert blamed(raw("contact", **{**INVESTMENT, "help_cents": 1})) is None


@pytest.mark.rule("promise", "answer.only_with")
def test_a_promise_has_a_day_and_a_name_and_is_no_earlier_than_the_answer() -> None:
    assert blamed(raw("contact", promised_on=date(2026, 2, 9))) == "promised_by"
    assert blamed(raw("contact", promised_by="consulent")) == "promised_on"
    assert blamed(raw("contact", promised_on=date(2026, 2, 1), promised_by="consulent")) == "promised_on"
    assert blamed(raw("contact", promised_on=date(2026, 2, 2), promised_by="consulent")) is None


@pytest.mark.rule("answer.part_of_day", "answer.only_with")
@pytest.mark.parametrize(
    ("at", "fits"),
    [
        ("2026-02-01T22:59Z", False),
        ("2026-02-01T23:00Z", True),
        ("2026-02-01T23:00", True),  # without a zone it is UTC
        ("2026-02-02T23:59+01:00", True),
        ("2026-02-03T00:00+01:00", False),
        ("9999-12-31T23:59:59Z", False),  # which some systems write for no date
    ],
)
def test_contact_was_sought_on_the_answers_own_local_day(at: str, *, fits: bool) -> None:
    given = raw("attempt", contacted_at=datetime.fromisoformat(at))
    assert blamed(given) == (None if fits else "contacted_at")


@pytest.mark.rule("answer.part_of_day")
@pytest.mark.parametrize(
    ("at", "part"),
    [
        (time(0), "Ochtend"),
        (time(11, 59, 59), "Ochtend"),
        (time(12), "Middag"),
        (time(17, 59, 59), "Middag"),
        (time(18), "Avond"),
        (time(23, 59), "Avond"),
    ],
)
def test_the_part_of_the_day_follows_from_the_local_time(at: time, part: str) -> None:
    assert PartOfDay.at(at) == part


@pytest.mark.rule("intake.invalid")
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("reached", "ja"),
        ("promised_on", "morgen"),
        ("visit_at", "2026-02-06"),
        ("visit_at", "2026-02-06T09:00:00"),
        ("why", " "),
        ("why", "nul\x00"),
        ("why", "x" * 2001),
        ("promised_on", "9999-12-31"),
        ("strict", 1),
    ],
)
def test_what_is_malformed_is_invalid_in_any_format(field: str, value: object) -> None:
    assert blamed(raw("attempt", **{field: value}), owner=None) == field
