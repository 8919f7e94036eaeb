"""A real PostgreSQL on this machine: passwords (SCRAM), 127.0.0.1 only, as root and as an ordinary user.

A disk that is not synced makes it quick: a power cut may lose what was stored last, the death of the server does not.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import signal
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import psutil
import structlog

from lantaarn.embedded.ports import kept_ports
from lantaarn.embedded.postgres_programs import making_command, server_command
from lantaarn.embedded.process import ManagedProcess

USER = "lantaarn"
DATABASE = "lantaarn"
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "shared_buffers": "32MB",
    "max_connections": "60",
    # A statement, or the detail of an error, can hold an address: neither belongs in a log.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}

_log = structlog.get_logger(__name__)


class PostgresServer:
    """One server and its data folder; may be stopped or killed and started again on the same address.

    Args:
        data_dir: Its files; created private to the owner. The password is made at the first start and kept there.
    """

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir.absolute()
        self._passfile = self.data_dir / "passfile"
        self._ports: dict[str, int] = {}
        self._process: ManagedProcess | None = None

    @property
    def url(self) -> str:
        """SQLAlchemy's address of the database ``lantaarn``; known from the first start on, kept at a restart.

        The password is in a file that the address names, so the address itself is no secret.
        """
        return self.url_of(DATABASE)

    @property
    def process(self) -> ManagedProcess | None:
        """The running server, for tests that pause or kill it."""
        return self._process

    def url_of(self, database: str) -> str:
        """The address of another database of this server, which need not be there yet."""
        from sqlalchemy import URL  # noqa: PLC0415 - whoever starts no database does without

        query = {"passfile": str(self._passfile)}
        made = URL.create("postgresql+psycopg", USER, None, "127.0.0.1", self._ports["server"], database, query)
        return made.render_as_string()

    def start(self, timeout: float = 60) -> None:
        """Starts it and returns when the database ``lantaarn`` answers.

        Raises:
            ProcessError: It ended early or did not answer in ``timeout`` seconds; holds the end of its log.
                Nothing is left running.
        """
        try:
            self._start(timeout)
        except BaseException:
            self.kill()
            raise

    def stop(self) -> None:
        """Ends it cleanly, breaking off whatever its clients are at; does nothing when it does not run."""
        if self._process is not None and self._process.running:
            os.kill(self._process.pid, signal.SIGINT)  # SIGTERM would wait for the clients to leave
        self._end(ManagedProcess.stop)

    def kill(self) -> None:
        """SIGKILL, to the server and to the processes that serve its connections, as a crash of the machine would."""
        self._end(ManagedProcess.kill)

    def restart(self) -> None:
        """Stops it cleanly and starts it again on the same address and data."""
        self.stop()
        self.start()

    def _end(self, how: Callable[[ManagedProcess], None]) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        # They leave the server's process group, and a new server waits until the last one has gone.
        children = psutil.Process(process.pid).children(recursive=True) if process.running else []
        how(process)
        for child in children:
            with contextlib.suppress(psutil.NoSuchProcess):
                child.kill()
        while any(_lives(child) for child in children):
            time.sleep(0.01)

    def _start(self, timeout: float) -> None:
        self.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not self._ports:
            self._ports = kept_ports(self.data_dir / "ports.json", "server")
        cluster, made = self.data_dir / "cluster", self.data_dir / "made"
        if not made.exists():
            self._make(cluster)
            made.touch()
        port = self._ports["server"]
        process = self._run("PostgreSQL", server_command(cluster, {**SETTINGS, "port": str(port)}))
        process.wait_for_port(port, timeout)
        self._wait_until_it_answers(process, timeout)
        _log.info("postgresql ready", port=port, pid=process.pid)

    def _make(self, cluster: Path) -> None:
        shutil.rmtree(cluster, ignore_errors=True)  # half of one, by a start that was broken off
        cluster.mkdir(mode=0o700)
        password, first = secrets.token_urlsafe(24), self.data_dir / "initial-password"
        _write_private(first, password)
        _write_private(self._passfile, f"127.0.0.1:*:*:{USER}:{password}\n")
        try:
            process = self._run("initdb", making_command(cluster, USER, first))
            if process.wait(timeout=60) != 0:
                raise process.failure("could not make the data folder")
        finally:
            first.unlink()

    def _run(self, name: str, command: Sequence[str]) -> ManagedProcess:
        self._process = ManagedProcess(name, command, self.data_dir / "postgres.log")
        return self._process

    def _wait_until_it_answers(self, process: ManagedProcess, timeout: float) -> None:
        """After a crash it first puts its data right, and turns clients away meanwhile."""
        import psycopg  # noqa: PLC0415

        told = f"host=127.0.0.1 port={self._ports['server']} user={USER} dbname=postgres connect_timeout=2"
        deadline = time.monotonic() + timeout
        while True:
            try:
                with psycopg.connect(told, passfile=str(self._passfile), autocommit=True) as connection:
                    asked = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
                    if asked.fetchone() is None:
                        connection.execute(f"CREATE DATABASE {DATABASE}")
                    return
            except psycopg.OperationalError as error:
                process.check()
                if "password authentication failed" in str(error):
                    raise process.failure("knows another password than the folder's passfile") from None
                if time.monotonic() > deadline:
                    raise process.failure(f"was not ready within {timeout:.0f} s") from None
                time.sleep(0.02)


def _lives(process: psutil.Process) -> bool:
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)  # the dead may wait for init
    except psutil.NoSuchProcess:
        return False


def _write_private(file: Path, text: str) -> None:
    file.unlink(missing_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
        opened.write(text)
