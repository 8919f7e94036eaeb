"""A version of a task as the contract OutreachTask has it <-> as the tables have it."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from sinks.store.model import TaskVersion, table

TaskDict: TypeAlias = dict[str, Any]
"""A decoded OutreachTask: dates as ``date``, the address and members as dictionaries."""

ADDRESS = ("postcode", "number", "letter", "addition")
SCALARS = tuple(column.name for column in table(TaskVersion).columns if column.name not in ADDRESS)


def canonical(task: Mapping[str, Any]) -> TaskDict:
    """The task with its three lists sorted, so that equal versions are equal dictionaries.

    Raises:
        KeyError: When a field of the contract is missing.
    """
    return {
        **{name: task[name] for name in SCALARS},
        "address": {part: task["address"][part] for part in ADDRESS},
        "national": sorted(task["national"]),
        "reasons": sorted(task["reasons"]),
        "members": sorted(
            ({"signal_id": m["signal_id"], "repeated": m["repeated"]} for m in task["members"]),
            key=lambda member: str(member["signal_id"]),
        ),
    }


def version_row(task: Mapping[str, Any]) -> dict[str, Any]:
    """Row of `task_versions`, or of `tasks`."""
    return {**{name: task[name] for name in SCALARS}, **task["address"]}


def member_rows(task: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Rows of `task_members`."""
    key = {"task_id": task["task_id"], "sequence": task["sequence"]}
    return [{**key, **member} for member in task["members"]]


def reason_rows(task: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Rows of `task_reasons`."""
    key = {"task_id": task["task_id"], "sequence": task["sequence"]}
    return [{**key, "reason": reason} for reason in task["reasons"]]


def from_rows(row: Mapping[Any, Any], members: Sequence[Mapping[Any, Any]], reasons: Sequence[str]) -> TaskDict:
    """The task in a row of `task_versions` or `tasks` and its children, in canonical order."""
    return canonical(
        {
            **{name: row[name] for name in SCALARS},
            "address": {part: row[part] for part in ADDRESS},
            "members": members,
            "reasons": reasons,
        }
    )
