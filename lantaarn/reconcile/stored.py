"""Reads the whole case store in five queries of its own: every version, and the table that repeats the highest."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from sqlalchemy import Connection, RowMapping, select

from lantaarn.reconcile.logs import Key
from sinks.store.engine import open_engine, plain_errors
from sinks.store.model import Base, Task, TaskMember, TaskReason, TaskVersion, table
from sinks.store.rows import TaskDict, from_rows

BUSY_MS = 5000
SNAPSHOT = {
    "sqlite": "BEGIN",  # Python's driver would begin at the first write only
    "postgresql": "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY",
}
"""What makes all queries of a transaction see the same moment."""


class Stored(NamedTuple):
    """What is in the case store, in canonical form."""

    versions: dict[Key, TaskDict]
    current: dict[str, TaskDict]  # by task id
    orphans: list[tuple[str, Key]]  # rows of members and reasons without a version, by table


def read(url: str) -> Stored:
    """Read all of it, as it is at one moment.

    Raises:
        SinkError: When the database cannot be read.
    """
    engine = open_engine(url, BUSY_MS)
    try:
        with plain_errors(), engine.connect() as connection, connection.begin():
            connection.exec_driver_sql(SNAPSHOT[connection.dialect.name])
            return _read(connection)
    finally:
        engine.dispose()


def _read(connection: Connection) -> Stored:
    versions = {_key(row): row for row in _all(connection, TaskVersion)}
    current = {row["task_id"]: row for row in _all(connection, Task)}
    members, reasons = _children(connection, TaskMember), _children(connection, TaskReason)

    def whole(row: RowMapping) -> TaskDict:
        key = _key(row)
        return from_rows(row, members.get(key, []), [reason["reason"] for reason in reasons.get(key, [])])

    return Stored(
        {key: whole(row) for key, row in versions.items()},
        {task_id: whole(row) for task_id, row in current.items()},
        [
            (table(model).name, key)
            for model, found in ((TaskMember, members), (TaskReason, reasons))
            for key in sorted(found.keys() - versions.keys())
        ],
    )


def _children(connection: Connection, model: type[Base]) -> dict[Key, list[RowMapping]]:
    found: dict[Key, list[RowMapping]] = {}
    for row in _all(connection, model):
        found.setdefault(_key(row), []).append(row)
    return found


def _all(connection: Connection, model: type[Base]) -> Iterable[RowMapping]:
    return connection.execute(select(table(model))).mappings()


def _key(row: Any) -> Key:
    return (row["task_id"], row["sequence"])
