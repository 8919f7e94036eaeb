"""What a stage wants written: one value for both, whatever client carries it."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from schemas.cloudevents import headers
from schemas.codec import Codec
from schemas.topics import Catalogue
from streams.observer import SILENT, OutputsObserver

KEPT_BYTES = 400_000
"""Of a key or a value in a dead letter. A broker takes records that are larger than what a client of ours may send:
compressed, much larger. The letter names the place, where the record itself stays for as long as its topic keeps it."""


class Output(NamedTuple):
    """One record for one topic; the partition follows from the key."""

    topic: str
    key: bytes | None
    value: bytes
    headers: list[tuple[str, bytes]]


class Outputs:
    """Makes outputs of the records that intake and households write.

    Args:
        codec: Encodes them.
        catalogue: Names their topics.
        source: URN of this system, for CloudEvents.
        observer: Hears of what is made.
    """

    def __init__(self, codec: Codec, catalogue: Catalogue, source: str, observer: OutputsObserver = SILENT) -> None:
        self._codec = codec
        self._catalogue = catalogue
        self._source = source
        self._observer = observer

    def event(self, event: Mapping[str, Any]) -> Output:
        """A HouseholdEvent about a household."""
        return self._output(
            self._catalogue.household_events.name, "HouseholdEvent", event, event["household"], event["id"]
        )

    def transfer(self, transfer: Mapping[str, Any]) -> Output:
        """A HouseholdTransfer, on its way to the household where everybody has moved."""
        topic = self._catalogue.household_transfers.name
        return self._output(topic, "HouseholdTransfer", transfer, transfer["household"], transfer["id"])

    def task(self, task: Mapping[str, Any], received_at: int | None = None) -> Output:
        """A version of an OutreachTask.

        Args:
            task: As the contract has it.
            received_at: When the partner's record that caused this version was received (ms since 1970); null where
                time or a policy caused it.
        """
        event_id = f"{task['task_id']}.{task['sequence']}"
        topic = self._catalogue.outreach_tasks.name
        return self._output(topic, "OutreachTask", task, task["household"], event_id, received_at)

    def receipt(self, receipt: Mapping[str, Any]) -> Output | None:
        """A SignalReceipt for the partner that sent the record; null where that partner has no such topic."""
        topic = self._catalogue.receipts.get(receipt["partner"])
        if topic is None:
            return None
        self._observer.answered(receipt["partner"], receipt["result"], receipt["reason"])
        event_id = f"{receipt['signal_id']}.{receipt['result']}"
        return self._output(topic.name, "SignalReceipt", receipt, receipt["signal_id"], event_id)

    def consultation(self, asked: Mapping[str, Any]) -> Output:
        """A BenefitConsultation: the one thing that goes to the benefits office."""
        topic = self._catalogue.benefit_consultations.name
        return self._output(topic, "BenefitConsultation", asked, asked["id"], asked["id"])

    def status(self, status: Mapping[str, Any]) -> Output | None:
        """A SignalStatus for the partner that sent the signal; null where that partner has no such topic."""
        topic = self._catalogue.statuses.get(status["partner"])
        if topic is None:
            return None
        event_id = f"{status['signal_id']}.{status['changed_on']}"
        return self._output(topic.name, "SignalStatus", status, status["signal_id"], event_id)

    def dead_letter(self, letter: Mapping[str, Any], *, one_of_many: bool = False) -> Output:
        """A DeadLetter; of a key or value longer than `KEPT_BYTES` its beginning, and `error` says so.

        Args:
            letter: As the contract has it.
            one_of_many: Whether the record is about many households, and the letter about the one that `key` names.
        """
        self._observer.buried(letter["reason"])
        event_id = f"{letter['topic']}.{letter['partition']}.{letter['offset']}"
        if one_of_many:
            event_id += f".{letter['key'].decode()}"
        return self._output(self._catalogue.rejected.name, "DeadLetter", _fitting(letter), None, event_id)

    def _output(
        self,
        topic: str,
        record: str,
        value: Mapping[str, Any],
        key: str | None,
        event_id: str,
        received_at: int | None = None,
    ) -> Output:
        self._observer.made(topic)
        return Output(
            topic,
            None if key is None else key.encode(),
            self._codec.encode(record, value),
            headers(record, event_id, self._source, received_at=received_at),
        )


def _fitting(letter: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(letter)
    for name in ("key", "value"):
        size = len(letter[name] or b"")
        if size > KEPT_BYTES:
            found[name] = letter[name][:KEPT_BYTES]
            found["error"] += f"; {name} cut, {size} bytes in all"
    return found
