"""Certificates for the embedded broker, and its two listeners that use them.

``SECURE`` is TLS with a password (SCRAM); ``MUTUAL`` is TLS in which the client's certificate says who it is. The
authority is made at the first start and kept in the data folder, so that certificates stay good after a restart. It
is for this machine only: in production the certificates are the organisation's own.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import trustme
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

SECURE, MUTUAL = "secure", "mutual"
"""Names of the two ports."""


def mapping_rule(admin: str) -> str:
    """Kafka's rule from a certificate's subject to a user: the common name, where it comes first and is plain.

    There is no default rule after it, so any other subject is refused; and nobody is the superuser by certificate,
    so a careless signature cannot open everything.
    """
    return rf"RULE:^CN=((?!{admin}(,|$))[A-Za-z0-9._-]+)(,.*)?$/$1/"


@dataclass(frozen=True, slots=True)
class Certificate:
    """A client's certificate (with its chain) and private key, each a PEM file."""

    certificate: Path
    key: Path


class Authority:
    """Issues certificates; keeps itself in a folder."""

    def __init__(self, folder: Path) -> None:
        """Makes the authority, or finds the one of an earlier run.

        Args:
            folder: private to the owner: it holds keys.
        """
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.folder = folder
        self.file = folder / "ca.pem"
        """What a client must trust."""
        kept = folder / "ca.key"
        if kept.exists():
            self._ca = trustme.CA.from_pem(self.file.read_bytes(), kept.read_bytes())
        else:
            self._ca = trustme.CA()
            _private(self.file, self._ca.cert_pem.bytes())
            _private(kept, self._ca.private_key_pem.bytes())

    def server(self) -> Path:
        """Certificate and key of the broker in one file, as Kafka wants them."""
        issued = self._ca.issue_cert("127.0.0.1", "localhost")
        chain = b"".join(each.bytes() for each in issued.cert_chain_pems)
        return _private(self.folder / "broker.pem", _pkcs8(issued.private_key_pem.bytes()) + chain)

    def issue(self, name: str) -> Certificate:
        """A certificate with which its holder is ``name``."""
        issued = self._ca.issue_cert(f"{name}@clients.invalid", common_name=name)  # Java wants some alternative name
        chain = b"".join(each.bytes() for each in issued.cert_chain_pems)
        return Certificate(
            _private(self.folder / f"{name}.pem", chain),
            _private(self.folder / f"{name}.key", issued.private_key_pem.bytes()),
        )


def tls_settings(
    settings: Mapping[str, str | int], ports: Mapping[str, int], authority: Authority, admin: str
) -> dict[str, str | int]:
    """The broker's settings with both listeners beside those that it has.

    Args:
        settings: of ``server_settings``.
        ports: of ``SECURE`` and ``MUTUAL``.
        authority: signs the broker's certificate and is trusted for the clients'.
        admin: name of the superuser.
    """
    added = ",".join(f"{name.upper()}://127.0.0.1:{ports[name]}" for name in (SECURE, MUTUAL))
    scram = "org.apache.kafka.common.security.scram.ScramLoginModule required;"
    return {
        **settings,
        "listeners": f"{settings['listeners']},{added}",
        "advertised.listeners": f"{settings['advertised.listeners']},{added}",
        "listener.security.protocol.map": f"{settings['listener.security.protocol.map']},SECURE:SASL_SSL,MUTUAL:SSL",
        "listener.name.secure.scram-sha-512.sasl.jaas.config": scram,
        "listener.name.mutual.ssl.client.auth": "required",
        "listener.name.mutual.ssl.principal.mapping.rules": mapping_rule(admin),
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": str(authority.server()),
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": str(authority.file),
    }


def _pkcs8(key: bytes) -> bytes:
    """The only notation of a private key that Kafka reads."""
    return load_pem_private_key(key, None).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _private(file: Path, content: bytes) -> Path:
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as opened:
        opened.write(content)
    return file
