"""What there is to do today, in order, for whoever shows it."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sinks.fields import Address
from sinks.store.store import REGULAR_DAYS, CaseStore

CONTACTS = frozenset({"attempt", "contact", "accepted", "refused"})
"""Answers that took a contact."""


@dataclass(frozen=True, slots=True)
class WorklistRow:
    """One task as it stands on the day the list is read.

    `days_left` is negative once the due date has passed; `priority` is the score with the day points. The address
    stays out of any printed form.
    """

    task_id: str
    status: str
    level: str
    rung: str
    due_on: date
    days_left: int
    band: int
    score: int
    priority: int
    reasons: tuple[str, ...]
    members: int
    owner: str
    next_action: str
    next_action_on: date | None
    household: str  # pseudonym
    address: Address = field(repr=False)


@dataclass(frozen=True, slots=True)
class Worklist:
    """The first tasks in order of work, and how many more there are that this list leaves out."""

    rows: tuple[WorklistRow, ...]
    left_out: int
    capacity: int | None = None  # contacts a week that the policy names
    done: int = 0  # contacts of this week so far
    not_done: tuple[WorklistRow, ...] = ()  # what this week's capacity leaves undone, in order of work


def day_points(due_on: date, today: date, regular_days: int = REGULAR_DAYS) -> int:
    """Points for each day under ``regular_days`` to the due date; they go on after it."""
    return max(0, regular_days - (due_on - today).days)


def worklist(
    store: CaseStore,
    today: date,
    limit: int | None = None,
    status: str = "open",
    regular_days: int = REGULAR_DAYS,
) -> Worklist:
    """The tasks of one status in order of work: band, priority, due date, task id.

    Args:
        store: The case store.
        today: The day on which the list is read.
        limit: Most rows; all when None.
        status: open, waiting, helped, suppressed, withdrawn or ended.
        regular_days: The policy's days to a first contact.
    """
    tasks = store.worklist(status, limit, today, regular_days)
    rows = tuple(_row(task, today, regular_days) for task in tasks)
    return Worklist(rows, left_out=max(0, store.counts().get(status, 0) - len(rows)))


def week_plan(
    store: CaseStore, today: date, capacity: int, limit: int | None = None, regular_days: int = REGULAR_DAYS
) -> Worklist:
    """The open tasks that this week still has room for, and those that it has not.

    Args:
        store: The case store.
        today: The day on which the list is read.
        capacity: Contacts in a week, by the policy.
        limit: Most rows of what is to be done; what will not be done is always whole.
        regular_days: The policy's days to a first contact.
    """
    monday = today - timedelta(days=today.weekday())
    answers = store.report_answers()
    done = sum(1 for row in answers if row["kind"] in CONTACTS and monday <= row["signalled_on"] <= today)
    everything = worklist(store, today, None, "open", regular_days).rows
    room = max(0, capacity - done)
    shown = everything[: room if limit is None else min(room, limit)]
    return Worklist(shown, len(everything) - len(shown), capacity, done, everything[room:])


def _row(task: dict[str, Any], today: date, regular_days: int) -> WorklistRow:
    return WorklistRow(
        task_id=task["task_id"],
        status=task["status"],
        level=task["level"],
        rung=task["rung"],
        due_on=task["due_on"],
        days_left=(task["due_on"] - today).days,
        band=task["band"],
        score=task["score"],
        priority=task["score"] + day_points(task["due_on"], today, regular_days),
        reasons=tuple(task["reasons"]),
        members=len(task["members"]),
        owner=task["owner"],
        next_action=task["next_action"],
        next_action_on=task["next_action_on"],
        household=task["household"],
        address=Address(**task["address"]),
    )
