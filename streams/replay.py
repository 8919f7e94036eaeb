"""Replay: a file of records through intake and the core, without Kafka (rules section 7).

Months of a region in seconds: to try a policy, to check a live run, to count what continuous matching is worth.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple

import msgspec

from schemas.codes import Refusal, Result
from streams.core.admission import Refused, admit
from streams.core.agreements import Agreements
from streams.core.calendar import add_months, local_day
from streams.core.fields import InvalidError, moment
from streams.core.household import Decision, Receipt, Version, advance, decide, take_in
from streams.core.keys import Keys
from streams.core.policy import Policies
from streams.core.records import Address, Record
from streams.core.state import Household, Task

_decoder = msgspec.json.Decoder()


class Cadence(StrEnum):
    """When records are applied: on the day they come, or all together on the next 1st of a month."""

    DAILY = "daily"
    MONTHLY = "monthly"


class InputReceipt(NamedTuple):
    """What became of one input line."""

    id: str | None
    result: Result
    reason: Refusal | None = None
    field: str | None = None

    def line(self) -> dict[str, Any]:
        """As a line of the receipts file."""
        return self._asdict()


class Outcome(NamedTuple):
    """What a replay leaves behind."""

    tasks: dict[str, tuple[Household, Version]]  # the last version of each task, by task id
    receipts: list[InputReceipt]


class _Line(NamedTuple):
    position: int
    received_at: int
    day: date
    record: Record | Refused
    identity: str | None
    household: str = ""  # whose it is


def task_line(household_address: Address | None, task: Task) -> dict[str, Any]:
    """A task as a line of the tasks file: the fields of section 7, each in its fixed form."""
    address = household_address
    return {
        "task_id": task.id,
        "address": None if address is None else msgspec.to_builtins(address),
        "status": task.status.value,
        "level": task.level.code,
        "rung": task.rung.code,
        "due_on": task.due_on.isoformat(),
        "band": task.band,
        "score": task.score,
        "reasons": list(task.reasons),
        "national": list(task.national),
        "members": list(task.members),
        "sequence": task.sequence,
        "opened_on": task.opened_on.isoformat(),
    }


def replay(
    lines: Iterable[bytes],
    *,
    policies: Policies,
    as_of: date,
    secret: bytes,
    agreements: Agreements | None = None,
    shared: frozenset[Address] = frozenset(),
    cadence: Cadence = Cadence.DAILY,
    as_on_topics: bool = False,
    on_version: Callable[[Household, Version], None] | None = None,
    on_record: Callable[[Record, Receipt], None] | None = None,
) -> Outcome:
    """Apply the records of a file in order of receipt and let time pass up to and including a day.

    Args:
        lines: One JSON object a line; an empty line is passed over.
        policies: What holds on which day.
        as_of: Days advance to and including this one; later records are ignored.
        secret: Of the pseudonyms; task ids follow from it.
        agreements: Who may send what; everything is allowed without.
        shared: Addresses at which each person is a household.
        cadence: Monthly lets each record wait until the next 1st after its receipt.
        as_on_topics: An outcome must say all that its kind asks for, as on a topic; the interchange format is mild.
        on_version: Told each version of each task as it is made.
        on_record: Told each admitted record and what became of it.
    """
    agreements = agreements or Agreements()
    judge = _Judge(policies, agreements, Keys(secret, shared), as_on_topics=as_on_topics)
    waiting = sorted(_read(lines, judge, cadence, as_of), key=_order)
    town = _Town(policies, on_version)
    receipts: dict[int, InputReceipt] = {}
    for line in waiting:
        record = line.record
        if isinstance(record, Refused):
            receipts[line.position] = InputReceipt(line.identity, Result.REFUSED, record.reason, record.field)
            continue
        receipt = town.apply(line.household, record, line.day)
        receipts[line.position] = _answer(record.id, receipt)
        if on_record is not None:
            on_record(record, receipt)
    town.advance(as_of)
    return Outcome(town.tasks, [receipts[position] for position in sorted(receipts)])


class _Town:
    """All households, and what goes from one to another: live it takes its way over two topics, here it is at once."""

    def __init__(self, policies: Policies, on_version: Callable[[Household, Version], None] | None) -> None:
        self._policies = policies
        self._on_version = on_version
        self._households: dict[str, Household] = {}
        self.tasks: dict[str, tuple[Household, Version]] = {}

    def apply(self, household: str, record: Record, day: date) -> Receipt:
        """Apply a household's record on a day."""
        decision = decide(self._known(household), record, self._policies, day)
        self._settle(decision, day)
        return decision.receipt

    def advance(self, day: date) -> None:
        """Let time pass for everybody."""
        for household in list(self._households.values()):
            self._tell(*advance(household, day, self._policies))

    def _settle(self, decision: Decision, day: date) -> None:
        self._tell(decision.household, decision.versions)
        transfer = decision.transfer
        if transfer is not None:
            self._settle(take_in(self._known(transfer.household), transfer, self._policies, day), day)

    def _tell(self, household: Household, versions: tuple[Version, ...]) -> None:
        self._households[household.key] = household
        for version in versions:
            self.tasks[version.task.id] = (household, version)
            if self._on_version is not None:
                self._on_version(household, version)

    def _known(self, key: str) -> Household:
        return self._households.get(key) or Household(key)


def _answer(identity: str, receipt: Receipt) -> InputReceipt:
    return InputReceipt(identity, receipt.result, receipt.reason, receipt.field)


def _order(line: _Line) -> tuple[date, int, str, int]:
    return (line.day, line.received_at, line.identity or "", line.position)


class _Judge:
    """Intake's judgement of a raw record, and whose it is."""

    def __init__(self, policies: Policies, agreements: Agreements, keys: Keys, *, as_on_topics: bool) -> None:
        self._policies = policies
        self._agreements = agreements
        self._keys = keys
        self._as_on_topics = as_on_topics

    def judged(self, raw: dict[str, Any]) -> tuple[str, Record | Refused]:
        """The household, and the record as admitted or why it was not."""
        owner = raw.get("partner") if self._as_on_topics else None
        record = admit(raw, self._policies, self._agreements, owner=owner)
        if isinstance(record, Refused):
            return "", record
        return self._keys.place(record, raw) or ("", Refused(Refusal.SORT))


def _read(lines: Iterable[bytes], judge: _Judge, cadence: Cadence, as_of: date) -> Iterator[_Line]:
    for position, line in enumerate(lines):
        if not line.strip():
            continue
        try:
            raw = _decoder.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raw = None
        if not isinstance(raw, dict):
            yield _Line(position, 0, date.min, Refused(Refusal.UNDECODABLE), None)
            continue
        household, record = judge.judged(raw)
        identity = raw.get("id")
        if isinstance(record, Refused):
            named = identity if isinstance(identity, str) else None
            day = _received_day(raw)
            if day is None or day <= as_of:
                yield _Line(position, 0, date.min, record, named)
            continue
        day = record.day
        if cadence is Cadence.MONTHLY:
            day = add_months(day.replace(day=1), 1)
        if day <= as_of:
            yield _Line(position, record.received_at, day, record, record.id, household)


def _received_day(raw: dict[str, Any]) -> date | None:
    try:
        return local_day(moment(raw))
    except InvalidError:
        return None
