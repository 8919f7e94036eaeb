"""Three ways to a real Kafka, a real schema registry and a real PostgreSQL; every test that needs them runs on each.

``LANTAARN_TEST_STACK`` chooses:

- ``embedded`` (default): processes on this machine, nothing to install.
- ``docker``: the images that a container platform would run. **Not yet seen running**: the machine it was
  written on has no container engine.
- ``external``: a cluster that is already there. ``LANTAARN_TEST_BOOTSTRAP``, ``LANTAARN_TEST_REGISTRY`` and,
  for each of ``USERS``, ``LANTAARN_TEST_PASSWORD_<USER>``; optional ``LANTAARN_TEST_PROTOCOL``
  (``SASL_PLAINTEXT``) and ``LANTAARN_TEST_MECHANISM`` (``SCRAM-SHA-512``). PostgreSQL is the embedded one.

A test that kills its server, or wants it otherwise, starts an embedded one of its own on each of them.
"""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
from sqlalchemy import URL

from lantaarn.embedded import EmbeddedStack, KafkaBroker, PostgresServer
from lantaarn.embedded.ports import free_port
from lantaarn.embedded.postgres import SETTINGS, USER
from lantaarn.embedded.registry import PATH, set_compatibility

if TYPE_CHECKING:
    from testcontainers.core.container import DockerContainer

USERS = ("admin", "adapter", "intake", "ticker", "worker", "sink", "caseworker", "benefits", "auditor")
KAFKA_IMAGE = "apache/kafka:4.3.1"
REGISTRY_IMAGE = "apicurio/apicurio-registry:3.3.3"
POSTGRES_IMAGE = "postgres:18-bookworm"


@dataclass(frozen=True, slots=True)
class RunningStack:
    """What a test may know of the stack it runs on."""

    bootstrap: str
    registry_url: str
    passwords: Mapping[str, str] = field(repr=False)
    protocol: str = "SASL_PLAINTEXT"
    mechanism: str = "SCRAM-SHA-512"
    replication: int = 1
    """Brokers that have each record."""
    broker: KafkaBroker | None = None
    """To kill and restart; None where the test did not start it."""

    def client(self, user: str) -> dict[str, Any]:
        """Configuration of a confluent-kafka client that signs in as one of ``USERS``."""
        return {
            "bootstrap.servers": self.bootstrap,
            "security.protocol": self.protocol,
            "sasl.mechanism": self.mechanism,
            "sasl.username": user,
            "sasl.password": self.passwords[user],
        }


@dataclass(frozen=True, slots=True)
class RunningPostgres:
    """What a test may know of the database server it runs on."""

    url_of: Callable[[str], str]
    """SQLAlchemy's address of a database of this server, which need not be there yet."""
    log: Callable[[], str]


@contextmanager
def running_postgres(kind: str, folder: Path) -> Iterator[RunningPostgres]:
    """Brings up PostgreSQL the chosen way; the database ``lantaarn`` is there and answers."""
    if kind == "docker":
        with _postgres_container(folder) as running:
            yield running
        return
    server = PostgresServer(folder)
    server.start()
    try:
        yield RunningPostgres(server.url_of, lambda: (server.data_dir / "postgres.log").read_text(encoding="utf-8"))
    finally:
        server.stop()


@contextmanager
def _postgres_container(folder: Path) -> Iterator[RunningPostgres]:
    from testcontainers.core.container import DockerContainer  # noqa: PLC0415 - the other stacks do without

    password, passfile = secrets.token_urlsafe(18), folder / "passfile"
    passfile.touch(mode=0o600)
    passfile.write_text(f"127.0.0.1:*:*:{USER}:{password}\n", encoding="utf-8")
    inside = {
        name: value for name, value in SETTINGS.items() if name not in {"listen_addresses", "unix_socket_directories"}
    }
    server = DockerContainer(POSTGRES_IMAGE).with_exposed_ports(5432)
    server.with_env("POSTGRES_USER", USER).with_env("POSTGRES_PASSWORD", password)
    server.with_command(["postgres", *(word for name, value in inside.items() for word in ("-c", f"{name}={value}"))])

    def log() -> str:
        return "".join(part.decode() for part in server.get_logs())

    with server:
        port = int(server.get_exposed_port(5432))

        def url_of(database: str) -> str:
            query = {"passfile": str(passfile)}
            made = URL.create("postgresql+psycopg", USER, None, "127.0.0.1", port, database, query)
            return made.render_as_string()

        _until_it_answers(port, passfile)
        yield RunningPostgres(url_of, log)


def _until_it_answers(port: int, passfile: Path, timeout: float = 90) -> None:
    """At its first start the image answers within the container alone; on the port only when it is ready."""
    told = f"host=127.0.0.1 port={port} user={USER} dbname={USER} connect_timeout=2"
    deadline = time.monotonic() + timeout
    while True:
        try:
            psycopg.connect(told, passfile=str(passfile)).close()
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
        else:
            return


