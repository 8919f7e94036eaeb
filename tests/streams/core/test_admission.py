"""Intake: the first reason that applies is the one given."""

from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from schemas.codes import Channel, Crisis, EndResult, Kind, Refusal, SignalType
from streams.core.admission import Refused, admit
from streams.core.agreements import Agreements
from streams.core.fields import InvalidError, moment
from streams.core.policy import Policy, always
from streams.core.records import Address, Record
from tests.streams.core.driver import ADDRESS, CARE, START, TOLD, Claim, later, policy, raw_report

RECEIVED = f"{START}T09:00:00+01:00"
OTHERS: list[dict[str, Any]] = [
    {"type": "Uitkeringsstop", "stop_reason": "other"},
    {"type": "Zelfmelding"},
    {"type": "Doorverwijzing"},
    {"type": "Adres", "address_event": "left"},
    {"type": "Huishouden"},
    {"type": "Uitkomst", "kind": "attempt"},
]


def judged(raw: dict[str, Any], by: Policy | None = None, agreements: Agreements | None = None) -> Record | Refused:
    return admit(raw, always(by or policy()), agreements or Agreements())


def reason(raw: dict[str, Any], by: Policy | None = None, agreements: Agreements | None = None) -> str | None:
    answer = judged(raw, by, agreements)
    return answer.reason.value if isinstance(answer, Refused) else None


def blamed(raw: dict[str, Any]) -> str | None:
    answer = judged(raw)
    assert isinstance(answer, Refused)
    assert answer.reason == "invalid"
    return answer.field


def raw_other(**values: Any) -> dict[str, Any]:
    return {
        "id": "overig",
        "partner": "gemeente",
        "signalled_on": START,
        "received_at": RECEIVED,
        "address": ADDRESS,
        **values,
    }


def without(raw: dict[str, Any], *fields: str) -> dict[str, Any]:
    return {name: value for name, value in raw.items() if name not in fields}


def test_a_report_is_accepted_with_all_it_says() -> None:
    assert judged(raw_report(months=2, crisis="eviction")) == Record(
        id="melding",
        partner="woonstichting",
        type=SignalType.RENT,
        signalled_on=date(2026, 2, 2),
        received_at=1_770_019_200_000,
        address=Address("9901AB", 12),
        kind=Kind.REPORT,
        reference="H-100",
        arisen_on=date(2025, 1, 1),
        amount_cents=30_000,
        crisis=Crisis.EVICTION,
        months=2,
    )


@pytest.mark.rule("intake.invalid")
@pytest.mark.parametrize(
    "field",
    [
        "id",
        "partner",
        "type",
        "signalled_on",
        "received_at",
        "address",
        "kind",
        "reference",
        "arisen_on",
        "amount_cents",
    ],
)
def test_what_a_report_needs_is_named_when_it_is_missing(field: str) -> None:
    assert blamed(without(raw_report(), field)) == field
    assert blamed(raw_report(**{field: None})) == field


@pytest.mark.rule("intake.invalid")
@pytest.mark.parametrize("other", OTHERS, ids=lambda other: other["type"])
def test_every_type_needs_id_partner_dates_and_address(other: dict[str, Any]) -> None:
    assert reason(raw_other(**other)) is None
    for field in ("id", "partner", "signalled_on", "received_at", "address"):
        assert blamed(without(raw_other(**other), field)) == field


@pytest.mark.rule("intake.invalid")
@pytest.mark.parametrize(
    ("kind_of", "field"), [("Uitkeringsstop", "stop_reason"), ("Adres", "address_event"), ("Uitkomst", "kind")]
)
def test_a_stop_needs_its_reason_an_address_its_event_and_an_outcome_its_kind(kind_of: str, field: str) -> None:
    assert blamed(raw_other(type=kind_of)) == field
    assert blamed(raw_other(type=kind_of, **{field: "iets"})) == field


@pytest.mark.rule("intake.invalid")
@pytest.mark.parametrize("kind", ["amount", "paid", "withdrawn", "crisis_lifted"])
def test_other_creditor_records_need_neither_amount_nor_date_of_origin(kind: str) -> None:
    assert reason(without(raw_report(kind=kind), "amount_cents", "arisen_on")) is None
    assert blamed(without(raw_report(kind=kind), "reference")) == "reference"


