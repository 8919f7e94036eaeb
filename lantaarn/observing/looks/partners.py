"""Partners: when each was last heard, how long it may be silent, until when it may send what."""

import time
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from datetime import time as clock_time
from typing import Any, NamedTuple

from lantaarn.logbook import Logbook
from lantaarn.observing.limits import AGREEMENT_DAYS, AGREEMENT_OVER_DAYS
from schemas.codes import SignalType
from schemas.topics import Catalogue
from streams.core.agreements import Agreements
from streams.core.calendar import AMSTERDAM, ONE_DAY
from streams.households.guard import LogBounds

DAY_SECONDS = 86400.0


class PartnerLook(NamedTuple):
    """How a partner with an agreement that is in force stands. Moments are seconds since 1970."""

    partner: str
    last_at: float | None  # of its last record
    silent: float  # seconds since then, or since its agreement began
    rhythm: float | None  # seconds that it may be silent

    @property
    def too_silent(self) -> bool:
        """Whether somebody should ask it."""
        return self.rhythm is not None and self.silent > self.rhythm


class AgreementLook(NamedTuple):
    """Until when a partner may send a type."""

    partner: str
    type: SignalType
    last_day: date

    @property
    def ends_at(self) -> float:
        """The end of that day in Amsterdam, seconds since 1970."""
        return datetime.combine(self.last_day + ONE_DAY, clock_time(), AMSTERDAM).timestamp()

    def left(self, today: date) -> int:
        """Days until the last one; 0 on that day, negative when it has passed."""
        return (self.last_day - today).days

    def within(self, today: date) -> int | None:
        """The least of `AGREEMENT_DAYS` in which it ends or has ended; null where nobody need be warned."""
        left = self.left(today)
        return min((days for days in AGREEMENT_DAYS if -AGREEMENT_OVER_DAYS < left < days), default=None)


def heard(kafka: Mapping[str, Any], topics: Catalogue, agreements: Agreements, today: date) -> list[PartnerLook]:
    """When each partner whose agreement is in force was last heard.

    Raises:
        LogError: When the broker does not tell.
    """
    last = _last_records(Logbook(kafka), topics)
    now = time.time()
    found = []
    entries = [entry for entry in agreements.entries or () if entry.valid_from <= today <= agreements.last_day(entry)]
    for partner in sorted({entry.partner for entry in entries}):
        theirs = [entry for entry in entries if entry.partner == partner]
        heard_at = [last[t.name] for (who, _), t in topics.signals.items() if who == partner and t.name in last]
        last_at = max(heard_at, default=None)
        began = datetime.combine(min(entry.valid_from for entry in theirs), clock_time(), AMSTERDAM).timestamp()
        rhythms = [entry.rhythm_days for entry in theirs if entry.rhythm_days is not None]
        rhythm = min(rhythms) * DAY_SECONDS if rhythms else None
        found.append(PartnerLook(partner, last_at, max(0.0, now - (last_at or began)), rhythm))
    return found


def ending(agreements: Agreements, today: date) -> list[AgreementLook]:
    """Until when each partner may send what without a gap from today on; or until when it could, if that has passed."""
    found = []
    for partner, kind in sorted(agreements.senders):
        spans = [
            (entry.valid_from, agreements.last_day(entry))
            for entry in agreements.entries or ()
            if entry.partner == partner and kind in entry.types
        ]
        last_day = _covered_until(spans, today)
        if last_day is not None:
            found.append(AgreementLook(partner, kind, last_day))
    return found


def _covered_until(spans: list[tuple[date, date]], today: date) -> date | None:
    day, until = today, None
    while ends := [end for begin, end in spans if begin <= day <= end]:
        until = max(ends)
        day = until + timedelta(days=1)
    return until or max((end for _, end in spans if end < today), default=None)


def _last_records(logbook: Logbook, topics: Catalogue) -> dict[str, float]:
    """Topic -> when its last record was written."""
    known = logbook.bounds({topic.name: topic for topic in topics.signals.values()}.values())
    wanted = {
        name: LogBounds(bounds.topic_id, {0: bounds.ends[0] - 1}, {0: bounds.ends[0]})
        for name, bounds in known.items()
        if bounds.starts[0] < bounds.ends[0]
    }
    return {entry.topic: entry.timestamp / 1000 for entry in logbook.read(wanted)}
