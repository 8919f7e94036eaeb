"""The cache of archives: what is damaged is noticed, what cannot be had is named."""

from __future__ import annotations

import hashlib
import io
import tarfile
import threading
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from lantaarn.embedded.artefact import Artefact, ArtefactError, cache_dir, read_lock, silent
from lantaarn.embedded.fetch import fetch
from lantaarn.embedded.jars import _unpack, ensure_jars

CONTENT = b"not really a jar, but nobody unpacks it here" * 1000
PATH = "nl/example/lamp/1.2.3/lamp-1.2.3.jar"


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_args: object) -> None:
        pass


@pytest.fixture
def artefact(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Artefact:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    served = tmp_path / "repository" / PATH
    served.parent.mkdir(parents=True)
    served.write_bytes(CONTENT)
    return Artefact(PATH, hashlib.sha256(CONTENT).hexdigest(), len(CONTENT))


@pytest.fixture
def base(tmp_path: Path) -> Iterator[str]:
    handler = partial(_Quiet, directory=str(tmp_path / "repository"))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_missing_is_fetched_and_then_needs_no_server(artefact: Artefact, base: str) -> None:
    fetch([artefact], silent, base)
    assert artefact.in_cache().read_bytes() == CONTENT
    said: list[str] = []
    fetch([artefact], said.append, "http://127.0.0.1:1")
    assert said == []


@pytest.mark.parametrize("damaged", [CONTENT[:-1], b"", CONTENT[:-1] + b"?"], ids=["cut", "empty", "one byte"])
def test_damaged_is_fetched_again(artefact: Artefact, base: str, damaged: bytes) -> None:
    artefact.in_cache().parent.mkdir(parents=True)
    artefact.in_cache().write_bytes(damaged)
    fetch([artefact], silent, base)
    assert artefact.in_cache().read_bytes() == CONTENT


def test_other_content_than_locked_is_refused_by_name(artefact: Artefact, base: str) -> None:
    with pytest.raises(ArtefactError, match=r"lamp-1\.2\.3\.jar.*sha256"):
        fetch([replace(artefact, sha256="0" * 64)], silent, base)
    assert [path for path in cache_dir().rglob("*") if path.is_file()] == []


def test_what_was_finished_before_a_failure_is_kept(artefact: Artefact, base: str) -> None:
    absent = Artefact("nl/example/dark/1.0/dark-1.0.jar", "0" * 64, 1)
    with pytest.raises(ArtefactError, match=r"dark-1\.0\.jar"):
        fetch([artefact, absent], silent, base)
    assert artefact.is_intact(artefact.in_cache())


def test_lock_names_kafka_and_one_registry() -> None:
    lock = read_lock()
    assert any("/kafka_2.13-" in artefact.path for artefact in lock)
    assert [artefact.path.split("/")[2] for artefact in lock if not artefact.is_jar] == ["apicurio-registry-app"]
    assert all(len(artefact.sha256) == 64 and artefact.size > 0 for artefact in lock)


def test_class_path_is_what_the_lock_names() -> None:
    jars = ensure_jars(silent)
    assert [jar.name for jar in jars] == [Path(artefact.path).name for artefact in read_lock() if artefact.is_jar]


def test_an_archive_is_unpacked_by_a_python_without_filters_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As 3.11.2, which Debian 12 has: ``extractall`` takes no ``filter``."""
    with tarfile.open(tmp_path / "lamp.tar", "w") as tar:
        told = tarfile.TarInfo("lamp/oil.txt")
        told.size = 3
        tar.addfile(told, io.BytesIO(b"oil"))
    extractall = tarfile.TarFile.extractall

    def older(self: tarfile.TarFile, path: Path) -> None:
        extractall(self, path)

    for name in ("now", "then"):
        _unpack(tmp_path / "lamp.tar", tmp_path / name)
        assert (tmp_path / name / "lamp" / "oil.txt").read_bytes() == b"oil"
        monkeypatch.setattr(tarfile.TarFile, "extractall", older)
        monkeypatch.delattr(tarfile, "data_filter", raising=False)