@pytest.mark.rule("intake.invalid")
@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"id": ""}, "id"),
        ({"id": 7}, "id"),
        ({"partner": " "}, "partner"),
        ({"type": "huur"}, "type"),
        ({"type": ["Huur"]}, "type"),
        ({"kind": "reports"}, "kind"),
        ({"signalled_on": "2026-02-30"}, "signalled_on"),
        ({"signalled_on": "02-02-2026"}, "signalled_on"),
        ({"signalled_on": 20260202}, "signalled_on"),
        ({"arisen_on": "vorige maand"}, "arisen_on"),
        ({"arisen_on": "3000-01-01"}, "arisen_on"),
        ({"arisen_on": date(9999, 12, 31)}, "arisen_on"),
        ({"id": "x" * 201}, "id"),
        ({"id": "twee\nregels"}, "id"),
        ({"partner": "woonstichting\x00"}, "partner"),
        ({"reference": "H" * 201}, "reference"),
        ({"received_at": "2026-02-02"}, "received_at"),
        ({"received_at": "2026-02-02T09:00:00"}, "received_at"),
        ({"received_at": "gisteren"}, "received_at"),
        ({"amount_cents": -1}, "amount_cents"),
        ({"amount_cents": 300.5}, "amount_cents"),
        ({"amount_cents": "30000"}, "amount_cents"),
        ({"amount_cents": True}, "amount_cents"),
        ({"months": -1}, "months"),
        ({"months": 1.5}, "months"),
        ({"crisis": "flood"}, "crisis"),
        ({"address": "Dorpsstraat 12"}, "address"),
        ({"address": {"postcode": "9901A", "number": 12}}, "address.postcode"),
        ({"address": {"postcode": "9901AB", "number": "twaalf"}}, "address.number"),
    ],
)
def test_what_is_malformed_is_named(values: dict[str, Any], field: str) -> None:
    assert blamed(raw_report(**values)) == field


@pytest.mark.rule("intake.invalid")
@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"type": "Adres", "address_event": "moved", "everyone": "ja"}, "everyone"),
        ({"type": "Adres", "address_event": "moved", "to_address": "elders"}, "to_address"),
        ({"type": "Huishouden", "children": 2}, "children"),
        ({"type": "Huishouden", "excluded": "hond"}, "excluded"),
    ],
)
def test_what_the_municipality_sends_malformed_is_named(values: dict[str, Any], field: str) -> None:
    assert blamed(raw_other(**values)) == field


@pytest.mark.rule("suppressed")
@pytest.mark.parametrize("excluded", ["legal person", "legal_person", "unsafe", "detention", "other"])
def test_each_exclusion_is_known_by_its_name(excluded: str) -> None:
    assert reason(raw_other(type="Huishouden", excluded=excluded)) is None


@pytest.mark.rule("intake.invalid")
@pytest.mark.parametrize("stated", ["ja", ["reminder"], 4, True])
def test_preconditions_that_are_no_object_are_refused(stated: object) -> None:
    assert reason(raw_report(preconditions=stated)) in {"invalid", "precondition"}


@pytest.mark.rule("intake.invalid")
@pytest.mark.parametrize("moment", ["9999-12-31T23:30:00Z", "0001-01-01T00:00:00+05:00", "0001-01-01T00:00:00Z"])
def test_a_moment_at_the_end_of_the_calendar_is_refused(moment: str) -> None:
    assert reason(raw_other(type="Zelfmelding", signalled_on="0001-01-01", received_at=moment)) is not None


@pytest.mark.rule("intake.future", "day")
def test_a_senders_date_after_the_local_day_received_is_invalid() -> None:
    assert reason(raw_report(signalled_on="2026-02-02", received_at="2026-02-02T23:59:59+01:00")) is None
    assert blamed(raw_report(signalled_on="2026-02-03", received_at="2026-02-02T22:59:59Z")) == "signalled_on"
    assert reason(raw_report(signalled_on="2026-02-03", received_at="2026-02-02T23:00:00Z")) is None


@pytest.mark.rule("intake.ignored")
def test_unknown_members_and_a_kind_where_none_belongs_are_ignored() -> None:
    plain = judged(raw_report())
    assert judged(raw_report(telefoon="0612345678", shared_address=True, stop_reason="onbekend")) == plain
    plain = judged(raw_other(type="Zelfmelding"))
    assert judged(raw_other(type="Zelfmelding", kind="onzin", crisis="flood", amount_cents="veel")) == plain


