"""Makes metrics of the catalogue on a registry of its own: nothing is global, so tests and processes do not meet."""

import platform
from collections.abc import Callable, Mapping
from importlib.metadata import version

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.gc_collector import GCCollector
from prometheus_client.process_collector import ProcessCollector

from lantaarn.observing import catalogue
from lantaarn.observing.catalogue import Metric, Process


class Meter:
    """The metrics of one process.

    Args:
        process: Which one; it may only use metrics that the catalogue says are its.
    """

    def __init__(self, process: Process) -> None:
        self.registry = CollectorRegistry()
        self._process = process
        ProcessCollector(registry=self.registry)
        GCCollector(registry=self.registry)
        self.gauge(catalogue.BUILD).labels(version("lantaarn"), platform.python_version()).set(1)

    def counter(self, metric: Metric) -> Counter:
        """A counter of the catalogue."""
        self._check(metric, "counter")
        return Counter(metric.name.removesuffix("_total"), metric.means, metric.labels, registry=self.registry)

    def gauge(self, metric: Metric) -> Gauge:
        """A gauge of the catalogue."""
        self._check(metric, "gauge")
        return Gauge(metric.name, metric.means, metric.labels, registry=self.registry)

    def histogram(self, metric: Metric) -> Histogram:
        """A histogram of the catalogue."""
        self._check(metric, "histogram")
        return Histogram(metric.name, metric.means, metric.labels, registry=self.registry, buckets=metric.buckets)

    def function(self, metric: Metric, value: Callable[[], float]) -> None:
        """A gauge without labels whose value is asked for when somebody looks."""
        self.gauge(metric).set_function(value)

    def _check(self, metric: Metric, kind: str) -> None:
        if metric.kind != kind or self._process not in metric.processes:
            raise ValueError(f"{metric.name}: the catalogue has no such {kind} of {self._process}")


def replace(gauge: Gauge, values: Mapping[tuple[str, ...], float]) -> None:
    """Set a gauge's values; label values that are not among them disappear."""
    gauge.clear()
    for labels, value in values.items():
        gauge.labels(*labels).set(value)
