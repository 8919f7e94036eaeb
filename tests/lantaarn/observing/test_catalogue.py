"""The list of metrics: what stands in it, what the processes make of it, what Prometheus thinks of the names."""

import subprocess

import pytest
from prometheus_client import generate_latest

from lantaarn.observing import catalogue, reference
from lantaarn.observing.catalogue import EVERY, METRICS, Metric
from lantaarn.observing.health import Health
from lantaarn.observing.meter import Meter
from lantaarn.observing.processes import AdapterMetrics, IntakeMetrics, SinkMetrics, TickerMetrics
from lantaarn.observing.worker import WorkerMetrics
from schemas.topics import Catalogue
from streams.core.policy import Policies
from tests.tools import tool

PERSONAL = {
    "household",
    "address",
    "postcode",
    "bsn",
    "task",
    "task_id",
    "signal",
    "signal_id",
    "id",
    "key",
    "reference",
}
TOPICS = Catalogue("t.")
SERVED = {catalogue.TURNED, catalogue.READY}
"""Made where the server is started."""


def meter_of(process: catalogue.Process) -> Meter:
    """Of every process but the watch, whose parts need a broker: test_live.py has them all."""
    meter, health = Meter(process), Health(1, {})
    match process:
        case "adapter":
            AdapterMetrics(meter, health, TOPICS)
        case "intake":
            IntakeMetrics(meter, health, TOPICS, Policies())
        case "worker":
            WorkerMetrics(meter, health, TOPICS)
        case "sink":
            SinkMetrics(meter, health, TOPICS, measure=True)
        case "ticker":
            TickerMetrics(meter, health, TOPICS)
    return meter


def test_the_page_is_what_the_catalogue_says() -> None:
    assert reference.FILE.read_text(encoding="utf-8") == reference.text(), "run python -m lantaarn.observing.reference"


def test_names_are_prometheus_own_kind() -> None:
    assert len({metric.name for metric in METRICS}) == len(METRICS)
    for metric in METRICS:
        assert metric.name.startswith(catalogue.PREFIX)
        assert metric.name.endswith("_total") == (metric.kind == "counter")
        assert ("seconds" in metric.name.split("_")) == (metric.unit == "seconds")
        assert bool(metric.buckets) == (metric.kind == "histogram")
        assert not PERSONAL & {*metric.labels}


@pytest.mark.parametrize("process", [process for process in EVERY if process != "watch"])
def test_a_process_shows_what_the_catalogue_says_of_it(process: catalogue.Process) -> None:
    shown = {metric.name for metric in meter_of(process).registry.collect()}
    expected = {m.name.removesuffix("_total") for m in METRICS if process in m.processes and m not in SERVED}
    assert {name for name in shown if name.startswith(catalogue.PREFIX)} == expected


def test_a_metric_of_another_process_is_refused() -> None:
    with pytest.raises(ValueError, match="no such gauge of sink"):
        Meter("sink").gauge(catalogue.TICK_HOUR)
    with pytest.raises(ValueError, match="no such counter"):
        Meter("worker").counter(catalogue.TICK_HOUR)


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_prometheus_finds_nothing_to_say(metric: Metric) -> None:
    promtool = tool("promtool", "Prometheus (Debian: prometheus)")
    meter = Meter(metric.processes[0])
    if metric is not catalogue.BUILD:
        getattr(meter, metric.kind)(metric)
    text = "".join(
        line for line in generate_latest(meter.registry).decode().splitlines(keepends=True) if "_created" not in line
    )
    found = subprocess.run([promtool, "check", "metrics"], input=text, capture_output=True, text=True, check=False)
    assert (found.returncode, found.stdout + found.stderr) == (0, "")
