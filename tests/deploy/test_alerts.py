"""The alert rules: what they ask exists, each fires when it should and clears when it should, each has its page."""

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from deploy.prometheus import generate
from deploy.prometheus.alerts import Alert, alerts, rules
from tests.deploy.promql import FOREIGN, KNOWN, asked, assert_known
from tests.tools import tool

ROOT = Path(__file__).parents[2]
ALERTS = {alert.name: alert for alert in alerts()}
COMPARISONS = {"==", "!=", ">", "<", ">=", "<="}
DAY = 86400


def by_name(alert: Alert) -> str:
    return alert.name


def test_the_file_is_what_the_rules_say() -> None:
    assert generate.FILE.read_text(encoding="utf-8") == generate.text(), "run python -m deploy.prometheus.generate"


def test_there_are_ten() -> None:
    assert len(ALERTS) == len(alerts()) == 10


@pytest.mark.parametrize("alert", alerts(), ids=by_name)
def test_what_it_asks_exists(alert: Alert) -> None:
    assert_known(alert.expr)


@pytest.mark.parametrize("alert", alerts(), ids=by_name)
def test_it_compares_so_that_it_can_clear(alert: Alert) -> None:
    assert any(word in alert.expr.split() for word in COMPARISONS)


@pytest.mark.parametrize("alert", alerts(), ids=by_name)
def test_its_page_says_all_that_a_person_needs(alert: Alert) -> None:
    page = (ROOT / alert.runbook).read_text(encoding="utf-8")
    headings = [line.removeprefix("## ") for line in page.splitlines() if line.startswith("## ")]
    assert headings == [
        "What it means",
        "Who suffers",
        "What to look at",
        "What to do",
        "When it clears",
    ]
    assert ("Page" if alert.severity == "page" else "Ticket") in page.splitlines()[2]


def test_pages_and_rules_are_the_same_set() -> None:
    pages = {file.stem for file in (ROOT / "docs" / "runbooks").glob("Lantaarn*.md")}
    assert pages == ALERTS.keys()


def test_a_metric_that_is_not_ours_is_noticed() -> None:
    with pytest.raises(AssertionError):
        assert_known("sum by (group) (lantaarn_no_such_metric) > 0")
    with pytest.raises(AssertionError):
        assert_known('lantaarn_tasks{postcode="9901XK"} > 0')
    with pytest.raises(AssertionError):
        assert_known("sum by (household) (rate(lantaarn_records_read_total[5m])) > 0")
    assert {one.metric for one in asked("histogram_quantile(0.9, sum by (le) (rate(a_bucket[5m]))) / on (x) b")} == {
        "a_bucket",
        "b",
    }
    assert KNOWN.keys() > FOREIGN.keys()


class Case(NamedTuple):
    """Series by minute, and the minutes at which an alert fires (with which labels) and does not."""

    alert: str
    series: dict[str, str]
    fires: dict[int, list[dict[str, str]]]
    quiet: Sequence[int]


