"""Runs one contender over one job, from outside: tells it to begin, hears when it is done, looks at its costs."""

import json
import os
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from bench.contenders.job import Job

ROOT = Path(__file__).parents[1]
PATIENCE = 300.0
MIB = 1024 * 1024


@dataclass(frozen=True)
class Contender:
    """Something that is compared.

    Args:
        name: Short, as in the results.
        label: For people.
        module: In ``bench.contenders``.
        python: Makes or finds the interpreter of its environment.
        share: Of the records of a workload that it is given, where the whole would take too long.
        environment: What its process is told beside its job.
    """

    name: str
    label: str
    module: str
    python: Callable[[], Path]
    share: Mapping[str, float] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)

    def records(self, workload: str, whole: int) -> int:
        """How many records it is given."""
        return int(whole * self.share.get(workload, 1.0))


@dataclass(frozen=True)
class Run:
    """What one run cost."""

    records: int
    started: float  # seconds from the word to begin until the first record
    seconds: float  # from the first record until the effects of the last were delivered
    cpu_seconds: float  # of its process, from the word to begin
    rss_mib: int

    @property
    def rate(self) -> float:
        """Records a second."""
        return self.records / self.seconds


class ContenderError(RuntimeError):
    """A contender ended, or did not end in time; holds what it said."""


class Process:
    """A contender at work; a context manager that ends it.

    Args:
        contender: What to run.
        job: What it is told.
    """

    def __init__(self, contender: Contender, job: Job) -> None:
        self.name = contender.name
        folder = Path(job.folder)
        folder.mkdir(parents=True, exist_ok=True)
        self._log = folder / f"{job.run}.log"
        command = [str(contender.python()), "-m", f"bench.contenders.{contender.module}", job.text()]
        with self._log.open("ab") as log:
            self.popen = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                cwd=ROOT,
                env={**os.environ, **contender.environment, "PYTHONPATH": str(ROOT)},
            )
        self._told: dict[str, float] = {}
        self._changed = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.popen.kill()
        self.popen.wait()
        self._reader.join()

    def begin(self) -> float:
        """Wait until it is loaded, and tell it to begin; the moment."""
        self.wait("loaded")
        assert self.popen.stdin is not None  # noqa: S101
        at = time.monotonic()
        self.popen.stdin.write(b"begin\n")
        self.popen.stdin.flush()
        return at

    def wait(self, event: str, seconds: float = PATIENCE) -> float:
        """The moment of an event.

        Raises:
            ContenderError: When it did not come.
        """
        deadline = time.monotonic() + seconds
        with self._changed:
            while event not in self._told:
                left = deadline - time.monotonic()
                if left <= 0 or not self._reader.is_alive():
                    said = self._log.read_text(encoding="utf-8", errors="replace")[-3000:]
                    raise ContenderError(f"{self.name}: no '{event}' ({self.popen.poll()}): {said}")
                self._changed.wait(min(left, 0.5))
            return self._told[event]

    def cpu_seconds(self) -> float:
        """Of all its threads, so far."""
        times = psutil.Process(self.popen.pid).cpu_times()
        return float(times.user + times.system)

    def rss_mib(self) -> int:
        """Resident memory."""
        return int(psutil.Process(self.popen.pid).memory_info().rss) // MIB

    def _read(self) -> None:
        assert self.popen.stdout is not None  # noqa: S101
        for line in self.popen.stdout:
            said = json.loads(line)
            with self._changed:
                self._told.setdefault(said["event"], said["at"])
                self._changed.notify_all()
        with self._changed:
            self._changed.notify_all()


def measured(contender: Contender, job: Job) -> Run:
    """One run from the first record to the last."""
    with Process(contender, job) as process:
        began = process.begin()
        before = process.cpu_seconds()
        first = process.wait("first")
        done = process.wait("done")
        return Run(job.records, first - began, done - first, process.cpu_seconds() - before, process.rss_mib())
