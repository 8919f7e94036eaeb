"""Every metric there is, once: name, kind, labels, unit and what it means. `docs/metrics.md` is made from this.

Names follow Prometheus' rules: base units, the unit last, `_total` for counters, `_info` for a constant 1 that bears
labels. Each label has few values, all known from the topic catalogue, the agreements, the policy or a code list;
none is about a person.
"""

from typing import Literal, NamedTuple

Process = Literal["adapter", "intake", "worker", "sink", "ticker", "watch"]
Kind = Literal["counter", "gauge", "histogram"]
EVERY: tuple[Process, ...] = ("adapter", "intake", "worker", "sink", "ticker", "watch")
PREFIX = "lantaarn_"


class Metric(NamedTuple):
    """One metric."""

    name: str
    kind: Kind
    unit: str
    processes: tuple[Process, ...]
    labels: tuple[str, ...]
    means: str
    buckets: tuple[float, ...] = ()


SENT_TO_STORED_BUCKETS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600, 21600, 86400)

BUILD = Metric("lantaarn_build_info", "gauge", "", EVERY, ("version", "python"), "Always 1; which build this is.")
READY = Metric(
    "lantaarn_ready", "gauge", "", EVERY, (), "1 when the process can do its work, as `/health/ready` says; else 0."
)
TURNED = Metric(
    "lantaarn_loop_turned_timestamp_seconds", "gauge", "seconds", EVERY, (), "When the main loop last went round."
)
POLICY = Metric(
    "lantaarn_policy_info",
    "gauge",
    "",
    ("intake", "worker", "watch"),
    ("version",),
    "Always 1; the policy in force today. Intake and watch know it from the files, the worker from what was activated.",
)
PARTITIONS = Metric(
    "lantaarn_partitions", "gauge", "partitions", ("intake", "worker"), (), "Partitions that are this process's now."
)
READ = Metric(
    "lantaarn_records_read_total",
    "counter",
    "records",
    ("intake", "worker", "sink"),
    ("topic",),
    "Records in, done with: what they led to is delivered or stored (worker: handed over for delivery).",
)
WRITTEN = Metric(
    "lantaarn_records_written_total",
    "counter",
    "records",
    ("adapter", "intake", "worker", "ticker"),
    ("topic",),
    "Records out. The adapter and the ticker count what the broker has; intake and worker what they made.",
)
LAG_RECORDS = Metric(
    "lantaarn_lag_records",
    "gauge",
    "records",
    ("intake", "worker", "sink"),
    ("topic", "partition"),
    "Records that are there and not done, as this process sees it. One that stands still sees nothing new: see "
    "lantaarn_group_lag_records.",
)
LAG_SECONDS = Metric(
    "lantaarn_lag_seconds",
    "gauge",
    "seconds",
    ("intake", "worker", "sink"),
    ("topic", "partition"),
    "While there is a lag: age of the last record done, a little more than that of the oldest not done. Else 0.",
)
ANSWERS = Metric(
    "lantaarn_receipts_total",
    "counter",
    "records",
    ("intake", "worker"),
    ("partner", "result", "reason"),
    "What became of partners' records. Intake: accepted, or refused with a reason. Worker: repeated, duplicate, or "
    "refused as no_task, no_subject or contradiction.",
)
BURIED = Metric(
    "lantaarn_dead_letters_written_total",
    "counter",
    "records",
    ("intake", "worker"),
    ("reason",),
    "Dead letters made since this process began.",
)
DELIVERIES = Metric(
    "lantaarn_adapter_deliveries_total",
    "counter",
    "deliveries",
    ("adapter",),
    ("feed", "readable"),
    "Deliveries taken in.",
)
ROWS = Metric(
    "lantaarn_adapter_rows_total",
    "counter",
    "rows",
    ("adapter",),
    ("feed", "result"),
    "Rows of deliveries: accepted, to be published; rejected; skipped, which are no rows.",
)
FAULTS = Metric(
    "lantaarn_adapter_faults_total",
    "counter",
    "faults",
    ("adapter",),
    ("feed", "reason"),
    "What was wrong with rejected rows and unreadable deliveries; a row may have several faults.",
)
HOUSEHOLDS = Metric(
    "lantaarn_state_households", "gauge", "households", ("worker",), ("partition",), "Households in the state."
)
STATE_BYTES = Metric(
    "lantaarn_state_bytes", "gauge", "bytes", ("worker",), ("partition",), "Size of their states, as stored."
)
RECOVERING = Metric(
    "lantaarn_recovery_remaining_records",
    "gauge",
    "records",
    ("worker",),
    (),
    "Changes still to be read before the worker has its state back; 0 when it has.",
)
TICK_HOUR = Metric(
    "lantaarn_tick_last_hour_timestamp_seconds",
    "gauge",
    "seconds",
    ("worker",),
    ("partition",),
    "Nominal hour of the last tick applied; where there never was one, when the partition was taken over.",
)
TICK_DELAY = Metric(
    "lantaarn_tick_delay_seconds",
    "gauge",
    "seconds",
    ("worker",),
    ("partition",),
    "From the nominal hour of the last tick until it was applied.",
)
TICKED = Metric(
    "lantaarn_tick_written_timestamp_seconds", "gauge", "seconds", ("ticker",), (), "When this ticker last ticked."
)
SENT_TO_STORED = Metric(
    "lantaarn_sent_to_stored_seconds",
    "histogram",
    "seconds",
    ("sink",),
    (),
    "From the moment a partner's record came to the broker until the task version that it caused is stored. Versions "
    "caused by time or by a policy are not in it. Not measured in a backfill, where receipt is a delivery's own time."
    " A new store that is filled from the topic shows how late it is, which says nothing of the pipeline.",
    SENT_TO_STORED_BUCKETS,
)
GROUP_RECORDS = Metric(
    "lantaarn_group_lag_records",
    "gauge",
    "records",
    ("watch",),
    ("group",),
    "Records that the group has not committed, as the broker sees it: also when no member runs.",
)
GROUP_SECONDS = Metric(
    "lantaarn_group_lag_seconds",
    "gauge",
    "seconds",
    ("watch",),
    ("group",),
    "Age of the oldest record that the group has not committed; 0 without a lag.",
)
GROUP_MEMBERS = Metric(
    "lantaarn_group_members", "gauge", "members", ("watch",), ("group",), "Processes in the group now."
)
TASKS = Metric("lantaarn_tasks", "gauge", "tasks", ("watch",), ("status",), "Tasks in the case store.")
DEADLINES = Metric(
    "lantaarn_deadlines_tasks",
    "gauge",
    "tasks",
    ("watch",),
    ("state", "band"),
    "Open tasks by their due date. broken: it has passed without any outcome (reason `overdue`). attempted: there is "
    "an outcome, whatever the date. The others have none: passed, and no tick has come since; at_risk: at most 2 "
    "working days away; later.",
)
ADRIFT = Metric(
    "lantaarn_tasks_adrift",
    "gauge",
    "tasks",
    ("watch",),
    ("lacks",),
    "Live tasks without an owner, a next action or its day, by what they lack: 0, or somebody is forgotten.",
)
LAST_SIGNAL = Metric(
    "lantaarn_partner_last_signal_timestamp_seconds",
    "gauge",
    "seconds",
    ("watch",),
    ("partner",),
    "When a partner's last record came; absent before the first.",
)
SILENT_FOR = Metric(
    "lantaarn_partner_silent_seconds",
    "gauge",
    "seconds",
    ("watch",),
    ("partner",),
    "Since the partner's last record, or since its agreement began.",
)
RHYTHM = Metric(
    "lantaarn_partner_rhythm_seconds",
    "gauge",
    "seconds",
    ("watch",),
    ("partner",),
    "How long a partner may be silent, by `rhythm_days` of its agreement; absent where that is not set.",
)
AGREEMENT_END = Metric(
    "lantaarn_agreement_end_timestamp_seconds",
    "gauge",
    "seconds",
    ("watch",),
    ("partner", "type"),
    "When the partner may no longer send this type: end of the last day that agreements cover without a gap.",
)
LETTERS = Metric(
    "lantaarn_dead_letters_records",
    "gauge",
    "records",
    ("watch",),
    ("reason", "age"),
    "Dead letters on the topic, by age: hour, day, week (at most that old), older.",
)
OLDEST_LETTER = Metric(
    "lantaarn_dead_letters_oldest_timestamp_seconds",
    "gauge",
    "seconds",
    ("watch",),
    ("reason",),
    "When the oldest of them was written; absent when there is none.",
)
LEDGER = Metric(
    "lantaarn_ledger_unaccounted_findings",
    "gauge",
    "findings",
    ("watch",),
    (),
    "What `lantaarn reconcile` could not account for, twice in a row: what is under way is not in it.",
)
LEDGER_AT = Metric(
    "lantaarn_ledger_checked_timestamp_seconds", "gauge", "seconds", ("watch",), (), "When the ledger was last checked."
)
PART_UP = Metric(
    "lantaarn_watch_part_up",
    "gauge",
    "",
    ("watch",),
    ("part",),
    "1 when the watch could look at this part in its last round; at 0 the part's other metrics are absent.",
)
ROUND = Metric(
    "lantaarn_watch_round_timestamp_seconds", "gauge", "seconds", ("watch",), (), "When the watch ended its last round."
)

METRICS: tuple[Metric, ...] = tuple(value for value in list(globals().values()) if isinstance(value, Metric))
"""All of them, in this order."""


def series(metric: Metric) -> tuple[str, ...]:
    """The names under which a metric's samples appear."""
    if metric.kind == "histogram":
        return tuple(f"{metric.name}_{suffix}" for suffix in ("bucket", "sum", "count"))
    return (metric.name,)