WATCH = {"lantaarn_watch_round_timestamp_seconds": "0+60x600"}
CASES = (
    Case(
        "LantaarnProcessDown",
        {
            'up{job="lantaarn", process="sink", instance="s:1"}': "1x4 0x9 1x20",
            'lantaarn_ready{job="lantaarn", process="intake", instance="i:1"}': "1x14 0x9 1x20",
            'up{job="other", process="x", instance="x:1"}': "0x40",
        },
        {
            10: [{"job": "lantaarn", "process": "sink", "instance": "s:1"}],
            20: [{"job": "lantaarn", "process": "intake", "instance": "i:1"}],
        },
        (4, 6, 16, 30),
    ),
    Case(
        "LantaarnLag",
        {
            'lantaarn_group_lag_seconds{group="case-store"}': "0x4 301+60x20 0x20",
            'lantaarn_group_lag_seconds{group="intake"}': "0 290 0 290 0 290 0x30",
        },
        {12: [{"group": "case-store"}]},
        (6, 9, 30),
    ),
    Case(
        "LantaarnNoTick",
        {
            'lantaarn_tick_last_hour_timestamp_seconds{partition="0"}': "0x90",
            'lantaarn_tick_last_hour_timestamp_seconds{partition="1"}': "-6000x49 0x40",
        },
        {35: [{}]},
        (20, 28, 52),
    ),
    Case(
        "LantaarnDeadlineBroken",
        {
            'lantaarn_deadlines_tasks{state="broken", band="2"}': "0x9 2x29 0x20",
            'lantaarn_deadlines_tasks{state="at_risk", band="2"}': "9x60",
            'lantaarn_deadlines_tasks{state="passed", band="3"}': "9x60",
        },
        {30: [{"band": "2"}]},
        (8, 20, 45),
    ),
    Case(
        "LantaarnDeadLetters",
        {
            'lantaarn_dead_letters_records{reason="undecodable", age="hour"}': "0x4 1x9 0x40",
            'lantaarn_dead_letters_records{reason="undecodable", age="day"}': "0x14 1x14 0x40",
            'lantaarn_dead_letters_records{reason="undecodable", age="week"}': "0x29 1x40",
            'lantaarn_dead_letters_records{reason="failed", age="hour"}': "0x60",
        },
        {11: [{"reason": "undecodable"}], 25: [{"reason": "undecodable"}]},
        (4, 7, 40),
    ),
    Case(
        "LantaarnLedgerDifference",
        {"lantaarn_ledger_unaccounted_findings": "_x5 0x4 3x9 _x5 0x20"},
        {15: [{}]},
        (2, 8, 30),
    ),
    Case(
        "LantaarnPartnerSilent",
        {
            'lantaarn_partner_silent_seconds{partner="a"}': f"{7 * DAY - 3600}+60x149 0x50",
            'lantaarn_partner_silent_seconds{partner="b"}': f"{90 * DAY}+60x250",
            'lantaarn_partner_rhythm_seconds{partner="a"}': f"{7 * DAY}x250",
        },
        {125: [{"partner": "a"}]},
        (59, 119, 155),
    ),
    Case(
        "LantaarnAgreementEnding",
        {
            'lantaarn_agreement_end_timestamp_seconds{partner="a", type="Huur"}': f"{90 * DAY + 1800}x250",
            'lantaarn_agreement_end_timestamp_seconds{partner="b", type="Water"}': f"{59 * DAY}x99 {400 * DAY}x150",
            'lantaarn_agreement_end_timestamp_seconds{partner="c", type="Zorg"}': f"{-60 * DAY + 7200}x250",
            'lantaarn_agreement_end_timestamp_seconds{partner="d", type="Zorg"}': f"{7 * DAY + 3600}x250",
            'lantaarn_agreement_end_timestamp_seconds{partner="e", type="Huur"}': f"{29 * DAY}x99 {400 * DAY}x150",
        },
        {
            70: [
                {"partner": "b", "type": "Water", "within": "90 days"},
                {"partner": "c", "type": "Zorg", "within": "7 days"},
                {"partner": "e", "type": "Huur", "within": "30 days"},
            ],
            95: [
                {"partner": "a", "type": "Huur", "within": "90 days"},
                {"partner": "b", "type": "Water", "within": "90 days"},
                {"partner": "c", "type": "Zorg", "within": "7 days"},
                {"partner": "e", "type": "Huur", "within": "30 days"},
            ],
            125: [
                {"partner": "a", "type": "Huur", "within": "90 days"},
                {"partner": "d", "type": "Zorg", "within": "7 days"},
            ],
        },
        (28, 55),
    ),
    Case(
        "LantaarnPolicyDiffers",
        {
            'lantaarn_policy_info{version="1", process="worker"}': "1x40 _x40",
            'lantaarn_policy_info{version="2", process="worker"}': "_x40 1x40",
            'lantaarn_policy_info{version="1", process="intake"}': "1x9 _x80",
            'lantaarn_policy_info{version="2", process="intake"}': "_x9 1x80",
        },
        {35: [{}]},
        (9, 20, 60),
    ),
    Case(
        "LantaarnWatchBlind",
        {**WATCH, 'lantaarn_watch_part_up{part="cases"}': "1x4 0x14 1x40"},
        {15: [{"part": "cases"}]},
        (4, 7, 25),
    ),
    Case(
        "LantaarnWatchBlind",
        {"lantaarn_watch_round_timestamp_seconds": "0+60x10 600x29 2400+60x40", 'up{job="lantaarn"}': "1x100"},
        {35: [{}]},
        (20, 45),
    ),
    Case("LantaarnWatchBlind", {'up{job="lantaarn"}': "1x100"}, {10: [{}]}, (3,)),
)


def test_every_rule_has_a_case() -> None:
    assert {case.alert for case in CASES} == ALERTS.keys()
    for case in CASES:
        for series in case.series:
            assert_known(series)
        metrics = {one.metric for one in asked(ALERTS[case.alert].expr)}
        assert {asked(series)[0].metric for series in case.series} & (metrics | {"up"})


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.alert)
def test_it_fires_and_clears(case: Case, tmp_path: Path) -> None:
    promtool = tool("promtool", "Prometheus (Debian: prometheus)")
    made = rules()
    for rule in made["groups"][0]["rules"]:
        del rule["annotations"]  # promtool would compare the texts
    moments = {**case.fires, **{minute: [] for minute in case.quiet}}
    severity = ALERTS[case.alert].severity
    told = {
        "rule_files": ["rules.json"],
        "evaluation_interval": "1m",
        "tests": [
            {
                "interval": "1m",
                "input_series": [{"series": name, "values": values} for name, values in case.series.items()],
                "alert_rule_test": [
                    {
                        "eval_time": f"{minute}m",
                        "alertname": case.alert,
                        "exp_alerts": [{"exp_labels": {"severity": severity, **labels}} for labels in firing],
                    }
                    for minute, firing in moments.items()
                ],
            }
        ],
    }
    for name, value in (("rules.json", made), ("test.json", told)):  # JSON is YAML too
        (tmp_path / name).write_text(json.dumps(value), encoding="utf-8")
    done = subprocess.run(
        [promtool, "test", "rules", "test.json"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_prometheus_takes_files_and_texts() -> None:
    promtool = tool("promtool", "Prometheus (Debian: prometheus)")
    folder = generate.FILE.parents[1]
    for command in (("check", "rules", str(generate.FILE)), ("check", "config", str(folder / "prometheus.yaml"))):
        done = subprocess.run([promtool, *command], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
