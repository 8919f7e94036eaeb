"""What we override of Faust, and what we rely on inside it and aiokafka, is still what it was when we looked.

When this fails after an upgrade: read the new source of the member, see what it means for the override (or for the
order of events that `docs/engine.md` describes), run `tests/faults` and `make chaos`, then put the new digest here.
"""

import hashlib
import inspect
from typing import Any

import pytest
from aiokafka.consumer.fetcher import Fetcher, FetchResult
from faust import Table
from faust.app.base import App
from faust.streams import Stream
from faust.tables import TableManager
from faust.tables.recovery import Recovery
from faust.transport.consumer import Consumer, ThreadDelegateConsumer
from faust.transport.drivers import aiokafka as driver

from streams.engine.app import _Tables
from streams.engine.transport import BatchConsumer, BatchConsumerThread
from streams.households.table import StateTable

KNOWN = {
    # overridden by the batch engine
    "Consumer.perform_seek": (Consumer.perform_seek, "0e8c130ff4b0afd8"),
    "Consumer.resume_flow": (Consumer.resume_flow, "db59630f25b5819b"),
    "Consumer.on_partitions_revoked": (Consumer.on_partitions_revoked, "d04b7ae72c6fc206"),
    "Consumer.getmany": (Consumer.getmany, "4b168d84882a70d6"),
    "Consumer._add_gap": (Consumer._add_gap, "4df2573ded7c1c2c"),
    "Consumer._filter_tps_with_pending_acks": (Consumer._filter_tps_with_pending_acks, "f6f9239774234e7e"),
    "Consumer._new_offset": (Consumer._new_offset, "1d2c7ea89a7ad4f1"),
    "driver.Consumer._new_consumer_thread": (driver.Consumer._new_consumer_thread, "0870ec53dea75083"),
    "driver.AIOKafkaConsumerThread._create_worker_consumer": (
        driver.AIOKafkaConsumerThread._create_worker_consumer,
        "c2701bfc3e6f6cad",
    ),
    "TableManager.on_start": (TableManager.on_start, "365dd25fbc0e0684"),
    "Consumer._commit_offsets": (Consumer._commit_offsets, "1a69799041188441"),
    # overridden by the plain one
    "Table.on_recovery_completed": (Table.on_recovery_completed, "b1526fb39ea0e77e"),
    "Table.apply_changelog_batch": (Table.apply_changelog_batch, "b980a78d3ae9b1e8"),
    "Table.persisted_offset": (Table.persisted_offset, "d473d3ab3fd6f036"),
    # relied upon: who calls the above, in which order, and what they do with what they get
    "Consumer._drain_messages": (Consumer._drain_messages, "44a2500309e83c63"),
    "Consumer._commit_tps": (Consumer._commit_tps, "a20e230b05ae8b15"),
    "Consumer._should_commit": (Consumer._should_commit, "5ce941793947ad42"),
    "ThreadDelegateConsumer._getmany": (ThreadDelegateConsumer._getmany, "f9d47aa9010b5ff2"),
    "ThreadDelegateConsumer.seek_wait": (ThreadDelegateConsumer.seek_wait, "e9db5bbc4ceb2543"),
    "driver.AIOKafkaConsumerThread._fetch_records": (driver.AIOKafkaConsumerThread._fetch_records, "39a2c6c79fc1455a"),
    "App._on_partitions_revoked": (App._on_partitions_revoked, "d5c895bbe57dc73a"),
    "App._on_partitions_assigned": (App._on_partitions_assigned, "de932b7927db85b3"),
    "Recovery._resume_streams": (Recovery._resume_streams, "d986a6710c1aca98"),
    "Recovery._restart_recovery": (Recovery._restart_recovery, "6bd8a8558a2dffe4"),
    "Recovery._add": (Recovery._add, "1584a197b11bf835"),
    "Recovery._build_offsets": (Recovery._build_offsets, "27eec86be06cb51f"),
    "Recovery.on_rebalance": (Recovery.on_rebalance, "aa4d997a1795ceae"),
    "Stream.noack": (Stream.noack, "921a6f5c674d32d4"),
    "Fetcher.fetched_records": (Fetcher.fetched_records, "be4348896b9b66af"),
    "Fetcher.seek_to": (Fetcher.seek_to, "f0ba6aba6c22ef83"),
    "FetchResult.check_assignment": (FetchResult.check_assignment, "b5340df67e3f330f"),
}


def digest(member: Any) -> str:
    """Of its source without comments' and lines' ends; what it does, as text."""
    source = inspect.getsource(inspect.unwrap(getattr(member, "fun", member)))
    return hashlib.sha256(source.encode()).hexdigest()[:16]


@pytest.mark.parametrize("name", [*KNOWN])
def test_a_member_that_we_override_or_rely_on_has_not_changed(name: str) -> None:
    member, known = KNOWN[name]
    assert digest(member) == known, f"{name} is not what it was: see the head of this file"


def test_every_override_is_watched() -> None:
    ours = {BatchConsumer: Consumer, BatchConsumerThread: driver.AIOKafkaConsumerThread, _Tables: TableManager}
    watched = {name.rpartition(".")[2] for name in KNOWN}
    for own, theirs in {**ours, StateTable: Table}.items():
        overridden = {name for name in vars(own) if not name.startswith("__") and hasattr(theirs, name)}
        assert overridden - {"get", "_abc_impl", "logger", "label", "shortlabel", "data"} <= watched, own
