"""The watch ends when it is asked to, whatever it waits for: it changes nothing, so nothing is left half done."""

import threading

from lantaarn.observing.health import Health
from lantaarn.observing.meter import Meter
from lantaarn.observing.starting import Post
from lantaarn.observing.watching import Watch


class Waiting:
    """A look at a broker that does not answer."""

    name = "broker"

    def __init__(self) -> None:
        self.looks, self.answer = threading.Event(), threading.Event()

    def look(self) -> None:
        self.looks.set()
        self.answer.wait()

    def forget(self) -> None:
        """It has shown nothing."""


def test_a_look_that_waits_does_not_keep_the_watch() -> None:
    part, stop = Waiting(), threading.Event()
    watch = Watch(Post(Meter("watch"), Health(60, {})), [part])
    running = threading.Thread(target=watch.run, args=(60.0, stop))
    running.start()
    assert part.looks.wait(60)
    stop.set()
    running.join(60)
    ended = not running.is_alive()
    part.answer.set()
    assert ended
