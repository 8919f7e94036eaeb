"""What a partner must be told to connect: never the password itself, only where it is."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from lantaarn.access.register import written
from lantaarn.access.rights import Rights
from lantaarn.access.rules import Users
from lantaarn.settings import Settings
from schemas.codec import subject
from schemas.topics import Catalogue
from streams.core.agreements import Agreements


def handover(
    settings: Settings,
    agreements: Agreements,
    catalogue: Catalogue,
    rights: Rights,
    partner: str,
    password_file: Path | None,
) -> list[str]:
    """The lines to hand over.

    Args:
        settings: Addresses.
        agreements: The partner gets its own entries, for its adapter to know its topics.
        catalogue: Topics.
        rights: Which topics it may write.
        partner: Its name.
        password_file: Where its password is; null where it signs in with a certificate.
    """
    user = Users(settings.principal_prefix).partner(partner)
    return [
        f"partner:          {partner}",
        f"bootstrap:        {settings.bootstrap_servers}",
        *(_by_password(settings, user, password_file) if password_file else _by_certificate(user)),
        f"authority (CA):   {settings.ssl_ca_location or 'the one of the brokers; ssl_ca_location is not set'}",
        f"schema registry:  {settings.registry_url} (read only)",
        f"topic prefix:     {settings.topic_prefix or '(none)'}",
        *_topics(catalogue, rights, partner),
        f"receipts:         {catalogue.receipts[partner].name}, contract {subject('SignalReceipt')}",
        *_statuses(catalogue, partner),
        f"receipts' group:  {catalogue.receipts_group(partner)}",
        "agreements.toml:",
        *_entries(agreements, partner),
    ]


def _by_password(settings: Settings, user: str, file: Path) -> Iterator[str]:
    protocol = settings.security_protocol if settings.security_protocol.startswith("SASL") else "SASL_SSL"
    yield f"security:         {protocol}, SCRAM-SHA-512"
    yield f"user:             {user}"
    if file.exists():
        yield f"password:         in {file.absolute()} (hand it over apart from the rest, then delete it)"
    else:
        yield "password:         handed over before; `lantaarn partner rotate` makes another"


def _by_certificate(user: str) -> Iterator[str]:
    yield "security:         SSL, with a client certificate"
    yield f"user:             {user}, by the certificate's common name"
    yield "certificate:      the partner makes key and request, and keeps the key:"
    yield "                    openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \\"
    yield f"                      -subj /CN={user} -keyout {user}.key -out {user}.csr"
    yield f"                  sign it with your authority, for exactly /CN={user} and a year at most"


def _topics(catalogue: Catalogue, rights: Rights, partner: str) -> Iterator[str]:
    for name, record in sorted({(t.name, t.record) for t in catalogue.signals.values() if t.partner == partner}):
        if rights.allow(partner, "write", record):
            yield f"writes:           {name}, contract {subject(record)}"


def _statuses(catalogue: Catalogue, partner: str) -> Iterator[str]:
    topic = catalogue.statuses.get(partner)
    if topic is not None:
        yield f"statuses:         {topic.name}, contract {subject(topic.record)}; the same group"


def _entries(agreements: Agreements, partner: str) -> Iterator[str]:
    for entry in agreements.entries or ():
        if entry.partner == partner:
            yield ""
            yield from (f"    {line}" for line in written(entry).splitlines())


def ending(partner: str, last_day: date, receipts_until: date, today: date) -> list[str]:
    """What goes when."""
    if today > receipts_until:
        return [f"{partner}: ended on {last_day}; receipts were readable until {receipts_until}. Nothing is left."]
    writes = f"cannot write since {last_day}" if today > last_day else f"may write until {last_day}"
    due = receipts_until if today > last_day else last_day
    return [
        f"{partner}: {writes}; receipts stay readable until {receipts_until}.",
        f"Give this command again after {due}: rights go when their day has passed.",
    ]
