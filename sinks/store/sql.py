"""The two places where SQLite and PostgreSQL differ in words."""

from datetime import date
from typing import Any

from sqlalchemy import Date, Integer, Table, literal
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.expression import ClauseElement
from sqlalchemy.sql.functions import FunctionElement


def insert_into(dialect: str, table: Table) -> "sqlite.Insert | postgresql.Insert":
    """An insert that knows ``ON CONFLICT``, which the two databases share.

    Raises:
        ValueError: For another database.
    """
    match dialect:
        case "sqlite":
            return sqlite.insert(table)
        case "postgresql":
            return postgresql.insert(table)
    raise ValueError(f"no case store on {dialect}")


class _DaysBetween(FunctionElement[int]):
    """Days from the second date to the first."""

    type = Integer()
    inherit_cache = True
    name = "days_between"


def days_until(column: Any, today: date) -> ColumnElement[int]:
    """Days from ``today`` to the date in a column; negative when it has passed."""
    return _DaysBetween(column, literal(today, Date))


@compiles(_DaysBetween, "sqlite")
def _sqlite(element: ClauseElement, compiler: SQLCompiler, **kw: Any) -> str:
    later, earlier = (compiler.process(clause, **kw) for clause in _arguments(element))
    return f"CAST(julianday({later}) - julianday({earlier}) AS INTEGER)"


@compiles(_DaysBetween, "postgresql")
def _postgresql(element: ClauseElement, compiler: SQLCompiler, **kw: Any) -> str:
    later, earlier = (compiler.process(clause, **kw) for clause in _arguments(element))
    return f"({later} - {earlier})"


def _arguments(element: ClauseElement) -> Any:
    return getattr(element, "clauses")  # noqa: B009 -- a function's own list; ClauseElement does not name it
