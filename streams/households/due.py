"""Which households of a partition are due: a heap on the day they wake, so that a tick scans nothing."""

from collections.abc import Iterator
from datetime import date
from heapq import heappop, heappush


class DueIndex:
    """Wake-up days of the households of one partition."""

    def __init__(self) -> None:
        self._days: dict[bytes, date] = {}
        self._heap: list[tuple[date, bytes]] = []

    def set(self, key: bytes, day: date | None) -> None:
        """Note when a household wakes; null when it does not."""
        if self._days.get(key) == day:
            return
        if day is None:
            self._days.pop(key, None)
        else:
            self._days[key] = day
            heappush(self._heap, (day, key))

    def due(self, day: date) -> Iterator[bytes]:
        """Households that wake on that day or before, each once; those that stay must be `set` anew."""
        while self._heap and self._heap[0][0] <= day:
            woken, key = heappop(self._heap)
            if self._days.get(key) == woken:  # else it was set anew since
                del self._days[key]
                yield key
