"""Open tasks by what is left of their deadline."""

from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from lantaarn.observing.looks import cases
from sinks.errors import SinkError
from sinks.store.outcomes import ReceivedOutcome
from sinks.store.store import CaseStore
from streams.core.state import Status
from tests.sinks.made import outcome, task

FRIDAY = date(2026, 6, 5)
VISITED = 6
TASKS: tuple[tuple[date, int, list[str]], ...] = (
    (date(2026, 6, 4), 1, ["crisis", "overdue"]),  # nobody went
    (date(2026, 6, 4), 2, ["crisis"]),  # no tick since
    (FRIDAY, 2, []),
    (date(2026, 6, 9), 2, []),  # Tuesday: the second working day
    (date(2026, 6, 10), 3, []),
    (date(2026, 7, 1), 3, []),
    (date(2026, 6, 4), 2, ["crisis"]),  # somebody went in time
)


def test_deadlines_count_in_working_days(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/cases.db"
    visit = outcome(1, task_id=task(VISITED)["task_id"])
    with closing(CaseStore(url)) as store:
        store.create()
        made = [
            task(number, status="open", due_on=due, band=band, reasons=reasons)
            for number, (due, band, reasons) in enumerate(TASKS)
        ]
        store.apply_outcomes("o", 0, None, 1, [ReceivedOutcome(datetime(2026, 6, 1, tzinfo=UTC), visit)])
        ended = task(90, status="ended", due_on=date(2026, 1, 1), band=1, reasons=["overdue"])
        store.apply("t", 0, None, 10, [*made, ended])
    found = cases.look(url, FRIDAY)
    assert found.tasks == {**dict.fromkeys((status.value for status in Status), 0), "open": 7, "ended": 1}
    assert {key: count for key, count in found.deadlines.items() if count} == {
        ("broken", 1): 1,
        ("passed", 2): 1,
        ("at_risk", 2): 2,
        ("later", 3): 2,
        ("attempted", 2): 1,
    }
    assert found.deadlines.keys() == {(state, band) for state in cases.STATES for band in cases.BANDS}
    assert found.state("at_risk") == 2


@pytest.mark.rule("owner")
def test_live_tasks_that_lack_an_owner_or_a_next_action_are_counted_by_what_they_lack(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/cases.db"
    whole: dict[str, Any] = {"owner": "wijkteam", "next_action": "phone", "next_action_on": FRIDAY}
    live = [status.value for status in Status if status.live]
    ended: dict[str, Any] = {"next_action": "none", "next_action_on": None, "status": "ended"}
    with closing(CaseStore(url)) as store:
        store.create()
        store.apply("t", 0, None, 1, [task(n, status=status, **whole) for n, status in enumerate(live)])
        store.apply("t", 0, 1, 2, [task(10, **whole | ended)])
        assert cases.look(url, FRIDAY).adrift == {"owner": 0, "next_action": 0, "day": 0}
        broken = [
            task(20, status="open", **whole | {"owner": ""}),
            task(21, status="waiting", **whole | {"next_action": "none", "next_action_on": None}),
            task(22, status="helped", **whole | {"next_action_on": None}),
        ]
        store.apply("t", 0, 2, 3, broken)
    assert cases.look(url, FRIDAY).adrift == {"owner": 1, "next_action": 1, "day": 2}


@pytest.mark.parametrize("kind", ["consultation", "joint_visit", "objection", "disputed"])
def test_an_act_or_an_objection_is_no_attempt(tmp_path: Path, kind: str) -> None:
    url = f"sqlite:///{tmp_path}/cases.db"
    with closing(CaseStore(url)) as store:
        store.create()
        store.apply("t", 0, None, 1, [task(1, status="open", due_on=FRIDAY, band=1, reasons=[])])
        said = outcome(1, task_id=task(1)["task_id"], kind=kind)
        store.apply_outcomes("o", 0, None, 1, [ReceivedOutcome(datetime(2026, 6, 1, tzinfo=UTC), said)])
        assert [row["first_outcome_on"] for row in store.report_tasks()] == [None]
    assert cases.look(url, FRIDAY).state("attempted") == 0


def test_a_store_that_does_not_answer_is_no_empty_one(tmp_path: Path) -> None:
    with pytest.raises(SinkError):
        cases.look(f"sqlite:///{tmp_path}/no-such-folder/cases.db", FRIDAY)
