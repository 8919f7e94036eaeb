"""Commands that write a few records: ticks, policies, outcomes."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, NamedTuple

from confluent_kafka import KafkaError, Message, Producer

from lantaarn.wiring import Deployment
from schemas.cloudevents import headers
from schemas.codes import OutcomeKind
from schemas.producer import IN_ORDER
from schemas.topics import OWN_PARTNER

SECONDS = 30.0


class NotDeliveredError(RuntimeError):
    """The broker did not take a record."""


class Record(NamedTuple):
    """One record; with a partition where it is for all of that partition."""

    topic: str
    key: bytes | None
    value: bytes
    headers: list[tuple[str, bytes]]
    partition: int = -1


class Writer:
    """A producer for commands: returns when the broker has everything."""

    def __init__(self, kafka: Mapping[str, Any]) -> None:
        self._producer = Producer({**kafka, **IN_ORDER})

    def write(self, records: Iterable[Record]) -> int:
        """Write records and wait for them.

        Raises:
            NotDeliveredError: When one was not delivered.
        """
        failed: list[KafkaError] = []

        def delivered(error: KafkaError | None, _message: Message) -> None:
            if error is not None:
                failed.append(error)

        count = 0
        for record in records:
            self._producer.produce(
                record.topic,
                record.value,
                record.key,
                record.partition,
                headers=[*record.headers],
                on_delivery=delivered,
            )
            count += 1
        left = self._producer.flush(SECONDS)
        if failed or left:
            why = failed[0].name() if failed else f"no answer in {SECONDS:.0f} s"
            raise NotDeliveredError(f"the broker: {len(failed) + left} of {count} records not delivered: {why}")
        return count


def for_every_partition(made: Deployment, event: Mapping[str, Any]) -> list[Record]:
    """The same event for each partition of household-events: a tick, a policy."""
    topic = made.catalogue.household_events
    value = made.codec.encode("HouseholdEvent", event)
    head = headers("HouseholdEvent", str(event["id"]), made.settings.source)
    return [Record(topic.name, None, value, head, partition) for partition in range(topic.partitions)]


def write_outcome(
    made: Deployment, task: Mapping[str, Any], kind: OutcomeKind, identity: str, on: date, **more: object
) -> None:
    """Write what somebody at the municipality did with a task, as a caseworker system would.

    Raises:
        NotDeliveredError: When it was not delivered.
    """
    value = {
        "id": identity,
        "partner": OWN_PARTNER,
        "kind": kind.value,
        "signalled_on": on,
        "task_id": task["task_id"],
        "address": task["address"],
        "household": task["household"],  # at a shared address it tells whose task this is
        "delivered_at": None,
        **more,
    }
    head = headers("TaskOutcome", identity, made.settings.source)
    topic = made.catalogue.task_outcomes.name
    encoded = made.codec.encode("TaskOutcome", value)
    Writer(made.settings.kafka()).write([Record(topic, identity.encode(), encoded, head)])
