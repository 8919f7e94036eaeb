"""Records for every partition of household-events: ticks, and activations of a policy."""

from datetime import UTC, datetime
from typing import Any

from streams.core.policy import Policy


def nominal_hour(now: datetime) -> datetime:
    """The full hour that a moment lies in: several tickers make the same tick of it."""
    return now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def tick(hour: datetime) -> dict[str, Any]:
    """The HouseholdEvent that wakes who is due in this hour."""
    return {
        "id": f"tick.{hour:%Y-%m-%dT%H}",
        "household": None,
        "received_at": hour,
        "body": ("nl.lantaarn.Tick", {"hour": hour}),
    }


def activation(policy: Policy, document: str, at: datetime) -> dict[str, Any]:
    """The HouseholdEvent that brings a policy into use."""
    return {
        "id": f"policy.{policy.version}",
        "household": None,
        "received_at": at,
        "body": ("nl.lantaarn.PolicyActivation", {"version": policy.version, "document": document}),
    }
