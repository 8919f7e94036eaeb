"""The ten alert rules, as data: `rules/lantaarn.yaml` is made from this, and so is what the tests let Prometheus run.

An alert is for a person. Each has a page in docs/runbooks; `page` gets somebody out of bed, `ticket` waits for the
morning. What clears by itself when the cause is gone needs nobody to close it.
"""

from typing import Any, NamedTuple

from lantaarn.observing.limits import (
    AGREEMENT_DAYS,
    AGREEMENT_OVER_DAYS,
    LAG_SECONDS,
    TICK_SECONDS,
    WATCH_SECONDS,
)

DAY = 86400


class Limits(NamedTuple):
    """Figures that a test makes small, so that it need not wait."""

    lag_seconds: int = LAG_SECONDS
    tick_seconds: int = TICK_SECONDS
    watch_seconds: int = WATCH_SECONDS


class Alert(NamedTuple):
    """One rule."""

    name: str
    expr: str
    wait: str  # for how long it must hold
    severity: str  # page or ticket
    summary: str

    @property
    def runbook(self) -> str:
        """Its page, from the top of the repository."""
        return f"docs/runbooks/{self.name}.md"


def _ending() -> str:
    """Each warning has a label of its own, so that it is told again at each."""
    left = "lantaarn_agreement_end_timestamp_seconds - time()"
    nearest = [*AGREEMENT_DAYS[1:], -AGREEMENT_OVER_DAYS]
    steps = [
        f'label_replace({left} < {days * DAY} and {left} >= {nearer * DAY}, "within", "{days} days", "", "")'
        for days, nearer in zip(AGREEMENT_DAYS, nearest, strict=True)
    ]
    return " or ".join(steps)


def alerts(limits: Limits = Limits()) -> tuple[Alert, ...]:  # noqa: B008 - frozen
    """All of them."""
    return (
        Alert(
            "LantaarnProcessDown",
            'up{job="lantaarn"} == 0 or lantaarn_ready{job="lantaarn"} == 0',
            "3m",
            "page",
            "{{ $labels.process }} at {{ $labels.instance }} is down, or up and not able to work",
        ),
        Alert(
            "LantaarnLag",
            f"max by (group) (lantaarn_group_lag_seconds) > {limits.lag_seconds}",
            "5m",
            "page",
            "{{ $labels.group }}: the oldest record has waited for {{ $value | humanizeDuration }}",
        ),
        Alert(
            "LantaarnNoTick",
            f"time() - min(lantaarn_tick_last_hour_timestamp_seconds) > {limits.tick_seconds}",
            "5m",
            "page",
            "No tick for {{ $value | humanizeDuration }}: time stands still, no deadline fires",
        ),
        Alert(
            "LantaarnDeadlineBroken",
            'sum by (band) (lantaarn_deadlines_tasks{state="broken"}) > 0',
            "15m",
            "ticket",
            "{{ $value }} tasks of band {{ $labels.band }} passed their due date without any attempt",
        ),
        Alert(
            "LantaarnDeadLetters",
            'sum by (reason) (lantaarn_dead_letters_records{age=~"hour|day"}) > 0',
            "5m",
            "ticket",
            "{{ $value }} records were put aside in the last day ({{ $labels.reason }})",
        ),
        Alert(
            "LantaarnLedgerDifference",
            "max(lantaarn_ledger_unaccounted_findings) > 0",
            "1m",
            "page",
            "The ledger does not balance: {{ $value }} things are unaccounted for",
        ),
        Alert(
            "LantaarnPartnerSilent",
            "max by (partner) (lantaarn_partner_silent_seconds) "
            "> on (partner) min by (partner) (lantaarn_partner_rhythm_seconds)",
            "1h",
            "ticket",
            "{{ $labels.partner }} has sent nothing for {{ $value | humanizeDuration }}",
        ),
        Alert(
            "LantaarnAgreementEnding",
            _ending(),
            "1h",
            "ticket",
            "{{ $labels.partner }}, {{ $labels.type }}: the agreement ends in {{ $value | humanizeDuration }}",
        ),
        Alert(
            "LantaarnPolicyDiffers",
            "count(count by (version) (lantaarn_policy_info)) > 1",
            "15m",
            "ticket",
            "{{ $value }} policies are in force at the same time",
        ),
        Alert(
            "LantaarnWatchBlind",
            "lantaarn_watch_part_up == 0 "
            f"or time() - lantaarn_watch_round_timestamp_seconds > {limits.watch_seconds} "
            "or absent(lantaarn_watch_round_timestamp_seconds)",
            "5m",
            "page",
            "The watch does not see {{ $labels.part }}: the other alerts may be silent for want of eyes",
        ),
    )


def rules(limits: Limits = Limits(), wait: str | None = None) -> dict[str, Any]:  # noqa: B008 - frozen
    """Prometheus' rule file, as plain values.

    Args:
        limits: Figures in the expressions.
        wait: Instead of each rule's own waiting time.
    """
    made = [
        {
            "alert": one.name,
            "expr": one.expr,
            "for": wait or one.wait,
            "labels": {"severity": one.severity},
            "annotations": {"summary": one.summary, "runbook": one.runbook},
        }
        for one in alerts(limits)
    ]
    return {"groups": [{"name": "lantaarn", "rules": made}]}
