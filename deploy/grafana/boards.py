"""The three dashboards, one for each reader, as data. A board fits on one screen; its first row answers the question.

- Operations: is everything there, does it move, how far behind is it?
- Partners: who sends what, what is refused and why, who is silent, which agreement ends?
- Deadlines: what is broken, what is at risk, how long does it take from signal to task?
"""

from typing import Literal, NamedTuple

Kind = Literal["stat", "timeseries", "table", "bargauge"]


class Panel(NamedTuple):
    """One picture: each query with the legend of its lines."""

    title: str
    kind: Kind
    queries: tuple[tuple[str, str], ...]
    unit: str = "short"
    bad_from: float | None = None  # red from this value on
    width: int = 8


class Board(NamedTuple):
    """One dashboard."""

    uid: str
    title: str
    panels: tuple[Panel, ...]


DAY = 86400
FIRING = 'count(ALERTS{alertstate="firing", alertname=~"Lantaarn.*"}) or vector(0)'

OPERATIONS = Board(
    "lantaarn-operations",
    "Lantaarn: operations",
    (
        Panel("Alerts firing", "stat", ((FIRING, ""),), bad_from=1, width=4),
        Panel("Processes able to work", "stat", (("lantaarn_ready", "{{process}}"),), width=8),
        Panel(
            "Oldest record not done, by group",
            "stat",
            (("max by (group) (lantaarn_group_lag_seconds)", "{{group}}"),),
            "s",
            300,
        ),
        Panel(
            "Since the last tick",
            "stat",
            (("time() - min(lantaarn_tick_last_hour_timestamp_seconds)", ""),),
            "s",
            7500,
            width=4,
        ),
        Panel(
            "Records in, by process",
            "timeseries",
            (("sum by (process) (rate(lantaarn_records_read_total[5m]))", "{{process}}"),),
            "cps",
        ),
        Panel(
            "Records out, by process",
            "timeseries",
            (("sum by (process) (rate(lantaarn_records_written_total[5m]))", "{{process}}"),),
            "cps",
        ),
        Panel(
            "Lag, by group",
            "timeseries",
            (("max by (group) (lantaarn_group_lag_records)", "{{group}}"),),
        ),
        Panel(
            "Lag as each process sees it",
            "timeseries",
            (("sum by (process, topic) (lantaarn_lag_records)", "{{process}} {{topic}}"),),
        ),
        Panel(
            "Age of the last record done, while behind",
            "timeseries",
            (("max by (process, topic) (lantaarn_lag_seconds)", "{{process}} {{topic}}"),),
            "s",
        ),
        Panel(
            "Members of each group, partitions of each process",
            "timeseries",
            (
                ("max by (group) (lantaarn_group_members)", "{{group}} members"),
                ("lantaarn_partitions", "{{process}} {{instance}} partitions"),
            ),
        ),
        Panel(
            "Households and size of the state",
            "timeseries",
            (("sum(lantaarn_state_households)", "households"), ("sum(lantaarn_state_bytes)", "bytes")),
        ),
        Panel(
            "Recovery: changes still to be read",
            "timeseries",
            (("lantaarn_recovery_remaining_records", "{{instance}}"),),
        ),
        Panel(
            "Delay of ticks",
            "timeseries",
            (
                ("max(lantaarn_tick_delay_seconds)", "applied"),
                ("time() - max(lantaarn_tick_written_timestamp_seconds)", "since one was written"),
            ),
            "s",
        ),
        Panel(
            "Dead letters, by reason and age",
            "timeseries",
            (("sum by (reason, age) (lantaarn_dead_letters_records)", "{{reason}} {{age}}"),),
        ),
        Panel(
            "Age of the oldest dead letter; new ones an hour",
            "timeseries",
            (
                ("time() - min by (reason) (lantaarn_dead_letters_oldest_timestamp_seconds)", "{{reason}} age"),
                ("sum by (reason) (increase(lantaarn_dead_letters_written_total[1h]))", "{{reason}} new"),
            ),
        ),
        Panel(
            "Ledger: unaccounted, and hours since the check",
            "timeseries",
            (
                ("max(lantaarn_ledger_unaccounted_findings)", "unaccounted"),
                ("(time() - max(lantaarn_ledger_checked_timestamp_seconds)) / 3600", "hours ago"),
            ),
            bad_from=1,
        ),
        Panel(
            "Main loop: seconds since it went round",
            "timeseries",
            (
                ("time() - lantaarn_loop_turned_timestamp_seconds", "{{process}}"),
                ("time() - lantaarn_watch_round_timestamp_seconds", "the watch's round"),
            ),
            "s",
        ),
        Panel("What the watch sees", "stat", (("lantaarn_watch_part_up", "{{part}}"),)),
        Panel("Policies in force", "table", (("count by (version, process) (lantaarn_policy_info)", ""),)),
        Panel("Builds", "table", (("count by (version, python, process) (lantaarn_build_info)", ""),)),
        Panel("Memory", "timeseries", (('process_resident_memory_bytes{job="lantaarn"}', "{{process}}"),), "bytes"),
    ),
)

