"""Who may send what, from when until when."""

from datetime import date

import pytest
from msgspec.structs import replace

from schemas.codes import SignalType
from streams.core.agreements import AgreementError, Agreements

CONVENANT = """
[[agreement]]
partner = "woonstichting"
types = ["Huur"]
municipality = "1969"
version = "convenant-1"
valid_from = 2026-01-01
valid_until = 2026-06-30

[[agreement]]
partner = "woonstichting"
types = ["Huur", "Overige"]
legal_basis = "Experiment vroegsignalering, artikel 10 Wgs"
municipality = "1969"
version = "convenant-2"
valid_from = 2026-07-01
valid_until = 2026-12-31

[[agreement]]
partner = "stroomnet"
types = ["Energie"]
municipality = "0014"
version = "stroom-1"
valid_from = 2026-01-01
valid_until = 2026-12-31
"""


def version_for(agreements: Agreements, partner: str, kind: SignalType, day: date) -> str | None:
    covering = agreements.covering(partner, kind, day)
    return covering.version if covering else None


@pytest.mark.rule("intake.no_agreement")
@pytest.mark.parametrize(
    ("partner", "kind", "day", "version"),
    [
        ("woonstichting", SignalType.RENT, date(2025, 12, 31), None),
        ("woonstichting", SignalType.RENT, date(2026, 1, 1), "convenant-1"),
        ("woonstichting", SignalType.RENT, date(2026, 6, 30), "convenant-1"),
        ("woonstichting", SignalType.RENT, date(2026, 7, 1), "convenant-2"),
        ("woonstichting", SignalType.RENT, date(2027, 1, 1), None),
        ("woonstichting", SignalType.ENERGY, date(2026, 2, 2), None),
        ("woonstichting", SignalType.OTHER, date(2026, 2, 2), None),
        ("woonstichting", SignalType.OTHER, date(2026, 7, 1), "convenant-2"),
        ("onbekend", SignalType.RENT, date(2026, 2, 2), None),
    ],
)
def test_an_agreement_covers_partner_type_and_both_its_days(
    partner: str, kind: SignalType, day: date, version: str | None
) -> None:
    assert version_for(Agreements.from_toml(CONVENANT), partner, kind, day) == version


@pytest.mark.rule("intake.no_agreement")
def test_agreements_of_another_municipality_do_not_count() -> None:
    ours = Agreements.from_toml(CONVENANT).of("1969")
    assert version_for(ours, "stroomnet", SignalType.ENERGY, date(2026, 2, 2)) is None
    assert version_for(ours, "woonstichting", SignalType.RENT, date(2026, 2, 2)) == "convenant-1"


@pytest.mark.rule("intake.no_agreement")
def test_where_no_municipality_or_no_file_is_named_all_agreements_count() -> None:
    every = Agreements.from_toml(CONVENANT)
    assert every.of(None) == every
    assert Agreements().of("1969") == Agreements()


@pytest.mark.rule("intake.no_agreement")
def test_an_empty_file_lets_nobody_in() -> None:
    assert version_for(Agreements.from_toml(""), "wie dan ook", SignalType.WATER, date(2026, 2, 2)) is None


def test_senders_are_all_partners_with_an_agreement_ever() -> None:
    assert Agreements.from_toml(CONVENANT).senders == {
        ("woonstichting", SignalType.RENT),
        ("woonstichting", SignalType.OTHER),
        ("stroomnet", SignalType.ENERGY),
    }


FIRST, SECOND = "agreement 1, woonstichting version convenant-1: ", "agreement 2, woonstichting version convenant-2: "


