"""A sink as a process of its own, for tests that kill it. Its settings come through a pipe, not as arguments."""

import os
import signal
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from schemas.codec import Codec
from schemas.registry import SchemaRegistry
from schemas.topics import Catalogue
from sinks.errors import SinkError
from sinks.store.store import CaseStore
from sinks.tasks import run
from tests.forked import print_into


class SleepingStore(CaseStore):
    """Stops its own process with SIGSTOP once, between fetching a batch and writing it."""

    sleep_before = 0

    def apply(
        self,
        topic: str,
        partition: int,
        expected_next: int | None,
        new_next: int,
        tasks: Sequence[Mapping[str, Any]],
    ) -> None:
        self.sleep_before -= 1
        if self.sleep_before == 0:
            os.kill(os.getpid(), signal.SIGSTOP)
        super().apply(topic, partition, expected_next, new_next, tasks)


def main(given: Mapping[str, Any], log: Path) -> None:
    """Runs it until SIGTERM; what it prints is in the log."""
    print_into(log)
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    store = SleepingStore(given["store_url"])
    store.sleep_before = given.get("sleep_before", 0)
    store.create()
    try:
        run(
            given["kafka"],
            Codec(SchemaRegistry(given["registry_url"])),
            Catalogue(given["prefix"]),
            store,
            stop=stop,
            batch=given.get("batch", 500),
            observe=lambda _: time.sleep(given.get("pause", 0)),
        )
    except SinkError as error:
        print(type(error).__name__, flush=True)  # noqa: T201 -- for the test that reads it
        sys.exit(1)
