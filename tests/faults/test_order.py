"""Order and repetition on the real broker, to PostgreSQL: the properties of the core hold for the whole chain."""

import random
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from schemas.codes import SignalType
from sinks.store.store import CaseStore
from streams.core.state import Status
from tests.sinks.databases import Databases
from tests.stacks import RunningStack
from tests.streams.core.test_properties import HISTORY
from tests.streams.live import Load, Town, until

DAYS = range(0, 45, 3)
Records = list[tuple[str, SignalType, dict[str, Any]]]


@pytest.mark.parametrize("seed", [20260511])
def test_another_order_and_everything_twice_give_the_same_tasks(
    stack: RunningStack, databases: Databases, tmp_path: Path, seed: int
) -> None:
    dice = random.Random(seed)  # noqa: S311 - seeded on purpose
    load = Load(seed, 60)
    straight = [one for day in DAYS for one in load.records(day, 40) if one[1] is not SignalType.OUTCOME]
    mixed = dice.sample(straight + straight, 2 * len(straight))
    found = []
    for name, records in (("straight", straight), ("mixed", mixed)):
        folder = tmp_path / name
        folder.mkdir()
        with databases.upgraded() as url:
            found.append(played(stack, folder, url, records, load))
    assert found[0] == found[1]
    assert len(found[0]) > 40


def played(stack: RunningStack, folder: Path, url: str, records: Records, load: Load) -> dict[str, object]:
    """What the case store holds of each household once all is done, and must not depend on the order of records."""
    with Town(stack, folder, LANTAARN_CASE_STORE_URL=url) as town:
        tasks = town.catalogue.outreach_tasks.name
        processes = [town.spawn(command) for command in ("intake", "worker", "sink")]

        def check() -> None:
            for process in processes:
                process.check()

        town.sends(records)
        town.flush()
        until(lambda: town.intake_lag() == 0, check=check)
        town.ticks(load.day(60))
        town.flush()
        until(lambda: town.worker_lag() == 0, check=check)
        store = CaseStore(url)
        until(lambda: sum(store.offsets(tasks).values()) == town.size(tasks), check=check)
        for process in processes:
            process.end()
        town.assert_as_the_core_says()
        live = [task for task in store.all_tasks() if Status(task["status"]).live]
        store.close()
        receipts = [each["result"] for topic in town.catalogue.receipts.values() for each in town.decoded(topic)]
        ids = {value["id"] for _, _, value in records}
        assert receipts.count("duplicate") == len(records) - len(ids)
        assert len({task["household"] for task in live}) == len(live)
        return {task["household"]: presently(task) for task in live}


def presently(task: Mapping[str, Any]) -> tuple[str, date, list[str], list[str], set[str]]:
    """As `tests.streams.core.test_properties.presently`, of a stored task."""
    members = sorted(member["signal_id"] for member in task["members"])
    return task["level"], task["due_on"], members, task["national"], set(task["reasons"]) - HISTORY
