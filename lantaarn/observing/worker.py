"""Watches over the households worker: hears of each record, and asks every second how it stands."""

import asyncio
import time
from typing import Protocol

import structlog

from lantaarn.observing import catalogue
from lantaarn.observing.flow import Flow, Made, Names
from lantaarn.observing.health import Health
from lantaarn.observing.meter import Meter, replace
from lantaarn.observing.processes import in_force
from schemas.topics import Catalogue
from streams.households.app import Look

log = structlog.get_logger()
LOOK_SECONDS = 1.0
SIZES_EVERY = 5  # looks: it goes over every state


class Watched(Protocol):
    """What is asked of a worker, from its own event loop."""

    def look(self) -> Look:
        """How it stands."""

    def sizes(self) -> dict[int, int]:
        """Bytes of its states, by partition."""


class WorkerMetrics(Made):
    """Of the worker. Its main loop is Faust's event loop: a look that does not come means that it stands still."""

    def __init__(self, meter: Meter, health: Health, topics: Catalogue) -> None:
        names = Names(topics)
        super().__init__(meter, topics, names)
        self._health = health
        self._topic = topics.household_events.name
        self._flow = Flow(meter, names)
        self._partitions = meter.gauge(catalogue.PARTITIONS)
        self._policy = meter.gauge(catalogue.POLICY)
        self._households = meter.gauge(catalogue.HOUSEHOLDS)
        self._bytes = meter.gauge(catalogue.STATE_BYTES)
        self._recovering = meter.gauge(catalogue.RECOVERING)
        self._hour = meter.gauge(catalogue.TICK_HOUR)
        self._delay = meter.gauge(catalogue.TICK_DELAY)
        self._last_at: dict[int, int] = {}
        self._hours: dict[int, int] = {}  # partition -> nominal hour as of the last look, ms since 1970
        self._since: dict[int, float] = {}  # partition without a tick -> when it was taken over
        self._looks = 0

    def applied(self, partition: int, at: int, records: int) -> None:
        """Records are applied."""
        self._flow.read(self._topic, records)
        self._last_at[partition] = at

    def watch(self, worker: Watched, loop: asyncio.AbstractEventLoop) -> None:
        """Look now, and again every second.

        A look that fails is logged, and the next one taken: else the first would be told as a loop that stands still.
        """
        loop.call_later(LOOK_SECONDS, self.watch, worker, loop)
        try:
            self._look(worker)
        except Exception:
            log.exception("look failed")

    def _look(self, worker: Watched) -> None:
        self.saw(worker.look())
        self._looks += 1
        if self._looks % SIZES_EVERY == 1:
            ours = {str(number): size for number, size in worker.sizes().items() if number in self._hours}
            replace(self._bytes, {(number,): size for number, size in ours.items()})

    def saw(self, look: Look) -> None:
        """How the worker stands."""
        self._health.turned()
        self._health.at_work(yes=look.ready)
        self._partitions.set(len(look.partitions))
        self._recovering.set(look.recovering)
        in_force(self._policy, [one.policies for one in look.partitions.values()])
        replace(self._households, {(str(number),): one.households for number, one in look.partitions.items()})
        if look.partitions.keys() != self._hours.keys():
            self._flow.forget()
            self._delay.clear()
        for number, one in look.partitions.items():
            behind = max(0, look.ends[number] - one.position - 1)
            self._flow.behind(self._topic, number, behind, self._last_at.get(number))
        self._ticks(look)

    def _ticks(self, look: Look) -> None:
        now = time.time()
        self._since = {number: self._since.get(number, now) for number in look.partitions}
        hours = {number: one.hour for number, one in look.partitions.items()}
        for number, hour in hours.items():
            if number in self._hours and hour > self._hours[number]:
                self._delay.labels(str(number)).set(max(0.0, now - hour / 1000))
        self._hours = hours
        replace(
            self._hour, {(str(number),): hour / 1000 if hour else self._since[number] for number, hour in hours.items()}
        )
