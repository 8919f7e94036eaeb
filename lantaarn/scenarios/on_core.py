"""Runs a scenario on the core: intake's judgement, the rules, the days; no broker."""

from typing import Any

import msgspec

from lantaarn.scenarios.checking import CameOf, receipt_text
from lantaarn.scenarios.making import SECRET, Made
from lantaarn.scenarios.reading import label_of
from streams.core.addresses import normalised
from streams.core.household import Version
from streams.core.state import Household
from streams.replay import replay
from streams.wire import task_of


def run(made: Made) -> CameOf:
    """What the core makes of a scenario."""
    policies = made.in_force()
    versions: list[dict[str, Any]] = []

    def told(household: Household, version: Version) -> None:
        versions.append(task_of(household, version, policies.on(version.changed_on)))

    outcome = replay(
        (msgspec.json.encode(record) for record in made.records),
        policies=policies,
        as_of=made.until,
        secret=SECRET,
        agreements=made.agreed(),
        shared=frozenset(normalised(address) for address in made.shared),
        as_on_topics=True,
        on_version=told,
    )
    receipts = {
        label_of(made.scenario, index): receipt_text(*receipt[1:]) for index, receipt in enumerate(outcome.receipts)
    }
    return CameOf(versions, receipts)
