"""The households stage without a framework: records of a partition in; changes of state and outputs out.

It takes a list of records, whatever brings them: one at a time from Faust as it is, thousands from a faster engine.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple, Protocol

import structlog

from schemas.codec import Codec
from schemas.codes import Result
from streams.core.calendar import local_day
from streams.core.household import Decision, Version, advance, decide, reconsider, take_in
from streams.core.policy import Policies, Policy
from streams.core.records import Record
from streams.core.state import Household
from streams.core.told import NOTHING, tellings
from streams.core.transfers import Carried
from streams.households.partition import Partition, PartitionLook
from streams.households.stored import StoredHousehold
from streams.outputs import Output, Outputs
from streams.wire import (
    consultation_of,
    is_arrival,
    millis,
    record_of,
    status_of,
    task_of,
    transfer_of,
    transfer_value,
)

log = structlog.get_logger()
FAULTS = (ArithmeticError, AssertionError, AttributeError, LookupError, TypeError, ValueError)
"""What bad data can raise in our own code; a failure of the world (broker, registry) is none and ends the worker."""


class GapError(RuntimeError):
    """Records are missing between what was applied and what came: going on would lose them."""


class States(Protocol):
    """Where the states of all partitions are, in memory, by key."""

    def get(self, key: bytes) -> bytes | None:
        """The bytes under a key."""


class SourceRecord(NamedTuple):
    """A record of household-events."""

    offset: int
    key: bytes | None
    value: bytes | None


class Effects(NamedTuple):
    """What records lead to, in the order in which it must be delivered: outputs, then changes, then the ack."""

    outputs: list[Output]
    changes: dict[bytes, bytes]


class Stage:
    """Runs the core over household-events.

    Args:
        codec: Reads the events.
        outputs: Makes what is written.
        states: The table; the caller writes the changes to it before the next call.
        topic: Name of household-events, for dead letters.
    """

    def __init__(self, codec: Codec, outputs: Outputs, states: States, topic: str) -> None:
        self._codec = codec
        self._outputs = outputs
        self._states = states
        self._topic = topic
        self._partitions: dict[int, Partition] = {}

    def open(self, number: int, items: Iterable[tuple[bytes, bytes]], topic_id: str, log_start: int) -> int:
        """Take a partition over, from its recovered state.

        Args:
            number: Of the partition.
            items: Keys and bytes of all its states.
            topic_id: Of household-events as the broker has it now.
            log_start: Offset of the first record that the log still has.

        Returns:
            The offset of the last record applied; -1 when there was none.
        """
        partition = self._partitions[number] = Partition(number, items, topic_id, log_start)
        return partition.position

    def close_all_but(self, numbers: Collection[int]) -> None:
        """Forget the partitions that are no longer ours; each is opened anew before it is applied to again."""
        self._partitions = {number: found for number, found in self._partitions.items() if number in numbers}

    def topic_id(self, number: int) -> str:
        """Id of the topic that a partition's state was made from."""
        return self._partitions[number].mark.topic_id

    def expected(self, number: int) -> int | None:
        """The offset that a partition goes on with; null for one that is not ours yet."""
        partition = self._partitions.get(number)
        return None if partition is None else partition.expected

    def look(self) -> dict[int, PartitionLook]:
        """How each partition that was taken over stands; it may be somebody else's by now."""
        return {number: found.look() for number, found in self._partitions.items()}

    def apply(self, number: int, records: Sequence[SourceRecord], *, follows: int | None = None) -> Iterator[Effects]:
        """Apply records in order.

        Args:
            number: Of the partition.
            records: In order of offset.
            follows: The offset from which on they are all that the log has: what is missing between is not in it
                (compaction, transactions). Null where whoever brings them cannot tell: then nothing may be missing.

        Yields:
            For each record its effects; what was applied before has none.

        Raises:
            GapError: When a record does not follow the one before it.
        """
        partition = self._partitions[number]
        if follows is not None and follows > partition.expected:
            raise GapError(f"{self._topic}/{number}: applied up to {partition.position}, then got from {follows}")
        for record in records:
            if record.offset <= partition.position:
                # Its outputs were delivered before the state that knows it: nothing is left to tell.
                yield Effects([], {})
                continue
            if follows is None and record.offset != partition.expected:
                raise GapError(f"{self._topic}/{number}: expected offset {partition.expected}, got {record.offset}")
            effects = self._effects(partition, record)
            partition.position = record.offset
            yield effects

    def _effects(self, partition: Partition, record: SourceRecord) -> Effects:
        try:
            event = self._codec.decode("HouseholdEvent", record.value)
            body = event["body"]
            if "hour" in body:
                return self._tick(partition, record, millis(body["hour"]))
            if "document" in body:
                return self._activation(partition, record, event)
            if is_arrival(event):
                return self._arrival(partition, record, event)
            return self._record(partition, record, event)
        except FAULTS as error:
            # A record that cannot be applied must not stop the city: kept whole, counted, looked at by people.
            log.exception("record not applied", partition=partition.number, offset=record.offset)
            letter = self._letter(partition, record, error)
            effects = Effects([letter], {})
            partition.note(effects.changes, record.offset)
            return effects

    def _record(self, partition: Partition, source: SourceRecord, event: dict[str, Any]) -> Effects:
        record = record_of(event)
        key = event["household"].encode()
        household = self._state(partition, key).household
        policies = partition.mark.policies
        decision = decide(household, record, policies)
        outputs = self._tasks(decision.household, decision.versions, policies, record)
        outputs += self._told(household, decision.household)
        if decision.receipt.result is not Result.ACCEPTED and decision.tells_sender:
            reason = decision.receipt.reason
            receipt = self._outputs.receipt(
                {
                    "signal_id": record.id,
                    "partner": record.partner,
                    "result": decision.receipt.result.value,
                    "reason": reason.value if reason else None,
                    "field": decision.receipt.field,
                    "received_at": event["received_at"],
                }
            )
            outputs += [receipt] if receipt else []
        if decision.consultation is not None:
            outputs.append(self._outputs.consultation(consultation_of(decision.consultation)))
        return self._decided(partition, source, decision, outputs)

    def _arrival(self, partition: Partition, source: SourceRecord, event: dict[str, Any]) -> Effects:
        transfer = transfer_of(event)
        household = self._state(partition, event["household"].encode()).household
        policies = partition.mark.policies
        decision = take_in(household, transfer, policies)
        outputs = self._tasks(decision.household, decision.versions, policies)
        outputs += self._told(household, decision.household, transfer.carried)
        return self._decided(partition, source, decision, outputs)

    def _decided(
        self, partition: Partition, source: SourceRecord, decision: Decision, outputs: list[Output]
    ) -> Effects:
        if decision.transfer is not None:
            outputs.append(self._outputs.transfer(transfer_value(decision.transfer)))
        effects = Effects(outputs, {})
        partition.keep(effects.changes, decision.household, source.offset)
        return effects

    def _tick(self, partition: Partition, source: SourceRecord, hour: int) -> Effects:
        effects = Effects([], {})
        if hour > partition.mark.hour:
            day, policies = local_day(hour), partition.mark.policies
            due = list(partition.due.due(day))
            self._each(partition, source, effects, due, policies, lambda known: advance(known, day, policies))
        partition.note(effects.changes, source.offset, hour=max(hour, partition.mark.hour))
        return effects

    def _activation(self, partition: Partition, source: SourceRecord, event: dict[str, Any]) -> Effects:
        policy = Policy.from_toml(event["body"]["document"])
        before = partition.mark.policies
        policies = before.with_activated(policy)
        day = local_day(millis(event["received_at"]))
        effects = Effects([], {})
        keys = sorted(partition.keys)
        cause = event["id"]
        look = partial(reconsider, day=day, before=before, after=policies, cause=cause)
        self._each(partition, source, effects, keys, policies, look)
        partition.note(effects.changes, source.offset, policies=policies)
        return effects

    def _each(
        self,
        partition: Partition,
        source: SourceRecord,
        effects: Effects,
        keys: Iterable[bytes],
        policies: Policies,
        step: Callable[[Household], tuple[Household, tuple[Version, ...]]],
    ) -> None:
        """One step for each of some households; one that fails stays as it was, and due."""
        for key in keys:
            known = self._state(partition, key)
            try:
                household, versions = step(known.household)
                made = self._tasks(household, versions, policies) + self._told(known.household, household)
            except FAULTS as error:
                log.exception("household not advanced", partition=partition.number, offset=source.offset)
                effects.outputs.append(self._letter(partition, source, error, household=key))
                partition.due.set(key, known.household.wakes_on)
                continue
            effects.outputs.extend(made)
            # Its offset stays: that of a record about many is the mark's, and written last.
            partition.keep(effects.changes, household, known.offset)

    def _letter(
        self, partition: Partition, record: SourceRecord, error: Exception, *, household: bytes | None = None
    ) -> Output:
        return self._outputs.dead_letter(
            {
                "topic": self._topic,
                "partition": partition.number,
                "offset": record.offset,
                "reason": "failed",
                "error": type(error).__name__,
                "key": record.key if household is None else household,
                "value": record.value,
            },
            one_of_many=household is not None,
        )

    def _state(self, partition: Partition, key: bytes) -> StoredHousehold:
        return partition.state(key, self._states.get(key))

    def _tasks(
        self, household: Household, versions: Iterable[Version], policies: Policies, record: Record | None = None
    ) -> list[Output]:
        return [
            self._outputs.task(
                task_of(household, version, policies.on(version.changed_on)),
                record.received_at if record is not None and version.caused_by == record.id else None,
            )
            for version in versions
        ]

    def _told(self, before: Household, after: Household, brought: Carried = NOTHING) -> list[Output]:
        statuses = (self._outputs.status(status_of(telling)) for telling in tellings(before, after, brought))
        return [status for status in statuses if status is not None]
