"""A load of signals: each about a household of its own, so that each opens one task."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from confluent_kafka import Producer

from lantaarn.wiring import Deployment
from producers.signal_id import signal_id
from schemas.cloudevents import headers
from schemas.codes import SignalType
from schemas.producer import IN_ORDER

PARTNER = "waterbedrijf-het-diep"
URN = "urn:nld:kvknr:90000004:systeem:bench"
HOUSES_A_POSTCODE = 500


class Load:
    """Sends signals as an adapter would.

    Args:
        made: The deployment, with the adapter's user.
    """

    def __init__(self, made: Deployment) -> None:
        self._codec = made.codec
        self._topic = made.catalogue.signals[PARTNER, SignalType.WATER].name
        self._producer = Producer({**made.settings.kafka(), **IN_ORDER, "linger.ms": 1})
        self._made = 0

    def all_at_once(self, count: int) -> None:
        """As many as there are, as fast as the broker takes them."""
        for signal in self._signals(count):
            self._send(signal)
            if self._made % 1000 == 0:
                self._producer.poll(0)
        self._producer.flush()

    def steadily(self, count: int, per_second: int) -> dict[str, float]:
        """At a steady pace; gives the moment each was sent, by signal id."""
        sent: dict[str, float] = {}
        began = time.monotonic()
        for index, signal in enumerate(self._signals(count)):
            wait = began + index / per_second - time.monotonic()
            if wait > 0:
                time.sleep(wait)
            sent[signal["id"]] = time.monotonic()
            self._send(signal)
            self._producer.poll(0)
        self._producer.flush()
        return sent

    def _send(self, signal: dict[str, Any]) -> None:
        self._producer.produce(
            self._topic,
            self._codec.encode("WaterArrears", signal),
            signal["id"].encode(),
            headers=[*headers("WaterArrears", signal["id"], URN)],
        )

    def _signals(self, count: int) -> Iterator[dict[str, Any]]:
        today = datetime.now(UTC).date()
        for _ in range(count):
            self._made += 1
            block, house = divmod(self._made, HOUSES_A_POSTCODE)
            fields = {
                "kind": "report",
                "reference": f"W{self._made}",
                "signalled_on": today - timedelta(days=1),
                "arisen_on": today - timedelta(days=45),
                "amount_cents": 12_000,
                "crisis": None,
                "months": 2,
                "preconditions": dict.fromkeys(("personal_contact", "debt_help", "reminder", "consent_offer"), True),
                "address": {"postcode": f"{9100 + block}SA", "number": house + 1, "letter": None, "addition": None},
            }
            identity = signal_id(PARTNER, {"type": SignalType.WATER.value, **fields})
            yield {"id": identity, "partner": PARTNER, "delivered_at": None, **fields}
