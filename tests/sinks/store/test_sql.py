"""The statements in the words of both databases; PostgreSQL itself comes with its own store tests."""

from datetime import date

import pytest
from sqlalchemy import make_url, select
from sqlalchemy.engine import Dialect

from sinks.store.model import SinkOffset, Task, table
from sinks.store.sql import days_until, insert_into

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
