"""Keeps a process going, as its supervisor would in production."""

from collections import Counter
from collections.abc import Mapping

from tests.streams.live import Town

MAY_END_WITH = {70}
"""The worker's own way out when it cannot be sure of what it reads or has written: it starts again from the log."""


class Kept:
    """A process that is started again when it ends of itself with a code that asks for it.

    Args:
        town: Where it works.
        command: Of ``lantaarn``.
        may_fail: Whether it may also end with 1, as sink and intake do when the broker turns them out of their group.
        settings: Of its own.
    """

    def __init__(
        self,
        town: Town,
        command: str,
        settings: Mapping[str, str] | None = None,
        *,
        may_fail: bool = False,
    ) -> None:
        self._town = town
        self._settings = settings or {}
        self._may_end_with = MAY_END_WITH | ({1} if may_fail else set())
        self.command = command
        self.ended: Counter[int] = Counter()
        self.process = town.spawn(command, **self._settings)

    def check(self) -> None:
        """Starts it again when it has ended; raises ``AssertionError`` when it should not have."""
        code = self.process.code
        if code is None:
            return
        if code not in self._may_end_with:
            self.process.check()
        self.ended[code] += 1
        self.again()

    def kill(self) -> None:
        """SIGKILL; `again` starts it again."""
        self.process.kill()

    def again(self) -> None:
        self.process = self._town.spawn(self.command, **self._settings)

    def end(self) -> float:
        return self.process.end()
