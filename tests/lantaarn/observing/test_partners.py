"""Until when partners may send what."""

from datetime import date, timedelta

import pytest

from lantaarn.observing.looks.partners import AgreementLook, PartnerLook, ending
from schemas.codes import SignalType
from streams.core.agreements import AgreementError, Agreements

TODAY = date(2026, 6, 5)


def agreements(*spans: tuple[str, str], **more: str) -> Agreements:
    extra = "".join(f"{name} = {value}\n" for name, value in more.items())
    return Agreements.from_toml(
        "".join(
            f'[[agreement]]\npartner = "a"\ntypes = ["Huur"]\nmunicipality = "9990"\nversion = "{number}"\n'
            f"valid_from = {begin}\nvalid_until = {end}\n{extra}"
            for number, (begin, end) in enumerate(spans)
        )
    )


@pytest.mark.parametrize(
    ("spans", "last_day"),
    [
        ((("2026-01-01", "2026-12-31"),), date(2026, 12, 31)),
        ((("2026-01-01", "2026-06-05"), ("2026-06-06", "2027-12-31")), date(2027, 12, 31)),
        ((("2026-01-01", "2026-06-05"), ("2026-06-07", "2027-12-31")), date(2026, 6, 5)),  # a day's gap
        ((("2025-01-01", "2026-05-01"), ("2024-01-01", "2024-12-31")), date(2026, 5, 1)),  # ended, not renewed
        ((("2027-01-01", "2027-12-31"),), None),  # yet to begin
    ],
)
def test_an_agreement_ends_where_nothing_follows(spans: tuple[tuple[str, str], ...], last_day: date | None) -> None:
    found = ending(agreements(*spans), TODAY)
    assert [(one.partner, one.type, one.last_day) for one in found] == (
        [] if last_day is None else [("a", SignalType.RENT, last_day)]
    )


@pytest.mark.parametrize(
    ("left", "within"),
    [(90, None), (89, 90), (30, 90), (29, 30), (7, 30), (6, 7), (0, 7), (-59, 7), (-60, None)],
)
def test_an_end_is_warned_about_at_90_30_and_7_days(left: int, within: int | None) -> None:
    one = AgreementLook("a", SignalType.RENT, TODAY + timedelta(days=left))
    assert (one.left(TODAY), one.within(TODAY)) == (left, within)


def test_it_ends_at_midnight_in_amsterdam() -> None:
    (one,) = ending(agreements(("2026-01-01", "2026-06-30")), TODAY)
    assert one.ends_at == 1_782_856_800  # 2026-06-30T22:00:00Z


def test_a_rhythm_is_in_whole_days() -> None:
    (entry,) = agreements(("2026-01-01", "2026-12-31"), rhythm_days="35").entries or ()
    assert entry.rhythm_days == 35
    with pytest.raises(AgreementError, match="rhythm_days"):
        agreements(("2026-01-01", "2026-12-31"), rhythm_days="0")


def test_too_silent_only_where_a_rhythm_is_agreed() -> None:
    assert not PartnerLook("a", None, 1e9, None).too_silent
    assert not PartnerLook("a", 0.0, 86400, 86400).too_silent
    assert PartnerLook("a", 0.0, 86401, 86400).too_silent
