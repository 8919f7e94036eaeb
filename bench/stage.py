"""The households stage alone, on one core and without a broker: what an engine at the speed of light would give.

``uv run python -m bench.stage --profile`` shows where the time goes.
"""

import argparse
import cProfile
import gc
import pstats
import random
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from schemas.codec import RECORDS, Codec, schema_text
from schemas.codes import Crisis, Kind, SignalType
from schemas.topics import Catalogue
from streams.core.addresses import pseudonym
from streams.core.records import Address, Record
from streams.households import stored
from streams.households.stage import SourceRecord, Stage
from streams.outputs import Outputs
from streams.wire import event_of, millis

FIRST = date(2025, 1, 1)
PARTNERS = {
    SignalType.HEALTH_INSURANCE: 43,
    SignalType.RENT: 20,
    SignalType.ENERGY: 20,
    SignalType.WATER: 17,
}
"""Types by their share of all signals in the country."""
SECRET = b"bench"
EVICTIONS = 0.04  # share of rent reports
BATCH = 2000


class NoRegistry:
    """Ids by the place in the list of contracts."""

    def id_of(self, record: str) -> int:
        """Its place."""
        return RECORDS.index(record)

    def schema(self, schema_id: int) -> str:
        """Our own contract."""
        return schema_text(RECORDS[schema_id])


def year(seed: int, count: int) -> Iterator[Record]:
    """A year of accepted records in order of receipt: reports that come back, new amounts, payments."""
    dice = random.Random(seed)
    made: list[Record] = []
    while len(made) < count:
        kind = dice.choices([*PARTNERS], [*PARTNERS.values()])[0]
        address = Address(f"{dice.randint(9100, 9999)}SA", dice.randint(1, max(2, count // 1000)))
        start = FIRST + timedelta(days=dice.randint(0, 240))
        for month in range(dice.choices([1, 2, 3, 4], [50, 25, 15, 10])[0]):
            day = start + timedelta(days=30 * month + dice.randint(0, 3))
            what = dice.choices([Kind.REPORT, Kind.AMOUNT, Kind.PAID], [80, 8, 12])[0] if month else Kind.REPORT
            report = what is Kind.REPORT
            made.append(
                Record(
                    id=str(UUID(int=dice.getrandbits(128), version=4)),
                    partner=f"partner-{kind.lower()}",
                    type=kind,
                    signalled_on=day,
                    received_at=millis(datetime(day.year, day.month, day.day, 7, tzinfo=UTC))
                    + dice.randrange(4 * 24 * 3_600_000),
                    address=address,
                    kind=what,
                    reference=f"K{address.number:07}",
                    arisen_on=day - timedelta(days=45) if report else None,
                    amount_cents=None if what is Kind.PAID else dice.randint(8_000, 60_000),
                    crisis=Crisis.EVICTION if kind is SignalType.RENT and dice.random() < EVICTIONS else None,
                    months=dice.randint(1, 3) if kind is SignalType.RENT and report else None,
                    agreement="2025-1",
                )
            )
    return iter(sorted(made[:count], key=lambda record: (record.received_at, record.id)))


def measure(count: int, seed: int = 1, *, profile: bool = False) -> dict[str, float]:
    """Run a year through one partition of the stage.

    Returns:
        Events a second, outputs an event, median bytes of a state.
    """
    codec = Codec(NoRegistry())
    catalogue = Catalogue("", [(f"partner-{kind.lower()}", kind) for kind in PARTNERS])
    values = [codec.encode("HouseholdEvent", event_of(r, pseudonym(SECRET, r.address))) for r in year(seed, count)]
    states: dict[bytes, bytes] = {}
    stage = Stage(codec, Outputs(codec, catalogue, "urn:bench"), states, catalogue.household_events.name)
    stage.open(0, [], "bench", 0)
    records = [SourceRecord(offset, None, value) for offset, value in enumerate(values)]
    outputs = 0
    gc.collect()
    gc.freeze()
    profiler = cProfile.Profile() if profile else None
    if profiler:
        profiler.enable()
    began = time.perf_counter()
    for start in range(0, count, BATCH):
        for effects in stage.apply(0, records[start : start + BATCH]):
            outputs += len(effects.outputs)
            states.update(effects.changes)
    seconds = time.perf_counter() - began
    if profiler:
        profiler.disable()
        pstats.Stats(profiler).sort_stats("tottime").print_stats(45)
    sizes = sorted(len(data) for key, data in states.items() if not key.startswith(stored.MARK_PREFIX))
    return {
        "events_per_second": round(count / seconds),
        "outputs_per_event": round(outputs / count, 2),
        "households": len(sizes),
        "state_bytes_median": sizes[len(sizes) // 2],
        "state_bytes_p99": sizes[len(sizes) * 99 // 100],
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="bench.stage", description=__doc__)
    parser.add_argument("--count", type=int, default=50_000)
    parser.add_argument("--profile", action="store_true", help="with cProfile: the shares count, not the rate")
    given = parser.parse_args()
    print(measure(given.count, profile=given.profile))
