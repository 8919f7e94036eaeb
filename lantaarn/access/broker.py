"""Bindings and users on a real broker, through its admin client."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import (  # type: ignore[attr-defined]
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ResourcePatternType,
    ResourceType,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialDeletion,
    UserScramCredentialUpsertion,
)

from lantaarn.access.plan import Plan
from lantaarn.access.rules import Binding

SECONDS = 30.0
AGAIN_SECONDS = 0.02
ITERATIONS = 8192
MECHANISM = ScramMechanism.SCRAM_SHA_512


class AccessError(RuntimeError):
    """The broker did not do, or did not tell, what was asked."""


class AccessBroker:
    """What the broker allows whom.

    Args:
        kafka: Connection settings of confluent-kafka, of a user that may alter the cluster.
    """

    def __init__(self, kafka: Mapping[str, Any]) -> None:
        self._admin = AdminClient(dict(kafka))

    def bindings(self) -> frozenset[Binding]:
        """Every binding on the cluster.

        Raises:
            AccessError: When the broker does not tell.
        """
        anything: Any = None
        everything = AclBindingFilter(
            ResourceType.ANY,
            anything,
            ResourcePatternType.ANY,
            anything,
            anything,
            AclOperation.ANY,
            AclPermissionType.ANY,
        )
        found = _answer(self._admin.describe_acls(everything, request_timeout=SECONDS))
        return frozenset(_binding(each) for each in found)

    def apply(self, plan: Plan) -> None:
        """Add first, then remove, so that nobody loses for a moment what he keeps; returns when the broker goes by it.

        Raises:
            AccessError: When the broker refuses; what was done before stays done, and doing it again does no harm.
        """
        if plan.added:
            made = self._admin.create_acls([_acl(each) for each in plan.added], request_timeout=SECONDS)
            for each in made.values():
                _answer(each)
        if plan.removed:
            gone = self._admin.delete_acls([_filter(each) for each in plan.removed], request_timeout=SECONDS)
            for each in gone.values():
                _answer(each)
        self._settle(lambda: set(plan.added) <= (there := self.bindings()) and not there & set(plan.removed))

    def has_user(self, user: str) -> bool:
        """Whether a user can sign in with a password."""
        asked: Any = self._admin.describe_user_scram_credentials([user], request_timeout=SECONDS)
        try:
            return bool(asked[user].result().scram_credential_infos)
        except KafkaException as error:
            if error.args[0].code() == KafkaError.RESOURCE_NOT_FOUND:
                return False
            raise AccessError(f"the broker: {error.args[0].str()}") from error

    def set_password(self, user: str, password: str) -> None:
        """Make a user, or give it another password; the old one no longer opens a connection.

        Raises:
            AccessError: When the broker refuses.
        """
        info = ScramCredentialInfo(MECHANISM, ITERATIONS)
        self._alter(user, UserScramCredentialUpsertion(user, info, password.encode()))
        self._settle(lambda: self.has_user(user))

    def remove_user(self, user: str) -> None:
        """Take a user's password away.

        Raises:
            AccessError: When the broker refuses.
        """
        self._alter(user, UserScramCredentialDeletion(user, MECHANISM))
        self._settle(lambda: not self.has_user(user))

    def _settle(self, done: Callable[[], bool]) -> None:
        """Wait for the broker to hear of a change from the controller."""
        deadline = time.monotonic() + SECONDS
        while not done():
            if time.monotonic() > deadline:
                raise AccessError(f"the broker: the change is not in force after {SECONDS:.0f} s")
            time.sleep(AGAIN_SECONDS)

    def _alter(self, user: str, alteration: Any) -> None:
        _answer(self._admin.alter_user_scram_credentials([alteration], request_timeout=SECONDS)[user])


def _answer(future: Any) -> Any:
    try:
        return future.result()
    except KafkaException as error:
        raise AccessError(f"the broker: {error.args[0].str()}") from error


def _binding(acl: Any) -> Binding:
    return Binding(
        str(acl.principal),
        acl.operation.name.lower(),
        acl.restype.name.lower(),
        str(acl.name),
        acl.resource_pattern_type.name.lower(),
        acl.permission_type.name.lower(),
        str(acl.host),
    )


def _acl(binding: Binding) -> AclBinding:
    return AclBinding(*_parts(binding))


def _filter(binding: Binding) -> AclBindingFilter:
    return AclBindingFilter(*_parts(binding))


def _parts(binding: Binding) -> tuple[Any, ...]:
    return (
        ResourceType[binding.resource.upper()],
        binding.name,
        ResourcePatternType[binding.pattern.upper()],
        binding.principal,
        binding.host,
        AclOperation[binding.operation.upper()],
        AclPermissionType[binding.permission.upper()],
    )
