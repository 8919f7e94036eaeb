"""Which access-control bindings a deployment needs: pure, from the topic catalogue and the partners' rights.

The broker denies what no binding allows. Names are exact: a pattern would also open what is made later. Writing and
reading a topic include describing it; a producer that is idempotent needs nothing on the cluster.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from lantaarn.access.rights import Rights
from schemas.topics import Catalogue, Role, Topic

OURS = tuple(role for role in Role if role is not Role.ADAPTER)
"""Roles that are a user each."""


class Binding(NamedTuple):
    """One binding as the broker keeps it, in Kafka's own words."""

    principal: str
    operation: str
    resource: str  # topic, group, transactional_id, …
    name: str
    pattern: str = "literal"
    permission: str = "allow"
    host: str = "*"

    def __str__(self) -> str:
        pattern = "" if self.pattern == "literal" else f" ({self.pattern})"
        deny = "" if self.permission == "allow" else f" ({self.permission})"
        host = "" if self.host == "*" else f" from {self.host}"
        return f"{self.principal}{host}: {self.operation}{deny} {self.resource} {self.name}{pattern}"


@dataclass(frozen=True, slots=True)
class Users:
    """The users of one deployment.

    Args:
        prefix: Put before each, so that deployments that share a cluster do not share users.
    """

    prefix: str = ""

    def role(self, role: Role) -> str:
        """User of a process."""
        return f"{self.prefix}{role.value}"

    def partner(self, partner: str) -> str:
        """User of a partner; also the common name of its certificate."""
        return f"{self.prefix}partner-{partner}"

    def ours(self, principal: str) -> bool:
        """Whether a principal is a user of this deployment, now or in earlier days."""
        roles = {f"User:{self.role(role)}" for role in Role}
        return principal in roles or principal.startswith(f"User:{self.partner('')}")


def bindings(catalogue: Catalogue, users: Users, rights: Rights, *, demo_adapter: bool = False) -> frozenset[Binding]:
    """Every binding that should stand.

    Args:
        catalogue: Who writes and reads which topic.
        users: What they are called.
        rights: What partners may do today.
        demo_adapter: Whether the embedded demo's one user for all adapters may act for every partner.
    """
    found = {Binding(f"User:{users.role(r)}", "read", "group", group) for group, r in catalogue.groups.items()}
    for topic in catalogue:
        found.update(_on(topic, users, rights, demo_adapter=demo_adapter))
    for partner in rights.readers:
        found.add(Binding(f"User:{users.partner(partner)}", "read", "group", catalogue.receipts_group(partner)))
    worker = f"User:{users.role(Role.WORKER)}"  # writes as the one that has a partition of household-events
    found.update(Binding(worker, "write", "transactional_id", name) for name in catalogue.transactional_ids)
    auditor = f"User:{users.role(Role.AUDITOR)}"
    groups = [*catalogue.groups, *(catalogue.receipts_group(partner) for partner in catalogue.receipts)]
    found.update(Binding(auditor, "describe", "group", group) for group in groups)  # to see how far behind they are
    return frozenset(found)


def _on(topic: Topic, users: Users, rights: Rights, *, demo_adapter: bool) -> Iterator[Binding]:
    for operation, roles in (("write", topic.writers), ("read", topic.readers)):
        for role in roles:
            if role is not Role.ADAPTER or demo_adapter:
                yield Binding(f"User:{users.role(role)}", operation, "topic", topic.name)
        if Role.ADAPTER in roles and topic.partner is not None and rights.allow(topic.partner, operation, topic.record):
            yield Binding(f"User:{users.partner(topic.partner)}", operation, "topic", topic.name)
