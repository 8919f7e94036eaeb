"""Certificates of the embedded broker, and how Faust is told of them."""

import re
import ssl
from pathlib import Path
from typing import Any

import faust
import pytest

from lantaarn.embedded.kafka_tls import Authority, mapping_rule
from streams.households.connection import credentials


def test_the_authority_is_kept_so_that_certificates_stay_good(tmp_path: Path) -> None:
    first = Authority(tmp_path / "tls")
    issued = first.issue("partner-a")
    again = Authority(tmp_path / "tls")
    assert again.file.read_bytes() == first.file.read_bytes()
    server = again.server().read_text(encoding="utf-8")
    assert server.startswith("-----BEGIN PRIVATE KEY-----")  # PKCS 8: Kafka reads no other
    ssl.create_default_context(cafile=again.file).load_cert_chain(issued.certificate, issued.key)
    assert {file.stat().st_mode & 0o777 for file in (tmp_path / "tls").iterdir()} == {0o600}
    assert (tmp_path / "tls").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    ("subject", "user"),
    [
        ("CN=partner-a", "partner-a"),
        ("CN=gm9999-partner-a,OU=Huur,O=A", "gm9999-partner-a"),
        ("CN=administratie,O=A", "administratie"),
        ("CN=admin", None),
        ("CN=admin,O=A", None),
        ("OU=CN\\=admin,CN=partner-a", None),
        ("O=A,CN=partner-a", None),
        (r"CN=partner-a\,CN=admin,O=A", None),
        ("CN=partner-a+OU=x,O=A", None),
        ("CN=partner a", None),
    ],
)
def test_a_subject_is_a_user_only_where_its_common_name_is_plain_and_first(subject: str, user: str | None) -> None:
    """Java's regular expressions mean the same here; that the broker goes by the rule is shown in test_matrix."""
    pattern, replacement = mapping_rule("admin").removeprefix("RULE:").rstrip("/").rsplit("/", 1)
    found = re.fullmatch(pattern, subject)
    assert (found.group(int(replacement.lstrip("$"))) if found else None) == user


def kafka(protocol: str, folder: Path) -> dict[str, Any]:
    issued = Authority(folder).issue("worker")
    return {
        "security.protocol": protocol,
        "sasl.username": "worker",
        "sasl.password": "wick",
        "sasl.mechanism": "SCRAM-SHA-512",
        "ssl.ca.location": str(folder / "ca.pem"),
        "ssl.certificate.location": str(issued.certificate),
        "ssl.key.location": str(issued.key),
    }


def test_faust_signs_in_as_every_other_process_does(tmp_path: Path) -> None:
    assert credentials({}) is None
    assert credentials(kafka("PLAINTEXT", tmp_path)) is None
    assert credentials(kafka("SASL_PLAINTEXT", tmp_path)).ssl_context is None
    for protocol, kind in (("SASL_SSL", faust.SASLCredentials), ("SSL", faust.SSLCredentials)):
        made = credentials(kafka(protocol, tmp_path))
        assert isinstance(made, kind)
        assert made.protocol.value == protocol
        context: Any = getattr(made, "context" if protocol == "SSL" else "ssl_context")
        assert context.check_hostname
        assert context.verify_mode is ssl.CERT_REQUIRED
    with pytest.raises(ValueError, match="GUESS"):
        credentials({"security.protocol": "GUESS"})
