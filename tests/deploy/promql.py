"""What an expression asks for: metrics and labels, found in its syntax tree."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import promql_parser

from lantaarn.observing.catalogue import METRICS, series

FOREIGN = {
    "up": {"job", "process", "instance"},
    "ALERTS": {"alertname", "alertstate"},
    "process_resident_memory_bytes": set[str](),
}
"""Metrics that are Prometheus' own, or its client's."""
SCRAPED = {"job", "instance", "process", "le"}
KNOWN = {name: {*metric.labels} for metric in METRICS for name in series(metric)} | FOREIGN


class Asked(NamedTuple):
    """One metric in an expression, with the labels that it is chosen by."""

    metric: str
    labels: frozenset[str]


def asked(expression: str) -> list[Asked]:
    """Every metric in an expression; one that cannot be parsed raises."""
    return [
        Asked(str(node.name), frozenset(matcher.name for matcher in node.matchers.matchers))
        for node in _nodes(promql_parser.parse(expression))
        if isinstance(node, promql_parser.VectorSelector)
    ]


def grouped(expression: str) -> list[tuple[frozenset[str], list[Asked]]]:
    """Each aggregation: the labels that it keeps, and what is in it."""
    return [
        (frozenset(node.modifier.labels), asked(node.expr.prettify()))
        for node in _nodes(promql_parser.parse(expression))
        if isinstance(node, promql_parser.AggregateExpr) and node.modifier is not None
    ]


def assert_known(expression: str) -> None:
    """Every metric is one of ours, with labels that it has."""
    for metric, labels in asked(expression):
        assert metric in KNOWN, f"{metric} in {expression}"
        assert labels <= KNOWN[metric] | SCRAPED, f"{metric}{set(labels)} in {expression}"
    for kept, inside in grouped(expression):
        for metric, _ in inside:
            assert kept <= KNOWN[metric] | SCRAPED, f"by {set(kept)} of {metric} in {expression}"


def _nodes(node: Any) -> Iterator[Any]:
    yield node
    for name in ("expr", "lhs", "rhs", "vector_selector", "vs", "args", "param"):
        inner = getattr(node, name, None)
        for each in inner if isinstance(inner, list) else [inner]:
            if isinstance(each, promql_parser.Expr):
                yield from _nodes(each)
