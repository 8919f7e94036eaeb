"""Before anybody goes to a door: somebody who left makes no version, and is looked up first all the same."""

import json
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from lantaarn.before_visits import asked_first
from lantaarn.logbook import Entry
from sinks.store.store import CaseStore
from streams.core.policy import Policy
from streams.households.stage import SourceRecord
from streams.rerun import Rerun
from streams.wakeups import activation
from tests.lantaarn.town import FACT, MOVE, OUTCOME, POLICY, RENT, Delivery, Town, own, rent
from tests.sinks.live import until
from tests.stacks import RunningStack
from tests.streams.core.driver import Driver

NINE = datetime(2026, 1, 14, 9, tzinfo=UTC)


def first(home: Driver) -> str | None:
    return asked_first(home.household, home.task.id, home.policies)


@pytest.mark.rule("register_check")
def test_whoever_left_is_looked_up_before_a_visit_whatever_the_last_version_or_the_clock_says() -> None:
    home = Driver()
    home.report(months=2)
    home.outcome("joint_visit", visit_at="2026-03-06T09:00:00+01:00")
    home.outcome("contact", channel="Telefoon", promised_on="2026-02-04", promised_by="consulent-7")
    assert first(home) is None
    made = len(home.versions)
    home.moved("left", on="2026-02-03")
    assert len(home.versions) == made, "it makes no version"
    assert home.status == "waiting"
    assert first(home) == "register_check"
    home.outcome("attempt", channel="Administratief", on="2026-02-04")
    assert first(home) is None


def test_nothing_is_asked_before_a_letter_nor_about_a_task_that_is_over() -> None:
    home = Driver()
    home.report()
    home.moved("left", on="2026-02-03")
    assert first(home) is None
    home.facts(shared_address=True)
    assert first(home) == "sort"
    home.outcome("closed")
    assert first(home) is None


def events(town: Town) -> list[Entry]:
    return town.log(town.catalogue.household_events)


@pytest.fixture
def house(stack: RunningStack, tmp_path: Path) -> Town:
    """A town where two joint visits have been decided on, and somebody has left one of the addresses since."""
    town = Town(stack, tmp_path)
    town._everywhere(activation(Policy.from_toml(POLICY), POLICY, datetime(2026, 1, 1, tzinfo=UTC)))
    reports = tuple(rent(number, "2026-01-05", crisis="eviction") for number in (1, 2))
    children = tuple(own(FACT, number, "2026-01-06", children=True) for number in (1, 2))
    visit: dict[str, Any] = {"visit_at": NINE, "visit_with": RENT, "acted_by": "consulent-7"}
    decided = tuple(own(OUTCOME, number, "2026-01-06", kind="joint_visit", **visit) for number in (1, 2))
    with town.intake():
        for count, delivery in enumerate(
            (
                Delivery("2026-01-05", reports),
                Delivery("2026-01-06", records=children),
                Delivery("2026-01-06", records=decided),
                Delivery("2026-01-07", records=(own(MOVE, 2, "2026-01-07", address_event="left"),)),
            ),
            start=1,
        ):
            town.deliver(delivery)
            until(lambda count=count: len(events(town)) == 2 + min(2 * count, 7))  # type: ignore[misc]
    rerun = Rerun(town.codec, town.catalogue)
    for entry in events(town):
        rerun.apply(entry.partition, [SourceRecord(entry.offset, entry.key, entry.value)])
    with closing(CaseStore(town.settings.case_store_url)) as store:
        store.create()
        store.apply("tasks", 0, None, 1, [one for versions in rerun.tasks.values() for one in versions.values()])
    return town


def test_the_list_of_visits_says_it_for_each_the_landlord_is_not_sent_and_there_is_no_text(house: Town) -> None:
    task_ids = {task["address"]["number"]: str(task["task_id"]) for task in house.stored()}
    assert {task["next_action"] for task in house.stored()} == {"joint_home_visit"}, "as it was published"
    week = ("report", "visits", "--week", "2026-01-12")
    listed = json.loads(house.run(*week, "--json").stdout)
    assert {one["task_id"]: one["asked_first"] for one in listed} == {task_ids[1]: None, task_ids[2]: "register_check"}
    assert "eerst nagaan in de BRP" in house.run(*week).stdout
    told = house.run(*week, "--landlord", RENT, "--json")
    assert [one["address"]["number"] for one in json.loads(told.stdout)] == [1]
    assert "Left out, look in the BRP first: 1" in told.stderr
    assert house.run("letter", task_ids[1]).exit_code == 0
    refused = house.run("letter", task_ids[2])
    assert (refused.exit_code, "look in the BRP first" in refused.output) == (1, True)
    assert "Beste" not in refused.output
    assert "eerst nagaan in de BRP" in house.run("explain", task_ids[2]).stdout
