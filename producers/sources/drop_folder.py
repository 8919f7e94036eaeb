"""A folder in which a partner drops files: what is complete, what has been read, where it goes afterwards.

``in/`` is the partner's. A file there counts once it is complete: its name does not end like that of a transfer under
way, and its size and time have not changed for a while. It is then taken to ``taken/``, which is ours, and read there:
whatever the partner puts under its name meanwhile is another delivery, and what a crash leaves there is read again.
Afterwards it lies in ``done/``, or in ``failed/`` when no row of it could be read, with ``<name>.rejected.csv`` beside
it when there is anything to tell, and ``<name>.receipt.json`` once all of it has been answered (`producers.receipts`).
"""

import csv
import errno
import hashlib
import io
import os
import time
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import Protocol

import structlog

from producers.outbox import Outbox, Stored
from producers.rows import Delivery, Notes, Row

UNFINISHED = (".part", ".filepart", ".tmp")  # WinSCP, curl and everyone's scripts
REJECTED_SUFFIX = ".rejected.csv"
RECEIPT_SUFFIX = ".receipt.json"
OURS = (REJECTED_SUFFIX, RECEIPT_SUFFIX)
"""What we put beside a delivery ends like this, and is none."""
MAX_NAME_BYTES = 200  # of the 255 that file systems take: what we put beside it has a longer name
TELL_AGAIN_SECONDS = 600.0
_log = structlog.get_logger(__name__)


class RowReader(Protocol):
    """Splits the bytes of one file into rows; raises `UnreadableError` before the first when it cannot."""

    def __call__(self, data: bytes, notes: Notes) -> Iterator[Row]:
        """The rows, lazily."""


class DropFolder:
    """One feed's folder.

    Args:
        feed: Name of the feed.
        folder: Holds ``in``, ``taken``, ``done`` and ``failed``, on one file system; made when absent.
        settle_seconds: How long a file must not have changed.
        reader: For the format.
        clock: Monotonic seconds. The file's own time will not do: a copy may carry the original's.
    """

    def __init__(
        self,
        feed: str,
        folder: Path,
        settle_seconds: float,
        reader: RowReader,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._feed = feed
        names = ("in", "taken", "done", "failed")
        self._in, self._taken, self._done, self._failed = folders = [folder / name for name in names]
        for made in folders:
            made.mkdir(parents=True, exist_ok=True)
        self._settle = settle_seconds
        self._reader = reader
        self._clock = clock
        self._seen: dict[Path, tuple[tuple[int, int], float]] = {}
        self._left: dict[str, float] = {}  # names of those that could not be read -> when that was told

    @property
    def waiting(self) -> bool:
        """Whether a file is there that may yet become complete by itself."""
        return any(path.name not in self._left for path in self._candidates())

    def poll(self) -> Iterator[Delivery]:
        """The complete files, oldest first. One that cannot be read stays, is told of, and is tried again."""
        for _, path in sorted((self._seen[path][0][1], path) for path in self._settled()):
            try:
                delivery = self._read(path, self._seen[path][0])
            except FileNotFoundError:  # taken back by its writer
                continue
            except OSError as error:
                self._leave(path.name, error.strerror or type(error).__name__)
                continue
            except UnicodeEncodeError:
                self._leave(path.name, "name is not UTF-8")
                continue
            self._left.pop(path.name, None)
            if delivery is not None:
                yield delivery

    def finish(self, delivery: Delivery, stored: Stored, outbox: Outbox) -> None:
        """Move an ingested file away; doing it twice does no harm."""
        target = (self._done if stored.readable else self._failed) / stored.stored_as
        refusals = outbox.refusals(f"{self._feed}/{stored.stored_as}")
        if refusals:
            out = io.StringIO()
            writer = csv.writer(out, lineterminator="\n")
            writer.writerow(("line", "field", "reason"))
            writer.writerows((one.line, one.field, one.reason) for one in refusals)
            beside = target.with_name(target.name + REJECTED_SUFFIX)
            draft = beside.with_name(beside.name + ".tmp")
            draft.write_text(out.getvalue(), encoding="utf-8")
            draft.replace(beside)
        (self._taken / delivery.name).replace(target)

    def _candidates(self) -> Iterator[Path]:
        for entry in chain(os.scandir(self._taken), os.scandir(self._in)):
            name = entry.name.lower()
            if _is_file(entry) and not name.startswith(".") and not name.endswith((*UNFINISHED, *OURS)):
                yield Path(entry.path)

    def _settled(self) -> Iterator[Path]:
        now = self._clock()
        seen, self._seen = self._seen, {}
        for path in self._candidates():
            try:
                stat = path.stat()
            except OSError:  # renamed by its writer meanwhile, or on a share that does not answer just now
                continue
            state = (stat.st_size, stat.st_mtime_ns)
            known, since = seen.get(path, (None, now))
            if known != state:
                since = now
            self._seen[path] = (state, since)
            if known == state and now - since >= self._settle:
                yield path

    def _leave(self, name: str, reason: str) -> None:
        now = self._clock()
        if name not in self._left or now - self._left[name] >= TELL_AGAIN_SECONDS:
            self._left[name] = now
            shown = os.fsencode(name).decode(errors="backslashreplace")
            _log.warning("file cannot be read", feed=self._feed, file=shown, reason=reason)

    def _take(self, path: Path) -> Path | None:
        taken = self._taken / path.name
        if path == taken:
            return path
        if taken.exists():  # left there by a crash and not complete by its looks: one after the other
            return None
        if len(path.name.encode()) > MAX_NAME_BYTES:  # encoding raises where the outbox could not hold the name
            raise OSError(errno.ENAMETOOLONG, os.strerror(errno.ENAMETOOLONG))
        path.open("rb").close()  # one that may not be read stays where it is
        return path.rename(taken)

    def _read(self, found: Path, state: tuple[int, int]) -> Delivery | None:
        path = self._take(found)
        if path is None:
            return None
        data = path.read_bytes()
        stat = path.stat()
        if (stat.st_size, stat.st_mtime_ns) != state or len(data) != stat.st_size:
            return None  # it grew, or another was put in its place before it was taken: complete when it has settled
        notes = Notes()
        return Delivery(
            feed=self._feed,
            key=f"{self._feed}|{path.name}|{hashlib.sha256(data).hexdigest()}|{stat.st_mtime_ns}",
            name=path.name,
            at_ms=stat.st_mtime_ns // 1_000_000,
            rows=self._reader(data, notes),
            notes=notes,
        )


def _is_file(entry: "os.DirEntry[str]") -> bool:
    try:
        return entry.is_file()
    except OSError:  # a link that leads to itself
        return False
