"""The database server: who may sign in, what is left after a crash, and that nothing stays behind."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from sqlalchemy import make_url

from lantaarn.embedded import PostgresServer, ProcessError
from tests.sinks.live import until

_PARENT = """
import os, signal, sys
from pathlib import Path
from lantaarn.embedded import PostgresServer
server = PostgresServer(Path(sys.argv[1]))
server.start()
print(server.process.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """One of our own, beside the shared one, so that it may be killed; its folder is closed to other users."""
    server = PostgresServer(tmp_path_factory.mktemp("postgres") / "closed" / "data")
    server.data_dir.parent.mkdir(mode=0o700)
    try:
        server.start()
        yield server
    finally:
        server.stop()


def connect(url: str, **other: str) -> psycopg.Connection:
    made = make_url(url)
    told: dict[str, Any] = {"user": made.username, "dbname": made.database, "port": made.port, **made.query, **other}
    return psycopg.connect(make_conninfo(host="127.0.0.1", **told), autocommit=True)


def count(server: PostgresServer) -> int:
    with connect(server.url) as connection:
        found = connection.execute("SELECT count(*) FROM kept").fetchone()
    assert found is not None
    return int(found[0])


def test_passwords_are_scram_and_in_no_address(server: PostgresServer) -> None:
    with connect(server.url) as connection:
        stored = connection.execute("SELECT rolpassword FROM pg_authid WHERE rolname = 'lantaarn'").fetchone()
        listening = connection.execute("SHOW listen_addresses").fetchone()
    assert stored is not None
    assert stored[0].startswith("SCRAM-SHA-256$")
    assert listening == ("127.0.0.1",)
    password = (server.data_dir / "passfile").read_text().strip().split(":")[-1]
    commands = [" ".join(each.info["cmdline"] or []) for each in psutil.process_iter(["cmdline"])]
    assert not any(password in text for text in [server.url, *commands, (server.data_dir / "postgres.log").read_text()])


@pytest.mark.parametrize("other", [{"password": "guess", "passfile": "/none"}, {"user": "postgres", "password": "x"}])
def test_others_are_refused(server: PostgresServer, other: dict[str, str]) -> None:
    with pytest.raises(psycopg.OperationalError, match="authentication failed"):
        connect(server.url, **other)


def test_rows_survive_kill_and_restart_and_the_address_stays(server: PostgresServer) -> None:
    before = server.url
    busy = connect(server.url)
    busy.execute("CREATE TABLE kept (number int)")
    busy.execute("INSERT INTO kept VALUES (1)")
    server.kill()
    server.start()
    assert (server.url, count(server)) == (before, 1)
    assert server.process is not None
    pid = server.process.pid
    busy = connect(server.url)  # a client that stays does not hold up a clean stop
    server.restart()
    assert (server.url, count(server)) == (before, 1)
    assert not psutil.pid_exists(pid)
    with pytest.raises(psycopg.OperationalError):
        busy.execute("SELECT 1")


def test_the_same_folder_keeps_its_address_and_its_rows(server: PostgresServer) -> None:
    server.stop()
    again = PostgresServer(server.data_dir)
    again.start()
    try:
        assert again.url == server.url
        assert count(again) == 1
    finally:
        again.stop()
        server.start()


def test_a_lost_password_is_told(server: PostgresServer) -> None:
    server.stop()
    passfile = server.data_dir / "passfile"
    right = passfile.read_text()
    passfile.write_text("127.0.0.1:*:*:lantaarn:another\n")
    try:
        with pytest.raises(ProcessError, match="knows another password"):
            server.start()
        assert server.process is None
    finally:
        passfile.write_text(right)
        server.start()


def test_killed_parent_leaves_no_server(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _PARENT, str(tmp_path / "data")]
    parent = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert parent.stdout, parent.stderr
    pid = int(parent.stdout.split()[-1])
    until(lambda: not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    until(lambda: not _serving(tmp_path))


def _serving(folder: Path) -> list[int]:
    found = psutil.process_iter(["pid", "name"])
    cluster = str(folder / "data" / "cluster")
    return [each.info["pid"] for each in found if each.info["name"] == "postgres" and _folder(each) == cluster]


def _folder(process: psutil.Process) -> str:
    try:
        return str(process.cwd())
    except psutil.Error:
        return ""
