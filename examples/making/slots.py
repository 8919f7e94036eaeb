"""When each partner delivers: around the turn of the month, some once more halfway."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

LOCAL = ZoneInfo("Europe/Amsterdam")
MONTHS = ((2025, 11), (2025, 12), (2026, 1), (2026, 2), (2026, 3), (2026, 4), (2026, 5))
NO_OFFICE = frozenset(
    {
        date(2025, 12, 25),
        date(2025, 12, 26),
        date(2026, 1, 1),
        date(2026, 4, 3),
        date(2026, 4, 6),
        date(2026, 4, 27),
        date(2026, 5, 5),
        date(2026, 5, 14),
        date(2026, 5, 25),
    }
)
MIDDLE = 15


@dataclass(frozen=True, slots=True)
class Rhythm:
    """A feed's habit: from which day of the month on, at what hour, and whether halfway too."""

    adapter: str
    partner: str
    day: int
    at: time
    twice: bool


RHYTHMS = {
    "huur-wende": Rhythm("landlord", "woonstichting-de-wende", 1, time(6, 10), twice=True),
    "energie": Rhythm("energy", "energie-noorderveld", 3, time(5, 30), twice=True),
    "huur-lichthuis": Rhythm("feed", "verhuur-lichthuis", 2, time(9, 40), twice=False),
    "water": Rhythm("feed", "waterbedrijf-het-diep", 3, time(7, 20), twice=False),
    "zorg-eendracht": Rhythm("feed", "zorgverzekeraar-eendracht", 2, time(4, 0), twice=True),
    "zorg-veldzicht": Rhythm("feed", "zorgverzekeraar-veldzicht", 4, time(13, 50), twice=True),
    "uitkeringsstop": Rhythm("feed", "isd", 5, time(16, 30), twice=False),
    "huishouden": Rhythm("feed", "gemeente", 1, time(8, 0), twice=False),
    "adres": Rhythm("feed", "gemeente", 6, time(8, 30), twice=False),
}


@dataclass(frozen=True, slots=True)
class Slot:
    """One regular delivery of a feed."""

    feed: str
    index: int
    at: datetime

    @property
    def day(self) -> date:
        """The local day of delivery."""
        return self.at.astimezone(LOCAL).date()


def office_day(day: date) -> date:
    """This day, or the next on which an office works."""
    while day.weekday() > 4 or day in NO_OFFICE:  # noqa: PLR2004 - Friday
        day += timedelta(days=1)
    return day


def slots(feed: str) -> list[Slot]:
    """All regular deliveries of a feed, in order."""
    return [Slot(feed, index, at) for index, at in enumerate(_moments(RHYTHMS[feed]))]


def _moments(rhythm: Rhythm) -> Iterator[datetime]:
    for year, month in MONTHS:
        for day in (rhythm.day, MIDDLE + rhythm.day - 1)[: 2 if rhythm.twice else 1]:
            local = datetime.combine(office_day(date(year, month, day)), rhythm.at, LOCAL)
            yield local.astimezone(UTC)
