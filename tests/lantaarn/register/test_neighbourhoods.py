"""The command that shows figures by neighbourhood, from a case store with tasks in it."""

import json
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from lantaarn.cli import app
from sinks.store.store import CaseStore
from tests.sinks.made import task

NORTH, SOUTH, HAMLET = "9901XK", "9902XK", "9903XK"


@pytest.fixture
def store(tmp_path: Path) -> str:
    """Forty tasks in the north, twenty visits in the south, two in a hamlet."""
    places = [NORTH] * 40 + [SOUTH] * 20 + [HAMLET] * 2
    tasks = [
        task(
            number,
            address={"postcode": place, "number": number, "letter": None, "addition": None},
            status="open",
            level="home_visit" if place == SOUTH else "letter",
            rung="home_visit",
        )
        for number, place in enumerate(places, start=1)
    ]
    url = f"sqlite:///{tmp_path / 'cases.db'}"
    with closing(CaseStore(url)) as made:
        made.create()
        made.apply("outreach-tasks", 0, None, 1, tasks)
    return url


def run(store: str, *more: str) -> Result:
    env = {"LANTAARN_CASE_STORE_URL": store, "COLUMNS": "100"}
    command = ["register", "neighbourhoods", "--on", "2026-03-10", *more]
    return CliRunner().invoke(app, command, env=env, prog_name="lantaarn")


def test_a_neighbourhood_that_is_visited_more_stands_out(store: str) -> None:
    done = run(store)
    assert done.exit_code == 0, done.output
    rows = [line.split() for line in done.output.splitlines()]
    assert ["9901", "40", "100%*", "0%", "0%*", "0%"] in rows
    assert ["9902", "20", "0%*", "0%", "100%*", "0%"] in rows
    assert ["samen", "60", "67%", "0%", "33%", "0%"] in rows
    assert ["9901", "40", "100%", "100%"] in rows  # no contact, and overdue


def test_a_hamlet_is_held_back_and_said_to_be(store: str) -> None:
    told = run(store).output
    assert "9903" not in told
    assert "1 buurt is te klein om te tonen." in told


def test_programs_get_the_numbers(store: str) -> None:
    found = json.loads(run(store, "--json").stdout)
    assert found["held_back"] == 1
    assert [one["name"] for one in found["neighbourhoods"]] == ["9901", "9902"]
    assert found["neighbourhoods"][0]["level"]["letter"] == {"count": 40, "share": 1.0, "stands_out": True}


def test_a_store_without_tasks_has_nothing_to_show(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'empty.db'}"
    with closing(CaseStore(url)) as made:
        made.create()
    assert "Er zijn geen cijfers te tonen" in run(url).output


def test_a_store_that_is_not_there_is_told_in_one_line(tmp_path: Path) -> None:
    done = run(f"sqlite:///{tmp_path / 'none' / 'cases.db'}")
    assert done.exit_code == 1
    assert done.output.startswith("lantaarn: case store: ")
