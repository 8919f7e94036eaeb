"""Reads scenario files. What is wrong is told with file, entry and field, so that whoever wrote it can mend it."""

import tomllib
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from lantaarn.scenarios.words import PARTNERS, VALUES, meant, record_fields, task_fields
from schemas.codes import CREDITOR_TYPES, Precondition, SignalType

HOME = "home"
OF_CREDITORS = frozenset({"amount", "missing"})


class ScenarioError(ValueError):
    """A scenario file that cannot be used; says which file, entry and field, and why."""


class _Entry(BaseModel):
    model_config = ConfigDict(extra="allow", frozen=True, arbitrary_types_allowed=True)

    @property
    def more(self) -> dict[str, Any]:
        """Fields beyond those that every entry has."""
        return dict(self.__pydantic_extra__ or {})


class RecordEntry(_Entry):
    """One record: what somebody tells, and on which day it arrives. Other fields are those of its contract."""

    on: datetime | date
    type: SignalType | None = None
    label: str = ""
    partner: str = ""
    address: str = HOME
    signalled_on: date | None = None
    amount: float | None = Field(None, ge=0, description="Euros.")
    missing: tuple[Precondition, ...] = Field((), description="Statements of the sender that it leaves out.")
    to: str | None = Field(None, description="Where somebody moves to, by nickname.")
    again: str | None = Field(None, description="The label of a record that is sent once more.")
    disputed_signal: str | None = Field(None, description="The label of a record that the resident says is wrong.")
    household: str | None = Field(
        None, description="At a shared address: the label of a record of the household that an outcome is about."
    )

    @field_validator("on", mode="before")
    @classmethod
    def _a_date(cls, value: object) -> object:
        if not isinstance(value, date):
            raise ValueError("is not a date like 2026-02-02, without quotes")  # noqa: TRY004 - pydantic tells it
        return value

    @model_validator(mode="after")
    def _known(self) -> Self:
        if self.again is not None:
            return self
        if self.type is None:
            raise ValueError(f"type: is missing; one of {', '.join(SignalType)}")
        known = record_fields(self.type)
        allowed = known | OF_CREDITORS if self.type in CREDITOR_TYPES else known
        for name in self.more:
            if name not in allowed:
                raise ValueError(f"{name}: {meant(name, allowed | set(RecordEntry.model_fields))}")
        return self

    @property
    def named(self) -> dict[str, str]:
        """Labels of earlier records that it names, by field."""
        found = {"again": self.again, "disputed_signal": self.disputed_signal, "household": self.household}
        return {name: label for name, label in found.items() if label is not None}

    @property
    def sender(self) -> str:
        """Who sends it."""
        assert self.type is not None  # noqa: S101 - checked above
        return self.partner or PARTNERS.get(self.type, self.type.lower().replace(" ", "-"))


class ExpectEntry(_Entry):
    """What is expected at the end of a day at an address. Other fields are those of the task's contract."""

    on: date
    address: str = HOME
    task: Literal[False] | None = Field(None, description="false: nobody works on anything there.")
    tasks: int | None = Field(None, description="How many tasks there have been.")
    members: tuple[str, ...] | None = Field(None, description="Labels of the reports that it answers.")
    reasons: tuple[str, ...] | None = None
    with_reasons: tuple[str, ...] = ()
    without_reasons: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _known(self) -> Self:
        for name in self.more:
            if name not in task_fields():
                raise ValueError(f"{name}: {meant(name, task_fields() | set(ExpectEntry.model_fields))}")
        for name, known in VALUES.items():
            said = getattr(self, name, None) if name in type(self).model_fields else self.more.get(name)
            for word in [said] if isinstance(said, str) else said or ():
                if word not in known:
                    raise ValueError(f"{name}: {meant(str(word), known)}")
        if self.task is False and (self.more or self.members is not None or self.reasons is not None):
            raise ValueError("task: is false, and yet something is said of it")
        if self.task is None and self.tasks is None and not self.said:
            raise ValueError("says nothing that could be checked")
        return self

    @property
    def said(self) -> bool:
        """Whether anything is said of a task."""
        lists = (self.members, self.reasons, self.with_reasons or None, self.without_reasons or None)
        return bool(self.more) or any(each is not None for each in lists)