PARTNERS = Board(
    "lantaarn-partners",
    "Lantaarn: partners",
    (
        Panel(
            "Days since each partner was heard",
            "bargauge",
            ((f"max by (partner) (lantaarn_partner_silent_seconds) / {DAY}", "{{partner}}"),),
            "d",
            width=12,
        ),
        Panel(
            "Share of its rhythm that has passed; 1 is too long",
            "bargauge",
            (
                (
                    (
                        "max by (partner) (lantaarn_partner_silent_seconds) / on (partner) "
                        "min by (partner) (lantaarn_partner_rhythm_seconds)"
                    ),
                    "{{partner}}",
                ),
            ),
            "percentunit",
            1,
            width=12,
        ),
        Panel(
            "Records answered, by result, a day",
            "timeseries",
            (("sum by (partner, result) (increase(lantaarn_receipts_total[1d]))", "{{partner}} {{result}}"),),
            width=12,
        ),
        Panel(
            "Refused, by reason, a day",
            "timeseries",
            (
                (
                    'sum by (partner, reason) (increase(lantaarn_receipts_total{result="refused"}[1d]))',
                    "{{partner}} {{reason}}",
                ),
            ),
            width=12,
        ),
        Panel(
            "Share refused in the last day",
            "bargauge",
            (
                (
                    (
                        'sum by (partner) (increase(lantaarn_receipts_total{result="refused"}[1d])) '
                        '/ sum by (partner) (increase(lantaarn_receipts_total{result=~"accepted|refused"}[1d]))'
                    ),
                    "{{partner}}",
                ),
            ),
            "percentunit",
            0.2,
        ),
        Panel(
            "Days until agreements end",
            "table",
            ((f"(min by (partner, type) (lantaarn_agreement_end_timestamp_seconds) - time()) / {DAY}", ""),),
            "d",
        ),
        Panel(
            "Last record of each partner",
            "table",
            (("1000 * max by (partner) (lantaarn_partner_last_signal_timestamp_seconds)", ""),),
            "dateTimeFromNow",
        ),
        Panel(
            "Adapters here: rows by what became of them, a day",
            "timeseries",
            (("sum by (feed, result) (increase(lantaarn_adapter_rows_total[1d]))", "{{feed}} {{result}}"),),
        ),
        Panel(
            "Adapters here: what was wrong with rows, a day",
            "timeseries",
            (("sum by (feed, reason) (increase(lantaarn_adapter_faults_total[1d]))", "{{feed}} {{reason}}"),),
        ),
        Panel(
            "Adapters here: deliveries a day",
            "timeseries",
            (
                (
                    "sum by (feed, readable) (increase(lantaarn_adapter_deliveries_total[1d]))",
                    "{{feed}} readable: {{readable}}",
                ),
            ),
        ),
    ),
)

DEADLINES = Board(
    "lantaarn-deadlines",
    "Lantaarn: deadlines",
    (
        Panel(
            "Broken: passed without any attempt",
            "stat",
            (('sum(lantaarn_deadlines_tasks{state="broken"})', ""),),
            bad_from=1,
            width=6,
        ),
        Panel(
            "At risk: at most 2 working days left",
            "stat",
            (('sum by (band) (lantaarn_deadlines_tasks{state="at_risk"})', "band {{band}}"),),
            width=9,
        ),
        Panel(
            "Sent to stored, nine of ten within",
            "stat",
            (("histogram_quantile(0.9, sum by (le) (rate(lantaarn_sent_to_stored_seconds_bucket[1h])))", ""),),
            "s",
            60,
            width=9,
        ),
        Panel(
            "Open tasks, by what is left",
            "timeseries",
            (("sum by (state) (lantaarn_deadlines_tasks)", "{{state}}"),),
            width=12,
        ),
        Panel(
            "Broken and at risk, by band (1: children, 2: crisis, 3: the rest)",
            "timeseries",
            (('sum by (state, band) (lantaarn_deadlines_tasks{state=~"broken|at_risk"})', "{{state}} {{band}}"),),
            width=12,
        ),
        Panel("Tasks, by status", "timeseries", (("sum by (status) (lantaarn_tasks)", "{{status}}"),), width=12),
        Panel(
            "Tasks without an owner, a next action or its day",
            "timeseries",
            (("sum by (lacks) (lantaarn_tasks_adrift)", "{{lacks}}"),),
            width=12,
        ),
        Panel(
            "Sent to stored",
            "timeseries",
            tuple(
                (
                    f"histogram_quantile({share}, sum by (le) (rate(lantaarn_sent_to_stored_seconds_bucket[5m])))",
                    f"{share:.0%}",
                )
                for share in (0.5, 0.9, 0.99)
            ),
            "s",
            width=12,
        ),
    ),
)

BOARDS = (OPERATIONS, PARTNERS, DEADLINES)
