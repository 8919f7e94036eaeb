"""``make soak MINUTES=n ENGINE=plain|batch``: half load for a long time; is memory flat, and is nothing left over?

A town of fixed size, whose days pass quickly: its claims are forgotten from the end of the first part of the run on, so
that states stop growing and whatever still grows is a leak.
"""

import argparse
import json
import random
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psutil
import structlog
from confluent_kafka import Producer

from bench.bed import Bed
from bench.field import ENVIRONMENT
from lantaarn.embedded.process import ManagedProcess
from schemas.codes import SignalType
from schemas.producer import IN_ORDER
from schemas.topics import Catalogue

PREFIX = "soak."
SENDER = ("waterbedrijf-het-diep", SignalType.WATER)
FIRST = date(2026, 1, 1)
DAYS_THAT_AGE = 760
"""Four times the look-back: arrears may last for twice as long before they are paid, and what was said of them is kept
for as long again. From then on as much is forgotten as is added."""
AGED = 0.3
"""The part of the run in which those days pass."""
DAYS = int(DAYS_THAT_AGE / AGED)
HALF_LOAD = {"plain": 300, "batch": 2500}
"""Signals a second: half of what intake and one worker do on two cores with the broker beside them."""
HOUSES = 20_000
MOST_GROWTH = 0.05
MIB = 1024 * 1024
PATIENCE = 300.0


def main() -> int:
    """Run it; the exit code is 0 when memory was flat and nothing was left over."""
    parser = argparse.ArgumentParser(prog="soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--engine", choices=[*HALF_LOAD], default="plain")
    parser.add_argument("--per-second", type=int, default=None, help="signals; without, half of what it can do")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is ended
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger("error"))
    rate = given.per_second or HALF_LOAD[given.engine]
    with tempfile.TemporaryDirectory() as folder, Bed(Path(folder)) as bed, ExitStack() as exits:
        made = bed.deployment(PREFIX)
        processes = {
            name: bed.spawn(name, command, PREFIX, LANTAARN_BACKFILL="true", **ENVIRONMENT[given.engine])
            for name, command in (("intake", "intake"), ("worker-1", "worker"))
        }
        for process in processes.values():
            exits.callback(process.kill)
        load = _Load(bed, made.catalogue, rate, given.minutes * 60)
        sizes: dict[str, list[int]] = {name: [] for name in processes}
        for second in load.send():
            if second % 5 == 0:
                for name, process in processes.items():
                    process.check()
                    sizes[name].append(_rss(process))
            if second % 60 == 0:
                behind = _behind(bed, made.catalogue)
                print(f"{second // 60:4} min  {load.sent:10,} sent  {behind:8,} behind  {_last(sizes)}", flush=True)
        left = _rest(bed, made.catalogue)
        grew = {name: _growth(found) for name, found in sizes.items()}
        versions = bed.size(made.catalogue.outreach_tasks.name)
    flat = all(growth <= MOST_GROWTH for growth in grew.values())
    result = {
        "engine": given.engine,
        "minutes": given.minutes,
        "per_second": rate,
        "signals": load.sent,
        "offsets_of_tasks": versions,
        "left_over": left,
        "rss_mib": _last(sizes),
        "growth_after_ageing": {name: round(growth, 3) for name, growth in grew.items()},
        "flat": flat,
    }
    print(json.dumps(result), flush=True)
    return 0 if flat and not left else 1


class _Load:
    """Signals of one partner at a steady pace.

    Args:
        bed: The broker.
        catalogue: The topics.
        rate: A second.
        seconds: For how long.
    """

    def __init__(self, bed: Bed, catalogue: Catalogue, rate: int, seconds: float) -> None:
        self.sent = 0
        self._bed, self._topic = bed, catalogue.signals[SENDER]
        self._rate, self._seconds = rate, seconds
        self._dice = random.Random(1)
        self._producer = Producer({**bed.kafka, **IN_ORDER, "linger.ms": 5})

    def send(self) -> Iterator[int]:
        """Sends; gives the number of each second as it begins."""
        began, second = time.monotonic(), 0
        while (gone := time.monotonic() - began) < self._seconds:
            if gone >= second:
                yield second
                second += 1
            for _ in range(int(self._rate * gone) - self.sent):
                self._send(gone / self._seconds)
            self._producer.poll(0)
            time.sleep(0.01)
        self._producer.flush()

    def _send(self, part: float) -> None:
        day = FIRST + timedelta(days=int(part * DAYS))
        house = self._dice.randrange(HOUSES)
        identity = str(UUID(int=self._dice.getrandbits(128), version=4))
        value = {
            "id": identity,
            "partner": SENDER[0],
            "kind": self._dice.choices(("report", "paid"), (3, 1))[0],
            "reference": f"K{house}",
            "signalled_on": day,
            "arisen_on": day - timedelta(days=45),
            "amount_cents": self._dice.randrange(8_000, 60_000),
            "crisis": None,
            "months": 1,
            "preconditions": dict.fromkeys(("personal_contact", "debt_help", "reminder", "consent_offer"), True),
            "address": {"postcode": f"{1000 + house // 200}AA", "number": house % 200 + 1},
            "delivered_at": datetime(day.year, day.month, day.day, 9, tzinfo=UTC),
        }
        self._producer.produce(self._topic.name, self._bed.codec.encode(self._topic.record, value), identity.encode())
        self.sent += 1


def _behind(bed: Bed, catalogue: Catalogue) -> int:
    into = bed.behind(catalogue.intake_group, catalogue.signals[SENDER].name)
    return into + bed.behind(catalogue.households_app, catalogue.household_events.name)


def _rest(bed: Bed, catalogue: Catalogue) -> int:
    """What is still left when it had time to come to rest."""
    deadline = time.monotonic() + PATIENCE
    while (left := _behind(bed, catalogue)) and time.monotonic() < deadline:
        time.sleep(0.5)
    return left


def _rss(process: ManagedProcess) -> int:
    return int(psutil.Process(process.pid).memory_info().rss) // MIB


def _last(sizes: dict[str, list[int]]) -> dict[str, Any]:
    return {name: found[-1] for name, found in sizes.items() if found}


def _growth(found: list[int]) -> float:
    """From the first to the last quarter of the time in which as much is forgotten as is added."""
    steady = found[int(len(found) * (AGED + 0.1)) :]
    quarter = max(1, len(steady) // 4)
    early, late = statistics.median(steady[:quarter]), statistics.median(steady[-quarter:])
    return float(late / early - 1)


if __name__ == "__main__":
    sys.exit(main())
