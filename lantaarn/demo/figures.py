"""What the demonstration has to show: figures from the topics, the case store and two replays."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from lantaarn.demo.partners import Partners
from lantaarn.demo.worth import Earlier, Months, differing, earlier
from lantaarn.logbook import Logbook
from lantaarn.reconcile import Report
from lantaarn.wiring import Deployment
from producers.ledger import outbox_lines
from producers.outbox import Status
from schemas.codes import Refusal, Result
from schemas.topics import OWN_PARTNER
from sinks.fields import TaskForm


@dataclass(frozen=True)
class Figures:
    """Everything of the summary. `signals_read` is the sum of accepted, refused, duplicates and repeated."""

    signals_read: int
    accepted: int
    refused: dict[str, int]  # by reason; rows that the adapter rejected as `row: …`
    duplicates: int
    repeated: int
    outcomes: int
    households: int
    tasks: dict[str, int]  # by level
    statuses: dict[str, int]
    ledger: dict[str, Any]
    replay_differs: int  # tasks that differ from a replay of the exported log
    earlier: Earlier
    seconds: dict[str, float]
    policy_version: str

    def to_json(self) -> dict[str, Any]:
        """What `json.dumps` takes."""
        return asdict(self)


def figures(
    made: Deployment,
    partners: Partners,
    *,
    report: Report,
    daily: Months,
    monthly: Months,
    tasks: Iterable[dict[str, Any]],
    policy_version: str,
    seconds: dict[str, float],
) -> Figures:
    """Put the figures together.

    Args:
        made: The deployment.
        partners: Their outboxes tell what was read.
        report: Of reconcile.
        daily: The exported log, replayed as it came.
        monthly: The same, matched once a month.
        tasks: What the case store has.
        policy_version: Of the policy in force.
        seconds: By phase.
    """
    stored = [TaskForm.of_task(task) for task in tasks]
    lines = [line for adapter in partners.adapters for line in outbox_lines(partners.outbox(adapter))]
    rejected = Counter(f"row: {line.reason}" for line in lines if line.status is Status.REJECTED)
    read = sum(line.status is not Status.SKIPPED for line in lines)
    signals, outcomes = _receipts(made)
    duplicates, repeated = signals[Result.DUPLICATE], signals[Result.REPEATED]
    refused = Counter({reason.value: count for reason, count in signals.items() if isinstance(reason, Refusal)})
    return Figures(
        signals_read=read,
        accepted=signals[Result.ACCEPTED] - duplicates - repeated,
        refused=dict(sorted((refused + rejected).items())),
        duplicates=duplicates,
        repeated=repeated,
        outcomes=outcomes,
        households=len({task.address for task in stored}),
        tasks=dict(Counter(task.level for task in stored)),
        statuses=dict(Counter(task.status for task in stored)),
        ledger={"balanced": report.balanced, "unaccounted": [f"{f.where}: {f.what}" for f in report.unaccounted]},
        replay_differs=differing(stored, daily),
        earlier=earlier(daily, monthly),
        seconds=seconds,
        policy_version=policy_version,
    )


def _receipts(made: Deployment) -> tuple[Counter[Result | Refusal], int]:
    """Signals by what became of them, and the number of outcomes."""
    logbook = Logbook(made.settings.kafka())
    outcome_ids = {
        made.codec.decode("TaskOutcome", entry.value)["id"] for entry in logbook.all(made.catalogue.task_outcomes)[1]
    }
    counts: Counter[Result | Refusal] = Counter()
    for entry in logbook.read(logbook.bounds(made.catalogue.receipts.values())):
        receipt = made.codec.decode("SignalReceipt", entry.value)
        if receipt["partner"] == OWN_PARTNER and receipt["signal_id"] in outcome_ids:
            continue
        refused = receipt["result"] == Result.REFUSED
        counts[Refusal(receipt["reason"]) if refused else Result(receipt["result"])] += 1
    return counts, len(outcome_ids)
