"""What the lock says: which Java archives belong to Kafka and the schema registry, and where they are kept."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

Progress = Callable[[str], None]
"""Receives one short English line at a time; may be called from any thread."""

LOCK_NAME = "jars.lock"


class ArtefactError(RuntimeError):
    """An archive could not be had, or is not the one that the lock names."""


@dataclass(frozen=True, slots=True)
class Artefact:
    """One line of the lock: a file in Maven layout, its SHA-256 (hex) and its size in bytes."""

    path: str
    sha256: str
    size: int

    @property
    def is_jar(self) -> bool:
        """Whether it belongs on Kafka's class path; the registry comes as a ``.tar.gz``."""
        return self.path.endswith(".jar")

    def in_cache(self) -> Path:
        """Where the checked file is kept."""
        return cache_dir() / self.path

    def is_intact(self, file: Path) -> bool:
        """Whether ``file`` has the size and checksum of the lock (reads the file: about 1 ms per MB)."""
        try:
            return file.stat().st_size == self.size and sha256_of(file) == self.sha256
        except FileNotFoundError:
            return False


def cache_dir() -> Path:
    """The user's cache folder for archives: ``$XDG_CACHE_HOME`` or ``~/.cache``, then ``lantaarn/jars``."""
    root = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(root).expanduser() / "lantaarn" / "jars"


def sha256_of(file: Path) -> str:
    """SHA-256 of a file's content, in hex."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def read_lock() -> list[Artefact]:
    """The archives of the committed lock, in class-path order.

    Raises:
        ArtefactError: a line is not ``path sha256 size``.
    """
    text = resources.files(__package__).joinpath(LOCK_NAME).read_text(encoding="utf-8")
    artefacts = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line or line.startswith("#"):
            continue
        try:
            path, sha256, size = line.split()
            artefacts.append(Artefact(path, sha256, int(size)))
        except ValueError as error:
            raise ArtefactError(f"{LOCK_NAME} line {number}: expected 'path sha256 size', got {line!r}") from error
    return artefacts


def silent(_line: str) -> None:
    """A ``Progress`` for whoever does not want to know."""
