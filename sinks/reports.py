"""Reports for people, from the case store: obstacles, the month's figures, and who is visited together this week.

Obstacles and figures hold no address, pseudonym or task id. The list of visits is for caseworkers and has addresses; a
landlord's own extract of it has an address and a time, and nothing else.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any

from sinks.fields import Address
from sinks.holding_back import FEWEST, Name, Sum, held_back_of_sums
from sinks.store.outcomes import AMSTERDAM
from sinks.store.store import CaseStore
from sinks.worklist import CONTACTS

WEEK = timedelta(days=7)

MEASURES: dict[str, str] = {
    "tasks_opened": "tasks opened in the month",
    "in_time": "of these, with a first outcome on or before the statutory date",
    "too_late": "of these, without one by that date",
    "days_to_first_contact": "of these, median days until the resident was reached",
    "contacts": "times that contact was sought in the month: attempt, contact, accepted, refused",
    "reached": "of these, the resident was reached",
    "channel": "the same, by contact kind",
    "part_of_day": "the same, by part of the day, where it was told",
    "accepted": "times that help was accepted",
    "refused": "times that help was refused",
    "result": "tasks closed, by end result",
    "help": "help given, by kind",
    "investment_cents": "direct investments, sum in whole cents",
    "obstacles": "answers that tell of a rule in the way",
    "consultations": "questions to the benefits caseworker",
    "joint_visits": "joint visits decided on",
    "reopened": "entries undone",
}
"""The outcome measures: what is counted under each name, by the date of the answer or of the opening."""


def obstacles(store: CaseStore) -> list[dict[str, Any]]:
    """Rules in the way, most often met first: rule, procedure, place, times, first and last day, neighbourhoods."""
    groups: dict[tuple[str | None, ...], list[dict[str, Any]]] = {}
    for row in store.report_obstacles():
        groups.setdefault((row["rule"], row["procedure"], row["place"]), []).append(row)
    found = [
        {
            "rule": rule,
            "procedure": procedure,
            "place": place,
            "times": len(rows),
            "first_met": min(row["found_on"] for row in rows),
            "last_met": max(row["found_on"] for row in rows),
            "neighbourhoods": sorted({row["neighbourhood"] for row in rows}),
        }
        for (rule, procedure, place), rows in groups.items()
    ]
    return sorted(found, key=lambda one: (-one["times"], str(one["rule"]), str(one["procedure"]), str(one["place"])))


def monitoring(
    store: CaseStore, month: date, *, neighbourhood: str | None = None, publish: bool = False
) -> dict[str, Any]:
    """The figures of `MEASURES` for one month.

    Args:
        store: The case store.
        month: Any day of it.
        neighbourhood: First four characters of a postcode; the whole municipality without.
        publish: Leave out (null) what is counted one to nine times and whatever would give that away, and medians and
            amounts over fewer than `FEWEST`. It is for one cut of the town: figures of the whole and of its
            neighbourhoods together give away what is held back.
    """

    def ours(rows: Iterable[dict[str, Any]], day: str) -> list[dict[str, Any]]:
        return [
            row
            for row in rows
            if (row[day].year, row[day].month) == (month.year, month.month)
            and neighbourhood in {None, row["neighbourhood"]}
        ]

    tasks = ours(store.report_tasks(), "opened_on")
    answers = ours(store.report_answers(), "signalled_on")
    kinds = Counter(row["kind"] for row in answers)
    contacts = [row for row in answers if row["kind"] in CONTACTS]
    days = [row["days_to_first_contact"] for row in tasks if row["days_to_first_contact"] is not None]
    invested = [row["cents"] for row in answers if row["cents"] is not None]
    in_time = Counter(row["within_deadline"] for row in tasks)
    single = {
        "tasks_opened": len(tasks),
        "in_time": in_time[True],
        "too_late": in_time[False],
        "contacts": len(contacts),
        "reached": sum(1 for row in contacts if row["reached"]),
        "accepted": kinds["accepted"],
        "refused": kinds["refused"],
        "obstacles": len(ours(store.report_obstacles(), "found_on")),
        "consultations": kinds["consultation"],
        "joint_visits": kinds["joint_visit"],
        "reopened": kinds["reopened"],
    }
    grouped = {
        "channel": _by(contacts, "channel"),
        "part_of_day": _by(contacts, "part_of_day"),
        "result": _by((row for row in answers if row["kind"] == "closed"), "result"),
        "help": _by(answers, "help"),
    }
    hidden = _hidden(single, grouped) if publish else frozenset[Name]()
    fewest = FEWEST if publish else 1
    found = {
        **{name: None if name in hidden else count for name, count in single.items()},
        **{
            name: {code: None if (name, code) in hidden else count for code, count in counts.items()}
            for name, counts in grouped.items()
        },
        "days_to_first_contact": median(days) if len(days) >= fewest else None,
        "investment_cents": None if publish and len(invested) < FEWEST else sum(invested),
    }
    return {name: found[name] for name in MEASURES}


def _by(rows: Iterable[Mapping[str, Any]], name: str) -> dict[str, int]:
    return dict(sorted(Counter(str(row[name]) for row in rows if row[name] is not None).items()))


def _hidden(single: Mapping[str, int], grouped: Mapping[str, Mapping[str, int]]) -> frozenset[Name]:
    """What is held back of a month's figures: they add up, so more than the small ones."""
    counts: dict[Name, int] = {(name, code): n for name, each in grouped.items() for code, n in each.items()}
    counts.update(single.items())
    return held_back_of_sums(counts, sums(grouped))


