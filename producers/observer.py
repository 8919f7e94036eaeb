"""What an adapter tells about its own work, to whoever listens; by default nobody does.

It holds names of feeds and topics, codes and numbers; nothing about a person.
"""

from collections.abc import Mapping
from typing import Protocol

from producers.outbox import Stored
from producers.rows import Reason


class AdapterObserver(Protocol):
    """Hears of an adapter's loop."""

    def turned(self) -> None:
        """The loop goes round: the process is not stuck."""

    def taken_in(self, feed: str, stored: Stored, faults: Mapping[Reason, int]) -> None:
        """A delivery is in the outbox, with how often each thing was wrong in it."""

    def published(self, topic: str, records: int) -> None:
        """The broker has these."""


class Silent:
    """Listens to nothing."""

    def turned(self) -> None:
        """Nothing."""

    def taken_in(self, feed: str, stored: Stored, faults: Mapping[Reason, int]) -> None:
        """Nothing."""

    def published(self, topic: str, records: int) -> None:
        """Nothing."""


SILENT = Silent()
