"""From the partner's topic to the task topic at a steady pace: the same intake before every contender."""

import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from confluent_kafka import Consumer, TopicPartition

from bench.bed import PARTITIONS
from bench.field import QUIX, RAW
from bench.load import Load
from bench.racing import Race, median
from bench.running import Contender, Process
from lantaarn.wiring import Deployment

PER_SECOND = 500
SECONDS, QUICK = 30, 6
WARM_UP = 500
PATIENCE = 60.0


def measure(race: Race) -> dict[str, Any]:
    """Milliseconds, by contender."""
    count = PER_SECOND * (QUICK if race.quick else SECONDS)
    race.tell(f"latency: {count:,} signals at {PER_SECOND} a second")
    found: dict[str, list[dict[str, float]]] = {}
    for number, contender in race.turns():
        if contender.name == RAW:
            continue  # a loop that waits for full batches has no latency worth telling
        prefix = f"latency-{contender.name}-{number}."
        figures = _one(race, contender, prefix, count)
        found.setdefault(contender.name, []).append(figures)
        race.tell(f"latency: {contender.label} {figures}")
        race.bed.drop(prefix)
    names = ("p50", "p99", "most")
    return {name: {each: round(median(f[each] for f in all_), 1) for each in names} for name, all_ in found.items()}


def _one(race: Race, contender: Contender, prefix: str, count: int) -> dict[str, float]:
    made = race.bed.deployment(prefix)
    topic = made.catalogue.outreach_tasks.name
    with ExitStack() as exits:
        intake = race.bed.spawn("intake", "intake", prefix)
        exits.callback(intake.kill)
        exits.enter_context(_worker(race, contender, prefix, made))
        watch = Watch(race, made, topic)
        exits.callback(watch.end)
        load = Load(made)
        sent = load.steadily(WARM_UP, PER_SECOND // 5)
        watch.wait(set(sent))
        sent = load.steadily(count, PER_SECOND)
        watch.wait(set(sent))
        took = sorted((watch.seen[identity] - at) * 1000 for identity, at in sent.items())
        cuts = statistics.quantiles(took, n=100)
        return {"p50": round(cuts[49], 1), "p99": round(cuts[98], 1), "most": round(took[-1], 1)}


@contextmanager
def _worker(race: Race, contender: Contender, prefix: str, made: Deployment) -> Iterator[None]:
    if contender.name == QUIX:
        events, tasks = made.catalogue.household_events.name, made.catalogue.outreach_tasks.name
        job = race.job("latency", events, f"{prefix}quix", 0, tasks)
        with Process(contender, job) as process:
            process.begin()
            yield
        return
    worker = race.bed.spawn("worker-1", "worker", prefix, **contender.environment)
    try:
        yield
    finally:
        worker.kill()


class Watch:
    """Notes when the task of each signal is on the topic.

    Args:
        race: The race.
        made: The deployment.
        topic: Of tasks.
    """

    def __init__(self, race: Race, made: Deployment, topic: str) -> None:
        self.seen: dict[str, float] = {}
        self._codec = made.codec
        self._stop = threading.Event()
        self._consumer = Consumer({**race.bed.kafka, "group.id": "bench-watch", "fetch.wait.max.ms": 5})
        self._consumer.assign([TopicPartition(topic, number, 0) for number in range(PARTITIONS)])
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()

    def wait(self, wanted: set[str]) -> None:
        """Until all these have been seen.

        Raises:
            TimeoutError: When they were not.
        """
        deadline = time.monotonic() + PATIENCE
        while wanted - self.seen.keys():
            if time.monotonic() > deadline:
                raise TimeoutError(f"{len(wanted - self.seen.keys())} tasks did not come")
            time.sleep(0.05)

    def end(self) -> None:
        """Stop watching."""
        self._stop.set()
        self._thread.join()
        self._consumer.close()

    def _watch(self) -> None:
        while not self._stop.is_set():
            message = self._consumer.poll(0.2)
            if message is None or message.error() is not None:
                continue
            at = time.monotonic()
            task = self._codec.decode("OutreachTask", message.value())
            if task["caused_by"] is not None:
                self.seen.setdefault(task["caused_by"], at)
