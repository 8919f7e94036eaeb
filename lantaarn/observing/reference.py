"""docs/metrics.md, made from the catalogue: ``python -m lantaarn.observing.reference``."""

from pathlib import Path

from lantaarn.observing.catalogue import EVERY, METRICS, Metric

FILE = Path(__file__).parents[2] / "docs" / "metrics.md"
HEAD = """# Metrics

Made by `python -m lantaarn.observing.reference` from `lantaarn/observing/catalogue.py`: change that.

Set `LANTAARN_METRICS_PORT` (and `LANTAARN_METRICS_HOST`, `127.0.0.1` by default) and a process serves

- `/metrics` for Prometheus,
- `/health/live`: 200 while its main loop goes round; a restart helps when it does not,
- `/health/ready`: 200 when its work is taken over, and broker and schema registry answer; a restart does not help.

Both answers are JSON and name each check. Beside what stands here every process shows `process_*` (memory, CPU, file
descriptors) and `python_gc_*`. Labels hold names of topics, partners, feeds and codes: nothing about a person.

| Metric | Type | Unit | Labels | Of | Meaning |
|---|---|---|---|---|---|
"""


def text() -> str:
    """What the file must hold."""
    return HEAD + "".join(f"{_row(metric)}\n" for metric in METRICS)


def _row(metric: Metric) -> str:
    labels = ", ".join(f"`{label}`" for label in metric.labels)
    processes = "every process" if metric.processes == EVERY else ", ".join(metric.processes)
    cells = (f"`{metric.name}`", metric.kind, metric.unit, labels, processes, metric.means)
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
