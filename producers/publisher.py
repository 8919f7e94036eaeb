"""From the outbox to Kafka, in order.

The producer is idempotent and has one request under way, so within its life nothing is doubled or reordered. A
process killed between the broker's answer and our note of it sends those few records again, as the same signals: the
household stage answers `duplicate`.
"""

import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Self

from confluent_kafka import KafkaError, Message, Producer

from producers.mapping import revive
from producers.observer import SILENT, AdapterObserver
from producers.outbox import Outbox, Pending
from schemas.cloudevents import headers
from schemas.codec import Codec
from schemas.producer import IN_ORDER

_POLL_SECONDS = 0.05
_STOP_SECONDS = 5.0
_OURS: dict[str, object] = {
    **IN_ORDER,
    "compression.type": "lz4",
    "linger.ms": 5,
}


class PublishError(RuntimeError):
    """The broker did not take a record. Nothing is lost: it stays in the outbox."""


class Publisher:
    """Publishes what an outbox holds.

    Args:
        outbox: The outbox.
        kafka: Client configuration: addresses and credentials; what the order depends on is set here.
        codec: For the contracts.
        batch_rows: How many are under way at most; their fate is noted together.
        pause_seconds: Between two batches.
        observer: Hears of what the broker has taken.
    """

    def __init__(
        self,
        outbox: Outbox,
        kafka: Mapping[str, object],
        codec: Codec,
        batch_rows: int,
        pause_seconds: float = 0.0,
        observer: AdapterObserver = SILENT,
    ) -> None:
        self._outbox = outbox
        self._codec = codec
        self._batch_rows = batch_rows
        self._pause = pause_seconds
        self._observer = observer
        self._error: KafkaError | None = None
        self._producer = Producer({**kafka, **_OURS, "error_cb": self._on_error})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        # Whatever is still under way stays pending in the outbox; sent now, it would overtake what failed before it.
        self._producer.purge()
        self._producer.close()

    def drain(self, stop: threading.Event) -> int:
        """Publish until nothing is pending, or until asked to stop; a batch under way is finished.

        Returns:
            How many records the broker took.

        Raises:
            PublishError: One was not taken. Those before it are noted as sent; the process must end, because going on
                would publish later records before it.
        """
        done = 0
        while batch := self._outbox.pending(self._batch_rows):
            done += self._publish(batch, stop)
            if stop.wait(self._pause):
                break
        if done:
            self._outbox.tidy()
        return done

    def _publish(self, batch: Sequence[Pending], stop: threading.Event) -> int:
        sent: list[int] = []
        failed: list[KafkaError] = []
        for one in batch:
            self._producer.produce(
                one.topic,
                key=one.signal_id.encode(),
                value=self._codec.encode(one.record, revive(one.payload, one.delivered_at)),
                headers=[*headers(one.record, one.signal_id, one.source)],
                on_delivery=partial(_on_delivery, sent=sent, failed=failed, row=one.id),
            )
            self._producer.poll(0)
        self._wait(lambda: len(sent) + len(failed) < len(batch) and self._error is None, stop)
        self._outbox.mark_sent(sent)
        taken = set(sent)
        for topic, count in Counter(one.topic for one in batch if one.id in taken).items():
            self._observer.published(topic, count)
        error = self._error or (failed[0] if failed else None)
        if error is not None:
            raise PublishError(f"{error.name()}: {error.str()}")
        return len(sent)

    def _wait(self, under_way: Callable[[], bool], stop: threading.Event) -> None:
        patience = _STOP_SECONDS
        while under_way() and patience > 0:
            self._producer.poll(_POLL_SECONDS)
            self._observer.turned()
            if stop.is_set():  # the broker may be away; what it has not answered for goes again next time
                patience -= _POLL_SECONDS

    def _on_error(self, error: KafkaError) -> None:
        # Others are for information: the client goes on trying until a record's time is up.
        if error.fatal() or error.code() in (KafkaError._AUTHENTICATION, KafkaError.TOPIC_AUTHORIZATION_FAILED):  # noqa: SLF001
            self._error = error


def _on_delivery(
    error: KafkaError | None, _message: Message, *, sent: list[int], failed: list[KafkaError], row: int
) -> None:
    if error is None:
        sent.append(row)
    else:
        failed.append(error)
