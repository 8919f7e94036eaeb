"""Makes sure that the archives of ``jars.lock`` are on this machine, intact, before anything is started."""

from __future__ import annotations

import tarfile
from pathlib import Path

from lantaarn.embedded.artefact import Progress, cache_dir, read_lock
from lantaarn.embedded.fetch import fetch, scratch_folder


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


def _unpack(archive: Path, target: Path) -> None:
    """Unpacks into a scratch folder and renames; when another process was first, its copy stays."""
    with scratch_folder() as folder:
        with tarfile.open(archive) as tar:
            # Set, not given: Python before 3.11.4, Debian 12's for one, knows no filters.
            tar.extraction_filter = getattr(tarfile, "data_filter", None)
            tar.extractall(folder / "all")  # noqa: S202 - its checksum is that of the lock
        try:
            (folder / "all").rename(target)
        except OSError:
            if not target.is_dir():
                raise
