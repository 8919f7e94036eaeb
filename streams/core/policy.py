"""A municipality's policy: every number that the rules use, in one immutable, versioned value.

Policy files are TOML; a key that is absent has the default given here, an unknown one is an error. Policies are never
changed: a new one gets a new version and the day from which it holds.
"""

import tomllib
from datetime import date
from typing import Self

import msgspec
from msgspec import Struct

from streams.core.records import Address


class PolicyError(ValueError):
    """A policy file that cannot be used; says which key and why."""


class WaitDays(Struct, frozen=True, forbid_unknown_fields=True):
    """Days without contact on a rung before the next one [ours]."""

    letter: int = 14
    phone: int = 7


class Points(Struct, frozen=True, forbid_unknown_fields=True):
    """Points of the score within a band [ours]."""

    lost_contact: int = 40
    further_partner: int = 15
    consecutive: int = 10
    rent_month: int = 10
    rent_months_at_most: int = 30
    high_amount: int = 10
    overdue: int = 30


class BenefitStopBasis(Struct, frozen=True, forbid_unknown_fields=True):
    """On what ground, and after which DPIA, benefit stops may be used as context [law]."""

    legal_basis: str
    dpia: str


class Policy(Struct, frozen=True, forbid_unknown_fields=True):
    """All policy values (rules sections 2 to 6). Days are calendar days unless named working days; money is cents."""

    version: str
    valid_from: date
    # intake
    threshold_cents: int = 7500
    min_days: int = 30
    max_days: int = 100
    look_back: int = 6  # months
    benefit_stop_basis: BenefitStopBasis | None = None
    duo_cents: int = 27_000  # conditions of the experiments, where an agreement switches one on [law]
    cak_cents: int = 10_000
    cak_months: int = 5
    # classification
    consecutive_months: int = 6
    near_days: int = 31
    many: int = 3  # partners
    high_cents: int = 100_000
    rent_months: int = 2
    lost_contact_days: int = 90
    context_days: int = 90
    # task
    regular_days: int = 28
    crisis_working_days: int = 3
    wait_days: WaitDays = WaitDays()
    points: Points = Points()
    # outcomes
    silence_days: int = 21
    follow_up_days: int = 56
    cool_down_days: int = 60
    collection_pause_days: int = 30
    partner_answer_days: int = 28  # after receipt; what is not picked up by then is told so
    answer_months: int = 1  # to decide on an objection or a correction; the law's own (GDPR article 12(3))
    contacts_per_week: int | None = None  # that caseworkers have time for; without, the worklist has no end
    # the municipality
    postcodes: tuple[str, ...] = ()  # prefixes of postcodes inside; empty: every postcode is
    teams: dict[str, str] = {}  # prefix of a postcode -> team
    team: str = "wijkteam"
    debt_help_team: str = "schuldhulpverlening"

    def __post_init__(self) -> None:
        for name in self.__struct_fields__:
            value = getattr(self, name)
            if isinstance(value, int) and value < 1:
                raise PolicyError(f"{name}: {value} is less than 1")
        if self.max_days < self.min_days:
            raise PolicyError(f"max_days: {self.max_days} is less than min_days, {self.min_days}")
        if min(self.wait_days.letter, self.wait_days.phone) < 1:
            raise PolicyError("wait_days: less than 1")
        if not self.version:
            raise PolicyError("version: empty")
        basis = self.benefit_stop_basis
        if basis is not None and not (basis.legal_basis.strip() and basis.dpia.strip()):
            raise PolicyError("benefit_stop_basis: legal_basis or dpia is empty; leave it out where there is none")

    @classmethod
    def from_toml(cls, text: str) -> Self:
        """Read a policy file's text.

        Raises:
            PolicyError: When it is not TOML, a key is unknown, a value does not fit or values contradict.
        """
        try:
            return msgspec.convert(tomllib.loads(text), cls)
        except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
            raise PolicyError(str(error)) from error

    def inside(self, address: Address | None) -> bool:
        """Whether an address lies in the municipality, as far as the policy's list of postcodes tells."""
        if address is None:
            return False
        return not self.postcodes or address.postcode.startswith(self.postcodes)

    def team_for(self, address: Address) -> str:
        """The neighbourhood team of an address: the longest prefix that fits."""
        fitting = [prefix for prefix in self.teams if address.postcode.startswith(prefix)]
        return self.teams[max(fitting, key=len)] if fitting else self.team


BUILT_IN = Policy(version="built-in", valid_from=date.min)
"""What holds before any policy has been activated: the defaults of the rules, and no benefit stops."""


class Policies(Struct, frozen=True):
    """The policies activated so far; the one in force on a day is the latest that began by then."""

    activated: tuple[Policy, ...] = ()

    def on(self, day: date) -> Policy:
        """The policy in force on a day; of two from the same day the one activated last."""
        begun = [policy for policy in self.activated if policy.valid_from <= day]
        return max(reversed(begun), key=lambda policy: policy.valid_from) if begun else BUILT_IN

    def next_change(self, after: date) -> date | None:
        """The first day after this one on which another policy comes into force."""
        return min((p.valid_from for p in self.activated if p.valid_from > after), default=None)

    def with_activated(self, policy: Policy) -> "Policies":
        """These and one more; the same version again changes nothing.

        Raises:
            PolicyError: When the version is known with other content: policies are immutable.
        """
        for known in self.activated:
            if known.version == policy.version:
                if known != policy:
                    raise PolicyError(f"version {policy.version} was activated with other content")
                return self
        return Policies((*self.activated, policy))


def always(policy: Policy) -> Policies:
    """One policy for every day, whatever its ``valid_from``, as `replay` wants it."""
    return Policies((msgspec.structs.replace(policy, valid_from=date.min),))
