"""What a run found: rates and ratios, as a table for people and as one object for programs."""

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table

UNITS = {
    "keyed": "records/s",
    "household": "events/s",
    "recovery": "households/s",
    "latency": "ms, p50",
    "national": "signals/s",
}
SMALLER_IS_BETTER = {"latency"}
Details = Mapping[str, Mapping[str, Mapping[str, Any]]]
"""Workload -> contender -> figures."""


def rates(details: Details) -> dict[str, dict[str, float]]:
    """One figure for each contender of each workload, where there is one."""
    found: dict[str, dict[str, float]] = {}
    for workload, of in details.items():
        figure = "p50" if workload in SMALLER_IS_BETTER else "per_second"
        found[workload] = {name: figures[figure] for name, figures in of.items() if figures[figure] is not None}
    return found


def ratios(found: Mapping[str, Mapping[str, float]], ours: str) -> dict[str, dict[str, float]]:
    """How much better ours is than each other one: 2.0 is twice as fast, or half the time."""
    made: dict[str, dict[str, float]] = {}
    for workload, of in found.items():
        if ours not in of:
            continue
        mine = of[ours]
        others = {name: rate for name, rate in of.items() if name != ours and rate}
        if workload in SMALLER_IS_BETTER:
            made[workload] = {f"{ours}/{name}": _round(rate / mine) for name, rate in others.items()}
        else:
            made[workload] = {f"{ours}/{name}": _round(mine / rate) for name, rate in others.items()}
    return made


def memory(details: Details) -> dict[str, int]:
    """MiB that each contender holds after the household workload."""
    return {name: figures["rss_mib"] for name, figures in details.get("household", {}).items()}


def show(result: Mapping[str, Any], labels: Mapping[str, str]) -> None:
    """A table on standard output."""
    console = Console()
    table = Table(title=f"{result['machine']}, {result['at']}", title_justify="left")
    table.add_column("workload")
    table.add_column("unit")
    for label in labels.values():
        table.add_column(label, justify="right")
    for workload, of in result["rates"].items():
        table.add_row(workload, UNITS[workload], *(_cell(of.get(name)) for name in labels))
    details = result["details"]
    if "latency" in details:
        table.add_row("", "ms, p99", *(_cell(details["latency"].get(name, {}).get("p99")) for name in labels))
    if result["memory_mib"]:
        table.add_row("household", "MiB", *(_cell(result["memory_mib"].get(name)) for name in labels))
    console.print(table)
    for workload, of in result["ratios"].items():
        console.print(f"{workload}: " + ", ".join(f"{name} {ratio:g}x" for name, ratio in of.items()))


def _cell(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,.0f}" if value >= 1000 else f"{value:,.1f}".removesuffix(".0")


def _round(ratio: float) -> float:
    return float(f"{ratio:.3g}")
