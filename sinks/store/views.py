"""The views of the case store, for statements in Python; the revisions in `migrations` hold how they are made."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Boolean, Connection, Date, Integer, Select, String, TableClause, column, select, table
from sqlalchemy.types import TypeEngine

from sinks.store.model import Moment


def _view(name: str, columns: Mapping[str, type[TypeEngine[Any]]]) -> TableClause:
    return table(name, *(column(each, kind) for each, kind in columns.items()))


_OUTCOMES: Mapping[str, type[TypeEngine[Any]]] = {
    "partner": String,
    "outcome_id": String,
    "kind": String,
    "signalled_on": Date,
    "received_at": Moment,
    "channel": String,
    "result": String,
    "part_of_day": String,
    "reached": Boolean,
    "promised_on": Date,
    "promised_by": String,
    "refused": String,
    "undone": Boolean,
    "by_address": Boolean,
    "task_id": String,
}
LINKED_OUTCOMES = _view("linked_outcomes", _OUTCOMES)
COUNTED_OUTCOMES = _view("counted_outcomes", _OUTCOMES)
ATTEMPTS = _view(
    "attempts",
    {
        "partner": String,
        "outcome_id": String,
        "task_id": String,
        "signalled_on": Date,
        "channel": String,
        "part_of_day": String,
        "reached": Boolean,
    },
)
REPORT_TASKS = _view(
    "report_tasks",
    {
        "neighbourhood": String,
        "status": String,
        "level": String,
        "rung": String,
        "national": String,
        "reasons": String,
        "reports": Integer,
        "opened_on": Date,
        "due_on": Date,
        "first_outcome_on": Date,
        "first_contact_on": Date,
        "days_to_first_outcome": Integer,
        "days_to_first_contact": Integer,
        "within_deadline": Boolean,
        "attempts": Integer,
        "decision": String,
        "result": String,
        "policy_version": String,
    },
)
REPORT_OBSTACLES = _view(
    "report_obstacles",
    {
        "rule": String,
        "procedure": String,
        "place": String,
        "found_on": Date,
        "neighbourhood": String,
        "kind": String,
        "result": String,
    },
)
REPORT_ANSWERS = _view(
    "report_answers",
    {
        "kind": String,
        "signalled_on": Date,
        "channel": String,
        "part_of_day": String,
        "reached": Boolean,
        "result": String,
        "help": String,
        "cents": Integer,
        "purpose": String,
        "promised_on": Date,
        "neighbourhood": String,
    },
)
VIEWS = (LINKED_OUTCOMES, COUNTED_OUTCOMES, ATTEMPTS, REPORT_TASKS, REPORT_OBSTACLES, REPORT_ANSWERS)


def outcomes(connection: Connection, task_id: str) -> list[dict[str, Any]]:
    """Outcomes linked to a task, in the order of their dates."""
    asked = select(LINKED_OUTCOMES).where(LINKED_OUTCOMES.c.task_id == task_id)
    return _rows(
        connection, asked.order_by(*(LINKED_OUTCOMES.c[n] for n in ("signalled_on", "received_at", "outcome_id")))
    )


def report(connection: Connection, view: TableClause) -> list[dict[str, Any]]:
    """All rows of a view, in no order."""
    return _rows(connection, select(view))


def _rows(connection: Connection, asked: Select[Any]) -> list[dict[str, Any]]:
    return [dict(row) for row in connection.execute(asked).mappings()]
