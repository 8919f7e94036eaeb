"""What a process of this room tells about its own work, to whoever listens; by default nobody does.

The room knows no metrics library: the composition root listens, and turns what it hears into metrics and health. What
is told holds names of topics and partners, codes, numbers and moments; nothing about a person.
"""

from typing import NamedTuple, Protocol


class Done(NamedTuple):
    """Records of one partition that a process is done with."""

    topic: str
    partition: int
    records: int
    last_at: int  # ms since 1970: when the last of them was written to the topic
    behind: int  # records that are there and not done


class OutputsObserver(Protocol):
    """Hears of each record that a stage makes, as it is made; a process that cannot deliver one ends."""

    def made(self, topic: str) -> None:
        """A record for a topic."""

    def answered(self, partner: str, result: str, reason: str | None) -> None:
        """An answer to a partner's record."""

    def buried(self, reason: str) -> None:
        """A dead letter."""


class IntakeObserver(OutputsObserver, Protocol):
    """Hears of intake's loop."""

    def turned(self) -> None:
        """The loop goes round: the process is not stuck."""

    def assigned(self, partitions: int | None) -> None:
        """How many partitions are ours now; null while the group is being shared out."""

    def done(self, done: Done) -> None:
        """A batch of one partition is delivered and committed."""


class WorkerObserver(OutputsObserver, Protocol):
    """Hears of the worker's records. What it holds is asked of it: `HouseholdsWorker.look`."""

    def applied(self, partition: int, at: int, records: int) -> None:
        """Records of household-events are applied, the last of them written at that moment (ms since 1970)."""


class Silent:
    """Listens to nothing."""

    def made(self, topic: str) -> None:
        """Nothing."""

    def answered(self, partner: str, result: str, reason: str | None) -> None:
        """Nothing."""

    def buried(self, reason: str) -> None:
        """Nothing."""

    def turned(self) -> None:
        """Nothing."""

    def assigned(self, partitions: int | None) -> None:
        """Nothing."""

    def done(self, done: Done) -> None:
        """Nothing."""

    def applied(self, partition: int, at: int, records: int) -> None:
        """Nothing."""


SILENT = Silent()
