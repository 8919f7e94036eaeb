"""Obstacles, the month's figures, the weekly visits, and what a week has no room for."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sinks import reports
from sinks.store.store import CaseStore
from sinks.worklist import week_plan
from tests.sinks.made import outcome, task
from tests.sinks.outcomes_contract import OBSTACLE, TASKS, keep

FRIDAY = date(2026, 1, 9)
NINE = datetime(2026, 1, 9, 8, 30, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[CaseStore]:
    with closing(CaseStore(f"sqlite:///{tmp_path}/cases.db")) as made:
        made.create()
        yield made


def test_obstacles_are_grouped_and_tell_where_and_when(store: CaseStore) -> None:
    later = OBSTACLE | {"obstacle_on": date(2026, 2, 1)}
    keep(store, outcome(1, **OBSTACLE), outcome(2, **later), outcome(3, **OBSTACLE | {"obstacle_rule": "Bijstand"}))
    first, second = reports.obstacles(store)
    assert (first["rule"], first["times"], first["neighbourhoods"]) == ("Kostendelersnorm", 2, ["9999"])
    assert (first["first_met"], first["last_met"]) == (date(2026, 1, 9), date(2026, 2, 1))
    assert (second["rule"], second["times"]) == ("Bijstand", 1)


def test_the_months_figures_count_what_happened_in_it(store: CaseStore) -> None:
    made = task(1, opened_on=date(2026, 1, 5), due_on=date(2026, 2, 2))
    store.apply(TASKS, 0, None, 1, [made, task(2, opened_on=date(2025, 12, 31), reasons=[])])
    mine = {"task_id": made["task_id"]}
    keep(
        store,
        outcome(1, channel="Telefoon", contacted_at=datetime(2026, 1, 6, 17, 30, tzinfo=UTC), **mine),
        outcome(2, kind="contact", channel="Huisbezoek", signalled_on=date(2026, 1, 8), **mine),
        outcome(
            3,
            kind="accepted",
            channel="Huisbezoek",
            signalled_on=date(2026, 1, 9),
            help="direct_investment",
            help_cents=45_000,
            help_for="wasmachine",
            wish="rust",
            **mine,
        ),
        outcome(4, kind="closed", result="Vervolghulp en/of verwijzing", signalled_on=date(2026, 1, 20), **mine),
        outcome(5, kind="consultation", signalled_on=date(2026, 1, 9), **mine),
        outcome(6, kind="contact", channel="Brief", signalled_on=date(2026, 2, 1), **mine),
    )
    found = reports.monitoring(store, date(2026, 1, 31))
    assert found.keys() == reports.MEASURES.keys()
    assert (found["tasks_opened"], found["in_time"], found["days_to_first_contact"]) == (1, 1, 3)
    assert (found["contacts"], found["reached"], found["accepted"], found["consultations"]) == (3, 2, 1, 1)
    assert found["channel"] == {"Huisbezoek": 2, "Telefoon": 1}
    assert found["part_of_day"] == {"Avond": 1}
    assert found["result"] == {"Vervolghulp en/of verwijzing": 1}
    assert (found["help"], found["investment_cents"]) == ({"direct_investment": 1}, 45_000)
    assert reports.monitoring(store, date(2026, 1, 1), neighbourhood="1011")["contacts"] == 0


def test_what_is_published_counts_no_fewer_than_ten_nor_lets_it_be_worked_out(store: CaseStore) -> None:
    keep(store, *(outcome(n, channel="Brief", signalled_on=FRIDAY) for n in range(10)))
    keep(store, *(outcome(n, channel="Telefoon", signalled_on=FRIDAY) for n in range(10, 19)))
    found = reports.monitoring(store, FRIDAY, publish=True)
    assert (found["contacts"], found["channel"]) == (19, {"Brief": None, "Telefoon": None}), "19 less 10 is 9"
    assert (found["reached"], found["investment_cents"], found["days_to_first_contact"]) == (0, None, None)


def test_no_small_count_is_published_as_a_sum_less_what_is_published(store: CaseStore) -> None:
    keep(store, *(outcome(n, kind="contact", channel="Brief", signalled_on=FRIDAY) for n in range(11)))
    keep(store, *(outcome(n, channel="Huisbezoek", signalled_on=FRIDAY) for n in range(11, 13)))
    found = reports.monitoring(store, FRIDAY, publish=True)
    assert (found["contacts"], found["channel"]) == (13, {"Brief": None, "Huisbezoek": None})
    assert found["reached"] is None, "13 less 11 is 2"
    opened: dict[str, Any] = {"opened_on": FRIDAY, "due_on": FRIDAY}
    tasks = [task(n, **opened) for n in range(12)]
    store.apply(TASKS, 0, None, 1, tasks)
    keep(store, *(outcome(100 + n, task_id=tasks[n]["task_id"], signalled_on=FRIDAY) for n in range(11)))
    keep(store, outcome(111, task_id=tasks[11]["task_id"], signalled_on=FRIDAY + timedelta(days=1)))
    assert {name: reports.monitoring(store, FRIDAY)[name] for name in ("in_time", "too_late")} == {
        "in_time": 11,
        "too_late": 1,
    }
    found = reports.monitoring(store, FRIDAY, publish=True)
    assert (found["tasks_opened"], found["in_time"], found["too_late"]) == (12, None, None)


def test_the_weekly_list_has_what_is_decided_and_what_waits_and_a_landlord_learns_address_and_time(
    store: CaseStore,
) -> None:
    waiting: dict[str, Any] = {"status": "open", "rung": "joint_home_visit"}
    decided: dict[str, Any] = {"visit_at": NINE, "visit_by": "consulent", "visit_with": "woonstichting"}
    store.apply(
        TASKS,
        0,
        None,
        1,
        [
            task(1, **waiting),
            task(2, **waiting, **decided),
            task(3, **waiting, **decided | {"visit_with": None}),
            task(4, **waiting, **decided | {"visit_at": NINE + timedelta(days=7)}),
            task(5, status="ended", rung="joint_home_visit", **decided),
            task(6, status="open", rung="home_visit"),
        ],
    )
    rows = reports.visits(store, date(2026, 1, 5))
    assert {row.task_id for row in rows[:2]} == {task(n)["task_id"] for n in (2, 3)}
    assert rows[2].task_id == task(1)["task_id"]
    assert [row.at is None for row in rows] == [False, False, True]
    (told,) = reports.for_landlord(rows, "woonstichting")
    assert asdict(told).keys() == {"at", "address"}
    assert (told.at, told.address.number) == (NINE, task(2)["address"]["number"])
    assert reports.for_landlord(rows, "een andere verhuurder") == []
    checked = [replace(row, asked_first="register_check") for row in rows]
    assert reports.for_landlord(checked, "woonstichting") == [], "the tenant may not live there any more"


def test_a_week_has_room_for_so_many_contacts_and_says_what_will_not_be_done(store: CaseStore) -> None:
    made = [task(n, status="open", band=band, due_on=FRIDAY, score=0) for n, band in enumerate((3, 1, 2, 3))]
    store.apply(TASKS, 0, None, 1, made)
    monday = date(2026, 1, 5)
    keep(store, outcome(1, signalled_on=monday), outcome(2, kind="consultation", signalled_on=monday))
    keep(store, outcome(3, signalled_on=monday - timedelta(days=1)))
    plan = week_plan(store, FRIDAY, 3)
    assert (plan.capacity, plan.done, plan.left_out) == (3, 1, 2)
    assert [row.band for row in plan.rows] == [1, 2]
    assert [row.band for row in plan.not_done] == [3, 3]
    assert week_plan(store, FRIDAY, 1).rows == ()
    assert len(week_plan(store, FRIDAY, 99, limit=1).rows) == 1
