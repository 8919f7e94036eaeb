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
        spare: Whether the next one is got ready at once, because it will be needed.
        may_fail: Whether it may also end with 1, as sink and intake do when the broker turns them out of their group.
        settings: Of its own.
    """

    def __init__(
        self,
        town: Town,
        command: str,
        settings: Mapping[str, str] | None = None,
        *,
        spare: bool = False,
        may_fail: bool = False,
    ) -> None:
        self._town = town
        self._settings = settings or {}
        self._may_end_with = MAY_END_WITH | ({1} if may_fail else set())
        self.command = command
        self.ended: Counter[int] = Counter()
        self.process = town.spawn(command, **self._settings).begin()
        self._spare = town.spawn(command, **self._settings) if spare else None

    def check(self) -> None:
        """Starts it again when it has ended; raises ``AssertionError`` when it should not have."""
        if self.process.running:
            return
        code = self.process.popen.returncode
        if code not in self._may_end_with:
            self.process.check()
        self.ended[code] += 1
        self._go_on()

    def kill(self) -> None:
        """SIGKILL; `again` starts it again."""
        self.process.kill()

    def again(self) -> None:
        self._go_on()

    def end(self) -> float:
        return self.process.end()

    def _go_on(self) -> None:
        ready = self._spare or self._town.spawn(self.command, **self._settings)
        self.process = ready.begin()
        if self._spare is not None:
            self._spare = self._town.spawn(self.command, **self._settings)
