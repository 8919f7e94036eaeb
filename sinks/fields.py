"""A task in the form that `lantaarn replay` writes, to compare what is stored with what replay gives."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import date
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address; kept out of any printed form."""

    postcode: str = field(repr=False)
    number: int = field(repr=False)
    letter: str | None = field(default=None, repr=False)
    addition: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class TaskForm:
    """What the rules say of a task; who owns it and which policy decided are not part of it."""

    task_id: str
    address: Address
    status: str
    level: str
    rung: str
    due_on: date
    band: int
    score: int
    reasons: tuple[str, ...]
    national: tuple[str, ...]
    members: tuple[str, ...]
    sequence: int
    opened_on: date

    @classmethod
    def of_task(cls, task: Mapping[str, Any]) -> Self:
        """The form of a decoded OutreachTask, or of what the case store gives."""
        return cls._made({**task, "members": [member["signal_id"] for member in task["members"]]})

    @classmethod
    def of_json(cls, line: Mapping[str, Any]) -> Self:
        """The form in one parsed line of replay's output.

        Raises:
            KeyError: When a field is missing.
            ValueError: When a date is none.
        """
        dates = {name: date.fromisoformat(line[name]) for name in ("due_on", "opened_on")}
        return cls._made({**line, **dates})

    @classmethod
    def _made(cls, values: Mapping[str, Any]) -> Self:
        given = {each.name: values[each.name] for each in fields(cls)}
        for name in ("reasons", "national", "members"):
            given[name] = tuple(sorted(given[name]))
        parts = values["address"]
        given["address"] = Address(parts["postcode"], parts["number"], parts.get("letter"), parts.get("addition"))
        return cls(**given)

    def to_json(self) -> dict[str, Any]:
        """What `json.dumps` takes: lists for tuples, ISO dates."""
        form = asdict(self)
        for name, value in form.items():
            if isinstance(value, date):
                form[name] = value.isoformat()
            elif isinstance(value, tuple):
                form[name] = list(value)
        return form

    def differences(self, other: "TaskForm") -> tuple[str, ...]:
        """Names of the fields that differ: names only, so that they can be logged."""
        names = (each.name for each in fields(self))
        return tuple(name for name in names if getattr(self, name) != getattr(other, name))
