"""Dead letters on their topic, by reason and age. What is in them is not kept."""

import time
from collections import Counter
from collections.abc import Mapping
from typing import Any, NamedTuple

from lantaarn.logbook import Logbook
from lantaarn.observing.flow import DEAD, OTHER
from schemas.codec import Codec, UndecodableError
from schemas.topics import Catalogue
from streams.households.guard import LogBounds

AGES = (("hour", 3600.0), ("day", 86400.0), ("week", 7 * 86400.0), ("older", float("inf")))
RECENT = ("hour", "day")


class LettersLook(NamedTuple):
    """How the dead letters stand."""

    counts: dict[tuple[str, str], int]  # by reason and age; each pair is there
    oldest: dict[str, float]  # by reason, seconds since 1970

    @property
    def recent(self) -> int:
        """Those of the last day: older ones somebody has been told of, and they stay until they expire."""
        return sum(count for (_, age), count in self.counts.items() if age in RECENT)


class Letters:
    """Reads the topic once, and then only what is new; a letter that was deleted or has expired is forgotten.

    Args:
        kafka: Connection settings of a user that may read it.
        codec: Reads the letters.
        topics: Names the topic.
    """

    def __init__(self, kafka: Mapping[str, Any], codec: Codec, topics: Catalogue) -> None:
        self._logbook = Logbook(kafka)
        self._codec = codec
        self._topic = topics.rejected
        self._topic_id = ""
        self._next: dict[int, int] = {}
        self._known: dict[tuple[int, int], tuple[str, float]] = {}  # place -> reason, seconds since 1970

    def look(self) -> LettersLook:
        """How they stand now.

        Raises:
            LogError: When the topic cannot be read.
        """
        bounds = self._logbook.bounds([self._topic])[self._topic.name]
        if bounds.topic_id != self._topic_id:
            self._topic_id, self._next, self._known = bounds.topic_id, {}, {}
        starts = {number: max(start, self._next.get(number, 0)) for number, start in bounds.starts.items()}
        for entry in self._logbook.read({self._topic.name: LogBounds(bounds.topic_id, starts, bounds.ends)}):
            self._known[entry.partition, entry.offset] = (self._reason(entry.value), entry.timestamp / 1000)
            self._next[entry.partition] = entry.offset + 1
        self._known = {place: said for place, said in self._known.items() if place[1] >= bounds.starts[place[0]]}
        return self._counted()

    def _reason(self, value: bytes | None) -> str:
        try:
            reason = str(self._codec.decode("DeadLetter", value)["reason"])
        except UndecodableError:
            return OTHER
        return reason if reason in DEAD else OTHER

    def _counted(self) -> LettersLook:
        now = time.time()
        counts: Counter[tuple[str, str]] = Counter({(reason, age): 0 for reason in DEAD for age, _ in AGES})
        oldest: dict[str, float] = {}
        for reason, at in self._known.values():
            counts[reason, next(age for age, most in AGES if now - at <= most)] += 1
            oldest[reason] = min(at, oldest.get(reason, at))
        return LettersLook(dict(counts), oldest)
