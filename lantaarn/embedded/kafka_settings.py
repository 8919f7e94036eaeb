"""The broker's settings: what one node on a laptop needs to differ from Kafka's defaults, and why."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

MECHANISM = "SCRAM-SHA-512"

_JAAS = "org.apache.kafka.common.security"


def server_settings(ports: Mapping[str, int], log_dir: Path, admin: str, password: str) -> dict[str, str | int]:
    """Settings of a broker that is its own controller, both on 127.0.0.1 and both asking for a password.

    Clients sign in with SCRAM. The controller's listener cannot: the users are in the very log that the
    controller keeps; it knows one user, with a plain password, and no one but the broker dials it.

    Args:
        ports: of ``client`` and ``controller``.
        log_dir: where the records go.
        admin: name of the superuser, also the broker itself.
        password: of ``admin``.
    """
    credentials = f'username="{admin}" password="{password}"'
    client, controller = (f"127.0.0.1:{ports[name]}" for name in ("client", "controller"))
    return {
        **_SMALL,
        "listeners": f"CLIENT://{client},CONTROLLER://{controller}",
        "advertised.listeners": f"CLIENT://{client}",
        "controller.quorum.voters": f"1@{controller}",
        "log.dirs": str(log_dir),
        "super.users": f"User:{admin}",
        "listener.name.client.scram-sha-512.sasl.jaas.config": (
            f"{_JAAS}.scram.ScramLoginModule required {credentials};"
        ),
        "listener.name.controller.plain.sasl.jaas.config": (
            f'{_JAAS}.plain.PlainLoginModule required {credentials} user_{admin}="{password}";'
        ),
    }


_SMALL: dict[str, str | int] = {
    "process.roles": "broker,controller",
    "node.id": 1,
    "controller.listener.names": "CONTROLLER",
    "inter.broker.listener.name": "CLIENT",
    "listener.security.protocol.map": "CLIENT:SASL_PLAINTEXT,CONTROLLER:SASL_PLAINTEXT",
    "sasl.enabled.mechanisms": MECHANISM,
    "sasl.mechanism.inter.broker.protocol": MECHANISM,
    "sasl.mechanism.controller.protocol": "PLAIN",
    "listener.name.controller.sasl.enabled.mechanisms": "PLAIN",
    # After a crash the controller must first give up the dead broker: 3.4 s to be back instead of 12 s.
    "broker.session.timeout.ms": 2000,
    "broker.heartbeat.interval.ms": 400,
    "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
    "auto.create.topics.enable": "false",
    "default.replication.factor": 1,
    "min.insync.replicas": 1,
    "offsets.topic.replication.factor": 1,
    "offsets.topic.num.partitions": 2,
    "transaction.state.log.replication.factor": 1,
    "transaction.state.log.min.isr": 1,
    "transaction.state.log.num.partitions": 2,
    "share.coordinator.state.topic.replication.factor": 1,
    "share.coordinator.state.topic.min.isr": 1,
    "share.coordinator.state.topic.num.partitions": 1,
    # A new group need not wait for more members, and a member that died may be given up after 6 s.
    "group.initial.rebalance.delay.ms": 0,
    "group.min.session.timeout.ms": 3000,
    # The cleaner's default buffer, 128 MB, would not fit the heap.
    "log.cleaner.dedupe.buffer.size": 4 * 1024 * 1024,
}

LOGGING = """\
status = error
appender.out.type = Console
appender.out.name = out
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = %d{ISO8601} %-5p %c{1}: %m%n
rootLogger.level = warn
rootLogger.appenderRef.out.ref = out
"""
