"""Processes that tests kill: forked from a server that has everything loaded, which takes longer than most tests."""

import multiprocessing
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

LOADED = [
    "faust.transport.drivers.aiokafka",
    "lantaarn.cli",
    "sinks.tasks",
    "streams.engine.app",
    "streams.households.app",
    "streams.intake.process",
    "tests.producers.kafka_adapter",
    "tests.sinks.runner",
]


class Forked:
    """A process; whoever starts it also ends it.

    Args:
        body: What it does; a function of a module.
        arguments: Of the function.
    """

    def __init__(self, body: Callable[..., None], *arguments: Any) -> None:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(LOADED)
        self._process = context.Process(target=body, args=arguments, daemon=True)
        self._process.start()

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process.is_alive()

    @property
    def code(self) -> int | None:
        """Its exit code; None while it runs."""
        return self._process.exitcode

    @property
    def sleeping(self) -> bool:
        """Whether SIGSTOP has taken hold."""
        return bool(psutil.Process(self.pid).status() == psutil.STATUS_STOPPED)

    def signal(self, number: int) -> None:
        os.kill(self.pid, number)

    def wait(self, seconds: float = 20) -> int:
        """Its exit code, once it has ended."""
        self._process.join(seconds)
        assert self.code is not None, "still running"
        return self.code

    def kill(self) -> None:
        """SIGKILL, and wait until it is gone."""
        self._process.kill()
        self._process.join(20)


def print_into(log: Path) -> None:
    """What this process prints from now on is in the log."""
    with log.open("ab") as out:
        os.dup2(out.fileno(), sys.stdout.fileno())
        os.dup2(out.fileno(), sys.stderr.fileno())
