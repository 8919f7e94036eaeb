"""``python -m bench``: what this machine and these engines make of the same work, as a table or as JSON."""

import argparse
import json
import os
import platform
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import structlog

from bench import chart, field, pipeline, replaying, results, storing
from bench.bed import EXAMPLES, POLICY, Bed
from bench.racing import Race
from bench.running import Contender
from bench.workloads import household, keyed, latency, national, recovery
from lantaarn.settings import load_policy
from streams.core.policy import always

RACES: dict[str, Callable[[Race], dict[str, Any]]] = {
    "keyed": keyed.measure,
    "household": household.measure,
    "recovery": recovery.measure,
    "latency": latency.measure,
    "national": national.measure,
}
ALONE = ("replay", "pipeline", "sink")
ON_REQUEST = ("national",)
ROUNDS = 3


def main() -> None:
    """Run the benchmarks."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--quick", action="store_true", help="small loads, one round: under five minutes")
    parser.add_argument(
        "--workload",
        action="append",
        choices=[*RACES, *ALONE],
        help=f"only this one; may be repeated; without: all but {', '.join(ON_REQUEST)}, and sink when quick",
    )
    parser.add_argument("--contender", action="append", help="only this one; may be repeated")
    parser.add_argument("--rounds", type=int, default=None, help=f"of each race; {ROUNDS}, or 1 when quick")
    parser.add_argument("--charts", type=Path, default=None, help="folder to draw the rates in, as SVG")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is ended
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger("error"))
    began = time.monotonic()

    def tell(text: str) -> None:
        print(f"{time.monotonic() - began:6.1f}  {text}", file=sys.stderr, flush=True)

    left_out = {*ON_REQUEST, *(["sink"] if given.quick else [])}
    wanted = given.workload or [name for name in (*ALONE, *RACES) if name not in left_out]
    known = field.contenders(tell)
    taking_part = tuple(known[name] for name in given.contender or known)
    details: dict[str, Any] = {}
    if races := [name for name in RACES if name in wanted]:
        with tempfile.TemporaryDirectory() as folder, Bed(Path(folder)) as bed:
            rounds = given.rounds or (1 if given.quick else ROUNDS)
            race = Race(bed, taking_part, rounds, given.quick, tell)
            details = {name: RACES[name](race) for name in races}
    result = _result(details, taking_part)
    for name in (name for name in ALONE if name in wanted):
        result[name] = _alone(name, quick=given.quick, tell=tell)
    if given.charts:
        _draw(given.charts, result, {each.name: each.label for each in taking_part})
    if given.json:
        print(json.dumps(result))
    else:
        results.show(result, {each.name: each.label for each in taking_part})
        if alone := {name: result[name] for name in ALONE if name in result}:
            print(json.dumps(alone, indent=2))


def _result(details: dict[str, Any], taking_part: tuple[Contender, ...]) -> dict[str, Any]:
    found = results.rates(details)
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}",
        "rates": found,
        "ratios": results.ratios(found, taking_part[0].name),
        "memory_mib": results.memory(details),
        "details": details,
    }


def _alone(name: str, *, quick: bool, tell: Callable[[str], None]) -> dict[str, Any]:
    share = 4 if quick else 1
    tell(name)
    if name == "replay":
        return replaying.measure(always(load_policy(POLICY)), 50_000 // share)
    with tempfile.TemporaryDirectory() as folder:
        if name == "sink":
            seconds, burst = 30 // share, 30_000 // share
            return storing.measure(EXAMPLES, Path(folder), seconds=seconds, per_second=2000, burst=burst, tell=tell)
        return pipeline.measure(EXAMPLES, Path(folder), burst=8_000 // share, steady=2_000 // share, tell=tell)


def _draw(folder: Path, result: Mapping[str, Any], labels: Mapping[str, str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    ours = next(iter(labels.values()))
    for workload, of in result["rates"].items():
        values = {labels[name]: rate for name, rate in of.items()}
        chart.draw(folder / f"{workload}.svg", workload, results.UNITS[workload], values, ours)


if __name__ == "__main__":
    main()