@contextmanager
def running_stack(kind: str, folder: Path) -> Iterator[RunningStack]:
    """Brings up the chosen stack, or finds it, and takes down what it brought up.

    Raises:
        ValueError: ``kind`` is none of the three.
    """
    makers = {"embedded": _embedded, "docker": _docker, "external": _external}
    if kind not in makers:
        raise ValueError(f"LANTAARN_TEST_STACK={kind!r}; expected one of {', '.join(makers)}")
    with makers[kind](folder) as stack:
        yield stack


@contextmanager
def _embedded(folder: Path) -> Iterator[RunningStack]:
    passwords = _passwords()
    with EmbeddedStack(folder, passwords) as stack:
        ends = stack.endpoints
        yield RunningStack(ends.bootstrap, ends.registry_url, passwords, broker=stack.broker)


@contextmanager
def _external(_folder: Path) -> Iterator[RunningStack]:
    env = os.environ
    yield RunningStack(
        env["LANTAARN_TEST_BOOTSTRAP"],
        env["LANTAARN_TEST_REGISTRY"],
        {user: env[f"LANTAARN_TEST_PASSWORD_{user.upper()}"] for user in USERS},
        env.get("LANTAARN_TEST_PROTOCOL", "SASL_PLAINTEXT"),
        env.get("LANTAARN_TEST_MECHANISM", "SCRAM-SHA-512"),
    )


@contextmanager
def _docker(_folder: Path) -> Iterator[RunningStack]:
    from testcontainers.core.container import DockerContainer  # noqa: PLC0415 - the other stacks do without

    passwords = _passwords()
    port = free_port()
    kafka = DockerContainer(KAFKA_IMAGE).with_bind_ports(port, port)
    for name, value in _kafka_variables(port).items():
        kafka.with_env(name, value)
    registry = DockerContainer(REGISTRY_IMAGE).with_exposed_ports(8080)
    with kafka, registry:
        for user, password in passwords.items():
            _until_zero(kafka, _add_user(user, password))
        registry_port = int(registry.get_exposed_port(8080))
        set_compatibility(registry_port, lambda: None, timeout=90)
        yield RunningStack(f"127.0.0.1:{port}", f"http://127.0.0.1:{registry_port}{PATH}", passwords)


def _kafka_variables(port: int) -> dict[str, str]:
    """The image turns ``KAFKA_A_B`` into ``a.b``, with three underscores for a dash."""
    return {
        "KAFKA_NODE_ID": "1",
        "KAFKA_PROCESS_ROLES": "broker,controller",
        "KAFKA_CONTROLLER_QUORUM_VOTERS": "1@localhost:9093",
        "KAFKA_CONTROLLER_LISTENER_NAMES": "CONTROLLER",
        "KAFKA_INTER_BROKER_LISTENER_NAME": "INTERNAL",
        "KAFKA_LISTENERS": f"CLIENT://0.0.0.0:{port},INTERNAL://localhost:9092,CONTROLLER://localhost:9093",
        "KAFKA_ADVERTISED_LISTENERS": f"CLIENT://127.0.0.1:{port},INTERNAL://localhost:9092",
        "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP": ("CLIENT:SASL_PLAINTEXT,INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT"),
        "KAFKA_SASL_ENABLED_MECHANISMS": "SCRAM-SHA-512",
        "KAFKA_LISTENER_NAME_CLIENT_SCRAM___SHA___512_SASL_JAAS_CONFIG": (
            "org.apache.kafka.common.security.scram.ScramLoginModule required;"
        ),
        "KAFKA_AUTHORIZER_CLASS_NAME": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        # The two inner listeners answer inside the container only.
        "KAFKA_SUPER_USERS": "User:admin;User:ANONYMOUS",
        "KAFKA_ALLOW_EVERYONE_IF_NO_ACL_FOUND": "true",
        "KAFKA_AUTO_CREATE_TOPICS_ENABLE": "false",
        "KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR": "1",
        "KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR": "1",
        "KAFKA_TRANSACTION_STATE_LOG_MIN_ISR": "1",
        "KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS": "0",
        "KAFKA_GROUP_MIN_SESSION_TIMEOUT_MS": "3000",
    }


def _add_user(user: str, password: str) -> list[str]:
    tool = "/opt/kafka/bin/kafka-configs.sh"
    entity = ["--entity-type", "users", "--entity-name", user]
    change = ["--alter", "--add-config", f"SCRAM-SHA-512=[password={password}]"]
    return [tool, "--bootstrap-server", "localhost:9092", *entity, *change]


def _until_zero(container: DockerContainer, command: list[str], timeout: float = 90) -> None:
    deadline = time.monotonic() + timeout
    while True:
        code, output = container.exec(command)
        if code == 0:
            return
        if time.monotonic() > deadline:
            raise TimeoutError(f"{command[0]} failed for {timeout:.0f} s: {output!r}")
        time.sleep(0.5)


def _passwords() -> dict[str, str]:
    return {user: secrets.token_urlsafe(18) for user in USERS}