class Scenario(BaseModel):
    """One story."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str = Field(min_length=1)
    text: Literal["A", "B", "C", "D", "E"] | None = Field(None, description="The founding text that asks for it.")
    story: str = ""
    policy: dict[str, Any] = Field({}, description="What differs from the policy that the scenarios are run with.")
    policy_change: tuple[dict[str, Any], ...] = Field((), description="From a day on, other values.")
    agreement: tuple[dict[str, Any], ...] = ()
    addresses: dict[str, str] = Field({}, description="Postcodes of nicknames, where they matter.")
    shared: tuple[str, ...] = Field((), description="Nicknames of addresses at which each person is a household.")
    record: tuple[RecordEntry, ...] = Field(min_length=1)
    receipts: dict[str, str] = Field({}, description="Label -> what becomes of it; the others are accepted.")
    expect: tuple[ExpectEntry, ...] = ()

    file: Path = Path()

    @model_validator(mode="after")
    def _labels_are_known(self) -> Self:
        labels = [label_of(self, index) for index in range(len(self.record))]
        for label in labels:
            if labels.count(label) > 1:
                raise ValueError(f'record: the label "{label}" is there twice')
        for label in self.receipts:
            if label not in labels:
                raise ValueError(f"receipts: {meant(label, labels)}")
        for number, expected in enumerate(self.expect, start=1):
            for label in expected.members or ():
                if label not in labels:
                    raise ValueError(f"expect {number}: members: {meant(label, labels)}")
        return self

    @model_validator(mode="after")
    def _named_before(self) -> Self:
        labels = [label_of(self, index) for index in range(len(self.record))]
        for number, entry in enumerate(self.record):
            for name, label in entry.named.items():
                if label not in labels[:number]:
                    raise ValueError(f"record {number + 1}: {name}: {meant(label, labels[:number])}")
        return self

    @model_validator(mode="after")
    def _places_are_known(self) -> Self:
        if not self.expect and not self.receipts:
            raise ValueError("expect: nothing is expected, so nothing can be checked")
        for number, expected in enumerate(self.expect, start=1):
            if expected.address not in self.places:
                raise ValueError(f"expect {number}: address: {meant(expected.address, self.places)}")
        return self

    @property
    def places(self) -> list[str]:
        """Every nickname of an address, in order of appearance."""
        moves = [entry.to for entry in self.record if entry.to]
        return [*dict.fromkeys([*self.addresses, *(entry.address for entry in self.record), *moves])]


def label_of(scenario: Scenario, index: int) -> str:
    """A record's label: its own, or its place in the file, from 1."""
    return scenario.record[index].label or str(index + 1)


def read(file: Path) -> Scenario:
    """Read one scenario.

    Raises:
        ScenarioError: When it cannot be used; names file, entry and field.
    """
    try:
        raw = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ScenarioError(f"{file}: {error.strerror}") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ScenarioError(f"{file}: {error}") from error
    try:
        return Scenario.model_validate(raw | {"file": file})
    except ValidationError as error:
        told = "\n".join(f"{file}: {_told(one)}" for one in error.errors())
        raise ScenarioError(told) from error


def read_folder(folder: Path) -> list[Scenario]:
    """Every scenario in a folder and the folders in it, in order of their names; what is in ``policies`` is none.

    Raises:
        ScenarioError: When there is none, or some cannot be used; tells of all of them.
    """
    files = [folder] if folder.is_file() else sorted(folder.rglob("*.toml"))
    found, wrong = [], []
    for file in files:
        if file.name == "policy.toml":
            continue
        try:
            found.append(read(file))
        except ScenarioError as error:
            wrong.append(str(error))
    if wrong:
        raise ScenarioError("\n".join(wrong))
    if not found:
        raise ScenarioError(f"{folder}: no scenario here (files ending in .toml)")
    return found


def _told(error: Any) -> str:
    """Where it is, counted from 1 as people do, and what is wrong."""
    where: list[str] = []
    for part in error["loc"]:
        if isinstance(part, int) and where:
            where[-1] = f"{where[-1]} {part + 1}"
        elif part not in {"date", "datetime"}:  # pydantic's names for the two kinds of day
            where.append(str(part))
    message = error["msg"].removeprefix("Value error, ")
    return ": ".join([*where, "is not known here" if error["type"] == "extra_forbidden" else message])
