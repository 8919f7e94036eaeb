"""Starting again with the states of a city: from the word to begin until the first new record is taken up."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from bench import events
from bench.bed import PARTITIONS, Item
from bench.contenders.job import Job
from bench.contenders.staged import parts
from bench.field import QUIX, RAW
from bench.racing import Race, median
from bench.running import Contender, Process
from streams.households.guard import log_bounds
from streams.households.stage import SourceRecord, Stage
from streams.wakeups import tick

HOUSEHOLDS = 200_000
QUICK = 20_000
LEAST = 0.05
NONE, ALL = "none", "all"


def measure(race: Race) -> dict[str, Any]:
    """Households a second, by contender; the time that a start takes with no state at all is taken off."""
    count = QUICK if race.quick else HOUSEHOLDS
    race.tell(f"recovery: {count:,} households")
    bed = race.bed
    for size, households in ((NONE, 0), (ALL, count)):
        bed.make(f"bench.recovery-events-{size}")
        bed.fill(f"bench.recovery-events-{size}", events.reports(bed.codec, households, PARTITIONS))
        bed.make(f"bench.recovery-states-{size}", compacted=True)
        bed.fill(f"bench.recovery-states-{size}", _states(race, f"bench.recovery-events-{size}"))
    took: dict[tuple[str, str], list[float]] = {}
    jobs: dict[tuple[str, str], Job] = {}
    for number, contender in race.turns():
        for size in (NONE, ALL):
            key = contender.name, size
            if number == 0:
                jobs[key] = _prepared(race, contender, size)
            took.setdefault(key, []).append(_start(race, contender, jobs[key]))
            race.tell(f"recovery: {contender.label}, {size}: {took[key][-1]:.2f} s")
    bed.drop("recovery-")
    found = {}
    for contender in race.contenders:
        start, whole = median(took[contender.name, NONE]), median(took[contender.name, ALL])
        found[contender.name] = {
            # Where the states cost no more than a start differs from the next, there is no rate to tell.
            "per_second": round(count / (whole - start)) if whole - start > LEAST * whole else None,
            "seconds": round(whole, 2),
            "seconds_without_state": round(start, 2),
            "records": count,
        }
    return found


def _states(race: Race, source: str) -> Iterator[Item]:
    """What our own worker has in its changelog after these events."""
    states: dict[bytes, bytes] = {}
    _, codec, outputs = parts(race.job("recovery", source, "recovery", 0))
    stage = Stage(codec, outputs, states, source)
    topic_id = log_bounds(race.bed.kafka, source, set(range(PARTITIONS))).topic_id
    for number in range(PARTITIONS):
        stage.open(number, [], topic_id, 0)
    for message in race.bed.read(source):
        number = message.partition() or 0
        record = SourceRecord(message.offset() or 0, message.key(), message.value())
        for effects in stage.apply(number, [record]):
            states.update(effects.changes)
            yield from ((key, value, number) for key, value in effects.changes.items())


def _prepared(race: Race, contender: Contender, size: str) -> Job:
    """The job, with its states where the contender looks for them."""
    name = f"recovery-{contender.name}-{size}-{time.monotonic_ns() % 10**9}"
    states, source = f"bench.recovery-states-{size}", f"bench.recovery-events-{size}"
    bed = race.bed
    count = bed.size(states)
    if contender.name == RAW:
        return race.job("recovery", states, name, count)
    if contender.name == QUIX:  # it makes its states, in its own form, of records that are states
        own = bed.make(f"bench.{name}-source")
        bed.fill(own, ((m.key(), m.value() or b"", m.partition() or 0) for m in bed.read(states)))
        job = race.job("recovery", own, name, count)
        with Process(contender, job) as process:
            process.begin()
            process.wait("done")
        return race.job("recovery", own, name, 1)
    changelog = bed.make(f"bench.households.{name}-state-changelog", compacted=True)
    bed.fill(changelog, ((m.key(), m.value() or b"", m.partition() or 0) for m in bed.read(states)))
    return race.job("recovery", source, name, 1, bed.make(f"bench.{name}-outputs"))


def _start(race: Race, contender: Contender, job: Job) -> float:
    """Seconds until the first new record is taken up; the raw client's until it has read all."""
    if contender.name != RAW:
        _probe(race, job)
    with Process(contender, job) as process:
        began = process.begin()
        return process.wait("done" if contender.name == RAW else "first") - began


def _probe(race: Race, job: Job) -> None:
    """One new record for each partition, of the day of the reports: a later hour would wake every household."""
    value = race.bed.codec.encode("HouseholdEvent", tick(datetime.combine(events.FIRST, datetime.min.time(), UTC)))
    race.bed.fill(job.source, ((b"probe", value, number) for number in range(PARTITIONS)))
