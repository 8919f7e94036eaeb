"""The households stage alone, on one core and without a broker: what an engine at the speed of light would give.

``uv run python -m bench.stage --profile`` shows where the time goes.
"""

import argparse
import cProfile
import gc
import pstats
import time

from bench.events import log
from schemas.codec import RECORDS, Codec, schema_text
from schemas.codes import SignalType
from schemas.topics import Catalogue
from streams.households import stored
from streams.households.stage import SourceRecord, Stage
from streams.outputs import Outputs

BATCH = 2000
SENDERS = [("partner-huur", SignalType.RENT)]


class NoRegistry:
    """Ids by the place in the list of contracts."""

    def id_of(self, record: str) -> int:
        """Its place."""
        return RECORDS.index(record)

    def schema(self, schema_id: int) -> str:
        """Our own contract."""
        return schema_text(RECORDS[schema_id])


def measure(count: int, seed: int = 1, *, profile: bool = False) -> dict[str, float]:
    """Run a log through one partition of the stage.

    Returns:
        Events a second of the processor, outputs an event, median bytes of a state.
    """
    codec = Codec(NoRegistry())
    catalogue = Catalogue("", SENDERS)
    records = [SourceRecord(at, key, value) for at, (key, value, _) in enumerate(log(codec, count, 1, seed))]
    states: dict[bytes, bytes] = {}
    stage = Stage(codec, Outputs(codec, catalogue, "urn:bench"), states, catalogue.household_events.name)
    stage.open(0, [], "bench", 0)
    outputs = 0
    gc.collect()
    gc.freeze()
    profiler = cProfile.Profile() if profile else None
    if profiler:
        profiler.enable()
    began = time.process_time()
    for start in range(0, count, BATCH):
        for effects in stage.apply(0, records[start : start + BATCH]):
            outputs += len(effects.outputs)
            states.update(effects.changes)
    seconds = time.process_time() - began
    if profiler:
        profiler.disable()
        pstats.Stats(profiler).sort_stats("tottime").print_stats(45)
    sizes = sorted(len(data) for key, data in states.items() if not key.startswith(stored.MARK_PREFIX))
    return {
        "events_per_cpu_second": round(count / seconds),
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
