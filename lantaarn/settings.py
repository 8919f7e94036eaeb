"""Settings: the same names for the embedded stack and a cluster, by environment or by file.

Every name is an environment variable with the prefix ``LANTAARN_``, or a key in the TOML file that ``LANTAARN_CONFIG``
names; the environment wins. A secret can come from a file: ``LANTAARN_SASL_PASSWORD_FILE`` and the like.
"""

import os
from enum import StrEnum
from pathlib import Path
from typing import Any, Self

import structlog
from confluent_kafka import KafkaError
from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from schemas.topics import Catalogue
from streams.core.agreements import AgreementError, Agreements
from streams.core.keys import Keys, SharedListError, shared_addresses
from streams.core.policy import Policies, Policy, PolicyError
from streams.core.records import Address

log = structlog.get_logger()
PREFIX = "LANTAARN_"
CONFIG = f"{PREFIX}CONFIG"
SECRETS = ("sasl_password", "pseudonym_secret", "registry_auth")


class Engine(StrEnum):
    """What moves records through the worker."""

    PLAIN = "plain"
    BATCH = "batch"


class SettingsError(ValueError):
    """Settings, or a file that they name, cannot be used; says which and why."""


class Settings(BaseSettings):
    """Everything that a process must be told. Paths are relative to the working directory.

    Processes get theirs from `lantaarn.loading`, which tells what is wrong with them.
    """

    # pydantic's own errors repeat what they were given: a password under a mistyped name, for one.
    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", hide_input_in_errors=True)

    bootstrap_servers: str = Field("127.0.0.1:9092", description="Kafka brokers, host:port, comma between.")
    security_protocol: str = Field("SASL_PLAINTEXT", description="PLAINTEXT, SASL_PLAINTEXT, SASL_SSL or SSL.")
    sasl_mechanism: str = Field("SCRAM-SHA-512", description="How clients sign in.")
    sasl_username: str | None = Field(None, description="This process's user.")
    sasl_password: SecretStr | None = Field(None, description="Its password; or sasl_password_file.")
    sasl_password_file: Path | None = None
    ssl_ca_location: Path | None = Field(None, description="PEM: who signs the brokers' certificates.")
    ssl_certificate_location: Path | None = Field(None, description="PEM: this process's certificate, with SSL.")
    ssl_key_location: Path | None = Field(None, description="PEM: its private key.")
    registry_url: str = Field("http://127.0.0.1:8081", description="Schema registry, Confluent's API.")
    registry_auth: SecretStr | None = Field(None, description="user:password for the registry, where it asks.")
    registry_auth_file: Path | None = None
    topic_prefix: str = Field("", description="Put before every topic and group, with its separator: gm9999.")
    partitions: int = Field(4, ge=1, description="Of the keyed topics; fixed for the life of a deployment.")
    principal_prefix: str = Field(
        "", pattern=r"[A-Za-z0-9._-]*", description="Put before every user: gm9999-. Where several share a cluster."
    )
    receipts_days: int = Field(31, ge=0, description="Days after its agreement that a partner can read its receipts.")
    municipality: str | None = Field(
        None, pattern=r"\d{4}", description="Municipality code (CBS); agreements of others are left out."
    )
    oin: str = Field("00000000000000000000", pattern=r"\d{20}", description="OIN of the municipality.")
    pseudonym_secret: SecretStr | None = Field(None, description="Key of the pseudonyms; or pseudonym_secret_file.")
    pseudonym_secret_file: Path | None = None
    policies: Path = Field(Path("policies"), description="Folder of policy files (TOML), or one file.")
    agreements: Path = Field(
        Path("agreements.toml"), description="Agreements with partners; their seal lies beside them, `agreements.lock`."
    )
    shared_addresses: Path | None = Field(
        None, description="List of addresses (TOML) at which each person is a household: student houses, shelters."
    )
    contact: Path = Field(Path("contact.toml"), description="Who writes to residents: names and telephone numbers.")
    referrals: Path = Field(Path("referrals"), description="Folder of the referral catalogue, a file per organisation.")
    access_log: Path = Field(
        Path("access-log.jsonl"), description="Where each look at a household's data is written down, a line each."
    )
    processing_activity: str = Field(
        "urn:lantaarn:verwerking:vroegsignalering",
        description="URI of this processing in the municipality's register, for the access log.",
    )
    case_store_url: str = Field("sqlite:///lantaarn.db", description="SQLAlchemy address of the case store.")
    outbox: Path = Field(Path("outbox.db"), description="The adapter's outbox (SQLite).")
    instance_id: str | None = Field(
        None, description="Fixed name in its group, PROCESS-1 if not set; no two alike: the last one wins."
    )
    session_timeout_ms: int = Field(6000, ge=3000, description="After which a silent process loses its partitions.")
    heartbeat_interval_ms: int = Field(1000, ge=100, description="How often it says that it lives.")
    standby_replicas: int = Field(0, ge=0, description="Workers that keep a copy of another's state.")
    engine: Engine = Field(Engine.PLAIN, description="Of the worker: plain (Faust as it is) or batch.")
    batch_records: int = Field(1000, ge=1, description="Most records that the batch engine takes at a time.")
    metrics_port: int = Field(0, ge=0, le=65535, description="Of /metrics and /health; 0: none.")
    metrics_host: str = Field("127.0.0.1", description="Address that they listen on; 0.0.0.0 in a container.")
    backfill: bool = Field(
        default=False, description="Let a record's own delivery time count as its receipt. Never in production."
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - pydantic calls it with all four
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, then the environment, then the file."""
        file = os.environ.get(CONFIG)
        given = (init_settings, env_settings)
        return (*given, TomlConfigSettingsSource(settings_cls, Path(file))) if file else given

    @model_validator(mode="after")
    def _secrets_from_files(self) -> Self:
        for name in SECRETS:
            file: Path | None = getattr(self, f"{name}_file")
            if file is not None and getattr(self, name) is None:
                setattr(self, name, _secret_in(file, f"{name}_file ({PREFIX}{name.upper()}_FILE)"))
        return self

    @property
    def source(self) -> str:
        """URN of this system, for CloudEvents."""
        return f"urn:nld:oin:{self.oin}:systeem:lantaarn"

    def kafka(self) -> dict[str, Any]:
        """Connection settings of confluent-kafka."""
        config: dict[str, Any] = {
            "bootstrap.servers": self.bootstrap_servers,
            "security.protocol": self.security_protocol,
            "log_level": 2,  # only what ends a client; what else matters comes through error_cb
            "logger": _ClientLog(),
            "error_cb": _told,
        }
        if self.sasl_username is not None:
            config |= {
                "sasl.mechanism": self.sasl_mechanism,
                "sasl.username": self.sasl_username,
                "sasl.password": self.sasl_password.get_secret_value() if self.sasl_password else "",
            }
        files = {
            "ssl.ca.location": self.ssl_ca_location,
            "ssl.certificate.location": self.ssl_certificate_location,
            "ssl.key.location": self.ssl_key_location,
        }
        return config | {name: str(file) for name, file in files.items() if file is not None}

    def member(self, process: str) -> dict[str, Any]:
        """Connection settings of a member of a consumer group."""
        return {
            **self.kafka(),
            "group.instance.id": self.instance_id or f"{process}-1",
            "session.timeout.ms": self.session_timeout_ms,
            "heartbeat.interval.ms": self.heartbeat_interval_ms,
        }

    def secret(self) -> bytes:
        """Key of the pseudonyms.

        Raises:
            SettingsError: When none is set.
        """
        if self.pseudonym_secret is None:
            raise SettingsError("pseudonym_secret: not set (LANTAARN_PSEUDONYM_SECRET or …_FILE)")
        return self.pseudonym_secret.get_secret_value().encode()

    def load_policies(self) -> Policies:
        """The policies in the folder, or the one file.

        Raises:
            SettingsError: When there is none, or one cannot be used; names the file.
        """
        files = sorted(self.policies.glob("*.toml")) if self.policies.is_dir() else [self.policies]
        policies = Policies()
        for file in files:
            policies = policies.with_activated(load_policy(file))
        if not policies.activated:
            raise SettingsError(f"policies: no *.toml in {self.policies}")
        return policies

    def load_agreements(self) -> Agreements:
        """The agreements.

        Raises:
            SettingsError: When the file cannot be used; names it.
        """
        return load_agreements(self.agreements).of(self.municipality)

    def load_shared_addresses(self) -> frozenset[Address]:
        """The addresses at which each person is a household; none where there is no list.

        Raises:
            SettingsError: When the list cannot be used; names it.
        """
        if self.shared_addresses is None:
            return frozenset()
        try:
            return shared_addresses(self.shared_addresses.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, SharedListError) as error:
            raise SettingsError(f"{self.shared_addresses}: {error}") from error

    def keys(self) -> Keys:
        """Makes the keys of households.

        Raises:
            SettingsError: When the secret is not set, or the list of shared addresses cannot be used.
        """
        return Keys(self.secret(), self.load_shared_addresses())

    def catalogue(self) -> Catalogue:
        """The topics of this deployment."""
        return Catalogue(self.topic_prefix, self.load_agreements().senders, self.partitions)


def _secret_in(file: Path, setting: str) -> SecretStr:
    try:
        return SecretStr(file.read_text(encoding="utf-8").strip())
    except OSError as error:
        raise SettingsError(f"{setting}: {file}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{setting}: {file}: not UTF-8") from None  # the cause has what is in it


class _ClientLog:
    """Takes librdkafka's own lines, which are no JSON."""

    def log(self, level: int, form: str, *given: object) -> None:
        """One line, in the way of Python's loggers."""
        log.log(level, "kafka client", detail=form % given)


def _told(error: KafkaError) -> None:
    log.warning("kafka", error=error.name(), fatal=error.fatal())


def load_policy(file: Path) -> Policy:
    """Read a policy file.

    Raises:
        SettingsError: When it cannot be used; names it.
    """
    try:
        return Policy.from_toml(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, PolicyError) as error:
        raise SettingsError(f"{file}: {error}") from error


def load_agreements(file: Path) -> Agreements:
    """Read an agreements file.

    Raises:
        SettingsError: When it cannot be used; names it.
    """
    try:
        return Agreements.from_toml(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, AgreementError) as error:
        raise SettingsError(f"{file}: {error}") from error
