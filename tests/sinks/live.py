"""A deployment of its own on the shared broker, for one test: topics, store, and the sinks it starts."""

import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from schemas.codec import Codec
from schemas.producer import IN_ORDER
from schemas.registry import SchemaRegistry
from schemas.topics import OWN_PARTNER, Catalogue, Topic
from sinks.store.store import CaseStore
from sinks.tasks import run
from tests.forked import Forked
from tests.sinks import runner
from tests.stacks import RunningStack

SESSION_MS = 3000


def until(true: Callable[[], bool], seconds: float = 120) -> None:
    """Waits for something to become true.

    Raises:
        TimeoutError: It did not.
    """
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {seconds:.0f} s")
        time.sleep(0.02)


class Process(Forked):
    """A sink that runs as a process."""

    def __init__(self, settings: Mapping[str, Any], log: Path) -> None:
        self.log = log
        log.touch()
        super().__init__(runner.main, dict(settings), log)

    def end(self) -> int:
        """Asks it to stop; its exit code."""
        self.signal(signal.SIGTERM)
        return self.wait()


class Deployment:
    def __init__(self, stack: RunningStack, folder: Path, store_url: str | None = None) -> None:
        self._stack = stack
        self._folder = folder
        self._exit = ExitStack()
        self.catalogue = Catalogue(f"t{uuid4().hex[:12]}.")
        self.topic = self.catalogue.outreach_tasks.name
        self.codec = Codec(SchemaRegistry(stack.registry_url))
        self.admin = AdminClient(stack.client("admin"))
        self.store_url = store_url or f"sqlite:///{folder}/cases.db"
        self.store = CaseStore(self.store_url)
        self.store.create()
        self._processes = 0
        self.receipts = self.catalogue.receipts[OWN_PARTNER]
        self.make_topic()
        self.make_topic(self.catalogue.task_outcomes)
        self.make_topic(self.receipts)

    def make_topic(self, topic: Topic | None = None) -> None:
        topic = topic or self.catalogue.outreach_tasks
        made = self.admin.create_topics([NewTopic(topic.name, topic.partitions, 1, config=topic.config)])
        made[topic.name].result(timeout=20)
        until(lambda: topic.name in self.admin.list_topics(timeout=10).topics)

    def delete_topic(self) -> None:
        self.admin.delete_topics([self.topic])[self.topic].result(timeout=20)
        until(lambda: self.topic not in self.admin.list_topics(timeout=10).topics)

    def producer(self, **more: Any) -> Producer:
        return Producer({**self._stack.client("worker"), **IN_ORDER, "linger.ms": 5, **more})

    def produce(self, tasks: Iterable[Mapping[str, Any]], producer: Producer | None = None) -> None:
        producer = producer or self.producer()
        for each in tasks:
            producer.produce(self.topic, self.codec.encode("OutreachTask", each), each["household"])
        assert producer.flush(20) == 0

    def report(self, outcomes: Iterable[Mapping[str, Any]]) -> None:
        """Produces outcomes, as a caseworkers' system would."""
        producer = Producer({**self._stack.client("caseworker"), **IN_ORDER, "linger.ms": 5})
        for each in outcomes:
            producer.produce(self.catalogue.task_outcomes.name, self.codec.encode("TaskOutcome", each), each["id"])
        assert producer.flush(20) == 0

    def answer(self, receipts: Iterable[Mapping[str, Any]]) -> None:
        """Produces receipts, as intake and the worker would."""
        producer = self.producer()
        for each in receipts:
            producer.produce(self.receipts.name, self.codec.encode("SignalReceipt", each), each["signal_id"])
        assert producer.flush(20) == 0

    def kafka(self, **more: Any) -> dict[str, Any]:
        quick = {"session.timeout.ms": SESSION_MS, "heartbeat.interval.ms": 500, "reconnect.backoff.max.ms": 500}
        return {**self._stack.client("sink"), **quick, **more}

    def start(self, kafka: Mapping[str, Any] | None = None, **settings: Any) -> Process:
        """A sink in a process of its own; it is killed with the test."""
        given = {
            "kafka": self.kafka(**(kafka or {})),
            "registry_url": self._stack.registry_url,
            "prefix": self.catalogue.prefix,
            "store_url": self.store_url,
            **settings,
        }
        self._processes += 1
        process = Process(given, self._folder / f"sink-{self._processes}.log")
        self._exit.callback(process.kill)
        return process

    @contextmanager
    def running(self, **options: Any) -> Iterator["Ended"]:
        """Runs a sink in a thread of this process; an error it ends with is raised on leaving."""
        stop = threading.Event()
        ended = Ended()

        def body() -> None:
            try:
                run(self.kafka(), self.codec, self.catalogue, options.pop("store", self.store), stop=stop, **options)
            except Exception as error:  # noqa: BLE001
                ended.error = error
            ended.event.set()

        thread = threading.Thread(target=body)
        thread.start()
        try:
            yield ended
        finally:
            stop.set()
            thread.join(timeout=30)
        if ended.error is not None:
            raise ended.error

    @property
    def stored(self) -> int:
        """Records stored, when no offset is skipped."""
        return sum(self.store.offsets(self.topic).values())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._exit.close()
        self.store.close()
        names = [self.topic, self.catalogue.task_outcomes.name, self.receipts.name]
        for deleted in self.admin.delete_topics(names).values():
            deleted.exception(timeout=20)


class Ended:
    """How a sink in a thread ended."""

    def __init__(self) -> None:
        self.event = threading.Event()
        self.error: Exception | None = None
