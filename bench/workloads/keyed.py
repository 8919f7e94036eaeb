"""Counting by key, with a changelog: what an engine costs when the work itself costs next to nothing."""

import json
import random
from collections.abc import Iterator
from typing import Any

from bench.bed import Item
from bench.contenders.job import Job
from bench.field import RAW
from bench.racing import Race, WrongError, summary
from bench.running import Contender

RECORDS = 600_000
QUICK = 150_000
KEYS = 5000
BYTES = 150


def measure(race: Race) -> dict[str, Any]:
    """Records a second, by contender."""
    whole = QUICK if race.quick else RECORDS
    race.tell(f"keyed: {whole:,} records")
    source = race.bed.make("bench.keyed")
    race.bed.fill(source, _load(whole))

    def check(contender: Contender, job: Job) -> None:
        if contender.name == RAW:
            return  # it writes nothing
        changelogs = [name for name in race.bed.find(job.run) if "changelog" in name]
        counts = {m.key(): _count(m.value()) for name in changelogs for m in race.bed.read(name)}
        counted = sum(counts.values())
        if counted != job.records:
            raise WrongError(f"{contender.name} counted {counted} of {job.records}")

    runs = race.run("keyed", source, whole, check)
    race.bed.drop(source)
    return summary(runs)


def _load(count: int) -> Iterator[Item]:
    dice = random.Random(1)
    keys = [f"key-{number:05}".encode() for number in range(KEYS)]
    value = dice.randbytes(BYTES)
    return ((dice.choice(keys), value, -1) for _ in range(count))


def _count(value: bytes | None) -> int:
    return int(json.loads(value)) if value else 0
