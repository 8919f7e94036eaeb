"""A real schema registry on this machine: Apicurio, spoken to with the Confluent protocol.

It keeps its schemas in a file (H2), so that the ids in a topic's records mean the same after a restart. No
sign-in and no TLS: it listens on 127.0.0.1 only, and whoever is on this machine may register schemas.
"""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path

import structlog

from lantaarn.embedded.java import SMALL_JVM, java
from lantaarn.embedded.ports import kept_ports
from lantaarn.embedded.process import ManagedProcess

# Topics are replayed from the start, so a new schema must read all older versions, not only the last.
COMPATIBILITY = "BACKWARD_TRANSITIVE"

PATH = "/apis/ccompat/v7"

_log = structlog.get_logger(__name__)


class SchemaRegistry:
    """One registry and its data folder; may be stopped and started again on the same address."""

    def __init__(self, data_dir: Path, *, installation: Path) -> None:
        """Describes it; ``start`` runs it.

        Args:
            data_dir: its files; created private to the owner.
            installation: the unpacked distribution, from ``ensure_all``.
        """
        self.data_dir = data_dir
        self._installation = installation
        self._ports: dict[str, int] = {}
        self._process: ManagedProcess | None = None

    @property
    def url(self) -> str:
        """Base address for Confluent's clients; known from the first start on, kept at a restart."""
        return f"http://127.0.0.1:{self._ports['http']}{PATH}"

    @property
    def process(self) -> ManagedProcess | None:
        """The running JVM, for tests that pause or kill it."""
        return self._process

    def start(self, timeout: float = 60) -> None:
        """Starts it and returns when it refuses incompatible schemas.

        Raises:
            ProcessError: it ended early or did not answer in ``timeout`` seconds; holds the end of its log.
                Nothing is left running.
        """
        try:
            self._start(timeout)
        except BaseException:
            self.kill()
            raise

    def stop(self) -> None:
        """Ends it cleanly; does nothing when it does not run."""
        process, self._process = self._process, None
        if process is not None:
            process.stop()

    def kill(self) -> None:
        """SIGKILL, as a crash would."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()

    def _start(self, timeout: float) -> None:
        self.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not self._ports:
            self._ports = kept_ports(self.data_dir / "ports.json", "http", "management")
        self._process = ManagedProcess(
            "the schema registry",
            [java(), "-Xms64m", "-Xmx320m", *SMALL_JVM, "-jar", self._installation / "quarkus-run.jar"],
            self.data_dir / "registry.log",
            self._settings(),
        )
        self._process.wait_for_port(self._ports["http"], timeout)
        try:
            set_compatibility(self._ports["http"], self._process.check, timeout)
        except (http.client.HTTPException, OSError, RuntimeError) as error:
            raise self._process.failure(f"does not take its settings: {error}") from error
        _log.info("schema registry ready", url=self.url, pid=self._process.pid)

    def _settings(self) -> dict[str, str]:
        return {
            "QUARKUS_HTTP_HOST": "127.0.0.1",
            "QUARKUS_HTTP_PORT": str(self._ports["http"]),
            "QUARKUS_MANAGEMENT_HOST": "127.0.0.1",
            "QUARKUS_MANAGEMENT_PORT": str(self._ports["management"]),
            "QUARKUS_HTTP_ACCESS_LOG_ENABLED": "false",
            "APICURIO_STORAGE_KIND": "sql",
            "APICURIO_STORAGE_SQL_KIND": "h2",
            # Without the delay of half a second a registered schema survives a crash.
            "APICURIO_DATASOURCE_URL": f"jdbc:h2:file:{self.data_dir.absolute() / 'schemas'};WRITE_DELAY=0",
            "APICURIO_DATASOURCE_JDBC_INITIAL_SIZE": "2",
            "APICURIO_DATASOURCE_JDBC_MIN_SIZE": "2",
        }


def set_compatibility(port: int, check: Callable[[], None], timeout: float) -> None:
    """Replaces Apicurio's default, which is to accept anything; returns when the registry confirmed it.

    Args:
        port: of a registry on 127.0.0.1.
        check: called between attempts; raises when there is no use in waiting any longer.
        timeout: seconds after which the last error is raised.
    """
    body = json.dumps({"compatibility": COMPATIBILITY})
    headers = {"Content-Type": "application/vnd.schemaregistry.v1+json"}
    deadline = time.monotonic() + timeout
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            connection.request("PUT", f"{PATH}/config", body, headers)
            status = connection.getresponse().status
            if status == HTTPStatus.OK:
                return
            problem: Exception = RuntimeError(f"answers with status {status}")
        except (http.client.HTTPException, OSError) as error:
            problem = error
        finally:
            connection.close()
        check()
        if time.monotonic() > deadline:
            raise problem
        time.sleep(0.05)
