"""What the sink reads, and how the records of each topic get into the store."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

import structlog
from confluent_kafka import Message

from schemas.codec import Codec, UndecodableError
from schemas.codes import Result
from schemas.limits import too_large
from sinks.errors import UnreadableRecordError
from sinks.store.outcomes import ReceivedOutcome, Refusal
from sinks.store.store import CaseStore

_log = structlog.get_logger(__name__)


class Feed(Protocol):
    """One topic and its way into the store."""

    @property
    def topic(self) -> str:
        """Its name."""

    def keep(self, partition: int, expected: int | None, reached: int, messages: Sequence[Message]) -> None:
        """Stores records, and that the partition has got from ``expected`` to ``reached``, in one transaction.

        Raises:
            SinkError: Nothing was stored.
        """


class TaskFeed:
    """Versions of tasks. Only the worker writes here, so a record that is none is a fault that stops the sink."""

    def __init__(self, topic: str, codec: Codec, store: CaseStore) -> None:
        self.topic = topic
        self._codec = codec
        self._store = store

    def keep(self, partition: int, expected: int | None, reached: int, messages: Sequence[Message]) -> None:
        """Stores each version once."""
        tasks = [_read(self._codec, "OutreachTask", message) for message in messages]
        self._store.apply(self.topic, partition, expected, reached, tasks)


class OutcomeFeed:
    """What caseworkers found. Other systems write here, so a record that is none is passed over.

    Intake reads the same topic and keeps such a record as a dead letter: nothing is lost by it.

    Args:
        topic: Its name.
        codec: Reads the records.
        store: Where to.
        backfill: Whether a record's own delivery time counts as its receipt, as intake is told too.
    """

    def __init__(self, topic: str, codec: Codec, store: CaseStore, *, backfill: bool) -> None:
        self.topic = topic
        self._codec = codec
        self._store = store
        self._backfill = backfill

    def keep(self, partition: int, expected: int | None, reached: int, messages: Sequence[Message]) -> None:
        """Stores each delivery of an outcome once."""
        outcomes = []
        for message in messages:
            outcome = self._read(message)
            if isinstance(outcome, str):
                _log.warning("outcome passed over", partition=partition, offset=message.offset(), reason=outcome)
            else:
                outcomes.append(outcome)
        self._store.apply_outcomes(self.topic, partition, expected, reached, outcomes)

    def _read(self, message: Message) -> ReceivedOutcome | str:
        """The outcome, or why it is passed over."""
        if too_large(message.key(), message.value()):
            return "too large"
        try:
            record = self._codec.decode("TaskOutcome", message.value())
        except UndecodableError as error:
            return str(error)
        delivered: datetime | None = record["delivered_at"] if self._backfill else None
        outcome = ReceivedOutcome(delivered or _appended(message), record)
        return outcome if outcome.can_be_named else "id too long"


class ReceiptFeed:
    """What became of the municipality's own records. Of interest is what was refused: everything else counts.

    Only intake and the worker write here, so a record that is none is a fault that stops the sink.
    """

    def __init__(self, topic: str, codec: Codec, store: CaseStore) -> None:
        self.topic = topic
        self._codec = codec
        self._store = store

    def keep(self, partition: int, expected: int | None, reached: int, messages: Sequence[Message]) -> None:
        """Stores each refusal once."""
        receipts = [_read(self._codec, "SignalReceipt", message) for message in messages]
        refusals = [
            Refusal(receipt["signal_id"], receipt["received_at"], receipt["reason"])
            for receipt in receipts
            if receipt["result"] == Result.REFUSED.value
        ]
        named = [refusal for refusal in refusals if refusal.can_be_named]  # the outcome was passed over, too
        self._store.apply_refusals(self.topic, partition, expected, reached, named)


def _read(codec: Codec, record: str, message: Message) -> Mapping[str, Any]:
    try:
        return codec.decode(record, message.value())
    except UndecodableError as error:
        where = f"{message.topic()}[{message.partition()}] offset {message.offset()}"
        raise UnreadableRecordError(f"{where}: {error}") from None


def _appended(message: Message) -> datetime:
    """The broker's append time."""
    return datetime.fromtimestamp(message.timestamp()[1] / 1000, UTC)
