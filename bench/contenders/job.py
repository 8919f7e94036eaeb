"""What a contender is told, and what it tells: JSON on its arguments, JSON lines on its standard output.

Only the standard library: this runs in every contender's environment.
"""

import json
import os
import sys
import threading
import time
from dataclasses import asdict, dataclass
from typing import Any, NoReturn, Self


@dataclass(frozen=True)
class Job:
    """One run of one contender."""

    workload: str
    kafka: dict[str, Any]  # connection settings of confluent-kafka
    registry_url: str
    prefix: str  # of the topics that all contenders read
    run: str  # names what this run alone writes
    source: str  # topic to read
    outputs: str  # topic to write to
    partitions: int
    records: int  # after how many it is done; 0: it goes on until it is stopped
    folder: str  # for files of its own

    def text(self) -> str:
        """As an argument."""
        return json.dumps(asdict(self))

    @classmethod
    def given(cls) -> Self:
        """The job in this process's arguments."""
        return cls(**json.loads(sys.argv[1]))


class Clock:
    """Tells the harness when the first record came and when the last one was done, to the end.

    Args:
        records: After how many it is done.
    """

    def __init__(self, records: int) -> None:
        self.records = records
        self.count = 0

    def begin(self) -> None:
        """Everything is loaded: wait until told to begin."""
        told = threading.Event()
        threading.Thread(target=_heed, args=(told,), daemon=True).start()
        tell("loaded")
        told.wait()

    def seen(self, count: int) -> bool:
        """Call before records are worked on; true when these are the last."""
        if self.count == 0:
            tell("first")
        self.count += count
        return self.count >= self.records > 0

    def done(self, at: float | None = None) -> NoReturn:
        """The effects of all records are delivered. Lives on, to be looked at, until the harness is gone or ends it.

        Args:
            at: When that was, where it was not now.
        """
        tell("done", at)
        while True:
            time.sleep(60)


def _heed(told: threading.Event) -> None:
    """The first line is the word to begin; the end of input, whenever it comes, is the end of the harness."""
    sys.stdin.readline()
    told.set()
    sys.stdin.read()
    os._exit(0)


def tell(event: str, at: float | None = None) -> None:
    """One line for the harness; the clock is the machine's own, the same in each process."""
    print(json.dumps({"event": event, "at": time.monotonic() if at is None else at}), flush=True)