@pytest.mark.rule("agreement.mistake")
@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            'types = ["Huur", "Overige"]',
            'types = ["Huur", "Overigg"]',
            SECOND + "types[1]: Invalid enum value 'Overigg'",
        ),
        ("valid_until = 2026-06-30", "valid_until = 2025-06-30", FIRST + "valid_until: is before valid_from"),
        ("valid_until = 2026-06-30", "valid_until = 'juni'", FIRST + "valid_until: Invalid RFC3339"),
        ("valid_until = 2026-06-30", "", FIRST + "Object missing required field `valid_until`"),
        ("valid_until = 2026-06-30", "valid_until = 2026-06-30\nkvk = '12'", FIRST + "kvk: Expected `str` matching"),
        (
            "valid_until = 2026-06-30",
            "valid_until = 2026-06-30\nrhythm_days = 0",
            FIRST + "rhythm_days: Expected `int`",
        ),
        (
            "valid_until = 2026-06-30",
            "valid_until = 2026-06-30\nbasis = 'Wgs'",
            FIRST + "Object contains unknown field `basis`",
        ),
        (
            "valid_until = 2026-06-30",
            "valid_until = 2026-06-30\nprocessing = 'nr 3'",
            FIRST + "processing: Expected `str`",
        ),
        ("legal_basis", "contact", SECOND + "legal_basis: needed for Overige"),
        (
            'version = "convenant-2"',
            'version = "convenant-1"',
            "agreement 2, woonstichting version convenant-1: version: is there",
        ),
        (
            "valid_until = 2026-06-30",
            "valid_until = 2026-06-30\nfields.Water = []",
            FIRST + "fields.Water: is not among the types",
        ),
        (
            "valid_until = 2026-06-30",
            "valid_until = 2026-06-30\nfields.Huur = ['children']",
            FIRST + "fields.Huur: Huur has no field children that could be withheld",
        ),
        ('partner = "woonstichting"', "", "agreement 1, no partner version convenant-1: Object missing"),
        ('version = "convenant-2"', "", "agreement 2, woonstichting version ?: Object missing"),
        (CONVENANT, "agreement = [1]", "agreement 1, no partner version ?: Expected `object`"),
        (CONVENANT, "agreement = 1", "agreement: only [[agreement]] is known"),
        (CONVENANT, "partij = 1\nbron = 2", "partij, bron: only [[agreement]] is known"),
        (
            'types = ["Huur", "Overige"]\nlegal_basis',
            'types = ["DUO", "Overige"]\ncontact',
            SECOND + "legal_basis: needed for DUO, Overige",
        ),
        (
            'types = ["Energie"]',
            'types = ["Uitkomst"]\nfields.Uitkomst = ["why"]',
            "agreement 3, stroomnet version stroom-1: fields.Uitkomst: Uitkomst has no field why",
        ),
        ("[[agreement]]", "[[agreements]]", "agreements: only [[agreement]] is known"),
        ("[[agreement]]", "[[agreement", "Expected ']]'"),
    ],
)
def test_a_mistake_is_named_by_entry_and_field(old: str, new: str, told: str) -> None:
    assert old in CONVENANT
    with pytest.raises(AgreementError) as error:
        Agreements.from_toml(CONVENANT.replace(old, new, 1))
    assert str(error.value).startswith(told)


@pytest.mark.rule("agreement.fields")
def test_a_field_that_is_not_named_is_withheld_and_without_a_list_none_is() -> None:
    text = CONVENANT.replace("valid_until = 2026-06-30", 'valid_until = 2026-06-30\nfields.Huur = ["months"]')
    first, second, _ = Agreements.from_toml(text).entries or ()
    assert [first.withholds(SignalType.RENT, field) for field in ("months", "crisis")] == [False, True]
    assert not second.withholds(SignalType.RENT, "crisis")
    assert second.withholds(SignalType.OUTCOME, "crisis"), "a type without such fields"


def test_an_entry_tells_what_the_register_should_still_say() -> None:
    first, second, _ = Agreements.from_toml(CONVENANT).entries or ()
    assert first.lacking == ("kvk or oin", "legal_basis", "processing", "contact", "rhythm_days")
    whole = replace(first, oin="0" * 20, legal_basis="x", processing="urn:x", contact="x", rhythm_days=31)
    assert whole.lacking == ()
    assert "legal_basis" not in second.lacking


FOLLOWED = """
[[agreement]]
partner = "woonstichting"
types = ["Huur"]
municipality = "1969"
version = "1"
valid_from = 2026-01-01
valid_until = 2026-12-31

[[agreement]]
partner = "woonstichting"
types = ["Huur"]
municipality = "1969"
version = "2"
valid_from = 2026-07-01
valid_until = 2026-12-31
replaces = "1"
"""


@pytest.mark.rule("intake.no_agreement")
@pytest.mark.parametrize(
    ("day", "version"), [(date(2026, 6, 30), "1"), (date(2026, 7, 1), "2"), (date(2026, 12, 31), "2")]
)
def test_an_agreement_counts_until_the_day_before_another_takes_its_place(day: date, version: str) -> None:
    assert version_for(Agreements.from_toml(FOLLOWED), "woonstichting", SignalType.RENT, day) == version


@pytest.mark.rule("intake.no_agreement")
@pytest.mark.parametrize(
    ("ours", "theirs"), [('partner = "woonstichting"', 'partner = "stroomnet"'), ('"1969"', '"0014"')]
)
def test_an_agreement_is_replaced_by_the_same_partner_in_the_same_municipality_only(ours: str, theirs: str) -> None:
    before, after = FOLLOWED.split("[[agreement]]")[1:]
    both = Agreements.from_toml(f"[[agreement]]{before}[[agreement]]{after.replace(ours, theirs)}")
    assert both.entries is not None
    assert both.last_day(both.entries[0]) == date(2026, 12, 31)


@pytest.mark.rule("intake.no_agreement")
def test_an_agreement_may_be_for_one_day_with_a_delivery_each_day() -> None:
    text = CONVENANT.replace("valid_until = 2026-06-30", "valid_until = 2026-01-01\nrhythm_days = 1")
    assert version_for(Agreements.from_toml(text), "woonstichting", SignalType.RENT, date(2026, 1, 1)) == "convenant-1"
