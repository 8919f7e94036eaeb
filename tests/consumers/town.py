"""What an outsider's system meets: a task topic that our codec fills, an outcome topic that our intake reads."""

import os
import queue
import re
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

from confluent_kafka import Consumer, Message, Producer
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from schemas.codec import Codec
from schemas.producer import IN_ORDER
from schemas.registry import SchemaRegistry
from schemas.samples import SOURCE, VALUES
from schemas.topics import Catalogue
from streams.outputs import Outputs
from tests.stacks import RunningStack

EXAMPLES = Path(__file__).parents[2] / "examples" / "consumers"
COLOURS = re.compile(r"\x1b\[[0-9;]*m")
TASK = VALUES["OutreachTask"]
WAITING = TASK | {"sequence": 2, "status": "waiting", "next_action": "wait"}
OTHER = TASK | {
    "task_id": "4f0f2a3c-8a4e-5a30-b7e5-0d1f0c9f3a11",
    "household": "b" * 64,
    "status": "suppressed",
    "level": "letter",
    "rung": "letter",
}


class Example:
    """An example as a process; its lines are read as they come."""

    def __init__(self, command: Sequence[str], folder: Path, env: Mapping[str, str]) -> None:
        self._errors = (folder / "errors.log").open("a+", encoding="utf-8")
        self._popen = subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, **env},
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            start_new_session=True,  # so that Maven's children end with it
        )
        self._lines: queue.Queue[str | None] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def lines(self, count: int, seconds: float) -> list[str]:
        """The next lines, in order.

        Raises:
            AssertionError: Fewer came; says what the process wrote to standard error.
        """
        deadline = time.monotonic() + seconds
        found: list[str] = []
        while len(found) < count:
            try:
                line = self._lines.get(timeout=max(deadline - time.monotonic(), 0.01))
            except queue.Empty:
                line = None
            if line is None:
                self._errors.seek(0)
                raise AssertionError(f"{len(found)} of {count} lines: {found}\n{self._errors.read()[-3000:]}")
            found.append(line)
        return found

    def stop(self) -> None:
        """Ctrl-C, for it and what it started."""
        if self._popen.poll() is None:
            os.killpg(self._popen.pid, signal.SIGINT)
            self._popen.wait(timeout=20)
        self._errors.close()

    def _read(self) -> None:
        assert self._popen.stdout is not None
        for line in self._popen.stdout:
            self._lines.put(COLOURS.sub("", line).rstrip("\n"))  # Maven resets them even when told to use none
        self._lines.put(None)


class Town:
    def __init__(self, stack: RunningStack) -> None:
        self._stack = stack
        self.catalogue = Catalogue(f"t{uuid4().hex[:12]}.")
        self.codec = Codec(SchemaRegistry(stack.registry_url))
        self.outputs = Outputs(self.codec, self.catalogue, SOURCE)
        self._admin = AdminClient(stack.client("admin"))
        self._exit = ExitStack()

    def __enter__(self) -> Self:
        topics = [self.catalogue.outreach_tasks, self.catalogue.task_outcomes]
        wanted = [NewTopic(topic.name, topic.partitions, 1, config=topic.config) for topic in topics]
        for made in self._admin.create_topics(wanted).values():
            made.result(timeout=20)
        self._exit.callback(self._admin.delete_topics, [topic.name for topic in topics])
        return self

    def __exit__(self, *_: object) -> None:
        self._exit.close()

    def publish(self, *tasks: Mapping[str, Any]) -> None:
        """As the worker does."""
        producer = Producer({**self._stack.client("worker"), **IN_ORDER})
        for task in tasks:
            made = self.outputs.task(task)
            producer.produce(made.topic, made.value, made.key, headers=[*made.headers])
        assert producer.flush(20) == 0

    def run(self, command: Sequence[str], folder: Path) -> Example:
        """Starts an example with what a caseworker system is told."""
        client = self._stack.client("caseworker")
        env = {
            "KAFKA_BOOTSTRAP": client["bootstrap.servers"],
            "KAFKA_PROTOCOL": client["security.protocol"],
            "KAFKA_USER": client["sasl.username"],
            "KAFKA_PASSWORD": client["sasl.password"],
            "REGISTRY_URL": self._stack.registry_url,
            "TOPIC_PREFIX": self.catalogue.prefix,
            "PYTHONUNBUFFERED": "1",
            "MAVEN_OPTS": "-XX:+UseSerialGC -XX:TieredStopAtLevel=1",  # sooner up, on a machine with few cores
        }
        example = Example(command, folder, env)
        self._exit.callback(example.stop)
        return example

    def outcomes(self, count: int) -> list[Message]:
        """All that is on the outcome topic, once ``count`` records are there."""
        reader = Consumer(
            {
                **self._stack.client("intake"),
                "group.id": f"{self.catalogue.prefix}{uuid4().hex}",
                "auto.offset.reset": "earliest",
                "enable.partition.eof": True,
            }
        )
        reader.subscribe([self.catalogue.task_outcomes.name])
        found: list[Message] = []
        deadline = time.monotonic() + 30
        try:
            while True:
                message = reader.poll(0.5)
                if message is not None and message.error() is None:
                    found.append(message)
                elif message is not None and len(found) >= count:  # the end
                    return found
                assert time.monotonic() < deadline, f"{len(found)} of {count} outcomes"
        finally:
            reader.close()


def shown(page: Path, heading: str) -> list[str]:
    """The lines of the text block under a heading of a page."""
    _, _, rest = page.read_text(encoding="utf-8").partition(f"{heading}\n")
    _, _, block = rest.partition("```text\n")
    return block.partition("```")[0].splitlines()
