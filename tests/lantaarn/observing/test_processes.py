"""What each process tells becomes metrics with few labels."""

import asyncio
import time
from functools import partial
from typing import Any, cast

import pytest
from structlog.testing import capture_logs

from lantaarn.observing.health import Health
from lantaarn.observing.meter import Meter
from lantaarn.observing.processes import AdapterMetrics, IntakeMetrics, SinkMetrics
from lantaarn.observing.worker import SIZES_EVERY, WorkerMetrics
from producers.outbox import Stored
from producers.rows import Reason
from schemas.cloudevents import RECEIVED_AT, headers, received_at
from schemas.codes import SignalType
from schemas.topics import Catalogue
from sinks.member import Progress
from streams.core.policy import Policies, Policy
from streams.households.app import Look
from streams.households.partition import PartitionLook
from streams.observer import Done
from tests.lantaarn.observing.scraping import read

TOPICS = Catalogue("gm9999.", [("a", SignalType.RENT)])
EVENTS, TASKS, RENT = (
    TOPICS.household_events.name,
    TOPICS.outreach_tasks.name,
    TOPICS.signals["a", SignalType.RENT].name,
)
HOUR = 3_600_000


def now() -> int:
    return int(time.time() * 1000)


def test_names_bear_no_prefix_and_strangers_are_one() -> None:
    meter = Meter("intake")
    metrics = IntakeMetrics(meter, Health(1, {}), TOPICS, Policies())
    metrics.made(RENT)
    metrics.made("gm9999.something-9901XK")
    metrics.answered("a", "refused", "expired")
    metrics.answered("J. Jansen", "accepted", None)
    metrics.buried("J. Jansen")
    assert read(meter.registry, "lantaarn_records_written_total", topic="signals.rent.a") == 1
    assert read(meter.registry, "lantaarn_records_written_total", topic="other") == 1
    assert read(meter.registry, "lantaarn_receipts_total", partner="a", result="refused", reason="expired") == 1
    assert read(meter.registry, "lantaarn_receipts_total", partner="other", result="accepted", reason="") == 1
    assert read(meter.registry, "lantaarn_dead_letters_written_total", reason="other") == 1
    assert read(meter.registry, "lantaarn_dead_letters_written_total", reason="failed") == 0


def test_lag_in_seconds_grows_while_there_is_one_and_goes_with_the_partition() -> None:
    meter = Meter("intake")
    metrics = IntakeMetrics(meter, Health(1, {}), TOPICS, Policies())
    metrics.assigned(1)
    labels = {"topic": "signals.rent.a", "partition": "0"}
    metrics.done(Done(RENT, 0, 5, now() - 90_000, behind=7))
    assert read(meter.registry, "lantaarn_lag_records", **labels) == 7
    first = read(meter.registry, "lantaarn_lag_seconds", **labels)
    again = read(meter.registry, "lantaarn_lag_seconds", **labels)
    assert first is not None
    assert again is not None
    assert 90 <= first < again < 120
    metrics.done(Done(RENT, 0, 7, now() - 90_000, behind=0))
    assert read(meter.registry, "lantaarn_lag_seconds", **labels) == 0
    assert read(meter.registry, "lantaarn_records_read_total", topic="signals.rent.a") == 12
    metrics.assigned(None)
    assert read(meter.registry, "lantaarn_lag_records", **labels) is None


def test_an_adapter_counts_rows_faults_and_deliveries() -> None:
    meter = Meter("adapter")
    metrics = AdapterMetrics(meter, Health(1, {}), TOPICS)
    metrics.taken_in(
        "huur", Stored("f.csv", readable=True, rows=9, published=7, rejected=2, skipped=1), {Reason.RANGE: 3}
    )
    metrics.taken_in(
        "huur", Stored("g.csv", readable=False, rows=0, published=0, rejected=1, skipped=0), {Reason.HEADER: 1}
    )
    metrics.published(RENT, 7)
    registry = meter.registry
    assert read(registry, "lantaarn_adapter_rows_total", feed="huur", result="accepted") == 7
    assert read(registry, "lantaarn_adapter_rows_total", feed="huur", result="rejected") == 3
    assert read(registry, "lantaarn_adapter_faults_total", feed="huur", reason="range") == 3
    assert read(registry, "lantaarn_adapter_deliveries_total", feed="huur", readable="false") == 1
    assert read(registry, "lantaarn_records_written_total", topic="signals.rent.a") == 7


