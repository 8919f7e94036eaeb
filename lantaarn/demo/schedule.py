"""What happens when: deliveries, caseworkers' outcomes and ticks, in order of time."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

DAILY_TICK = time(1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Delivery:
    """A partner delivers: a file, or rows of a database up to a moment."""

    at: datetime
    adapter: str
    feed: str
    file: str | None
    upto: str | None
    partial: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """A caseworker reports; `record` is in the interchange form."""

    at: datetime
    record: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Tick:
    """An hour in which deadlines are looked at."""

    at: datetime


Step = Delivery | Outcome | Tick


def schedule(examples: Path) -> list[Step]:
    """All steps of the example town: a tick each day and before each delivery, and what happens between."""
    coming = deliveries(examples)
    outcomes = [Outcome(_moment(line["received_at"]), line) for line in _lines(examples / "outcomes.jsonl")]
    moments = [*(step.at for step in coming), *(step.at for step in outcomes)]
    last = max(moments).date()
    hours = {step.at.replace(minute=0, second=0, microsecond=0) for step in coming}
    hours |= {datetime.combine(day, DAILY_TICK) for day in _days(min(hours).date(), last + timedelta(days=1))}
    steps: list[Step] = [*(Tick(hour) for hour in hours), *coming, *outcomes]
    return sorted(steps, key=lambda step: (step.at, not isinstance(step, Tick)))


def deliveries(examples: Path) -> list[Delivery]:
    """What partners deliver, in order of time."""
    return [_delivery(line) for line in _lines(examples / "deliveries.jsonl")]


def _delivery(line: dict[str, Any]) -> Delivery:
    return Delivery(
        _moment(line["at"]),
        line["adapter"],
        line["feed"],
        line.get("file"),
        line.get("upto"),
        bool(line.get("partial")),
    )


def _lines(file: Path) -> Iterator[dict[str, Any]]:
    with file.open(encoding="utf-8") as opened:
        for line in opened:
            yield json.loads(line)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _days(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += timedelta(days=1)
