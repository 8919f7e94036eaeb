"""The watch: goes round its parts, again and again, and tells which it could not see."""

import threading
import time
from collections.abc import Sequence

import structlog

from lantaarn.observing import catalogue
from lantaarn.observing.parts import Part
from lantaarn.observing.starting import Post

log = structlog.get_logger()


class Watch:
    """Goes round.

    Args:
        post: Where it shows what it sees.
        parts: What it looks at.
    """

    def __init__(self, post: Post, parts: Sequence[Part]) -> None:
        self._health = post.health
        self._parts = parts
        self._up = post.meter.gauge(catalogue.PART_UP)
        self._round = post.meter.gauge(catalogue.ROUND)

    def run(self, every: float, stop: threading.Event) -> None:
        """Go round every so many seconds, until told to stop.

        A look may wait half a minute for a broker that does not answer; it changes nothing, so nobody waits for it.
        """
        threading.Thread(target=self._rounds, args=(every, stop), name="rounds", daemon=True).start()
        stop.wait()

    def _rounds(self, every: float, stop: threading.Event) -> None:
        while not stop.is_set():
            began = time.monotonic()
            self.once()
            while not stop.is_set() and (left := began + every - time.monotonic()) > 0:
                self._health.turned()
                stop.wait(min(left, 1.0))

    def once(self) -> None:
        """Look at each part; one that cannot be seen does not keep the others from being looked at."""
        for part in self._parts:
            self._health.turned()
            try:
                part.look()
            except Exception as error:
                log.exception("not seen", part=part.name, error=type(error).__name__)
                part.forget()
                self._up.labels(part.name).set(0)
            else:
                self._up.labels(part.name).set(1)
        self._round.set(time.time())
        self._health.at_work(yes=True)
