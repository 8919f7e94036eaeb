"""How reads find their rows; what they give is in the contract that each database's tests inherit."""

from contextlib import closing
from typing import Any

from sqlalchemy import event

from sinks.store.store import CaseStore
from tests.sinks.contract import TOPIC
from tests.sinks.made import task


def test_the_last_task_of_a_household_is_looked_up_without_reading_a_whole_table() -> None:
    asked: list[tuple[str, Any]] = []
    plans: list[str] = []
    with closing(CaseStore("sqlite://")) as store:
        store.create()
        store.apply(TOPIC, 0, None, 1, [task(1)])

        def note(_connection: Any, _cursor: Any, statement: str, given: Any, _context: Any, _many: bool) -> None:  # noqa: FBT001
            asked.append((statement, given))

        event.listen(store._engine, "before_cursor_execute", note)
        assert store.last_of_household(task(1)["household"]) == task(1)
        event.remove(store._engine, "before_cursor_execute", note)
        with store._engine.connect() as connection:
            for statement, given in asked:
                plans += [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", given)]
    assert "SEARCH tasks USING INDEX ix_tasks_household (household=?)" in plans
    assert not any(step.startswith("SCAN") and step != "SCAN CONSTANT ROW" for step in plans), plans
