"""One partner comes, gets another password, or goes: agreement, topics, bindings and user, in that order.

Each step is skipped where it is done already, so a command that was broken off is simply given again.
"""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from lantaarn import topics
from lantaarn.access import register
from lantaarn.access.broker import AccessBroker
from lantaarn.access.plan import Plan, Scope, about, compare
from lantaarn.access.rights import Rights, rights_on
from lantaarn.access.rules import Users, bindings
from lantaarn.sealing import unbroken_agreements
from lantaarn.settings import Settings
from schemas.topics import Catalogue, Topic
from streams.core.agreements import Agreement, Agreements


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be done for one partner.

    Args:
        partner: Its name.
        entries: To add to the agreements file.
        topics: To make.
        bindings: To add and remove.
        user: ``add`` or ``remove``; null where the user stays as it is.
    """

    partner: str
    entries: tuple[Agreement, ...] = ()
    topics: tuple[Topic, ...] = ()
    bindings: Plan = field(default_factory=Plan)
    user: str | None = None

    @property
    def empty(self) -> bool:
        """Whether all is done already."""
        return not (self.entries or self.topics or self.user) and self.bindings.empty

    def lines(self) -> list[str]:
        """The plan for a person."""
        signs = {"add": "+", "remove": "-"}
        user = [f"{signs[self.user]} user of {self.partner}"] if self.user else []
        return [
            *(_told(entry) for entry in self.entries),
            *(f"+ topic {topic.name}" for topic in self.topics),
            *self.bindings.lines(),
            *user,
        ]


class Office:
    """Where partners are let in and out.

    Args:
        settings: Of the deployment; its user must be allowed to alter the cluster.
        secrets_folder: Where passwords are put.
    """

    def __init__(self, settings: Settings, secrets_folder: Path) -> None:
        self.settings = settings
        self.users = Users(settings.principal_prefix)
        self._kafka: Mapping[str, Any] = settings.kafka()
        self._broker = AccessBroker(self._kafka)
        self._folder = secrets_folder

    def agreements(self, more: tuple[Agreement, ...] = ()) -> Agreements:
        """Those of the file, and some that are not in it yet."""
        loaded = unbroken_agreements(self.settings)
        return Agreements((*(loaded.entries or ()), *more))

    def catalogue(self, agreements: Agreements) -> Catalogue:
        """The topics that go with agreements."""
        return Catalogue(self.settings.topic_prefix, agreements.senders, self.settings.partitions)

    def rights(self, agreements: Agreements, today: date) -> Rights:
        """What partners may do."""
        return rights_on(agreements, today, self.settings.receipts_days)

    def whole_plan(self, today: date, *, demo_adapter: bool = False, agreements: Agreements | None = None) -> Plan:
        """Bindings of the whole deployment."""
        agreements = agreements or self.agreements()
        catalogue = self.catalogue(agreements)
        wanted = bindings(catalogue, self.users, self.rights(agreements, today), demo_adapter=demo_adapter)
        return compare(wanted, self._broker.bindings(), Scope(catalogue, self.users))

    def change(self, partner: str, entries: list[Agreement], today: date, *, password: bool = True) -> Change:
        """What the file with these entries asks for, and the broker does not have yet.

        Args:
            partner: Its name.
            entries: To be added.
            today: The day in the Netherlands.
            password: Whether it signs in with one; else with a certificate, and a user it had is taken away.
        """
        agreements = self.agreements(tuple(entries))
        catalogue = self.catalogue(agreements)
        missing = topics.plan(self._kafka, catalogue).missing
        plan = about(self.whole_plan(today, agreements=agreements), catalogue, self.users, partner)
        needed = password and self.rights(agreements, today).any(partner)
        there = self._broker.has_user(self.users.partner(partner))
        user = None if needed == there else "add" if needed else "remove"
        theirs = tuple(topic for topic in missing if topic.partner == partner)
        return Change(partner, tuple(entries), theirs, plan, user)

    def carry_out(self, change: Change, replication: int) -> None:
        """Do it. The file first: it says what is agreed, and everything else follows from it."""
        if change.entries:
            register.append(self.settings.agreements, change.entries)
        topics.create(self._kafka, change.topics, replication)
        self._broker.apply(change.bindings)
        user = self.users.partner(change.partner)
        if change.user == "add":
            self._broker.set_password(user, self._kept_password(change.partner))
        elif change.user == "remove":
            self._broker.remove_user(user)
            self.password_file(change.partner).unlink(missing_ok=True)

    def apply(self, plan: Plan) -> None:
        """Add and remove bindings."""
        self._broker.apply(plan)

    def has_user(self, partner: str) -> bool:
        """Whether a partner signs in with a password."""
        return self._broker.has_user(self.users.partner(partner))

    def rotate(self, partner: str) -> None:
        """Give a partner another password. Broken off between the two, the draft holds the one that counts."""
        file = self.password_file(partner)
        draft = file.with_name(f"{file.name}.new")
        draft.unlink(missing_ok=True)
        self._broker.set_password(self.users.partner(partner), _written(draft))
        draft.replace(file)

    def password_file(self, partner: str) -> Path:
        """Where a partner's password is; only its owner can read it."""
        return self._folder / self.users.partner(partner)

    def _kept_password(self, partner: str) -> str:
        file = self.password_file(partner)  # there already when an earlier attempt broke off
        return file.read_text(encoding="utf-8") if file.exists() else _written(file)


def _written(file: Path) -> str:
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    password = secrets.token_urlsafe(32)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
        opened.write(password)
    return password


def _told(entry: Agreement) -> str:
    types = ", ".join(entry.types) or "nothing"
    instead = f", instead of version {entry.replaces}" if entry.replaces else ""
    return (
        f"+ agreement {entry.partner} version {entry.version}: {types}, {entry.valid_from} to {entry.valid_until}"
        f"{instead}"
    )
