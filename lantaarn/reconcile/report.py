"""What reconcile has to say: counts of each hop, what is unaccounted, and what could not be checked."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple


class Finding(NamedTuple):
    """Something unaccounted. It names ids, topics and fields; never what is in them."""

    where: str
    what: str


class Report(NamedTuple):
    """The outcome of a reconciliation."""

    counts: dict[str, dict[str, int]]  # by hop
    unaccounted: tuple[Finding, ...]
    notes: tuple[str, ...]  # what could not be checked, and why

    @property
    def balanced(self) -> bool:
        """Whether everything is accounted for."""
        return not self.unaccounted

    def to_json(self) -> dict[str, Any]:
        """What `json.dumps` takes."""
        return {
            "balanced": self.balanced,
            "unaccounted": [finding._asdict() for finding in self.unaccounted],
            "counts": self.counts,
            "notes": list(self.notes),
        }


class Ledger:
    """Collects a report."""

    def __init__(self) -> None:
        self._counts: dict[str, dict[str, int]] = {}
        self._findings: dict[Finding, None] = {}  # each once, in order
        self._notes: dict[str, None] = {}

    def count(self, hop: str, counts: Mapping[str, int]) -> None:
        """Note figures of a hop; figures of the same name add up."""
        book = self._counts.setdefault(hop, {})
        for name, number in counts.items():
            book[name] = book.get(name, 0) + number

    def find(self, where: str, what: str) -> None:
        """Note something unaccounted."""
        self._findings[Finding(where, what)] = None

    def note(self, texts: Iterable[str]) -> None:
        """Note what could not be checked."""
        self._notes.update(dict.fromkeys(texts))

    def report(self) -> Report:
        """All of it."""
        return Report(self._counts, tuple(self._findings), tuple(self._notes))
