"""What is written to the case store, on a given connection: always inside the caller's transaction."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, column, update
from sqlalchemy import table as named

from sinks.errors import StaleSinkError
from sinks.store.model import (
    Help,
    Obstacle,
    Outcome,
    Refused,
    SinkOffset,
    SinkTopic,
    Task,
    TaskMember,
    TaskReason,
    TaskVersion,
    table,
)
from sinks.store.outcomes import ReceivedOutcome, Refusal
from sinks.store.rows import TaskDict, member_rows, reason_rows, version_row
from sinks.store.sql import insert_into, insert_rows

# The row that an upsert brings, under the name that both databases give it. SQLAlchemy's own `excluded` is made anew,
# with all of its columns, for each insert, which took a quarter of the time of storing a task.
_EXCLUDED = named("excluded", *(column(each.name) for each in table(Task).columns))
_REPLACED = {each.name: _EXCLUDED.c[each.name] for each in table(Task).columns if not each.primary_key}


def advance(connection: Connection, topic: str, partition: int, expected_next: int | None, new_next: int) -> None:
    """Moves the stored offset from ``expected_next`` to ``new_next``, by compare-and-set.

    It comes first in the transaction: the row stays locked until the end, so of two sinks on one partition
    one waits and then finds that it has lost.

    Raises:
        StaleSinkError: When the stored offset is another one; ``None`` expects that there is none yet.
    """
    offsets = table(SinkOffset)
    row = {"topic": topic, "partition": partition, "next_offset": new_next}
    if expected_next is None:
        first = insert_into(connection.dialect.name, offsets).values(row).on_conflict_do_nothing()
        won = connection.execute(first.returning(offsets.c.partition)).first() is not None
    else:
        moved = (
            update(offsets)
            .where(
                offsets.c.topic == topic,
                offsets.c.partition == partition,
                offsets.c.next_offset == expected_next,
            )
            .values(next_offset=new_next)
        )
        won = connection.execute(moved).rowcount == 1
    if not won:
        raise StaleSinkError(topic, partition)


def add(connection: Connection, tasks: Sequence[TaskDict]) -> None:
    """Adds versions that are not stored yet, and moves each task to its highest."""
    if not tasks:
        return
    _insert(connection, table(TaskVersion), [version_row(task) for task in tasks])
    _insert(connection, table(TaskMember), [row for task in tasks for row in member_rows(task)])
    _insert(connection, table(TaskReason), [row for task in tasks for row in reason_rows(task)])
    highest: dict[str, TaskDict] = {}
    for task in tasks:
        other = highest.get(task["task_id"])
        if other is None or other["sequence"] < task["sequence"]:
            highest[task["task_id"]] = task
    current = table(Task)
    upsert, given = insert_rows(connection.dialect.name, current, [version_row(task) for task in highest.values()])
    upsert = upsert.on_conflict_do_update(
        index_elements=[current.c.task_id],
        set_=_REPLACED,
        where=current.c.sequence < _EXCLUDED.c.sequence,
    )
    connection.execute(upsert, given)


def add_outcomes(connection: Connection, outcomes: Sequence[ReceivedOutcome]) -> None:
    """Adds outcomes that are not stored yet, with the help and the obstacles that they tell of."""
    _insert(connection, table(Outcome), [each.row() for each in outcomes])
    _insert(connection, table(Help), [row for each in outcomes if (row := each.help_row()) is not None])
    _insert(connection, table(Obstacle), [row for each in outcomes if (row := each.obstacle_row()) is not None])


def add_refusals(connection: Connection, refusals: Sequence[Refusal]) -> None:
    """Adds refusals that are not stored yet."""
    if refusals:
        insert, given = insert_rows(connection.dialect.name, table(Refused), [each.row() for each in refusals])
        connection.execute(insert.on_conflict_do_nothing(), given)


def bind(connection: Connection, topic: str, topic_id: str) -> None:
    """Notes the id of a topic, unless one is noted already."""
    noted = insert_into(connection.dialect.name, table(SinkTopic)).values(topic=topic, topic_id=topic_id)
    connection.execute(noted.on_conflict_do_nothing())


def _insert(connection: Connection, into: Any, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        connection.execute(*insert_rows(connection.dialect.name, into, rows))
