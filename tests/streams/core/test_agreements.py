"""Who may send what, from when until when."""

from datetime import date

import pytest

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
    assert Agreements.from_toml(CONVENANT).version_for(partner, kind, day) == version


@pytest.mark.rule("intake.no_agreement")
def test_agreements_of_another_municipality_do_not_count() -> None:
    ours = Agreements.from_toml(CONVENANT).of("1969")
    assert ours.version_for("stroomnet", SignalType.ENERGY, date(2026, 2, 2)) is None
    assert ours.version_for("woonstichting", SignalType.RENT, date(2026, 2, 2)) == "convenant-1"


@pytest.mark.rule("intake.no_agreement")
def test_without_a_file_every_partner_is_allowed_and_with_an_empty_one_nobody() -> None:
    assert Agreements().version_for("wie dan ook", SignalType.WATER, date(2026, 2, 2)) == ""
    assert Agreements().of("1969").version_for("wie dan ook", SignalType.WATER, date(2026, 2, 2)) == ""
    assert Agreements.from_toml("").version_for("wie dan ook", SignalType.WATER, date(2026, 2, 2)) is None


def test_senders_are_all_partners_with_an_agreement_ever() -> None:
    assert Agreements.from_toml(CONVENANT).senders == {
        ("woonstichting", SignalType.RENT),
        ("woonstichting", SignalType.OTHER),
        ("stroomnet", SignalType.ENERGY),
    }


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[[agreement]\n", "Expected"),
        (CONVENANT.replace('"Overige"', '"Huurr"'), "Huurr"),
        (
            CONVENANT.replace("valid_until = 2026-06-30", "valid_until = 2025-06-30"),
            "woonstichting version convenant-1",
        ),
        (CONVENANT.replace("partner =", "partnr ="), "partnr"),
    ],
)
def test_a_file_that_cannot_be_used_says_which_entry(text: str, named: str) -> None:
    with pytest.raises(AgreementError, match=named):
        Agreements.from_toml(text)


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
    assert Agreements.from_toml(FOLLOWED).version_for("woonstichting", SignalType.RENT, day) == version


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
    assert Agreements.from_toml(text).version_for("woonstichting", SignalType.RENT, date(2026, 1, 1)) == "convenant-1"


def test_deliveries_that_follow_each_other_within_a_day_are_no_rhythm() -> None:
    text = CONVENANT.replace("valid_until = 2026-06-30", "valid_until = 2026-06-30\nrhythm_days = 0")
    with pytest.raises(AgreementError, match="woonstichting version convenant-1: rhythm_days is less than 1"):
        Agreements.from_toml(text)
