"""The places where SQLite and PostgreSQL differ in words.

Many values go to PostgreSQL as one array for each column: that is one statement, whatever their number. A statement
for each row costs the server four times as much, and 500 pairs of values are a condition that is slow to plan.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Date,
    Integer,
    Select,
    Table,
    and_,
    bindparam,
    func,
    literal,
    select,
    tuple_,
)
from sqlalchemy import column as named
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
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


def insert_rows(
    dialect: str, table: Table, rows: Sequence[Mapping[str, Any]]
) -> tuple["sqlite.Insert | postgresql.Insert", Sequence[Mapping[str, Any]] | None]:
    """An insert of rows, of which there is at least one, and what to execute it with."""
    insert = insert_into(dialect, table)
    if dialect == "sqlite":
        return insert, rows
    columns = [table.c[name] for name in rows[0]]
    return insert.from_select(columns, _given(columns, [[row[each.name] for each in columns] for row in rows])), None


def is_among(dialect: str, columns: Sequence[Column[Any]], values: Sequence[Sequence[Any]]) -> ColumnElement[bool]:
    """The condition that the columns of a primary key have one of these values, of which there is at least one."""
    if dialect != "sqlite":
        return tuple_(*columns).in_(_given(columns, values))
    # SQLite reads the whole table to compare tuples. All columns but the last alone let it go by the key's index.
    leading = zip(columns[:-1], zip(*values, strict=True), strict=False)
    return and_(*(column.in_([*dict.fromkeys(given)]) for column, given in leading), tuple_(*columns).in_(values))


def _given(columns: Sequence[Column[Any]], rows: Sequence[Sequence[Any]]) -> Select[Any]:
    arrays = (
        bindparam(None, list(values), postgresql.ARRAY(column.type, dimensions=1))
        for column, values in zip(columns, zip(*rows, strict=True), strict=True)
    )
    given = func.unnest(*arrays).table_valued(*(named(each.name, each.type) for each in columns), name="given")
    return select(*given.render_derived().columns)


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
