"""Writes the examples: seven months of deliveries of an invented town.

``uv run python -m examples.generate [FOLDER]``. Seeded: the same bytes each time. What is configured by hand
(``adapters/``, ``agreements.toml``, the policies) is read from here, never written.
"""

import json
import random
import shutil
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import structlog

from examples.making.billing import Billing
from examples.making.caseworker import outcomes
from examples.making.claims import Teller
from examples.making.dirt import Dirt
from examples.making.files import Desk, Written, by_slot, cut_files
from examples.making.oracle import Oracle
from examples.making.said import Said
from examples.making.town import households
from examples.making.turns import Knowledge, turns
from lantaarn.demo.schedule import deliveries
from producers.config import Feed, SqlPoll, load

HERE = Path(__file__).parent
SEED = "veenhaven-2026"
HOUSEHOLDS = 1800
OWN = ("landlord", "feed", "energy")  # folders that hold nothing but what is written here


def main(folder: Path) -> None:
    """Write everything, in phases: the stories, the files, and what caseworkers answer to what comes of them."""
    teller = tell()
    write(folder, teller)
    answers = outcomes(
        folder, HERE / "adapters", HERE / "agreements.toml", HERE / "policy-default.toml", deliveries(folder)
    )
    _lines(folder / "outcomes.jsonl", answers)


def tell() -> Teller:
    """The stories of the town: every row that any partner sends."""
    rng = random.Random(SEED)
    teller = Teller(rng, households(random.Random(f"{SEED}-town")))
    teller.tell(HOUSEHOLDS)
    turns(teller)
    Knowledge(teller).tell()
    dirt = Dirt(teller)
    dirt.spread()
    cut_files(dirt)
    return teller


def write(folder: Path, teller: Teller) -> None:
    """The deliveries, the schedule, and what is expected to be refused."""
    feeds = {feed.name: feed for name in ("landlord", "energy", "feed") for feed in _feeds(name)}
    written = Written()
    rng = random.Random(f"{SEED}-files")
    desk = Desk(feeds, Oracle(HERE / "agreements.toml"), written, rng)
    for own in OWN:
        shutil.rmtree(folder / own, ignore_errors=True)
    energy = []
    for slot, rows in by_slot(teller.said, teller.slots):
        if isinstance(feeds[slot.feed].source, SqlPoll):
            rng.shuffle(rows)
            energy.append((slot, rows))
        else:
            desk.write(slot, rows)
    for path, data in written.files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    (folder / "energy").mkdir(parents=True)
    Billing(feeds["energie"], desk, written, rng).write(folder / "energy" / "billing.sqlite", energy)
    _lines(folder / "deliveries.jsonl", sorted(written.schedule, key=lambda entry: entry["at"]))
    _lines(folder / "expected-refusals.jsonl", written.expected)
    _summary(teller.said, written)


def _feeds(adapter: str) -> tuple[Feed, ...]:
    return load(HERE / "adapters" / f"{adapter}.toml").feeds


def _lines(path: Path, entries: Iterable[Mapping[str, Any]]) -> None:
    path.write_text("".join(f"{json.dumps(entry)}\n" for entry in entries), encoding="utf-8")


def _summary(said: list[Said], written: Written) -> None:
    reports = sum(one.fields.get("kind") == "report" for one in said)
    print(f"{len(said)} rows, {reports} reports; {len(written.schedule)} deliveries; {len(written.expected)} refusals")


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger("error"))
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