@pytest.mark.rule("intake.no_agreement")
def test_a_date_outside_the_agreement_is_refused() -> None:
    until = Agreements.from_toml(
        '[[agreement]]\npartner = "woonstichting"\ntypes = ["Huur"]\nmunicipality = "1969"\nversion = "c-1"\n'
        "valid_from = 2025-01-01\nvalid_until = 2026-01-31\n"
    )
    assert reason(raw_report(signalled_on="2026-01-31"), agreements=until) is None
    assert reason(raw_report(signalled_on="2026-02-01"), agreements=until) == "no_agreement"
    assert reason(raw_report(Claim("stroomnet", "Energie", "E-200")), agreements=until) == "no_agreement"


EXPERIMENTS = Agreements.from_toml(
    '[[agreement]]\npartner = "woonstichting"\ntypes = ["Huur", "DUO", "CAK Eigen bijdrage", "CAK Zorgverzekeringen",'
    '"Overige"]\nmunicipality = "1969"\nversion = "e-1"\nvalid_from = 2025-01-01\nvalid_until = 2026-12-31\n'
    'legal_basis = "Experiment"\nfields.Huur = ["months"]\n'
)


@pytest.mark.rule("agreement.fields")
@pytest.mark.parametrize(
    ("values", "field"), [({"months": 2}, None), ({"crisis": "eviction"}, "crisis"), ({"crisis": None}, None)]
)
def test_a_field_that_the_agreement_does_not_allow_is_refused_by_name(
    values: dict[str, Any], field: str | None
) -> None:
    answer = judged(raw_report(**values), agreements=EXPERIMENTS)
    assert answer == Refused(Refusal.NO_AGREEMENT, field) if field else isinstance(answer, Record)
    assert isinstance(judged(raw_report(**values)), Record)
    assert isinstance(judged(raw_report(type="Overige", **values), agreements=EXPERIMENTS), Record)


@pytest.mark.rule("intake.experiment")
@pytest.mark.parametrize(
    ("kind", "cents", "months", "field"),
    [
        ("DUO", 26_999, None, "amount_cents"),
        ("DUO", 27_000, None, None),
        ("CAK Eigen bijdrage", 9_999, 5, "amount_cents"),
        ("CAK Eigen bijdrage", 10_000, 4, "months"),
        ("CAK Zorgverzekeringen", 10_000, None, "months"),
        ("CAK Zorgverzekeringen", 10_000, 5, None),
        ("Overige", 7_499, None, "amount_cents"),
        ("Overige", 7_500, None, None),
    ],
)
def test_an_experiment_has_its_own_conditions(kind: str, cents: int, months: int | None, field: str | None) -> None:
    raw = raw_report(type=kind, amount_cents=cents, months=months)
    answer = judged(raw, agreements=EXPERIMENTS)
    assert answer == Refused(Refusal.UNJUSTIFIED, field) if field else isinstance(answer, Record)
    assert isinstance(judged({**raw, "crisis": "eviction"}, agreements=EXPERIMENTS), Record)
    lower = policy(threshold_cents=1, duo_cents=1, cak_cents=1, cak_months=1)
    assert isinstance(judged({**raw, "months": months or 1}, by=lower, agreements=EXPERIMENTS), Record)


@pytest.mark.rule("intake.experiment")
def test_who_says_nothing_of_months_has_not_said_one() -> None:
    raw = raw_report(type="CAK Zorgverzekeringen", amount_cents=10_000, months=None)
    answer = judged(raw, by=policy(cak_months=1), agreements=EXPERIMENTS)
    assert answer == Refused(Refusal.UNJUSTIFIED, "months")


@pytest.mark.rule("intake.experiment")
def test_the_conditions_are_not_those_of_a_statutory_type_nor_of_a_replay_without_agreements() -> None:
    assert isinstance(judged(raw_report(amount_cents=7_500), agreements=EXPERIMENTS), Record)
    assert isinstance(judged(raw_report(type="DUO", amount_cents=7_500)), Record)


