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
from sinks.store.outcomes import AMSTERDAM
from sinks.store.store import CaseStore
from sinks.worklist import CONTACTS

LEAST = 10
"""A count below this is not published: where few live it would point at one household."""
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
        publish: Leave out (null) what is counted fewer than `LEAST` times, and medians and sums over so few.
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
    shown = LEAST if publish else 0

    def count(number: int) -> int | None:
        return number if number >= shown else None

    def by(rows: Iterable[Mapping[str, Any]], name: str) -> dict[str, int | None]:
        counted = Counter(str(row[name]) for row in rows if row[name] is not None)
        return {code: count(number) for code, number in sorted(counted.items())}

    return {
        "tasks_opened": count(len(tasks)),
        "in_time": count(in_time[True]),
        "too_late": count(in_time[False]),
        "days_to_first_contact": median(days) if days and count(len(days)) is not None else None,
        "contacts": count(len(contacts)),
        "reached": count(sum(1 for row in contacts if row["reached"])),
        "channel": by(contacts, "channel"),
        "part_of_day": by(contacts, "part_of_day"),
        "accepted": count(kinds["accepted"]),
        "refused": count(kinds["refused"]),
        "result": by((row for row in answers if row["kind"] == "closed"), "result"),
        "help": by(answers, "help"),
        "investment_cents": sum(invested) if count(len(invested)) is not None else None,
        "obstacles": count(len(ours(store.report_obstacles(), "found_on"))),
        "consultations": count(kinds["consultation"]),
        "joint_visits": count(kinds["joint_visit"]),
        "reopened": count(kinds["reopened"]),
    }


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
