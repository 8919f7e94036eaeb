"""Open tasks by what is left of their deadline."""

from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

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


def test_a_store_that_does_not_answer_is_no_empty_one(tmp_path: Path) -> None:
    with pytest.raises(SinkError):
        cases.look(f"sqlite:///{tmp_path}/no-such-folder/cases.db", FRIDAY)
