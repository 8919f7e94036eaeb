"""The households worker: Faust for membership, assignment and recovery; the stage and the pipeline for the rest."""

import asyncio
from collections.abc import Awaitable, Mapping
from typing import Any, NamedTuple, cast

import faust
import structlog

from schemas.codec import Codec
from schemas.topics import HOUSEHOLDS_TABLE, Catalogue
from streams.households import guard
from streams.households.pipeline import Pipeline, fatal
from streams.households.stage import SourceRecord, Stage
from streams.households.table import StateTable
from streams.outputs import Output, Outputs

log = structlog.get_logger()


class WorkerSettings(NamedTuple):
    """How the worker connects and stays a member of its group."""

    kafka: Mapping[str, Any]  # of confluent-kafka
    instance_id: str
    session_seconds: float = 6.0
    heartbeat_seconds: float = 1.0
    standbys: int = 0


class HouseholdsWorker:
    """Faust around the stage.

    Args:
        settings: Connection and membership.
        codec: Reads household-events.
        catalogue: Names topics and partitions.
        outputs: Makes what is written.
    """

    def __init__(self, settings: WorkerSettings, codec: Codec, catalogue: Catalogue, outputs: Outputs) -> None:
        self._kafka = settings.kafka
        self._events = catalogue.household_events.name
        self.app = _app(settings, catalogue)
        self._table = cast(
            "StateTable",
            self.app.Table(HOUSEHOLDS_TABLE, key_type=bytes, value_type=bytes, partitions=catalogue.partitions),
        )
        self._table.recovered = self._take_over
        self._stage = Stage(codec, outputs, self._table, self._events)
        self._pipeline = Pipeline(self._table, self._send)
        self.app.on_partitions_revoked.connect(self._give_up)
        source = self.app.topic(
            self._events, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw"
        )
        self.app.agent(source, name="households", concurrency=1)(self._run)

    async def _run(self, stream: Any) -> None:
        async for event in stream.noack().events():
            message = event.message
            record = SourceRecord(message.offset, message.key, message.value)
            try:
                for effects in self._stage.apply(message.partition, [record]):
                    for key, value in effects.changes.items():
                        self._table.put(message.partition, key, value)
                    await self._pipeline.submit(message.partition, effects, event.ack)
            except Exception as error:  # noqa: BLE001 - Faust would acknowledge the record that failed
                fatal("record not processed", error)

    async def _send(self, output: Output) -> Awaitable[Any]:
        return await self.app.producer.send(
            output.topic, output.key, output.value, partition=None, timestamp=None, headers=output.headers
        )

    async def _take_over(self, partitions: set[int]) -> None:
        try:
            bounds = await asyncio.to_thread(guard.log_bounds, self._kafka, self._events, partitions)
            for partition in partitions:
                items = self._table.items_of(partition)
                position = self._stage.open(partition, items, bounds.topic_id, bounds.starts[partition])
                guard.check(partition, position, self._stage.topic_id(partition), bounds)
        except Exception as error:  # noqa: BLE001 - Faust would swallow it and read on without a state
            fatal("partitions not taken over", error)
        log.info("partitions taken over", partitions=sorted(partitions))

    async def _give_up(self, *_args: Any, **_kwargs: Any) -> None:
        await self._pipeline.drain()  # before anybody else recovers these states


def _app(settings: WorkerSettings, catalogue: Catalogue) -> faust.App:
    return faust.App(
        catalogue.households_app,
        broker=f"kafka://{settings.kafka['bootstrap.servers']}",
        broker_credentials=_credentials(settings.kafka),
        Table=StateTable,
        store="memory://",
        topic_partitions=catalogue.partitions,
        topic_allow_declare=False,  # topics come from the catalogue
        topic_disable_leader=True,
        web_enabled=False,
        consumer_auto_offset_reset="earliest",
        consumer_group_instance_id=settings.instance_id,
        broker_session_timeout=settings.session_seconds,
        broker_heartbeat_interval=settings.heartbeat_seconds,
        broker_commit_interval=1.0,
        producer_acks=-1,
        stream_wait_empty=False,
        table_standby_replicas=settings.standbys,
    )


def _credentials(kafka: Mapping[str, Any]) -> Any:
    protocol = str(kafka.get("security.protocol", "PLAINTEXT"))
    if protocol == "PLAINTEXT":
        return None
    if protocol != "SASL_PLAINTEXT":
        raise ValueError(f"security.protocol {protocol}: the worker speaks PLAINTEXT and SASL_PLAINTEXT")
    return faust.SASLCredentials(
        username=kafka["sasl.username"], password=kafka["sasl.password"], mechanism=kafka["sasl.mechanism"]
    )
