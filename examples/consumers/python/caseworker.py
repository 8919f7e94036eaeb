"""A caseworker system in one file: reads tasks, keeps the newest version of each, sends an attempt back.

Needs `confluent-kafka[avro,schemaregistry]`, and nothing of Lantaarn. How to run it: ../README.md.
"""
# ruff: noqa: INP001 - a script of its own, part of no package

import os
import sqlite3
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5
from zoneinfo import ZoneInfo

from confluent_kafka import Consumer, KafkaException, Producer
from confluent_kafka.schema_registry import SchemaRegistryClient, record_subject_name_strategy
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.serialization import MessageField, SerializationContext

PREFIX = os.environ.get("TOPIC_PREFIX", "")
TASKS, OUTCOMES = f"{PREFIX}outreach-tasks", f"{PREFIX}task-outcomes"
KAFKA = {
    "bootstrap.servers": os.environ["KAFKA_BOOTSTRAP"],
    "security.protocol": os.environ.get("KAFKA_PROTOCOL", "SASL_SSL"),
    "sasl.mechanism": "SCRAM-SHA-512",
    "sasl.username": os.environ["KAFKA_USER"],
    "sasl.password": os.environ["KAFKA_PASSWORD"],
}
EVENT = {"ce_specversion": "1.0", "ce_type": "nl.vroegsignalering.taak.uitkomst.v1", "content-type": "application/avro"}
NAMING = {"subject.name.strategy": record_subject_name_strategy}  # a record has one schema, whatever its topic

registry = SchemaRegistryClient({"url": os.environ["REGISTRY_URL"]})
read = AvroDeserializer(registry, conf=NAMING)
contract = registry.get_latest_version("nl.lantaarn.TaskOutcome").schema.schema_str
write = AvroSerializer(registry, contract, conf={**NAMING, "auto.register.schemas": False})
producer = Producer({**KAFKA, "enable.idempotence": True})
consumer = Consumer(
    {
        **KAFKA,
        "group.id": f"{PREFIX}caseworker",
        "auto.offset.reset": "earliest",
        "enable.auto.commit": False,
        "isolation.level": "read_committed",  # the default of this client, and not of every other
    }
)
cases = sqlite3.connect(os.environ.get("CASES", "cases.db"))
cases.execute("CREATE TABLE IF NOT EXISTS task (id TEXT PRIMARY KEY, sequence INT, status TEXT, rung TEXT, due TEXT)")
NEWER = """INSERT INTO task VALUES (:task_id, :sequence, :status, :rung, :due_on) ON CONFLICT (id) DO UPDATE SET
    (sequence, status, rung, due) = (excluded.sequence, excluded.status, excluded.rung, excluded.due)
    WHERE excluded.sequence > sequence"""


def send_attempt(task: dict[str, Any]) -> None:
    """Tell that somebody rang and nobody answered. The id is always the same: telling it twice does no harm."""
    outcome = {
        "id": str(uuid5(NAMESPACE_URL, f"urn:example:{task['task_id']}:first-attempt")),
        "partner": "gemeente",
        "kind": "attempt",
        "channel": "Telefoon",
        "signalled_on": datetime.now(ZoneInfo("Europe/Amsterdam")).date(),
        "task_id": task["task_id"],
        "address": task["address"],
        "household": task["household"],  # at a shared address it tells whose task this is
    }
    value = write(outcome, SerializationContext(OUTCOMES, MessageField.VALUE))
    source = "urn:nld:oin:00000000000000000000:systeem:voorbeeld"
    producer.produce(OUTCOMES, value, outcome["id"], headers={**EVENT, "ce_source": source, "ce_id": outcome["id"]})
    if producer.flush(30):
        raise TimeoutError("the broker did not take the outcome")


def read_on() -> None:
    """Read until stopped."""
    consumer.subscribe([TASKS])
    while True:
        message = consumer.poll(1.0)
        if message is None:
            continue
        if (error := message.error()) is not None:
            raise KafkaException(error)
        task: Any = read(message.value(), SerializationContext(TASKS, MessageField.VALUE))
        with cases:  # if sending fails the row goes back too, and the next start does both again
            if cases.execute(NEWER, {**task, "due_on": str(task["due_on"])}).rowcount == 1:
                version = f"task {task['task_id']} version {task['sequence']}"
                print(f"{version}: {task['status']}, {task['rung']}, {task['due_on']}")
                if task["sequence"] == 1 and task["status"] == "open":
                    send_attempt(task)
                    print(f"task {task['task_id']}: attempt sent", flush=True)
        consumer.commit(message=message, asynchronous=False)


try:
    read_on()
except KeyboardInterrupt:
    pass
finally:
    consumer.close()  # leaves the group at once: the next start need not wait until it is missed
