from datetime import timedelta

import pytest

from sinks.store.store import CaseStore
from sinks.worklist import day_points, worklist
from tests.sinks.contract import TOPIC
from tests.sinks.made import START, task


@pytest.mark.parametrize(("days", "points"), [(40, 0), (28, 0), (27, 1), (3, 25), (0, 28), (-2, 30)])
def test_one_point_for_each_day_under_28(days: int, points: int) -> None:
    assert day_points(START + timedelta(days=days), START) == points


def test_the_list_says_what_will_not_be_done() -> None:
    store = CaseStore("sqlite://")
    store.create()
    soon = START + timedelta(days=2)
    store.apply(
        TOPIC,
        0,
        None,
        1,
        [
            task(1, status="open", band=3, score=50, due_on=START + timedelta(days=28)),
            task(2, status="open", band=3, score=30, due_on=soon, reasons=["multiple"]),
            task(3, status="open", band=2, score=0, due_on=START + timedelta(days=28)),
            task(4, status="waiting", band=1),
        ],
    )
    found = worklist(store, START, limit=2)
    assert [row.task_id for row in found.rows] == [task(3)["task_id"], task(2)["task_id"]]
    assert found.left_out == 1
    row = found.rows[1]
    assert (row.days_left, row.score, row.priority, row.reasons) == (2, 30, 56, ("multiple",))
    assert row.address.postcode == "9999XK"
    assert "9999XK" not in repr(row)
    assert worklist(store, START, status="helped").rows == ()
