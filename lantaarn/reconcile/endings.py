"""Fourth hop: where each accepted record ended. Every one is in exactly one place."""

from collections import Counter
from collections.abc import Callable
from enum import StrEnum
from typing import Any, NamedTuple

from lantaarn.reconcile.logs import LATER, Logs
from lantaarn.reconcile.report import Ledger
from lantaarn.reconcile.stored import Stored
from schemas.codes import CREDITOR_TYPES, Kind, Refusal, Result
from streams.core.policy import Policies
from streams.core.situation import situation
from streams.core.state import Household
from streams.rerun import Step

HOP = "endings"


class End(StrEnum):
    """Where an accepted record can end."""

    TASK = "in a task"
    EVIDENCE = "evidence"
    OVER = "report of arrears that were over"
    HELD_BACK = "held back by an ending"
    REPEATED = "repeated"
    DISPUTED = "in dispute"
    LEFT = "of people who have left"
    DUPLICATE = "duplicate"
    NO_TASK = "outcome without a task"
    CONTRADICTION = "outcome that contradicts what happened"
    FAILED = "dead letter"
    LOST = "nowhere"


class Applied(NamedTuple):
    """One record of household-events and where the core put it."""

    offset: int
    identity: str
    end: End


class Endings:
    """Listens to a rerun."""

    def __init__(self) -> None:
        self.applied: list[Applied] = []

    def take(self, step: Step, event: dict[str, Any], policies: Callable[[], Policies]) -> None:
        """Note one record about a household; policies are those that its partition knows."""
        self.applied.append(Applied(step.offset, event["id"], _end(step, event, policies)))


def check(endings: Endings, stored: Stored, logs: Logs, ledger: Ledger) -> None:
    """Count the places, and make sure that whatever belongs in a task is in one that is stored."""
    members = {member["signal_id"] for task in stored.versions.values() for member in task["members"]}
    counts: Counter[End] = Counter()
    for record in endings.applied:
        end = record.end
        if end in {End.OVER, End.HELD_BACK, End.DISPUTED, End.LEFT} and record.identity in members:
            end = End.TASK  # a later task took it up
        elif end in {End.TASK, End.LOST} and record.identity not in members:
            ledger.find("case store, task_members", f"signal {record.identity}: belongs in a task, and is in none")
        counts[end] += 1
    total = sum(seen.count for seen in logs.events.values())
    ledger.count(HOP, {"accepted records": total, **{f"… {end.value}": counts[end] for end in End}})
    if sum(counts.values()) != total:
        ledger.find(logs.catalogue.household_events.name, f"{total} records, {sum(counts.values())} endings")


def _end(step: Step, event: dict[str, Any], policies: Callable[[], Policies]) -> End:
    if step.dead_letters:
        return End.FAILED
    for receipt in step.receipts:
        if receipt["result"] == Result.DUPLICATE.value:
            return End.DUPLICATE
        if receipt["result"] == Result.REPEATED.value:
            return End.REPEATED
        if receipt["reason"] == Refusal.CONTRADICTION.value:
            return End.CONTRADICTION
        if receipt["reason"] in LATER:
            return End.NO_TASK
    body = event["body"]
    if body.get("kind") != Kind.REPORT.value or body.get("type") not in CREDITOR_TYPES:
        return End.EVIDENCE
    household = step.household(event["household"])
    assert household is not None  # noqa: S101 - its offset is in the state of each record that was applied
    return _end_of_report(event["id"], household, policies)


def _end_of_report(identity: str, household: Household, policies: Callable[[], Policies]) -> End:
    task = household.task
    if task is not None and task.status.live and identity in task.members:
        return End.TASK
    policy = policies().on(household.today)
    if identity not in situation(household, policy).members:
        if any(e.id == identity for left in household.departed for claim in left.claims for e in claim.entries):
            return End.LEFT
        whole = situation(household, policy, disputed=True)
        return End.DISPUTED if identity in whole.members else End.OVER
    return End.HELD_BACK if task is None or not task.status.live else End.LOST
