"""A real Apache Kafka broker on this machine: one node, KRaft, passwords (SCRAM) and an authorizer.

Small on purpose (about 220 MB of memory), and honest: the same wire protocol, log, consumer groups and access
control as in production. What differs is one replica instead of three and a disk that is not synced, so a
power cut may lose records; the death of the process does not.
"""

from __future__ import annotations

import contextlib
import re
import time
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog
from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient

from lantaarn.embedded.java import SMALL_JVM, class_path, java, write_argument_file
from lantaarn.embedded.kafka_settings import LOGGING, MECHANISM, server_settings
from lantaarn.embedded.ports import kept_ports
from lantaarn.embedded.process import ManagedProcess

if TYPE_CHECKING:
    from lantaarn.embedded.kafka_tls import Authority

ADMIN = "admin"

_log = structlog.get_logger(__name__)
# Names and passwords go into three notations with three ways of quoting; these need it in none.
_PLAIN = re.compile(r"[A-Za-z0-9_.~-]+")


class KafkaBroker:
    """One broker and its data folder; may be stopped or killed and started again on the same address."""

    def __init__(
        self,
        data_dir: Path,
        users: Mapping[str, str],
        *,
        jars: Sequence[Path],
        allow_everyone_without_acl: bool = True,
        tls: bool = False,
        overrides: Mapping[str, str | int] | None = None,
    ) -> None:
        """Describes it; ``start`` runs it.

        Args:
            data_dir: its files; created private to the owner. Users are written at the first start, so a
                later start on the same folder needs the same passwords.
            users: name to password; must contain ``admin``, the superuser.
            jars: Kafka's class path, from ``ensure_jars``.
            allow_everyone_without_acl: whether a resource without any ACL is open to every known user.
            tls: whether it also listens with TLS, for passwords and for clients' certificates.
            overrides: broker settings that win over ours.

        Raises:
            ValueError: no ``admin``, or a character in a name or password outside ``A-Z a-z 0-9 _ . ~ -``.
        """
        if ADMIN not in users:
            raise ValueError(f"users must contain {ADMIN!r}")
        if unfit := [name for name, word in users.items() if not (_PLAIN.fullmatch(name) and _PLAIN.fullmatch(word))]:
            raise ValueError(f"name or password with characters outside A-Z a-z 0-9 _ . ~ -: {unfit}")
        self.data_dir = data_dir
        self._users = dict(users)
        self._jars = list(jars)
        self._open = allow_everyone_without_acl
        self._tls = tls
        self._overrides = dict(overrides or {})
        self._ports: dict[str, int] = {}
        self._process: ManagedProcess | None = None

    @property
    def bootstrap(self) -> str:
        """``127.0.0.1:port``; known from the first start on and the same after each restart."""
        return f"127.0.0.1:{self._ports['client']}"

    @property
    def process(self) -> ManagedProcess | None:
        """The running JVM, for tests that pause or kill it."""
        return self._process

    def client(self, user: str = ADMIN) -> dict[str, Any]:
        """Configuration of a confluent-kafka client that signs in as ``user``."""
        return client_config(self.bootstrap, user, self._users[user])

    @property
    def authority(self) -> Authority:
        """Who signs the certificates of the listeners with TLS."""
        from lantaarn.embedded.kafka_tls import Authority  # noqa: PLC0415 - the default listener does without

        return Authority(self.data_dir / "tls")

    def secure_client(self, user: str, password: str) -> dict[str, Any]:
        """Configuration of a client that signs in with a password over TLS; needs ``tls``."""
        return client_config(f"127.0.0.1:{self._ports['secure']}", user, password) | {
            "security.protocol": "SASL_SSL",
            "ssl.ca.location": str(self.authority.file),
        }

    def mutual_client(self, name: str) -> dict[str, Any]:
        """Configuration of a client that is ``name`` by a new certificate of its own; needs ``tls``."""
        issued = self.authority.issue(name)
        return {
            "bootstrap.servers": f"127.0.0.1:{self._ports['mutual']}",
            "security.protocol": "SSL",
            "ssl.ca.location": str(self.authority.file),
            "ssl.certificate.location": str(issued.certificate),
            "ssl.key.location": str(issued.key),
        }

    def start(self, timeout: float = 60) -> None:
        """Starts it and returns when it answers ``admin``.

        Raises:
            ProcessError: it ended early, knows other passwords, or did not answer in ``timeout`` seconds; holds
                the end of its log. Nothing is left running.
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

    def restart(self) -> None:
        """Stops it cleanly and starts it again on the same address and data."""
        self.stop()
        self.start()

    def _start(self, timeout: float) -> None:
        self.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not self._ports:
            names = ("client", "controller", *(("secure", "mutual") if self._tls else ()))
            self._ports = kept_ports(self.data_dir / "ports.json", *names)
        settings = self._write_settings()
        if not (self.data_dir / "log" / "meta.properties").exists():
            self._format(settings)
        process = self._run("Kafka", ["-Xms256m", "-Xmx384m"], ["kafka.Kafka", str(settings)])
        process.wait_for_port(self._ports["client"], timeout)
        self._wait_until_it_answers(process, timeout)
        _log.info("kafka ready", bootstrap=self.bootstrap, pid=process.pid)

    def _format(self, settings: Path) -> None:
        users = [f"--add-scram={MECHANISM}=[name={name},password={word}]" for name, word in self._users.items()]
        # A leading dash would look like an option, one time in 64.
        cluster = urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=").replace("-", "0")
        main = ["kafka.tools.StorageTool", "format", "--cluster-id", cluster, "--config", str(settings)]
        try:
            process = self._run("Kafka's StorageTool", ["-Xms32m", "-Xmx128m"], [*main, *users])
            if process.wait(timeout=60) != 0:
                raise process.failure("could not format the data folder")
        finally:
            (self.data_dir / "java.args").unlink(missing_ok=True)

    def _run(self, name: str, memory: Sequence[str], main: Sequence[str]) -> ManagedProcess:
        logging = self.data_dir / "log4j2.properties"
        logging.write_text(LOGGING, encoding="utf-8")
        arguments = [
            *memory,
            *SMALL_JVM,
            f"-Dlog4j2.configurationFile={logging}",
            "-cp",
            class_path(self._jars),
        ]
        file = write_argument_file(self.data_dir / "java.args", [*arguments, *main])
        self._process = ManagedProcess(name, [java(), f"@{file}"], self.data_dir / "kafka.log")
        return self._process

    def _write_settings(self) -> Path:
        settings = server_settings(self._ports, self.data_dir / "log", ADMIN, self._users[ADMIN])
        if self._tls:
            from lantaarn.embedded.kafka_tls import tls_settings  # noqa: PLC0415

            settings = tls_settings(settings, self._ports, self.authority, ADMIN)
        settings |= {
            "allow.everyone.if.no.acl.found": str(self._open).lower(),
            **self._overrides,
        }
        path = self.data_dir / "server.properties"
        path.touch(mode=0o600)
        # In a properties file a backslash would escape what follows it.
        lines = (f"{key}={value}\n".replace("\\", "\\\\") for key, value in settings.items())
        path.write_text("".join(lines), encoding="utf-8")
        return path

    def _wait_until_it_answers(self, process: ManagedProcess, timeout: float) -> None:
        """Waits for ``admin`` to be served and for consumer groups to have a home.

        The topic of group offsets is made when the first group asks for it, and that first consumer would then
        lose one to three seconds to its client's back-off; so ask here, for a group that does not exist.
        """
        refusals: list[KafkaError] = []
        config = self.client() | {"log_level": 0, "error_cb": refusals.append}
        client = AdminClient(config)
        deadline = time.monotonic() + timeout
        question: object = None
        while True:
            # Short calls only: Ctrl-C kills the broker and then waits for this thread.
            with contextlib.suppress(KafkaException):
                if _has_leaders(client.list_topics(timeout=1), "__consumer_offsets"):
                    return
                question = question or client.describe_consumer_groups(["lantaarn-none"])
            client.poll(0)
            process.check()
            if any(error.name() == "_AUTHENTICATION" for error in refusals):
                raise process.failure(f"knows another password for {ADMIN}: use those of the folder's first start")
            if time.monotonic() > deadline:
                raise process.failure(f"was not ready within {timeout:.0f} s")
            time.sleep(0.02)


def client_config(bootstrap: str, user: str, password: str) -> dict[str, Any]:
    """Configuration of a confluent-kafka client for one user of a broker with SCRAM and no TLS."""
    return {
        "bootstrap.servers": bootstrap,
        "security.protocol": "SASL_PLAINTEXT",
        "sasl.mechanism": MECHANISM,
        "sasl.username": user,
        "sasl.password": password,
    }


def _has_leaders(cluster: Any, topic: str) -> bool:
    partitions = cluster.topics[topic].partitions.values() if topic in cluster.topics else []
    return any(partitions) and all(partition.leader >= 0 for partition in partitions)
