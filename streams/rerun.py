"""Runs the households stage again over what stands on household-events: the same class as the worker's, no Kafka.

`explain`, `reconcile` and tests ask here what ought to have come out. State is a dictionary; everything else is what
the worker has.
"""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple, TypeAlias

from schemas.codec import Codec
from schemas.topics import Catalogue
from streams.core.policy import Policies
from streams.core.state import Household
from streams.households import stored
from streams.households.stage import SourceRecord, Stage
from streams.outputs import Outputs

SOURCE = "urn:lantaarn:rerun"  # of CloudEvents headers, which nobody sees
TOPIC_ID = "rerun"

Version: TypeAlias = dict[str, Any]
"""A decoded OutreachTask."""


class Step(NamedTuple):
    """What one record of household-events led to."""

    partition: int
    offset: int
    versions: list[Version]
    receipts: list[dict[str, Any]]  # decoded SignalReceipts: repeated, duplicate, no_task, contradiction
    consultations: list[dict[str, Any]]  # decoded BenefitConsultations
    statuses: list[dict[str, Any]]  # decoded SignalStatuses
    transfers: list[dict[str, Any]]  # decoded HouseholdTransfers
    dead_letters: list[dict[str, Any]]
    changes: dict[str, bytes]  # states of the households that it changed

    def household(self, key: str) -> Household | None:
        """A household as it is after this step, if the step changed it."""
        data = self.changes.get(key)
        return None if data is None else stored.household(data).household


class Rerun:
    """The stage over an in-memory state.

    Args:
        codec: Reads and writes records: what comes out has been on the wire, as in the worker.
        catalogue: Names topics.
        policies: In force before the log's first record; only needed where their activations have expired.
    """

    def __init__(self, codec: Codec, catalogue: Catalogue, *, policies: Policies | None = None) -> None:
        self._codec = codec
        self._catalogue = catalogue
        self._policies = policies or Policies()
        self._states: dict[bytes, bytes] = {}
        events = catalogue.household_events.name
        self._stage = Stage(codec, Outputs(codec, catalogue, SOURCE), self._states, events)
        self._statuses = {topic.name for topic in catalogue.statuses.values()}
        self._opened: set[int] = set()
        self.tasks: dict[str, dict[int, Version]] = {}
        """Every version of every task, by task id and sequence."""
        self.receipts: list[dict[str, Any]] = []
        self.statuses: list[dict[str, Any]] = []
        self.consultations: list[dict[str, Any]] = []
        self.dead_letters: list[dict[str, Any]] = []

    def apply(self, partition: int, records: Iterable[SourceRecord]) -> None:
        """Apply the next records of a partition; the first one given is where its log begins.

        Raises:
            GapError: When a record does not follow the one before it.
        """
        for record in records:
            self.step(partition, record)

    def step(self, partition: int, record: SourceRecord) -> Step:
        """Apply the next record of a partition, and tell what it led to.

        Raises:
            GapError: When it does not follow the one before it.
        """
        if partition not in self._opened:
            self._open(partition, record.offset)
        (effects,) = self._stage.apply(partition, [record])
        self._states.update(effects.changes)
        changed = {
            key.decode(): data for key, data in effects.changes.items() if not key.startswith(stored.MARK_PREFIX)
        }
        step = Step(partition, record.offset, [], [], [], [], [], [], changed)
        for output in effects.outputs:
            if output.topic == self._catalogue.outreach_tasks.name:
                step.versions.append(self._codec.decode("OutreachTask", output.value))
            elif output.topic == self._catalogue.rejected.name:
                step.dead_letters.append(self._codec.decode("DeadLetter", output.value))
            elif output.topic == self._catalogue.benefit_consultations.name:
                step.consultations.append(self._codec.decode("BenefitConsultation", output.value))
            elif output.topic == self._catalogue.household_transfers.name:
                step.transfers.append(self._codec.decode("HouseholdTransfer", output.value))
            elif output.topic in self._statuses:
                step.statuses.append(self._codec.decode("SignalStatus", output.value))
            else:
                step.receipts.append(self._codec.decode("SignalReceipt", output.value))
        for version in step.versions:
            self.tasks.setdefault(version["task_id"], {})[version["sequence"]] = version
        self.receipts += step.receipts
        self.statuses += step.statuses
        self.consultations += step.consultations
        self.dead_letters += step.dead_letters
        return step

    def households(self) -> dict[str, Household]:
        """Every household as the last record left it, by pseudonym."""
        return {
            key.decode(): stored.household(data).household
            for key, data in self._states.items()
            if not key.startswith(stored.MARK_PREFIX)
        }

    def policies(self, partition: int) -> Policies:
        """The policies that a partition knows by now."""
        data = self._states.get(stored.mark_key(partition))
        return stored.mark(data).policies if data is not None else self._policies

    def _open(self, partition: int, log_start: int) -> None:
        mark = stored.Mark(-1, TOPIC_ID, policies=self._policies)
        self._states[stored.mark_key(partition)] = stored.packed(mark)
        items = [(stored.mark_key(partition), self._states[stored.mark_key(partition)])]
        self._stage.open(partition, items, TOPIC_ID, log_start)
        self._opened.add(partition)


def only(household: str, records: Iterable[SourceRecord]) -> Iterator[SourceRecord]:
    """The records of a partition that concern one household: its own, ticks and policies, numbered anew from 0.

    Households of a partition do not touch each other, so leaving the others out changes nothing for this one.
    """
    key = household.encode()
    position = 0
    for record in records:
        if record.key is None or record.key == key:
            yield record._replace(offset=position)
            position += 1
