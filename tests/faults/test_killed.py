"""Intake and worker killed again and again with work left: nothing lost, tasks as the core says."""

import random
import time
from pathlib import Path
from typing import Any

import pytest

from schemas.codes import SignalType
from streams.core.addresses import pseudonym
from streams.core.policy import Policy
from streams.wakeups import activation, tick
from streams.wire import event_of
from tests.stacks import RunningStack
from tests.streams.households.made import admitted
from tests.streams.intake.test_process import assert_in_order, by_topic, events
from tests.streams.live import ENGINES, SECRET, START, Load, Town, on, until

KILLS, MOST_KILLS = 6, 20  # more than the fewest only until one has fallen where something is done twice
A_DAY = {"plain": 100, "batch": 200}  # enough that there is work left


@pytest.mark.parametrize("seed", [20260508])
def test_intake_killed_again_and_again_with_work_left(stack: RunningStack, tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311 - seeded on purpose
    with Town(stack, tmp_path) as town:
        load = Load(seed, 200)
        records: list[tuple[str, SignalType, dict[str, Any]]] = []
        sent: list[str] = []
        names = town.catalogue.household_events.name
        left: list[int] = []
        while len(left) < KILLS or (len(left) < MOST_KILLS and not doubled(events(town))):
            more = list(load.records(0, 1200))  # two batches and a half: what a kill leaves grows
            records += more
            sent += town.sends(more)
            town.flush()
            process = town.spawn("intake")
            written = town.size(names)
            until(lambda written=written: town.size(names) > written, check=process.check)  # type: ignore[misc]
            time.sleep(dice.uniform(0, 0.05))
            process.kill()
            left.append(town.intake_lag())
        assert min(left) > 0, "no work left"
        last = town.spawn("intake")
        until(lambda: town.intake_lag() == 0, check=last.check)
        last.end()
        found = events(town)
        assert doubled(found), "no kill fell between events and their commit: another seed"
        assert {identity for ids in found.values() for identity in ids} == set(sent)
        assert_in_order(found, by_topic(records))


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("seed", [20260509])
def test_worker_killed_again_and_again_with_work_left(
    stack: RunningStack, tmp_path: Path, seed: int, engine: str
) -> None:
    dice = random.Random(seed)  # noqa: S311
    with Town(stack, tmp_path) as town:
        months_of_events(town, seed, days=90, a_day=A_DAY[engine], houses=250)
        tasks = town.catalogue.outreach_tasks.name
        left: list[int] = []
        done = 0
        while len(left) < KILLS or (engine == "plain" and len(left) < MOST_KILLS and town.versions()[1] == 0):
            process = town.spawn("worker", **on(engine))
            goal = town.size(tasks) + dice.randrange(1, 60)
            until(lambda goal=goal: town.size(tasks) >= goal, check=process.check)  # type: ignore[misc]
            time.sleep(dice.uniform(0, 0.05))
            process.kill()
            left.append(town.unapplied())
            assert town.size(tasks) > done, "nothing done"
            done = town.size(tasks)
        assert min(left) > 0, "no work left"
        assert left == sorted(left, reverse=True)
        last = town.spawn("worker", **on(engine))
        until(lambda: town.worker_lag() == 0, check=last.check)
        last.end()
        twice = town.assert_as_the_core_says()
        if engine == "plain":
            assert twice > 0, "no kill fell between an output and its state: choose another seed"
        else:
            assert twice == 0, "a version was committed without the state that knows it"


def doubled(found: dict[int, list[str]]) -> int:
    """How many events came again."""
    return sum(map(len, found.values())) - len({identity for ids in found.values() for identity in ids})


def months_of_events(town: Town, seed: int, *, days: int, a_day: int, houses: int, first: int = 0) -> None:
    """Records, ticks and two activations straight on household-events, all at once."""
    load = Load(seed, houses)
    events: list[dict[str, Any]] = []
    for day in range(first, first + days, 3):
        records = admitted(load.records(day, a_day))
        events += [event_of(record, pseudonym(SECRET.encode(), record.address)) for record in records]
        events.append(tick(load.day(day)))
        if (day - first) in {21, 42}:
            document = f'version = "{first}-{day}"\nvalid_from = {START}\nhigh_cents = {20_000 + 100 * day}\n'
            events.append(activation(Policy.from_toml(document), document, load.day(day)))
    town.events(events)
    town.flush()
