"""What is read from the case store, on a given connection."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, TypeAlias

from sqlalchemy import Connection, RowMapping, Select, case, func, select

from sinks.store.model import Outcome, SinkOffset, Task, TaskMember, TaskReason, TaskVersion, table
from sinks.store.outcomes import Key as OutcomeKey
from sinks.store.rows import TaskDict, from_rows
from sinks.store.sql import days_until, is_among

Key: TypeAlias = tuple[str, int]
"""Task id and sequence."""

CHUNK = 500  # versions whose children are looked up in one statement

_TASKS = table(Task)
_VERSIONS = table(TaskVersion)
_MEMBERS = table(TaskMember)
_REASONS = table(TaskReason)
_OFFSETS = table(SinkOffset)


def offsets(connection: Connection, topic: str) -> dict[int, int]:
    """Partition -> the offset to go on from."""
    rows = connection.execute(select(_OFFSETS.c.partition, _OFFSETS.c.next_offset).where(_OFFSETS.c.topic == topic))
    return dict(rows.all())


def versions_at(connection: Connection, keys: Sequence[Key]) -> dict[Key, TaskDict]:
    """Those of the asked versions that are stored."""
    found: dict[Key, TaskDict] = {}
    for start in range(0, len(keys), CHUNK):
        columns = [_VERSIONS.c.task_id, _VERSIONS.c.sequence]
        asked = is_among(connection.dialect.name, columns, keys[start : start + CHUNK])
        for task in _complete(connection, select(_VERSIONS).where(asked)):
            found[task["task_id"], task["sequence"]] = task
    return found


def outcomes_among(connection: Connection, keys: Sequence[OutcomeKey]) -> set[OutcomeKey]:
    """Those of the asked deliveries of outcomes that are stored."""
    columns = [table(Outcome).c[name] for name in ("partner", "outcome_id", "received_at")]
    found: set[OutcomeKey] = set()
    for start in range(0, len(keys), CHUNK):
        asked = select(*columns).where(is_among(connection.dialect.name, columns, keys[start : start + CHUNK]))
        found.update((row[0], row[1], row[2]) for row in connection.execute(asked))
    return found


def task(connection: Connection, task_id: str) -> TaskDict | None:
    """The current version of a task."""
    return next(iter(_complete(connection, select(_TASKS).where(_TASKS.c.task_id == task_id))), None)


def versions(connection: Connection, task_id: str) -> list[TaskDict]:
    """All versions of a task, the first one first."""
    asked = select(_VERSIONS).where(_VERSIONS.c.task_id == task_id).order_by(_VERSIONS.c.sequence)
    return _complete(connection, asked)


def versions_of_household(connection: Connection, household: str) -> list[TaskDict]:
    """All versions of a household's tasks, by task and sequence."""
    asked = select(_VERSIONS).where(_VERSIONS.c.household == household)
    return _complete(connection, asked.order_by(_VERSIONS.c.task_id, _VERSIONS.c.sequence))


def last_of_household(connection: Connection, household: str) -> TaskDict | None:
    """The current version of that task of a household which changed last; found by the index of `tasks`."""
    asked = (
        select(_TASKS)
        .where(_TASKS.c.household == household)
        .order_by(_TASKS.c.changed_on.desc(), _TASKS.c.sequence.desc(), _TASKS.c.task_id)
        .limit(1)
    )
    return next(iter(_complete(connection, asked)), None)


def worklist(connection: Connection, status: str, limit: int | None, today: date, regular_days: int) -> list[TaskDict]:
    """Current tasks in order of work: band, score with the day points, due, task id."""
    days = days_until(_TASKS.c.due_on, today)
    priority = _TASKS.c.score + case((days < regular_days, regular_days - days), else_=0)
    asked = (
        select(_TASKS)
        .where(_TASKS.c.status == status)
        .order_by(_TASKS.c.band, priority.desc(), _TASKS.c.due_on, _TASKS.c.task_id)
        .limit(limit)
    )
    return _complete(connection, asked)


def tasks_after(connection: Connection, task_id: str, limit: int = CHUNK) -> list[TaskDict]:
    """The next current tasks by id."""
    asked = select(_TASKS).where(_TASKS.c.task_id > task_id).order_by(_TASKS.c.task_id).limit(limit)
    return _complete(connection, asked)


def counts(connection: Connection) -> dict[str, int]:
    """Status -> number of tasks."""
    rows = connection.execute(select(_TASKS.c.status, func.count()).group_by(_TASKS.c.status))
    return dict(rows.all())


def _complete(connection: Connection, asked: Select[Any]) -> list[TaskDict]:
    """The versions that a statement gives, with their members and reasons.

    The children are looked up by the version that was found: they never change, so it does not matter that
    the task may move on between the statements.
    """
    rows = connection.execute(asked).mappings().all()
    made: list[TaskDict] = []
    for start in range(0, len(rows), CHUNK):
        chunk = rows[start : start + CHUNK]
        keys = [(row["task_id"], row["sequence"]) for row in chunk]
        members: dict[Key, list[RowMapping]] = {}
        reasons: dict[Key, list[str]] = {}
        for row in _children(connection, _MEMBERS, keys):
            members.setdefault((row["task_id"], row["sequence"]), []).append(row)
        for row in _children(connection, _REASONS, keys):
            reasons.setdefault((row["task_id"], row["sequence"]), []).append(row["reason"])
        made += [
            from_rows(row, members.get(key, []), reasons.get(key, [])) for key, row in zip(keys, chunk, strict=True)
        ]
    return made


def _children(connection: Connection, children: Any, keys: Sequence[Key]) -> Iterator[RowMapping]:
    columns = [children.c.task_id, children.c.sequence]
    asked = select(children).where(is_among(connection.dialect.name, columns, keys))
    yield from connection.execute(asked).mappings()
