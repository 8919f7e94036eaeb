"""Downloads archives, and never trusts what arrives.

jgo, a Maven client in Python, does the fetching and knows the repository's address. It also accepts a truncated
file in silence, so it writes to a scratch folder, and a file enters the cache by rename, after its checksum was
right. Whatever stops halfway (Ctrl-C, a dropped line, a full disk) leaves finished files to build on and no
half ones.
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from pathlib import Path

from lantaarn.embedded.artefact import Artefact, ArtefactError, Progress, cache_dir, sha256_of

_ATTEMPTS = 3
_PARALLEL = 8
_STALE_SCRATCH_SECONDS = 24 * 3600


def fetch(artefacts: Sequence[Artefact], progress: Progress, base: str | None = None) -> None:
    """Makes the cache hold an intact copy of every artefact; does nothing for those it already has."""
    with ThreadPoolExecutor(_PARALLEL) as pool:
        intact = pool.map(lambda artefact: artefact.is_intact(artefact.in_cache()), artefacts)
        missing = [artefact for artefact, present in zip(artefacts, intact, strict=True) if not present]
        if not missing:
            return
        meter = _Meter(missing, progress)
        with scratch_folder() as scratch:
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
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            file = _download(artefact.path, scratch / f"{attempt}", meter, base)
        except (RuntimeError, OSError) as error:  # requests' exceptions are OSErrors
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
    # Here, for its 0.3 s: when nothing is missing it is not needed.
    from jgo.constants import MAVEN_CENTRAL_URL  # noqa: PLC0415
    from jgo.maven import MavenContext, PythonResolver  # noqa: PLC0415

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
def scratch_folder() -> Iterator[Path]:
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