@pytest.mark.rule("intake.consent")
@pytest.mark.parametrize("kind", ["Zelfmelding", "Doorverwijzing"])
def test_who_asks_for_another_needs_the_residents_consent(kind: str) -> None:
    asked = raw_other(type=kind)
    assert isinstance(judged({**asked, "consent": True}), Record)
    assert isinstance(judged(asked), Record)  # the interchange format does not say it
    assert judged({**asked, "consent": False}) == Refused(Refusal.PRECONDITION, "consent")


@pytest.mark.rule("intake.topics_types")
def test_a_type_that_its_topic_is_not_for_is_invalid() -> None:
    outcome = raw_other(type="Uitkomst", kind="closed")
    asked = admit(outcome, always(policy()), Agreements(), types={SignalType.STUDENT_LOAN})
    assert asked == Refused(Refusal.INVALID, "type")
    assert isinstance(admit(outcome, always(policy()), Agreements(), types={SignalType.OUTCOME}), Record)


@pytest.mark.rule("intake.stamp")
def test_an_accepted_record_bears_its_agreements_version() -> None:
    convenant = Agreements.from_toml(
        '[[agreement]]\npartner = "woonstichting"\ntypes = ["Huur"]\nmunicipality = "1969"\nversion = "c-2026"\n'
        "valid_from = 2026-01-01\nvalid_until = 2026-12-31\n"
    )
    record = judged(raw_report(), agreements=convenant)
    assert isinstance(record, Record)
    assert record.agreement == "c-2026"


@pytest.mark.rule("intake.no_agreement")
@pytest.mark.parametrize(("owner", "expected"), [("woonstichting", None), ("stroomnet", "no_agreement"), (None, None)])
def test_a_record_of_another_than_the_topics_owner_is_refused(owner: str | None, expected: str | None) -> None:
    answer = admit(raw_report(), always(policy()), Agreements(), owner=owner)
    assert (answer.reason if isinstance(answer, Refused) else None) == expected


@pytest.mark.rule("intake.benefit_stop_basis")
def test_a_benefit_stop_needs_a_basis_in_the_policy() -> None:
    stop = raw_other(type="Uitkeringsstop", stop_reason="whereabouts_unknown")
    assert reason(stop) is None
    assert reason(stop, by=policy(benefit_stop_basis=None)) == "no_agreement"


@pytest.mark.rule("intake.precondition")
@pytest.mark.parametrize("missing", list(TOLD))
@pytest.mark.parametrize("value", [False, None, "ja"])
def test_a_report_that_lacks_one_of_the_four_statements_is_refused(missing: str, value: object) -> None:
    assert reason(raw_report(preconditions={**TOLD, missing: value})) == "precondition"
    assert reason(raw_report(preconditions=without(TOLD, missing))) == "precondition"


@pytest.mark.rule("intake.precondition")
def test_a_report_without_any_statement_is_refused_even_with_a_crisis() -> None:
    assert reason(raw_report(preconditions=None, crisis="eviction")) == "precondition"
    assert reason(raw_report(preconditions={}, crisis="eviction")) == "precondition"


@pytest.mark.rule("intake.unjustified")
@pytest.mark.parametrize(("cents", "expected"), [(7499, "unjustified"), (7500, None), (7501, None)])
def test_an_amount_below_the_threshold_is_unjustified(cents: int, expected: str | None) -> None:
    assert reason(raw_report(amount_cents=cents)) == expected


@pytest.mark.rule("intake.unjustified")
@pytest.mark.parametrize(("days", "expected"), [(-1, "unjustified"), (29, "unjustified"), (30, None), (31, None)])
def test_arrears_younger_than_thirty_days_are_unjustified(days: int, expected: str | None) -> None:
    assert reason(raw_report(arisen_on=later(START, -days))) == expected


@pytest.mark.rule("intake.unjustified")
@pytest.mark.parametrize(("days", "expected"), [(99, None), (100, None), (101, "unjustified")])
def test_a_premium_older_than_a_hundred_days_is_unjustified(days: int, expected: str | None) -> None:
    assert reason(raw_report(CARE, arisen_on=later(START, -days))) == expected
    assert reason(raw_report(arisen_on=later(START, -days))) is None


