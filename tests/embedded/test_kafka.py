"""The broker: who may sign in, and what is left after a crash."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Consumer, KafkaException, Producer
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from lantaarn.embedded import KafkaBroker, ProcessError
from lantaarn.embedded.jars import ensure_jars
from tests.stacks import RunningStack

PASSWORDS = {"admin": "lamp-oil", "adapter": "wick"}


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaBroker]:
    """One of our own, beside the shared stack, so that it may be killed."""
    broker = KafkaBroker(tmp_path_factory.mktemp("broker"), PASSWORDS, jars=ensure_jars(print))
    try:
        broker.start()
        yield broker
    finally:
        broker.stop()


def produce(config: dict[str, Any], topic: str, value: bytes) -> None:
    problems: list[object] = []
    producer = Producer({**config, "acks": "all"})
    producer.produce(topic, value, on_delivery=lambda error, _: problems.append(error))
    producer.flush(20)
    assert problems == [None]


def read_one(config: dict[str, Any], topic: str) -> bytes | None:
    consumer = Consumer({**config, "group.id": topic, "auto.offset.reset": "earliest"})
    try:
        consumer.subscribe([topic])
        message = consumer.poll(20)
        assert message is not None
        assert message.error() is None
        value = message.value()
        assert value is None or isinstance(value, bytes)
        return value
    finally:
        consumer.close()


def create(config: dict[str, Any], topic: str) -> None:
    admin = AdminClient(config)
    for future in admin.create_topics([NewTopic(topic, 1, 1)]).values():
        future.result(20)


def test_shared_stack_passes_a_record_on(stack: RunningStack) -> None:
    create(stack.client("admin"), "embedded-hello")
    produce(stack.client("adapter"), "embedded-hello", b"light")
    assert read_one(stack.client("worker"), "embedded-hello") == b"light"


def test_wrong_password_is_refused(stack: RunningStack) -> None:
    errors: list[str] = []
    config = {**stack.client("adapter"), "sasl.password": "guess", "log_level": 0}
    config["error_cb"] = lambda error: errors.append(error.name())
    admin = AdminClient(config)
    with pytest.raises(KafkaException):
        admin.list_topics(timeout=1)
    admin.poll(0.1)
    assert "_AUTHENTICATION" in errors


def test_two_brokers_do_not_meet(broker: KafkaBroker, stack: RunningStack) -> None:
    assert broker.bootstrap != stack.bootstrap
    create(broker.client(), "ours-only")
    assert "ours-only" not in AdminClient(stack.client("admin")).list_topics(timeout=20).topics


def test_after_a_kill_the_folder_has_its_records_its_address_and_its_passwords(broker: KafkaBroker) -> None:
    create(broker.client(), "kept")
    produce(broker.client("adapter"), "kept", b"still here")
    broker.kill()
    stranger = KafkaBroker(broker.data_dir, {**PASSWORDS, "admin": "new"}, jars=ensure_jars(print))
    with pytest.raises(ProcessError, match="another password for admin"):
        stranger.start()
    assert stranger.process is None
    again = KafkaBroker(broker.data_dir, PASSWORDS, jars=ensure_jars(print))
    again.start()
    try:
        assert again.bootstrap == broker.bootstrap
        assert read_one(again.client("adapter"), "kept") == b"still here"
    finally:
        again.stop()


@pytest.mark.parametrize("users", [{"adapter": "wick"}, {"admin": 'a"b'}, {"admin": ""}, {"ad min": "x", "admin": "x"}])
def test_unfit_users_are_refused_before_anything_runs(tmp_path: Path, users: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"admin|characters"):
        KafkaBroker(tmp_path, users, jars=[])
