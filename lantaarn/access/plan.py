"""What is to be added and removed: the bindings that should stand against those that do. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from lantaarn.access.rules import Binding, Users
from schemas.topics import Catalogue

ANY_NAME = "*"
CLUSTER = "broker"  # as librdkafka calls it


@dataclass(frozen=True, slots=True)
class Scope:
    """What belongs to one deployment; nothing else is ever touched.

    Args:
        catalogue: Its topics and groups.
        users: Its users.
    """

    catalogue: Catalogue
    users: Users

    def ours(self, binding: Binding) -> bool:
        """Whether a binding is on something of ours, or lets one of our users reach further than by name.

        Another deployment on the cluster may, by an oversight, have users of the same names: what these have on
        names outside our prefix is left alone.
        """
        if self._named(binding):
            return True
        if not self.users.ours(binding.principal):
            return False
        return not self.catalogue.prefix or binding.resource == CLUSTER or self.reaches(binding)

    def reaches(self, binding: Binding) -> bool:
        """Whether a pattern covers names of ours and others: everything, or a beginning that is shorter than ours."""
        if binding.name == ANY_NAME:
            return True
        return binding.pattern == "prefixed" and self.catalogue.prefix.startswith(binding.name)

    def _named(self, binding: Binding) -> bool:
        if binding.resource == CLUSTER or binding.name == ANY_NAME:
            return False
        if self.catalogue.prefix:
            return binding.name.startswith(self.catalogue.prefix)
        # Without a prefix every name would begin as ours do: only what the catalogue names is ours.
        groups = [self.catalogue.receipts_group(partner) for partner in self.catalogue.receipts]
        names = {*(topic.name for topic in self.catalogue), *self.catalogue.groups, *groups}
        return binding.name in names | set(self.catalogue.transactional_ids)


@dataclass(frozen=True, slots=True)
class Plan:
    """What there is to do, in the order in which it is shown.

    ``foreign`` are bindings of others that reach our names too. They are theirs to mend, and yours to know of.
    """

    added: tuple[Binding, ...] = ()
    removed: tuple[Binding, ...] = ()
    foreign: tuple[Binding, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether all is as it should be."""
        return not (self.added or self.removed)

    def lines(self) -> list[str]:
        """The plan for a person."""
        return [
            *(f"+ {binding}" for binding in self.added),
            *(f"- {binding}" for binding in self.removed),
            *(f"! {binding}: not ours, but it covers our names" for binding in self.foreign),
        ]


def compare(wanted: Iterable[Binding], there: Iterable[Binding], scope: Scope) -> Plan:
    """What to add and what to remove."""
    wanted, there = set(wanted), set(there)
    extra = there - wanted
    return Plan(
        tuple(sorted(wanted - there)),
        tuple(sorted(binding for binding in extra if scope.ours(binding))),
        tuple(sorted(binding for binding in extra if not scope.ours(binding) and scope.reaches(binding))),
    )


def about(plan: Plan, catalogue: Catalogue, users: Users, partner: str) -> Plan:
    """The part of a plan that concerns one partner: its user, its topics, its group."""
    principal = f"User:{users.partner(partner)}"
    names = {topic.name for topic in catalogue if topic.partner == partner} | {catalogue.receipts_group(partner)}

    def concerned(bindings: Iterable[Binding]) -> tuple[Binding, ...]:
        return tuple(each for each in bindings if each.principal == principal or each.name in names)

    return Plan(concerned(plan.added), concerned(plan.removed))
