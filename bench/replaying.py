"""Replay: how long 50,000 signals take through the core, with reading and writing left out."""

import gc
import json
import random
import time
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from streams.core.policy import Policies
from streams.replay import replay

FIRST = date(2025, 1, 1)
LAST = date(2025, 12, 31)
TYPES = {"Zorg": 43, "Huur": 20, "Energie": 20, "Water": 17}


def measure(policies: Policies, count: int) -> dict[str, Any]:
    """Replay a made-up year; gives seconds and signals per second."""
    lines = list(_lines(random.Random(1), count))
    gc.disable()
    began = time.perf_counter()
    done = replay(lines, policies=policies, as_of=LAST, secret=b"bench")
    seconds = time.perf_counter() - began
    gc.enable()
    return {
        "signals": count,
        "tasks": len(done.tasks),
        "seconds": round(seconds, 2),
        "per_second": round(count / seconds),
    }


def _lines(rng: random.Random, count: int) -> Iterator[bytes]:
    made = 0
    while made < count:
        kind = rng.choices([*TYPES], [*TYPES.values()])[0]
        address = {"postcode": f"{rng.randint(9100, 9999)}SA", "number": rng.randint(1, 40)}
        start = rng.randint(0, 200)
        for month in range(min(rng.choices([1, 2, 3, 4], [50, 25, 15, 10])[0], count - made)):
            made += 1
            day = FIRST + timedelta(days=start + 30 * month + rng.randint(0, 3))
            record = {
                "id": str(UUID(int=rng.getrandbits(128))),
                "partner": f"partner-{kind}",
                "type": kind,
                "kind": "report",
                "reference": str(address["number"]),
                "amount_cents": rng.randint(8_000, 60_000),
                "arisen_on": str(day - timedelta(days=45)),
                "signalled_on": str(day),
                "received_at": f"{day + timedelta(days=rng.randint(0, 4))}T08:{rng.randint(0, 59):02}:00Z",
                "preconditions": dict.fromkeys(("personal_contact", "debt_help", "reminder", "consent_offer"), True),
                "address": address,
            }
            yield json.dumps(record).encode()