@pytest.mark.rule("intake.crisis")
def test_a_report_with_a_crisis_is_never_unjustified() -> None:
    assert reason(raw_report(crisis="eviction", amount_cents=1, arisen_on=START)) is None
    assert reason(raw_report(CARE, crisis="insurance_end", arisen_on=later(START, -400))) is None


@pytest.mark.rule("intake.reports_only")
@pytest.mark.parametrize("kind", ["amount", "paid", "withdrawn", "crisis_lifted"])
def test_preconditions_and_amounts_are_asked_of_reports_only(kind: str) -> None:
    assert reason(raw_report(kind=kind, preconditions=None, amount_cents=1, arisen_on=START)) is None


@pytest.mark.rule("intake.expired")
@pytest.mark.parametrize(
    ("received", "signalled", "expected"),
    [
        ("2026-02-02", "2025-08-01", "expired"),
        ("2026-02-02", "2025-08-02", None),
        ("2026-08-31", "2026-02-27", "expired"),
        ("2026-08-31", "2026-02-28", None),
    ],
)
@pytest.mark.parametrize("kind_of", ["Huur", "Adres", "Huishouden", "Uitkomst"])
def test_a_date_longer_than_six_months_before_the_day_received_is_expired(
    kind_of: str, received: str, signalled: str, expected: str | None
) -> None:
    dates = {"signalled_on": signalled, "received_at": f"{received}T09:00:00+01:00"}
    other = next((o for o in OTHERS if o["type"] == kind_of), None)
    raw = raw_report(**dates) if other is None else raw_other(**other, **dates)
    assert reason(raw) == expected


@pytest.mark.rule("intake.order")
def test_the_first_reason_that_applies_is_the_one_given() -> None:
    nobody = Agreements(())
    wrong = {
        "preconditions": {},
        "amount_cents": 1,
        "signalled_on": "2025-06-01",
        "crisis": "flood",
    }
    assert reason(raw_report(**wrong), agreements=nobody) == "invalid"
    del wrong["crisis"]
    assert reason(raw_report(**wrong), agreements=nobody) == "no_agreement"
    assert reason(raw_report(**wrong)) == "precondition"
    wrong["preconditions"] = TOLD
    assert reason(raw_report(**wrong)) == "unjustified"
    wrong["amount_cents"] = 7500
    assert reason(raw_report(**wrong)) == "expired"
    wrong["signalled_on"] = START
    assert reason(raw_report(**wrong)) is None


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner, max_size=2),
    max_leaves=3,
)


@pytest.mark.rule("intake.invalid")
@given(field=st.sampled_from(sorted(raw_report())), value=ANYTHING)
@example(field="preconditions", value="ja")
@example(field="received_at", value="9999-12-31T23:30:00Z")
def test_whatever_stands_in_a_field_there_is_a_record_or_a_reason(field: str, value: object) -> None:
    assert isinstance(judged(raw_report(**{field: value})), Record | Refused)


@pytest.mark.rule("intake.unjustified")
@pytest.mark.parametrize(
    ("raw", "field"),
    [
        (raw_report(amount_cents=7499), "amount_cents"),
        (raw_report(arisen_on=later(START, -29)), "arisen_on"),
        (raw_report(CARE, arisen_on=later(START, -101)), "arisen_on"),
    ],
)
def test_what_makes_a_report_unjustified_is_named(raw: dict[str, Any], field: str) -> None:
    assert judged(raw) == Refused(Refusal.UNJUSTIFIED, field)


@pytest.mark.rule("intake.invalid", "answer.codes", "answer.lenient")
def test_an_outcome_may_say_by_which_channel_and_with_which_result() -> None:
    outcome = {"type": "Uitkomst", "kind": "contact"}
    record = judged(raw_other(**outcome, channel="Telefoon", result="Geen reactie na eerder contact"))
    assert isinstance(record, Record)
    assert (record.channel, record.result) == (Channel.PHONE, EndResult.NO_REACTION)
    record = judged(raw_other(**outcome))
    assert isinstance(record, Record)
    assert (record.channel, record.result) == (None, None)
    for field in ("channel", "result"):
        for unknown in (" ", "Postduif", 7, "telefoon"):
            assert blamed(raw_other(**outcome, **{field: unknown})) == field


@pytest.mark.rule("intake.invalid")
def test_the_error_says_which_field_and_not_its_value() -> None:
    with pytest.raises(InvalidError, match=r"^received_at$"):
        moment({"received_at": "gisteren"})


