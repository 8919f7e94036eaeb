"""Invented tasks, fixed by their numbers, and Hypothesis strategies for them."""

import random
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from sinks.store.outcomes import HELP, PLAIN

STATUSES = ("open", "waiting", "helped", "suppressed", "withdrawn", "ended")
LEVELS = ("letter", "phone", "home_visit", "joint_home_visit")
REASONS = ("consecutive", "crisis", "first_signal", "high_amount", "multiple", "overdue")
NATIONAL: tuple[list[str], ...] = ([], ["single"], ["multiple"], ["consecutive"], ["consecutive", "multiple"])
START = date(2026, 1, 5)


def task(number: int, sequence: int = 1, **changes: Any) -> dict[str, Any]:
    """Version ``sequence`` of task ``number``: the same at each call, and no two alike."""
    dice = random.Random(f"{number} {sequence}")  # noqa: S311 -- the same each time is the point
    level = dice.randrange(len(LEVELS))
    made: dict[str, Any] = {
        "task_id": str(UUID(int=number, version=5)),
        "sequence": sequence,
        "household": f"{number:064x}",
        "address": {
            "postcode": "9999XK",
            "number": number % 9999 + 1,
            "letter": dice.choice([None, "A"]),
            "addition": dice.choice([None, "BIS"]),
        },
        "status": dice.choice(STATUSES),
        "level": LEVELS[level],
        "rung": LEVELS[dice.randrange(level, len(LEVELS))],
        "due_on": START + timedelta(days=dice.randrange(40)),
        "band": dice.randint(1, 3),
        "score": dice.randrange(100),
        "reasons": sorted(dice.sample(REASONS, dice.randrange(4))),
        "national": dice.choice(NATIONAL),
        "members": sorted(
            (
                {"signal_id": str(UUID(int=dice.getrandbits(128), version=5)), "repeated": dice.random() < 0.3}
                for _ in range(dice.randrange(4))
            ),
            key=lambda member: str(member["signal_id"]),
        ),
        "opened_on": START,
        "changed_on": START + timedelta(days=sequence),
        "caused_by": dice.choice([None, str(UUID(int=dice.getrandbits(128), version=5))]),
        "policy_version": "2026-1",
        "owner": "team-noord",
        "next_action": LEVELS[level],
        "next_action_on": dice.choice([None, START + timedelta(days=3)]),
        "collection_paused_until": dice.choice([None, START + timedelta(days=30)]),
        "promised_on": None,
        "promised_by": None,
        "visit_at": None,
        "visit_by": None,
        "visit_with": None,
    }
    return made | changes


def outcome(number: int, **changes: Any) -> dict[str, Any]:
    """Outcome ``number``: an attempt to reach somebody, unless told otherwise."""
    made: dict[str, Any] = {
        "id": f"outcome-{number}",
        "partner": "gemeente",
        "kind": "attempt",
        "signalled_on": START + timedelta(days=number),
        "address": {"postcode": "9999XK", "number": 9000 + number, "letter": None, "addition": None},
    }
    absent = ("task_id", "delivered_at", *(name for name in PLAIN if name not in made))
    obstacle = ("obstacle_rule", "obstacle_procedure", "obstacle_place", "obstacle_on")
    return made | dict.fromkeys((*absent, *obstacle, *HELP.values())) | {"joint_with": []} | changes


def history(tasks: int, versions: int) -> list[dict[str, Any]]:
    """``versions`` of each of ``tasks`` tasks, in the order in which a worker would publish them."""
    return [task(number, sequence) for sequence in range(1, versions + 1) for number in range(1, tasks + 1)]


def histories() -> st.SearchStrategy[list[dict[str, Any]]]:
    """Histories of a few tasks, of different lengths."""
    lengths = st.lists(st.integers(1, 5), min_size=1, max_size=4)
    return lengths.map(
        lambda each: [task(number, s) for number, n in enumerate(each, start=1) for s in range(1, n + 1)]
    )
