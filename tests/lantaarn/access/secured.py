"""A broker that denies by default and listens with TLS, two deployments on it, and what a client finds it may do."""

import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

from confluent_kafka import Consumer, KafkaError, Message, Producer, TopicCollection, TopicPartition
from confluent_kafka.admin import AdminClient
from typer.testing import CliRunner, Result

from lantaarn import topics
from lantaarn.access.broker import AccessBroker
from lantaarn.access.plan import Plan
from lantaarn.cli import app
from lantaarn.embedded import KafkaBroker
from lantaarn.settings import Settings
from schemas.topics import Catalogue

TODAY = "2026-06-15"
SCRAM, MTLS = "scram over tls", "mtls"
WAYS = (SCRAM, MTLS)
QUIET = {"log_level": 0}  # refusals are what we are after
REFUSED = KafkaError.TOPIC_AUTHORIZATION_FAILED
AGREEMENT = """
[[agreement]]
partner = "{}"
types = [{}]
municipality = "9999"
version = "2026-1"
valid_from = 2025-01-01
valid_until = {}
"""
AGREEMENTS = (
    ("verhuurder-a", '"Huur"', "2027-12-31"),
    ("verhuurder-b", '"Huur", "Water"', "2027-12-31"),
    ("gemeente", '"Huishouden", "Adres"', "2027-12-31"),
    ("waterbedrijf-uit", '"Water"', "2026-06-14"),  # since yesterday: reads, and no longer writes
    ("verzekeraar-weg", '"Zorg"', "2026-01-31"),  # may do nothing any more
)


class Secured:
    """One deployment on the broker.

    Args:
        broker: Deny by default, with TLS.
        folder: For agreements and passwords.
        prefix: Of topics and groups; users begin the same, with a dash.
        agreements: Partner, types and last day.
    """

    def __init__(
        self, broker: KafkaBroker, folder: Path, prefix: str, agreements: Iterable[tuple[str, str, str]] = AGREEMENTS
    ) -> None:
        self.broker = broker
        self.folder = folder
        self.prefix = prefix
        self.user_prefix = prefix.replace(".", "-")
        self.passwords = {"admin": "lamp-oil"}
        self.agreements = folder / f"agreements-{uuid4().hex[:6]}.toml"
        self.agreements.write_text("".join(AGREEMENT.format(*each) for each in agreements), encoding="utf-8")
        self.access = AccessBroker(broker.secure_client("admin", "lamp-oil"))

    @property
    def catalogue(self) -> Catalogue:
        return self.settings("admin").catalogue()

    def make_topics(self) -> None:
        topics.create(self.client(SCRAM, "admin"), self.catalogue)

    def environment(self, user: str, way: str = SCRAM) -> dict[str, str]:
        """What a process of ours is told: the settings that production would have."""
        client = self.client(way, user)
        return {
            "LANTAARN_BOOTSTRAP_SERVERS": client["bootstrap.servers"],
            "LANTAARN_SECURITY_PROTOCOL": client["security.protocol"],
            "LANTAARN_SSL_CA_LOCATION": client["ssl.ca.location"],
            **(
                {"LANTAARN_SASL_USERNAME": user, "LANTAARN_SASL_PASSWORD": client["sasl.password"]}
                if way == SCRAM
                else {
                    "LANTAARN_SSL_CERTIFICATE_LOCATION": client["ssl.certificate.location"],
                    "LANTAARN_SSL_KEY_LOCATION": client["ssl.key.location"],
                }
            ),
            "LANTAARN_TOPIC_PREFIX": self.prefix,
            "LANTAARN_PRINCIPAL_PREFIX": self.user_prefix,
            "LANTAARN_PARTITIONS": "2",
            "LANTAARN_MUNICIPALITY": "9999",
            "LANTAARN_AGREEMENTS": str(self.agreements),
            "LANTAARN_PSEUDONYM_SECRET": "a-lamp-in-the-window",
        }

    def settings(self, user: str, way: str = SCRAM) -> Settings:
        told = {name.removeprefix("LANTAARN_").lower(): value for name, value in self.environment(user, way).items()}
        return Settings.model_validate(told)

    def client(self, way: str, user: str) -> dict[str, Any]:
        """Client configuration; a user that has no password yet is given one."""
        if way == MTLS:
            return self.broker.mutual_client(user) | QUIET
        if user not in self.passwords:
            self.passwords[user] = secrets.token_urlsafe(12)
            self.access.set_password(user, self.passwords[user])
        return self.broker.secure_client(user, self.passwords[user]) | QUIET

    def run(self, *command: str, day: str | None = TODAY) -> Result:
        """A command of ``lantaarn`` as the administrator, in this process."""
        given = [*command, *(["--day", day] if day else [])]
        return CliRunner().invoke(app, given, env=self.environment("admin"), prog_name="lantaarn")

    def applied(self, plan: Plan) -> None:
        """By hand, past the rules."""
        self.access.apply(plan)


def described(config: Mapping[str, Any], names: Iterable[str]) -> set[str]:
    """Topics that the broker tells of; it refused to tell of every other one."""
    client = AdminClient({**config})
    found = set()
    for name, answer in client.describe_topics(TopicCollection([*names]), request_timeout=20).items():
        error = answer.exception()
        assert error is None or error.args[0].code() == REFUSED, error
        if error is None:
            found.add(name)
    return found


def listed(config: Mapping[str, Any]) -> set[str]:
    """Every topic of the cluster that the broker names when it is not asked for one."""
    return set(AdminClient({**config}).list_topics(timeout=20).topics)


def writable(config: Mapping[str, Any], names: Iterable[str]) -> set[str]:
    """Topics that took a record; every other one refused it for want of authorization."""
    outcome: dict[str, KafkaError | None] = {}

    def delivered(error: KafkaError | None, message: Message) -> None:
        outcome[str(message.topic())] = error

    names = set(names)
    producer = Producer({**config, "message.timeout.ms": 20_000, "linger.ms": 0})
    for name in names:
        producer.produce(name, b"?", b"key", partition=0, on_delivery=delivered)
    assert producer.flush(25) == 0
    assert outcome.keys() == names
    assert {error.code() for error in outcome.values() if error is not None} <= {REFUSED}
    return {name for name, error in outcome.items() if error is None}


def readable(config: Mapping[str, Any], names: Iterable[str]) -> set[str]:
    """Topics that gave a record; every other one refused to. Each holds at least one.

    Ask only for topics that the user can describe: without that a client does not learn where to read.
    """
    names = set(names)
    settings = {"group.id": f"none-{uuid4().hex}", "fetch.wait.max.ms": 20, "enable.auto.commit": False}
    consumer = Consumer({**config, **settings})
    outcome: dict[str, bool] = {}
    try:
        consumer.assign([TopicPartition(name, 0, 0) for name in names])
        while outcome.keys() != names:
            message = consumer.poll(20)
            assert message is not None, f"nothing from {sorted(names - outcome.keys())}"
            error = message.error()
            if error is None:
                outcome[str(message.topic())] = True
            elif error.code() != KafkaError.GROUP_AUTHORIZATION_FAILED:  # the client asks for a group nobody needs
                assert error.code() == REFUSED, error
                outcome[str(message.topic())] = False
    finally:
        consumer.close()
    return {name for name, allowed in outcome.items() if allowed}
