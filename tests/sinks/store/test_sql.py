"""The statements in the words of both databases; PostgreSQL itself comes with its own store tests."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import create_engine, make_url, select
from sqlalchemy.engine import Dialect

from sinks.store.model import Base, Outcome, SinkOffset, Task, TaskMember, TaskReason, TaskVersion, table
from sinks.store.sql import days_until, insert_into, is_among

DIALECTS = [make_url(url).get_dialect()() for url in ("sqlite://", "postgresql+psycopg://")]


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
def test_insert_unless_there(dialect: Dialect) -> None:
    statement = insert_into(dialect.name, table(SinkOffset)).on_conflict_do_nothing()
    assert "ON CONFLICT DO NOTHING" in str(statement.compile(dialect=dialect))


def test_days_on_each_database() -> None:
    statement = select(days_until(Task.due_on, date(2026, 1, 5)))
    on_sqlite, on_postgresql = (str(statement.compile(dialect=dialect)) for dialect in DIALECTS)
    assert "CAST(julianday(tasks.due_on) - julianday(?) AS INTEGER)" in on_sqlite
    assert "(tasks.due_on - %(param_1)s::DATE)" in on_postgresql


def test_another_database_is_refused() -> None:
    with pytest.raises(ValueError, match="mysql"):
        insert_into("mysql", table(SinkOffset))


@pytest.mark.parametrize("model", [TaskVersion, TaskMember, TaskReason, Outcome])
def test_a_look_up_on_sqlite_never_reads_the_whole_table(model: type[Base]) -> None:
    asked: list[tuple[str, Any]]
    if model is Outcome:
        asked = [("partner", "gemeente"), ("outcome_id", "o-1"), ("received_at", datetime(2026, 1, 5, tzinfo=UTC))]
    else:
        asked = [("task_id", "t-1"), ("sequence", 1)]
    columns = [table(model).c[name] for name, _ in asked]
    value = [each for _, each in asked]
    statement = select(table(model)).where(is_among("sqlite", columns, [value, value]))
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with engine.connect() as connection:
        text = "EXPLAIN QUERY PLAN " + str(statement.compile(engine, compile_kwargs={"literal_binds": True}))
        plan = [row[3] for row in connection.exec_driver_sql(text)]
    engine.dispose()
    assert any(step.startswith(f"SEARCH {model.__tablename__} USING") for step in plan), plan
