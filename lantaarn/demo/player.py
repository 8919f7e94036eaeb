"""Plays the schedule: each delivery through its adapter and intake before the next, as the months would."""

import time
from collections.abc import Callable
from functools import partial
from itertools import groupby
from typing import Any

from lantaarn.demo.partners import Partners
from lantaarn.demo.schedule import Delivery, Outcome, Step, Tick
from lantaarn.lag import GroupLag, come_to_rest
from lantaarn.local import LocalDeployment
from lantaarn.producing import Record, Writer, for_every_partition
from lantaarn.wiring import deployment
from schemas.cloudevents import headers
from schemas.topics import OWN_PARTNER, Role
from streams.core.fields import InvalidError
from streams.core.reading import read
from streams.wakeups import tick
from streams.wire import moment

PATIENCE = 60.0


class StuckError(RuntimeError):
    """Something that should have happened did not."""


class Player:
    """Plays steps against a local deployment.

    Args:
        local: Running, with intake, worker, sink and the adapters.
        partners: Where deliveries go.
    """

    def __init__(self, local: LocalDeployment, partners: Partners) -> None:
        self._local = local
        self._partners = partners
        self._made = deployment(local.settings(Role.AUDITOR))
        self._caseworker = Writer(local.settings(Role.CASEWORKER).kafka())
        self._ticker = Writer(local.settings(Role.TICKER).kafka())
        catalogue = self._made.catalogue
        kafka = local.settings(Role.AUDITOR).kafka()
        self._intake = GroupLag(kafka, catalogue.intake_group, catalogue.read_by_intake())
        self._worker = GroupLag(kafka, catalogue.households_app, [catalogue.household_events])
        self._sink = GroupLag(kafka, catalogue.sink_group, [catalogue.outreach_tasks])

    def play(self, steps: list[Step], told: Callable[[Step], None]) -> None:
        """Play all steps; returns when intake has everything.

        Raises:
            StuckError: When a step does not get through.
        """
        for _, group in groupby(steps, type):
            together = list(group)
            self._tick([step for step in together if isinstance(step, Tick)])
            self._report([step for step in together if isinstance(step, Outcome)])
            for step in together:
                if isinstance(step, Delivery):
                    self._deliver(step)
                told(step)

    def _tick(self, ticks: list[Tick]) -> None:
        hours = [tick(step.at) for step in ticks]
        self._ticker.write(record for hour in hours for record in for_every_partition(self._made, hour))

    def _deliver(self, delivery: Delivery) -> None:
        self.wait(self._partners.put(delivery))
        self.wait(partial(self._partners.published, delivery.adapter))
        come_to_rest([self._intake, self._worker], self.wait)  # what people who moved take along comes back to intake

    def settle(self) -> None:
        """Wait until the worker has decided and the sink has stored everything."""
        come_to_rest([self._intake, self._worker, self._sink], self.wait)

    def wait(self, condition: Callable[[], bool]) -> None:
        """Wait until a condition holds, as long as all processes live.

        Raises:
            StuckError: When it takes too long.
        """
        deadline = time.monotonic() + PATIENCE
        while not condition():
            for process in self._local.processes.values():
                process.check()
            if time.monotonic() > deadline:
                raise StuckError(f"waited {PATIENCE:.0f} s; the logs are in {self._local.folder}")
            time.sleep(0.03)

    def _report(self, outcomes: list[Outcome]) -> None:
        if not outcomes:
            return
        topic = self._made.catalogue.task_outcomes.name
        records = []
        for outcome in outcomes:
            value = _outcome(outcome.record)
            head = headers("TaskOutcome", value["id"], self._made.settings.source)
            records.append(Record(topic, value["id"].encode(), self._made.codec.encode("TaskOutcome", value), head))
        self._caseworker.write(records)
        come_to_rest([self._intake], self.wait)


def _outcome(line: dict[str, Any]) -> dict[str, Any]:
    """A TaskOutcome as a caseworker system would send it, from a line of the interchange form."""
    try:
        record = read(line)
    except InvalidError as error:
        raise StuckError(f"outcome {line.get('id')}: {error.field}") from error
    address = {name: getattr(record.address, name) for name in record.address.__struct_fields__}
    return {
        "id": record.id,
        "partner": OWN_PARTNER,
        "kind": line["kind"],
        "signalled_on": record.signalled_on,
        "channel": record.channel,
        "result": record.result,
        "wish": line.get("wish"),
        "acted_by": record.acted_by,
        "why": record.why,
        "address": address,
        "delivered_at": moment(record.received_at),
    }
