"""Asks a process over HTTP, as Prometheus and a container platform do."""

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any

from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def get(port: int, path: str) -> tuple[int, str]:
    """Status and body; 0 when nobody listens."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=20) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except OSError:
        return 0, ""


def health(port: int, kind: str) -> tuple[int, dict[str, Any]]:
    status, body = get(port, f"/health/{kind}")
    return status, json.loads(body) if body else {}


class Seen:
    """The samples of one scrape."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.samples: Samples = {
            (sample.name, frozenset(sample.labels.items())): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        }

    def value(self, name: str, **labels: str) -> float | None:
        return self.samples.get((name, frozenset(labels.items())))

    def sum(self, name: str, **labels: str) -> float:
        wanted = labels.items()
        return sum(value for (each, found), value in self.samples.items() if each == name and wanted <= {*found})

    def names(self) -> set[str]:
        return {name for name, _ in self.samples}


def scrape(port: int) -> Seen:
    return Seen(get(port, "/metrics")[1])


def read(registry: CollectorRegistry, name: str, **labels: str) -> float | None:
    found: Mapping[str, str] = labels
    return registry.get_sample_value(name, {**found})
