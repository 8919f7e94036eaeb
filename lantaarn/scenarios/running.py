"""Runs scenarios and gives a verdict on each."""

import secrets
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from lantaarn.scenarios import on_core as core
from lantaarn.scenarios.checking import differences
from lantaarn.scenarios.making import Made
from lantaarn.scenarios.showing import Verdict


def on_core(made: Sequence[Made]) -> list[Verdict]:
    """Each on the core, in milliseconds."""
    return [Verdict(one.scenario, differences(one, core.run(one))) for one in made]


def on_broker(made: Sequence[Made], told: Callable[[str], None]) -> list[Verdict]:
    """All of them through intake, worker and sink, on servers of their own.

    Args:
        made: Each with a number of its own.
        told: In one line at a time what goes on.

    Raises:
        ScenarioError: When a record cannot be written as its contract wants it.
    """
    from lantaarn.embedded import EmbeddedStack  # noqa: PLC0415 - only this way needs a broker
    from lantaarn.scenarios import on_broker as broker  # noqa: PLC0415

    users = {user: secrets.token_urlsafe(18) for user in (broker.ADMIN, *broker.PROCESSES)}
    with TemporaryDirectory(prefix="scenarios-") as made_here:
        folder = Path(made_here)
        with EmbeddedStack(folder / "stack", users, progress=told) as stack:

            def connect(user: str) -> dict[str, str]:
                return {
                    "LANTAARN_BOOTSTRAP_SERVERS": stack.endpoints.bootstrap,
                    "LANTAARN_REGISTRY_URL": stack.endpoints.registry_url,
                    "LANTAARN_SASL_USERNAME": user,
                    "LANTAARN_SASL_PASSWORD": users[user],
                }

            found = broker.run(made, connect, folder, told)
    return [Verdict(one.scenario, differences(one, found[one.scenario.file])) for one in made]
