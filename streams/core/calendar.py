"""Days, months and working days as the law counts them in the Netherlands."""

from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

import holidays

ONE_DAY = timedelta(days=1)
AMSTERDAM = ZoneInfo("Europe/Amsterdam")
HOUR_MS = 3_600_000
FRIDAY = 4


def local_day(moment_ms: int) -> date:
    """The date in Europe/Amsterdam of a moment in milliseconds since 1970 (UTC)."""
    return _day_of_hour(moment_ms // HOUR_MS)


@lru_cache(maxsize=20_000)
def _day_of_hour(hour: int) -> date:
    # Amsterdam is whole hours from UTC, so the date is the same throughout an hour.
    return datetime.fromtimestamp(hour * 3600, UTC).astimezone(AMSTERDAM).date()


@lru_cache(maxsize=20_000)
def add_months(day: date, months: int) -> date:
    """The same day some calendar months later, or earlier; clamped to the month's end."""
    month = day.year * 12 + day.month - 1 + months
    year, month = divmod(month, 12)
    return date(year, month + 1, min(day.day, _days_in_month(year, month + 1)))


@lru_cache(maxsize=20_000)
def last_day_read(signalled_on: date, look_back: int) -> date:
    """The last day on which a record is not older than the look-back.

    Clamping makes this differ from ``signalled_on + look_back`` at a month's end: 28 February is six months before
    each of 28 to 31 August.
    """
    day = add_months(signalled_on, look_back)
    while add_months(day + ONE_DAY, -look_back) <= signalled_on:
        day += ONE_DAY
    return day


@lru_cache(maxsize=20_000)
def add_working_days(day: date, count: int) -> date:
    """The day that many working days later; the day itself is day 0 (Algemene termijnenwet) [law]."""
    while count:
        day += ONE_DAY
        if day.weekday() <= FRIDAY and day not in _free_days(day.year):
            count -= 1
    return day


def _days_in_month(year: int, month: int) -> int:
    following = date(year + month // 12, month % 12 + 1, 1)
    return (following - ONE_DAY).day


@cache
def _free_days(year: int) -> frozenset[date]:
    # As a public holiday the package has 5 May in lustrum years only; the law has it every year.
    listed = holidays.country_holidays("NL", years=year, categories=("public", "optional"))
    return frozenset(day for day in listed if day.year == year) | {date(year, 5, 5)}
