"""Fetches the Java archives of Kafka and of the schema registry, once, and never trusts what it finds.

The archives are named in ``jars.lock`` with their size and SHA-256. jgo, a Maven client in Python, does the
fetching and knows the repository's address; it also accepts a truncated file in silence, so it writes to a
scratch folder and a file enters the cache by rename, after its checksum was right. Whatever stops halfway
(Ctrl-C, a dropped line, a full disk) leaves finished files to build on and no half ones.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import tarfile
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

Progress = Callable[[str], None]
"""Receives one short English line at a time; may be called from any thread."""

LOCK_NAME = "jars.lock"
_ATTEMPTS = 3
_PARALLEL = 8
_STALE_SCRATCH_SECONDS = 24 * 3600


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
            raise ArtefactError(
                f"{LOCK_NAME} line {number}: expected 'path sha256 size', got {line!r}"
            ) from error
    return artefacts


def ensure_jars(progress: Progress, base: str | None = None) -> list[Path]:
    """Kafka's class path, every file checked against the lock, fetched where missing or damaged.

    Args:
        progress: told what is being downloaded; silent when all is in the cache.
        base: address of another Maven repository (a municipality's mirror, a test's server).

    Raises:
        ArtefactError: names the first archive that could not be had, and why.
    """
    jars = [artefact for artefact in read_lock() if artefact.is_jar]
    fetch(jars, progress, base)
    return [jar.in_cache() for jar in jars]


def ensure_all(progress: Progress, base: str | None = None) -> tuple[list[Path], Path]:
    """Kafka's class path and the unpacked registry's folder; one download for both.

    Args and errors as for ``ensure_jars``. The registry is unpacked once, to a folder named by its checksum.
    """
    artefacts = read_lock()
    jars = [artefact for artefact in artefacts if artefact.is_jar]
    [archive] = [artefact for artefact in artefacts if not artefact.is_jar]
    registry = cache_dir() / f"registry-{archive.sha256[:16]}"
    fetch(jars if registry.is_dir() else [archive, *jars], progress, base)
    if not registry.is_dir():
        progress("unpacking the schema registry")
        _unpack(archive.in_cache(), registry)
        archive.in_cache().unlink(missing_ok=True)
    return [jar.in_cache() for jar in jars], registry


def fetch(artefacts: Sequence[Artefact], progress: Progress, base: str | None = None) -> None:
    """Makes the cache hold an intact copy of every artefact; does nothing for those it already has."""
    with ThreadPoolExecutor(_PARALLEL) as pool:
        intact = pool.map(lambda artefact: artefact.is_intact(artefact.in_cache()), artefacts)
        missing = [artefact for artefact, present in zip(artefacts, intact, strict=True) if not present]
        if not missing:
            return
        meter = _Meter(missing, progress)
        with _scratch() as scratch:
            jobs = [pool.submit(_fetch_one, artefact, scratch, meter, base) for artefact in missing]
            try:
                done, _ = wait(jobs, return_when=FIRST_EXCEPTION)
                for job in done:
                    job.result()
            finally:
                meter.cancelled.set()
                pool.shutdown(cancel_futures=True)


class _Meter:
    """Adds up the bytes of all downloads; reports each tenth; stops the downloads when cancelled."""

    def __init__(self, missing: Sequence[Artefact], progress: Progress) -> None:
        self.cancelled = threading.Event()
        self._lock = threading.Lock()
        self._total = sum(artefact.size for artefact in missing)
        self._done = self._tenths = 0
        self._progress = progress
        progress(f"downloading {len(missing)} archives, {self._total / 1e6:.0f} MB")

    @contextlib.contextmanager
    def __call__(self, _name: str, _size: int) -> Iterator[Callable[[int], None]]:
        yield self.add

    def add(self, count: int) -> None:
        if self.cancelled.is_set():
            raise ArtefactError("download cancelled")
        with self._lock:
            self._done += count
            tenths = min(self._done * 10 // self._total, 10)
            if tenths > self._tenths:
                self._tenths = tenths
                self._progress(f"downloaded {tenths * 10}% of {self._total / 1e6:.0f} MB")


def _fetch_one(artefact: Artefact, scratch: Path, meter: _Meter, base: str | None) -> None:
    import requests  # Here, like jgo below: a warm start imports neither.

    for attempt in range(1, _ATTEMPTS + 1):
        try:
            file = _download(artefact.path, scratch / f"{attempt}", meter, base)
        except (requests.RequestException, RuntimeError, OSError) as error:
            problem: Exception = error
        else:
            if artefact.is_intact(file):
                artefact.in_cache().parent.mkdir(parents=True, exist_ok=True)
                file.replace(artefact.in_cache())
                return
            problem = ArtefactError(f"got {file.stat().st_size} bytes, sha256 {sha256_of(file)}")
        if meter.cancelled.wait(0.3 * attempt):
            break
    raise ArtefactError(f"{artefact.path}: not downloaded after {attempt} attempts: {problem}") from problem


def _download(path: str, into: Path, meter: _Meter, base: str | None) -> Path:
    from jgo.constants import MAVEN_CENTRAL_URL
    from jgo.maven import MavenContext, PythonResolver

    *group, name, version, filename = path.split("/")
    classifier, _, packaging = filename.removeprefix(f"{name}-{version}").partition(".")
    context = MavenContext(
        resolver=PythonResolver(progress_callback=meter),
        repo_cache=into,
        remote_repos={"central": (base or MAVEN_CENTRAL_URL).rstrip("/")},
        timeout=30,
    )
    component = context.project(".".join(group), name).at_version(version)
    return component.artifact(classifier.removeprefix("-"), packaging).resolve()


@contextlib.contextmanager
def _scratch() -> Iterator[Path]:
    """A folder beside the cache (rename must not cross file systems); sweeps up what killed runs left."""
    cache_dir().mkdir(parents=True, exist_ok=True)
    for old in cache_dir().glob(".scratch-*"):
        with contextlib.suppress(OSError):
            if time.time() - old.stat().st_mtime > _STALE_SCRATCH_SECONDS:
                shutil.rmtree(old, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=".scratch-", dir=cache_dir()))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _unpack(archive: Path, target: Path) -> None:
    """Unpacks into a scratch folder and renames; when another process was first, its copy stays."""
    with _scratch() as folder:
        with tarfile.open(archive) as tar:
            tar.extractall(folder / "all", filter="data")
        try:
            (folder / "all").rename(target)
        except OSError:
            if not target.is_dir():
                raise