def sums(grouped: Mapping[str, Iterable[str]]) -> list[Sum]:
    """How the figures of a month add up; those by end result and by kind of help to no figure that is told."""
    return [
        Sum("tasks_opened", ("in_time", "too_late")),
        Sum("contacts", ("reached",)),
        Sum("reached", ("accepted", "refused")),
        Sum("contacts", ("accepted", "refused")),
        *(Sum("contacts", tuple((name, code) for code in grouped[name])) for name in ("channel", "part_of_day")),
    ]


@dataclass(frozen=True, slots=True)
class VisitRow:
    """A household on the weekly list; `at` is null while no caseworker has decided. The address is never printed.

    `asked_first` is what a person does before anybody goes: the case store does not tell, the rules do.
    """

    neighbourhood: str
    household: str
    task_id: str
    at: datetime | None
    visit_by: str | None
    visit_with: str | None
    owner: str
    due_on: date
    reasons: tuple[str, ...]
    address: Address = field(repr=False)
    asked_first: str | None = None


@dataclass(frozen=True, slots=True)
class LandlordVisit:
    """All that a landlord who comes along learns."""

    at: datetime
    address: Address = field(repr=False)


def visits(store: CaseStore, day: date) -> list[VisitRow]:
    """Joint visits of the week of a day, by neighbourhood: those decided on, then those that wait for a decision."""
    monday = day - timedelta(days=day.weekday())
    rows = []
    for task in store.all_tasks():
        at = task["visit_at"]
        if task["status"] not in {"open", "waiting", "helped"}:
            continue
        if at is not None and monday <= at.astimezone(AMSTERDAM).date() < monday + WEEK:
            rows.append(_visit(task, at.astimezone(AMSTERDAM)))
        elif at is None and task["status"] == "open" and task["rung"] == "joint_home_visit":
            rows.append(_visit(task, None))
    return sorted(rows, key=lambda row: (row.neighbourhood, row.at is None, str(row.at), row.due_on, row.task_id))


def for_landlord(rows: Iterable[VisitRow], partner: str) -> list[LandlordVisit]:
    """What one landlord is told: the visits that a caseworker has decided on with it, address and time.

    Not those before which something is asked first: its tenant may not live there any more.
    """
    found = [
        LandlordVisit(row.at, row.address)
        for row in rows
        if row.at is not None and row.visit_with == partner and row.asked_first is None
    ]
    return sorted(found, key=lambda visit: visit.at)


def _visit(task: Mapping[str, Any], at: datetime | None) -> VisitRow:
    return VisitRow(
        neighbourhood=task["address"]["postcode"][:4],
        household=task["household"],
        task_id=task["task_id"],
        at=at,
        visit_by=task["visit_by"],
        visit_with=task["visit_with"],
        owner=task["owner"],
        due_on=task["due_on"],
        reasons=tuple(task["reasons"]),
        address=Address(**task["address"]),
    )
