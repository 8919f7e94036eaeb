from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers import values
from producers.rows import Reason
from producers.values import AmountStyle, BadValueError, House


def reason_of(call: Callable[[], Any]) -> Reason:
    with pytest.raises(BadValueError) as caught:
        call()
    return caught.value.reason


@pytest.mark.parametrize(
    ("value", "style", "cents"),
    [
        ("1.234,56", "dutch", 123456),
        ("1234,5", "dutch", 123450),
        ("€ 12,-", "dutch", 1200),
        ("0,07", "dutch", 7),
        ("1.234", "dutch", 123400),
        ("1234.56", "plain", 123456),
        (Decimal("0.1"), "plain", 10),
        (12, "plain", 1200),
        (19.99, "plain", 1999),
        ("123456", "cents", 123456),
        (123456, "cents", 123456),
        ("", "dutch", None),
        (None, "plain", None),
    ],
)
def test_amounts_are_read_to_the_cent(value: Any, style: AmountStyle, cents: int | None) -> None:
    assert values.cents(value, style) == cents


@pytest.mark.parametrize(
    ("value", "style", "reason"),
    [
        ("1234.56", "dutch", Reason.FORMAT),
        ("12.34,56", "dutch", Reason.FORMAT),
        ("1,234.56", "plain", Reason.FORMAT),
        ("1,2345", "dutch", Reason.FORMAT),
        ("12.50", "cents", Reason.FORMAT),
        ("١٢", "dutch", Reason.FORMAT),
        (True, "cents", Reason.FORMAT),
        ([1], "plain", Reason.FORMAT),
        (Decimal("0.001"), "plain", Reason.FORMAT),
        (Decimal("1E+999999"), "plain", Reason.RANGE),
        (Decimal("0.01000000000000000000000000001"), "plain", Reason.FORMAT),
        (float("nan"), "plain", Reason.FORMAT),
        ("-12,50", "dutch", Reason.RANGE),
        ("999999999999,00", "dutch", Reason.RANGE),
    ],
)
def test_amounts_are_never_guessed_at(value: Any, style: AmountStyle, reason: Reason) -> None:
    assert reason_of(lambda: values.cents(value, style)) is reason


@given(st.integers(0, values.MAX_CENTS))
def test_each_amount_survives_each_spelling(cents: int) -> None:
    euros = f"{Decimal(cents) / 100:,.2f}"
    assert values.cents(euros.translate(str.maketrans(",.", ".,")), "dutch") == cents
    assert values.cents(euros.replace(",", ""), "plain") == cents
    assert values.cents(Decimal(cents) / 100, "plain") == cents


@pytest.mark.parametrize(
    ("value", "house"),
    [
        ("12", House(12, None, None)),
        (12, House(12, None, None)),
        ("12A", House(12, "A", None)),
        ("12 a", House(12, "A", None)),
        ("12-3", House(12, None, "3")),
        ("12 3", House(12, None, "3")),
        ("12 bis", House(12, None, "bis")),
        ("12bis", House(12, None, "bis")),
        ("12A-3", House(12, "A", "3")),
        ("12A3", House(12, None, "A3")),
        ("12/3", House(12, None, "3")),
        ("12-A", House(12, None, "A")),
        ("12 - 3", House(12, None, "3")),
        ("12-", House(12, None, None)),
    ],
)
def test_house_numbers_with_something_behind_them(value: Any, house: House) -> None:
    assert values.house(value) == house


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("0", Reason.RANGE),
        ("100000", Reason.RANGE),
        ("A12", Reason.FORMAT),
        ("12 achter", Reason.FORMAT),
        ("1234567", Reason.FORMAT),
    ],
)
def test_what_is_no_house_number(value: str, reason: Reason) -> None:
    assert reason_of(lambda: values.house(value)) is reason


def test_dates_are_read_in_their_style_only() -> None:
    assert values.day("01-02-2026", "dd-mm-yyyy") == date(2026, 2, 1)
    assert values.day("2026-02-01", "yyyy-mm-dd") == date(2026, 2, 1)
    assert values.day(" ", "yyyy-mm-dd") is None
    assert reason_of(lambda: values.day("2026-02-01", "dd-mm-yyyy")) is Reason.FORMAT
    assert reason_of(lambda: values.day("29-02-2026", "dd-mm-yyyy")) is Reason.FORMAT
    assert reason_of(lambda: values.day("1026-02-01", "yyyy-mm-dd")) is Reason.RANGE


@pytest.mark.parametrize("value", ["0999AB", "9901A", "99 01AB", "9901  AB", "9901AB1"])
def test_what_is_no_postcode(value: str) -> None:
    assert reason_of(lambda: values.postcode(value)) is Reason.FORMAT


def test_a_bsn_is_checked() -> None:
    for fine in ("123456782", "111222333", "999993653", "10000008", "", None):
        values.check_bsn(fine)
    assert reason_of(lambda: values.check_bsn("999993654")) is Reason.CHECKSUM
    assert reason_of(lambda: values.check_bsn("000000000")) is Reason.CHECKSUM
    assert reason_of(lambda: values.check_bsn("1234")) is Reason.FORMAT


@pytest.mark.parametrize("value", ["a\x00b", "a\ud800b", "x" * 65, True, 1.5, Decimal("1.5"), {}])
def test_what_is_no_text(value: Any) -> None:
    assert reason_of(lambda: values.text(value)) is Reason.FORMAT
