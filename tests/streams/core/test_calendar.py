"""Days, months and working days."""

from datetime import UTC, date, datetime

import pytest

from streams.core.calendar import add_months, add_working_days, last_day_read, local_day


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.rule("day")
@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-02-02T22:59:59", "2026-02-02"),
        ("2026-02-02T23:00:00", "2026-02-03"),
        ("2026-07-01T21:59:59", "2026-07-01"),
        ("2026-07-01T22:00:00", "2026-07-02"),
        ("2026-03-28T23:00:00", "2026-03-29"),
        ("2026-03-29T22:00:00", "2026-03-30"),
        ("2026-10-24T22:00:00", "2026-10-25"),
        ("2026-10-25T22:59:59", "2026-10-25"),
        ("2026-10-25T23:00:00", "2026-10-26"),
    ],
)
def test_a_day_is_the_date_in_amsterdam_in_winter_summer_and_on_the_days_between(moment: str, expected: str) -> None:
    at = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    assert local_day(int(at.timestamp() * 1000)) == day(expected)


@pytest.mark.rule("months")
@pytest.mark.parametrize(
    ("start", "months", "expected"),
    [
        ("2026-02-02", 6, "2026-08-02"),
        ("2025-08-31", 6, "2026-02-28"),
        ("2023-08-31", 6, "2024-02-29"),
        ("2026-08-31", -6, "2026-02-28"),
        ("2026-01-15", -1, "2025-12-15"),
        ("2025-12-31", 12, "2026-12-31"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2026-11-30", 3, "2027-02-28"),
    ],
)
def test_months_are_calendar_months_clamped_to_the_months_end(start: str, months: int, expected: str) -> None:
    assert add_months(day(start), months) == day(expected)


@pytest.mark.rule("months", "look_back")
@pytest.mark.parametrize(
    ("signalled", "expected"),
    [
        ("2026-01-15", "2026-07-15"),
        ("2025-08-31", "2026-02-28"),
        ("2026-02-28", "2026-08-31"),
        ("2025-09-30", "2026-03-31"),
    ],
)
def test_the_last_day_read_is_the_last_that_has_the_date_within_six_months_before_it(
    signalled: str, expected: str
) -> None:
    last = last_day_read(day(signalled), 6)
    assert last == day(expected)
    assert add_months(last, -6) <= day(signalled)


@pytest.mark.rule("working_days")
@pytest.mark.parametrize(
    ("start", "count", "expected"),
    [
        pytest.param("2026-02-02", 3, "2026-02-05", id="the day itself is day 0"),
        pytest.param("2026-02-05", 3, "2026-02-10", id="over a weekend"),
        pytest.param("2026-02-07", 3, "2026-02-11", id="from a Saturday"),
        pytest.param("2026-02-08", 1, "2026-02-09", id="from a Sunday"),
        pytest.param("2026-04-02", 1, "2026-04-07", id="Good Friday and Easter Monday"),
        pytest.param("2026-04-01", 3, "2026-04-08", id="one day before Good Friday"),
        pytest.param("2026-04-24", 1, "2026-04-28", id="King's Day on a Monday"),
        pytest.param("2025-04-25", 1, "2025-04-28", id="King's Day moved to Saturday 26 April"),
        pytest.param("2026-05-04", 1, "2026-05-06", id="5 May of a year that is no lustrum"),
        pytest.param("2025-05-02", 1, "2025-05-06", id="5 May of a lustrum"),
        pytest.param("2026-06-04", 1, "2026-06-05", id="5 June is a day like others"),
        pytest.param("2026-05-13", 1, "2026-05-15", id="Ascension Day"),
        pytest.param("2026-05-22", 1, "2026-05-26", id="Whit Monday"),
        pytest.param("2026-12-24", 1, "2026-12-28", id="Christmas on Friday and Saturday"),
        pytest.param("2025-12-24", 3, "2025-12-31", id="both Christmas days"),
        pytest.param("2025-12-31", 1, "2026-01-02", id="New Year's Day"),
        pytest.param("2026-12-31", 1, "2027-01-04", id="New Year's Day before a weekend"),
    ],
)
def test_working_days_are_those_of_the_law(start: str, count: int, expected: str) -> None:
    assert add_working_days(day(start), count) == day(expected)
