"""Judges one record from a partner's topic, or an outcome: what is to be written for it."""

from typing import NamedTuple

from schemas.codec import Codec, UndecodableError
from schemas.codes import Refusal, Result, SignalType
from schemas.limits import too_large
from schemas.topics import OWN_PARTNER, Catalogue, Topic, types_of
from streams.core.admission import Refused, admit
from streams.core.agreements import Agreements
from streams.core.keys import Keys
from streams.core.policy import Policies
from streams.outputs import Output, Outputs
from streams.wire import arrival_of, event_of, millis, moment, raw_record


class Received(NamedTuple):
    """One record as the broker gives it."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    appended_at: int  # ms since 1970, the broker's clock


class Judge:
    """Intake's whole decision; it keeps nothing from one record to the next.

    Args:
        codec: Reads the partners' records.
        outputs: Makes what is written.
        catalogue: Tells whose topic it is.
        policies: Thresholds by the day received.
        agreements: Who may send what.
        keys: Makes the keys of households.
        backfill: Whether a record's own delivery time counts as its receipt (never in production).
    """

    def __init__(
        self,
        codec: Codec,
        outputs: Outputs,
        catalogue: Catalogue,
        *,
        policies: Policies,
        agreements: Agreements,
        keys: Keys,
        backfill: bool = False,
    ) -> None:
        self._codec = codec
        self._outputs = outputs
        self._topics: dict[str, Topic] = {topic.name: topic for topic in catalogue.read_by_intake()}
        self._transfers = catalogue.household_transfers
        self._policies = policies
        self._agreements = agreements
        self._keys = keys
        self._backfill = backfill

    def outputs_for(self, received: Received) -> list[Output]:
        """What to write: an event and a receipt, or a refusal, or a dead letter; never nothing.

        What people who moved take along is an event alone: nobody sent it who could be answered.
        """
        topic = self._topics[received.topic]
        try:
            value = self._codec.decode(topic.record, received.value)
        except UndecodableError as error:
            return [self._dead(received, Refusal.UNDECODABLE, str(error))]
        if topic == self._transfers:
            return [self._outputs.event(arrival_of(value))]
        if too_large(received.key, received.value):
            return [self._dead(received, Refusal.INVALID, "too large")]
        owner = topic.partner or OWN_PARTNER
        received_at = received.appended_at
        if self._backfill and value.get("delivered_at") is not None:
            received_at = millis(value["delivered_at"])
        raw = raw_record(topic.record, value)
        types = types_of(topic.record) or {SignalType.OUTCOME}
        record = admit(raw, self._policies, self._agreements, owner=owner, types=types, received_at=received_at)
        receipt = {
            "signal_id": value["id"],
            "partner": owner,
            "result": Result.ACCEPTED.value,
            "reason": None,
            "field": None,
            "received_at": moment(received_at),
        }
        if isinstance(record, Refused):
            return self._refused(receipt, record)
        placed = self._keys.place(record, raw)
        if placed is None:  # our own word of a shared address, that does not tell whom it means
            return [self._dead(received, Refusal.SORT), *self._refused(receipt, Refused(Refusal.SORT))]
        household, record = placed
        return [self._outputs.event(event_of(record, household)), *self._written(receipt)]

    def _refused(self, receipt: dict[str, object], why: Refused) -> list[Output]:
        said = {"result": Result.REFUSED.value, "reason": why.reason.value, "field": why.field}
        return self._written(receipt | said)

    def _written(self, receipt: dict[str, object]) -> list[Output]:
        output = self._outputs.receipt(receipt)
        assert output is not None  # noqa: S101 - the owner of a topic has one for its receipts
        return [output]

    def _dead(self, received: Received, reason: Refusal, error: str = "shared address") -> Output:
        return self._outputs.dead_letter(
            {
                "topic": received.topic,
                "partition": received.partition,
                "offset": received.offset,
                "reason": reason.value,
                "error": error,
                "key": received.key,
                "value": received.value,
            }
        )