@pytest.mark.rule("intake.precondition", "intake.expired", "intake.invalid")
@pytest.mark.parametrize(
    ("raw", "refused"),
    [
        (
            raw_report(preconditions={**TOLD, "reminder": False}),
            Refused(Refusal.PRECONDITION, "preconditions.reminder"),
        ),
        (raw_report(preconditions=4), Refused(Refusal.INVALID, "preconditions")),
        (raw_other(type="Zelfmelding", signalled_on="2025-08-01"), Refused(Refusal.EXPIRED, "signalled_on")),
    ],
)
def test_whatever_is_refused_says_by_which_field(raw: dict[str, Any], refused: Refused) -> None:
    assert judged(raw) == refused


@pytest.mark.rule("intake.invalid", "day")
def test_where_the_broker_says_when_a_record_was_received_the_record_does_not() -> None:
    for raw in (without(raw_report(), "received_at"), raw_report(received_at="onzin")):
        record = admit(raw, always(policy()), Agreements(), received_at=1_770_019_200_000)
        assert isinstance(record, Record)
        assert record.received_at == 1_770_019_200_000


@pytest.mark.rule("intake.invalid")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("2026-02-02t09:00:00.250+01:00", 1_770_019_200_250),
        ("2026-02-02T22:59:59.999600Z", 1_770_073_199_999),  # and not the next day
        ("2999-12-31T23:59:59Z", 32_503_679_999_000),
        ("1969-12-31T23:59:59Z", None),
        ("3000-01-01T00:00:00Z", None),
        ("0001-01-01T00:00:00+05:00", None),
        ("2026-02-30T00:00:00Z", None),
    ],
)
def test_a_moment_lies_between_1970_and_2999(text: str, expected: int | None) -> None:
    if expected is None:
        with pytest.raises(InvalidError, match=r"^received_at$") as caught:
            moment({"received_at": text})
        assert caught.value.field == "received_at"
    else:
        assert moment({"received_at": text}) == expected


@pytest.mark.rule("intake.invalid")
@pytest.mark.parametrize("zone", [None, UTC, timezone(timedelta(hours=5))])
def test_a_moment_may_come_as_one_and_is_utc_where_it_names_no_zone(zone: tzinfo | None) -> None:
    told = datetime(2026, 2, 2, 8, tzinfo=UTC)
    given = told.astimezone(zone) if zone else told.replace(tzinfo=None)
    assert moment({"received_at": given}) == 1_770_019_200_000


@pytest.mark.rule("intake.invalid")
def test_a_date_may_come_as_one_but_not_with_a_time() -> None:
    assert judged(raw_report(signalled_on=date(2026, 2, 2))) == judged(raw_report())
    assert blamed(raw_report(signalled_on=datetime(2026, 2, 2, tzinfo=UTC))) == "signalled_on"


@pytest.mark.rule("intake.invalid")
@pytest.mark.parametrize(("field", "most"), [("months", 1200), ("amount_cents", 10**12)])
def test_a_number_has_a_most(field: str, most: int) -> None:
    assert reason(raw_report(**{field: most})) is None
    assert blamed(raw_report(**{field: most + 1})) == field


@pytest.mark.rule("intake.reports_only")
def test_what_is_not_asked_of_a_record_is_kept_where_it_is_told() -> None:
    record = judged(raw_report(kind="amount", arisen_on="2025-01-01"))
    assert isinstance(record, Record)
    assert (record.arisen_on, record.amount_cents) == (date(2025, 1, 1), 30_000)


@pytest.mark.rule("facts.latest")
def test_the_four_facts_of_a_household_are_read() -> None:
    facts = {"children": True, "known_at_debt_help": False, "shared_address": True}
    record = judged(raw_other(type="Huishouden", excluded="legal person", **facts))
    assert isinstance(record, Record)
    assert {name: getattr(record, name) for name in facts} == facts
    assert record.excluded == "legal_person"


@pytest.mark.rule("intake.stamp")
def test_an_outcome_needs_no_agreement_and_bears_none() -> None:
    record = judged(raw_other(type="Uitkomst", kind="attempt"), agreements=Agreements(()))
    assert isinstance(record, Record)
    assert record.agreement is None
