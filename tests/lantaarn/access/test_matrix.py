"""Every user on every topic, tried on the real broker both ways, against what the catalogue says."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import trustme
from confluent_kafka import KafkaException, Producer
from confluent_kafka.admin import AdminClient

from lantaarn.embedded import KafkaBroker
from schemas.topics import Role
from tests.lantaarn.access.secured import MTLS, SCRAM, WAYS, Secured, described, listed, readable, writable
from tests.streams.live import until

WRITERS = {"verhuurder-a", "verhuurder-b", "gemeente"}
READERS = {*WRITERS, "waterbedrijf-uit"}
PARTNERS = {*READERS, "verzekeraar-weg"}
Tried = dict[str, set[str]]


def expected(deployment: Secured, user: str) -> Tried:
    """What the catalogue lets a user do."""
    own = user.removeprefix(deployment.user_prefix)
    partner = own.removeprefix("partner-") if own.startswith("partner-") else None
    writes, reads = set(), set()
    for topic in deployment.catalogue:
        by_role = {role.value for role in topic.writers if role is not Role.ADAPTER}
        if own in by_role or (Role.ADAPTER in topic.writers and topic.partner == partner in WRITERS):
            writes.add(topic.name)
        by_role = {role.value for role in topic.readers if role is not Role.ADAPTER}
        if own in by_role or (Role.ADAPTER in topic.readers and topic.partner == partner in READERS):
            reads.add(topic.name)
    return {"write": writes, "read": reads, "describe": writes | reads}


def tried(config: Mapping[str, Any], names: set[str]) -> Tried:
    seen = described(config, names)
    assert listed(config) == seen
    return {"describe": seen, "write": writable(config, names), "read": readable(config, seen)}


@pytest.mark.parametrize("way", WAYS)
def test_everyone_may_do_what_the_catalogue_says_and_nothing_else(
    deployment: Secured, neighbour: Secured, way: str
) -> None:
    ours, theirs = ({topic.name for topic in each.catalogue} for each in (deployment, neighbour))
    names = ours | theirs
    assert writable(deployment.client(SCRAM, "admin"), names) == names  # and so there is something to read
    mine = [f"gm9999-{role.value}" for role in Role] + [f"gm9999-partner-{name}" for name in sorted(PARTNERS)]
    want = {user: expected(deployment, user) for user in [*mine, "gm9999-partner-niemand", "stranger"]}
    want |= {user: expected(neighbour, user) for user in ("gm99-worker", "gm99-partner-verhuurder-a")}
    configs = {user: deployment.client(way, user) for user in want}
    with ThreadPoolExecutor(4) as pool:
        found = dict(zip(want, pool.map(lambda user: tried(configs[user], names), want), strict=True))
    assert found == want
    assert want["gm9999-partner-verhuurder-a"] == {
        "write": {"gm9999.signals.rent.verhuurder-a"},
        "read": {"gm9999.receipts.verhuurder-a", "gm9999.signal-status.verhuurder-a"},
        "describe": {
            "gm9999.signals.rent.verhuurder-a",
            "gm9999.receipts.verhuurder-a",
            "gm9999.signal-status.verhuurder-a",
        },
    }
    assert not any(want["gm9999-adapter"].values())


NOT_IN = {"_AUTHENTICATION", "_SSL", "_TRANSPORT", "_ALL_BROKERS_DOWN"}
"""A wrong password; a certificate that is not trusted; a connection that the broker closes after the handshake."""


def refusal(config: Mapping[str, Any]) -> set[str]:
    """Names of the errors with which a client that cannot connect is told so."""
    errors: set[str] = set()
    told_of: dict[str, Any] = {"error_cb": lambda error: errors.add(error.name()), "log_level": 0}
    client = AdminClient({**config, **told_of})

    def told() -> bool:
        with pytest.raises(KafkaException):
            client.list_topics(timeout=0.3)
        client.poll(0)
        return bool(errors & NOT_IN)

    until(told, 20)
    return errors & NOT_IN


def test_who_is_not_known_does_not_get_in(deployment: Secured, secure_broker: KafkaBroker, tmp_path: Path) -> None:
    known = deployment.client(SCRAM, "gm9999-partner-verhuurder-a")
    assert "_AUTHENTICATION" in refusal(secure_broker.secure_client("nobody", "lamp-oil"))
    assert "_AUTHENTICATION" in refusal({**known, "sasl.password": "guess"})
    by_certificate = deployment.client(MTLS, "gm9999-partner-verhuurder-a")
    without = {name: value for name, value in by_certificate.items() if "certificate" not in name and "key" not in name}
    assert refusal(without)
    forged = trustme.CA().issue_cert("a@clients.invalid", common_name="gm9999-partner-verhuurder-a")
    forged.private_key_pem.write_to_path(tmp_path / "key")
    forged.cert_chain_pems[0].write_to_path(tmp_path / "certificate")
    files = {"ssl.certificate.location": str(tmp_path / "certificate"), "ssl.key.location": str(tmp_path / "key")}
    assert refusal({**by_certificate, **files})


def test_a_certificate_is_its_common_name_and_never_the_superuser(
    deployment: Secured, secure_broker: KafkaBroker
) -> None:
    assert refusal(deployment.client(MTLS, "admin"))
    # A certificate for one partner, and the other one's name where only the client says who it is.
    config = deployment.client(MTLS, "gm9999-partner-verhuurder-a") | {"client.id": "gm9999-partner-verhuurder-b"}
    other = "gm9999.signals.rent.verhuurder-b"
    assert writable(config, {other, "gm9999.signals.rent.verhuurder-a"}) == {"gm9999.signals.rent.verhuurder-a"}
    assert other not in described(config, [other])
    # Other words before the common name, or a plus: no rule fits, so nobody is let in under half a name.
    for subject in ("gm9999-partner-verhuurder-b,CN=admin", "gm9999-partner-verhuurder-b+O=x"):
        assert refusal(secure_broker.mutual_client(subject))


@pytest.mark.parametrize("way", WAYS)
def test_a_partner_writes_idempotently_without_any_right_on_the_cluster(deployment: Secured, way: str) -> None:
    config = deployment.client(way, "gm9999-partner-verhuurder-a")
    failed: list[object] = []
    producer = Producer({**config, "enable.idempotence": True})
    producer.produce("gm9999.signals.rent.verhuurder-a", b"?", on_delivery=lambda error, _: failed.append(error))
    assert producer.flush(20) == 0
    assert failed == [None]
