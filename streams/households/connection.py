"""How Faust signs in: the settings of confluent-kafka, which every other process uses, said in Faust's own terms."""

import ssl
from collections.abc import Mapping
from typing import Any

import faust


def credentials(kafka: Mapping[str, Any]) -> Any:
    """Faust's credentials for the connection settings of confluent-kafka; null for a broker that asks for none.

    Raises:
        ValueError: When the protocol is none that Kafka has.
    """
    protocol = str(kafka.get("security.protocol", "PLAINTEXT")).upper()
    if protocol == "PLAINTEXT":
        return None
    if protocol == "SSL":
        return faust.SSLCredentials(_context(kafka))
    if protocol not in {"SASL_PLAINTEXT", "SASL_SSL"}:
        raise ValueError(f"security.protocol {protocol}: expected PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL")
    return faust.SASLCredentials(
        username=kafka["sasl.username"],
        password=kafka["sasl.password"],
        mechanism=kafka["sasl.mechanism"],
        ssl_context=_context(kafka) if protocol == "SASL_SSL" else None,
    )


def _context(kafka: Mapping[str, Any]) -> ssl.SSLContext:
    """Checks the broker's certificate and its name, as librdkafka does by default."""
    context = ssl.create_default_context(cafile=kafka.get("ssl.ca.location"))
    if "ssl.certificate.location" in kafka:
        context.load_cert_chain(kafka["ssl.certificate.location"], kafka.get("ssl.key.location"))
    return context
