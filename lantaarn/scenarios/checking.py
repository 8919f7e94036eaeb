"""Compares what a scenario expects with what came of it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from lantaarn.scenarios.making import Made
from lantaarn.scenarios.reading import ExpectEntry, label_of
from schemas.codes import Result
from streams.core.state import Status

NONE = "no task"


class Difference(NamedTuple):
    """One thing that is not as expected."""

    where: str  # "2026-02-16 home", or the receipt of a label
    what: str
    expected: str
    found: str


class CameOf(NamedTuple):
    """What a run of one scenario leaves behind."""

    versions: Sequence[Mapping[str, Any]]  # OutreachTasks, those of a task in order
    receipts: Mapping[str, str]  # label -> "accepted", or result, reason and field


def receipt_text(result: str, reason: str | None = None, field: str | None = None) -> str:
    """A receipt as a scenario writes it: ``refused: unjustified amount_cents``."""
    told = " ".join(part for part in (reason, field) if part)
    return f"{result}: {told}" if told else result


def differences(made: Made, found: CameOf) -> list[Difference]:
    """Everything that is not as the scenario expects."""
    wrong = []
    for index in range(len(made.scenario.record)):
        label = label_of(made.scenario, index)
        expected = made.scenario.receipts.get(label, Result.ACCEPTED.value)
        if found.receipts[label] != expected:
            wrong.append(Difference(f"receipt of {label}", "", expected, found.receipts[label]))
    for entry in made.scenario.expect:
        wrong += _of_entry(made, entry, found.versions)
    return wrong


def at(versions: Iterable[Mapping[str, Any]], address: Mapping[str, Any], day: date) -> list[Mapping[str, Any]]:
    """The tasks of an address as they were at the end of a day, oldest first."""
    tasks: dict[str, Mapping[str, Any]] = {}
    for version in versions:
        parts = version["address"]
        if (parts["postcode"], parts["number"]) != (address["postcode"], address["number"]):
            continue
        if version["changed_on"] <= day:
            tasks[version["task_id"]] = version
    return sorted(tasks.values(), key=lambda task: (task["opened_on"], task["changed_on"]))


def _of_entry(made: Made, entry: ExpectEntry, versions: Sequence[Mapping[str, Any]]) -> list[Difference]:
    where = f"{entry.on} {entry.address}"
    tasks = at(versions, made.addresses[entry.address], entry.on)
    live = [task for task in tasks if Status(task["status"]).live]
    wrong = []
    if entry.tasks is not None and len(tasks) != entry.tasks:
        wrong.append(Difference(where, "tasks", str(entry.tasks), str(len(tasks))))
    if entry.task is False:
        return wrong + [Difference(where, "task", NONE, f"one that is {task['status']}") for task in live]
    if not entry.said:
        return wrong
    if not tasks:
        return [*wrong, Difference(where, "task", "a task", NONE)]
    task = (live or tasks)[-1]
    for name, expected, found in _said(made, entry, task):
        if expected != found:
            wrong.append(Difference(where, name, expected, found))
    return wrong


def _said(made: Made, entry: ExpectEntry, task: Mapping[str, Any]) -> Iterable[tuple[str, str, str]]:
    labels: dict[str, str] = {}
    for label, identity in made.ids.items():
        labels.setdefault(identity, label)
    reasons = set(task["reasons"])
    for name, value in entry.more.items():
        yield name, _text(value), _text(task[name])
    if entry.members is not None:
        members = [labels.get(member["signal_id"], "?") for member in task["members"]]
        yield "members", _text(entry.members), _text(members)
    if entry.reasons is not None:
        yield "reasons", _text(entry.reasons), _text(reasons)
    if entry.with_reasons and not reasons >= set(entry.with_reasons):
        yield "reasons", f"with {_text(entry.with_reasons)}", _text(reasons)
    if entry.without_reasons and reasons & set(entry.without_reasons):
        yield "reasons", f"without {_text(entry.without_reasons)}", _text(reasons)


def _text(value: Any) -> str:
    if isinstance(value, list | tuple | set):
        return ", ".join(sorted(str(each) for each in value)) or "none"
    return "none" if value is None else str(value)