@pytest.mark.parametrize(("measure", "count"), [(True, 2), (False, 0)])
def test_sent_to_stored_is_not_measured_in_a_backfill(measure: bool, count: int) -> None:  # noqa: FBT001
    meter = Meter("sink")
    metrics = SinkMetrics(meter, Health(1, {}), TOPICS, measure=measure)
    metrics.stored(Progress(TASKS, 0, 3, 3, 0, now(), (now() - 2000, now() - 4000)))
    assert read(meter.registry, "lantaarn_sent_to_stored_seconds_count") == count
    assert read(meter.registry, "lantaarn_records_read_total", topic="outreach-tasks") == 3
    if measure:
        assert read(meter.registry, "lantaarn_sent_to_stored_seconds_bucket", le="2.5") == 1
        assert read(meter.registry, "lantaarn_sent_to_stored_seconds_bucket", le="5.0") == 2


def test_the_moment_of_receipt_travels_in_a_header_or_not_at_all() -> None:
    assert received_at(headers("OutreachTask", "1", "urn:x", received_at=1_795_345_331_648)) == 1_795_345_331_648
    for without in (headers("OutreachTask", "1", "urn:x"), [], None, [(RECEIVED_AT, b"9901XK")], [(RECEIVED_AT, None)]):
        assert received_at(without) is None


def a_look(position: int = 4, hour: int = 0, version: str = "1") -> Look:
    policy = Policies((Policy.from_toml(f'version = "{version}"\nvalid_from = 2020-01-01'),))
    return Look(ready=True, recovering=0, partitions={0: PartitionLook(position, 9, hour, policy)}, ends={0: 10})


def test_the_worker_tells_how_it_stands() -> None:
    health = Health(60, {})
    meter = Meter("worker")
    metrics = WorkerMetrics(meter, health, TOPICS)
    registry = meter.registry
    metrics.applied(0, now() - 30_000, 1)
    metrics.saw(a_look())
    assert health.ready().ok
    assert read(registry, "lantaarn_lag_records", topic="household-events", partition="0") == 5
    assert 30 <= (read(registry, "lantaarn_lag_seconds", topic="household-events", partition="0") or 0) < 60
    assert read(registry, "lantaarn_state_households", partition="0") == 9
    assert read(registry, "lantaarn_policy_info", version="1") == 1
    metrics.saw(a_look(9, version="2"))
    assert read(registry, "lantaarn_lag_records", topic="household-events", partition="0") == 0
    assert read(registry, "lantaarn_policy_info", version="1") is None
    metrics.saw(Look(ready=False, recovering=70, partitions={}, ends={}))
    assert not health.ready().ok
    assert read(registry, "lantaarn_recovery_remaining_records") == 70
    assert read(registry, "lantaarn_lag_records", topic="household-events", partition="0") is None
    assert read(registry, "lantaarn_state_households", partition="0") is None


def test_a_partition_without_a_tick_counts_from_when_it_was_taken_over() -> None:
    meter = Meter("worker")
    metrics = WorkerMetrics(meter, Health(60, {}), TOPICS)
    began = time.time()
    metrics.saw(a_look())
    assert (read(meter.registry, "lantaarn_tick_last_hour_timestamp_seconds", partition="0") or 0) >= began
    assert read(meter.registry, "lantaarn_tick_delay_seconds", partition="0") is None
    hour = now() // HOUR * HOUR - 2 * HOUR
    metrics.saw(a_look(hour=hour))
    assert read(meter.registry, "lantaarn_tick_last_hour_timestamp_seconds", partition="0") == hour / 1000
    assert 7200 <= (read(meter.registry, "lantaarn_tick_delay_seconds", partition="0") or 0) < 11_000


class Stumbling:
    """A worker of which the sizes cannot be told at first."""

    def __init__(self) -> None:
        self.asked = 0

    def look(self) -> Look:
        return Look(ready=True, recovering=0, partitions={0: PartitionLook(4, 3, HOUR, Policies())}, ends={0: 5})

    def sizes(self) -> dict[int, int]:
        self.asked += 1
        if self.asked == 1:
            raise RuntimeError("dictionary changed size during iteration")
        return {0: 1234}


class Later:
    """A loop on which one look after the other is taken, without a second between them."""

    def __init__(self) -> None:
        self.waiting: list[Any] = []

    def call_later(self, _seconds: float, call: Any, *given: Any) -> None:
        self.waiting.append(partial(call, *given))


def test_a_look_that_fails_is_logged_and_not_the_last() -> None:
    meter = Meter("worker")
    metrics, loop = WorkerMetrics(meter, Health(60, {}), TOPICS), Later()
    with capture_logs() as lines:
        metrics.watch(Stumbling(), cast("asyncio.AbstractEventLoop", loop))
        for _ in range(SIZES_EVERY):
            loop.waiting.pop()()
    assert [line["event"] for line in lines] == ["look failed"]
    assert len(loop.waiting) == 1
    assert read(meter.registry, "lantaarn_state_bytes", partition="0") == 1234
