"""The sink on a real broker: crashes, rivals, sleepers, a locked database, a topic that is not what it was."""

import os
import random
import signal
import sqlite3
import time
from pathlib import Path

import pytest
from confluent_kafka import ConsumerGroupTopicPartitions, TopicPartition

from lantaarn.committed import Committed
from sinks.errors import KafkaFailureError, SinkError, StoreUnavailableError, TopicReplacedError, UnreadableRecordError
from sinks.member import Progress
from sinks.store.store import CaseStore
from tests.sinks.contract import dump, expected
from tests.sinks.live import Deployment, Ended, until
from tests.sinks.made import history, task
from tests.stacks import RunningStack

MEMBER = {"group.instance.id": "sink-0"}  # a restart takes its partitions back without waiting for the session


def test_stores_what_comes_and_tells_kafka_and_the_caller_how_far(deployment: Deployment) -> None:
    seen: list[Progress] = []
    deployment.produce(history(50, 3))
    with deployment.running(observe=seen.append):
        until(lambda: deployment.stored == 150)
        deployment.produce(history(50, 4)[150:])
        until(lambda: deployment.stored == 200)
    assert dump(deployment.store) == expected(history(50, 4))
    assert sum(each.records for each in seen) == 200
    last = {each.partition: each for each in seen}
    assert {each.partition: each.next_offset for each in last.values()} == deployment.store.offsets(deployment.topic)
    assert all(each.lag == 0 for each in last.values())
    assert _committed(deployment) == deployment.store.offsets(deployment.topic)


def test_goes_on_from_the_store_whatever_kafka_says(deployment: Deployment) -> None:
    deployment.produce(history(40, 2))
    with deployment.running():
        until(lambda: deployment.stored == 80)
    deployment.produce(history(40, 3)[80:])
    ends = [TopicPartition(deployment.topic, p, 1) for p in range(4)]
    told = deployment.admin.alter_consumer_group_offsets(
        [ConsumerGroupTopicPartitions(deployment.catalogue.sink_group, ends)]
    )
    for future in told.values():
        future.result()
    with deployment.running():
        until(lambda: deployment.stored == 120)
    assert dump(deployment.store) == expected(history(40, 3))


def test_gaps_in_offsets_are_no_loss(deployment: Deployment) -> None:
    """The end of a transaction takes an offset and carries no record."""
    producer = deployment.producer(**{"transactional.id": deployment.catalogue.prefix})
    producer.init_transactions(20)
    for sequence in range(1, 4):
        producer.begin_transaction()
        deployment.produce([task(n, sequence) for n in range(1, 9)], producer)
        producer.commit_transaction(20)
    with deployment.running(batch=5):
        until(lambda: all(len(deployment.store.versions(task(n)["task_id"])) == 3 for n in range(1, 9)))
    assert dump(deployment.store) == expected(history(8, 3))
    assert deployment.stored > 24


@pytest.mark.parametrize("seed", [20260105])
def test_killed_six_times_with_work_left(deployment: Deployment, seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311
    everything = history(300, 5)
    deployment.produce(everything)
    stored = 0
    for _ in range(6):
        sink = deployment.start(kafka=MEMBER, batch=10, pause=0.02)
        goal = stored + dice.randrange(1, 100)
        until(lambda goal=goal: deployment.stored >= goal)  # type: ignore[misc]
        time.sleep(dice.random() * 0.05)
        sink.kill()
        stored = deployment.stored
        assert stored < len(everything), "no work left"
    last = deployment.start(kafka=MEMBER)
    until(lambda: deployment.stored == len(everything))
    assert last.end() == 0
    assert dump(deployment.store) == expected(everything)


def test_two_sinks_share_the_work(deployment: Deployment) -> None:
    everything = history(400, 6)
    deployment.produce(everything[:1200])
    first = deployment.start(batch=20, pause=0.01)
    until(lambda: deployment.stored > 100)
    second = deployment.start(batch=20, pause=0.01)
    until(lambda: "sink reads" in second.log.read_text())
    deployment.produce(everything[1200:])
    until(lambda: deployment.stored > 1500)
    assert first.end() == 0
    until(lambda: deployment.stored == len(everything))
    assert second.end() == 0
    assert dump(deployment.store) == expected(everything)


def test_a_sink_that_slept_through_its_dismissal_cannot_write(deployment: Deployment) -> None:
    everything = history(100, 6)
    deployment.produce(everything)
    zombie = deployment.start(batch=20, sleep_before=3)
    until(lambda: zombie.sleeping)
    asleep_at = deployment.stored
    assert asleep_at < len(everything), "no work left"
    heir = deployment.start()
    until(lambda: deployment.stored == len(everything))
    os.kill(zombie.pid, signal.SIGCONT)
    assert zombie.wait() == 1
    assert zombie.log.read_text().splitlines()[-1] == "StaleSinkError"
    assert heir.running
    assert heir.end() == 0
    assert dump(deployment.store) == expected(everything)


def test_locked_database_is_waited_for_inside_the_group(deployment: Deployment, tmp_path: Path) -> None:
    impatient = CaseStore(deployment.store_url, busy_timeout_ms=20)
    with deployment.running(store=impatient, batch=10):
        deployment.produce(history(20, 1))
        until(lambda: deployment.stored == 20)
        members = _members(deployment)
        lock = sqlite3.connect(tmp_path / "cases.db", isolation_level=None)
        lock.execute("BEGIN IMMEDIATE")
        deployment.produce(history(20, 4)[20:])
        time.sleep(1.5)
        assert deployment.stored == 20
        lock.execute("ROLLBACK")
        lock.close()
        until(lambda: deployment.stored == 80)
        assert _members(deployment) == members
    assert dump(deployment.store) == expected(history(20, 4))


def test_a_database_that_stays_locked_ends_the_sink(deployment: Deployment, tmp_path: Path) -> None:
    lock = sqlite3.connect(tmp_path / "cases.db", isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    impatient = CaseStore(deployment.store_url, busy_timeout_ms=20)
    with pytest.raises(StoreUnavailableError), deployment.running(store=impatient, patience=0.5) as ended:
        ended.event.wait(20)
    lock.close()


def test_a_broker_that_dies_and_comes_back_is_waited_for(deployment: Deployment, contracts: RunningStack) -> None:
    if contracts.broker is None:
        pytest.skip("needs a broker of our own to kill")
    everything = history(300, 4)
    deployment.produce(everything)
    with deployment.running(batch=20, observe=lambda _: time.sleep(0.02)):
        until(lambda: deployment.stored > 100)
        contracts.broker.kill()
        assert deployment.stored < len(everything), "no work left"
        time.sleep(0.5)
        contracts.broker.start()
        until(lambda: deployment.stored == len(everything))
    assert dump(deployment.store) == expected(everything)


def test_a_record_that_is_no_task_ends_the_sink(deployment: Deployment, capsys: pytest.CaptureFixture[str]) -> None:
    producer = deployment.producer()
    deployment.produce([task(1)], producer)
    secret = b"Straatnaam 12, 9999XK"
    producer.produce(deployment.topic, secret, task(1)["household"])
    producer.flush(20)
    with pytest.raises(UnreadableRecordError) as caught, deployment.running() as ended:
        ended.event.wait(20)
    assert deployment.topic in str(caught.value)
    assert "offset 1" in str(caught.value)
    printed = capsys.readouterr()
    assert "9999XK" not in str(caught.value) + printed.out + printed.err


def test_no_topic_no_sink(deployment: Deployment) -> None:
    deployment.delete_topic()
    with pytest.raises(KafkaFailureError, match=deployment.topic), deployment.running() as ended:
        ended.event.wait(20)


def test_a_topic_made_anew_is_refused(deployment: Deployment) -> None:
    """Even when the new log is longer than the old one, where offsets alone would tell nothing."""
    deployment.produce(history(20, 2))
    with deployment.running():
        until(lambda: deployment.stored == 40)
    deployment.delete_topic()
    deployment.make_topic()
    deployment.produce(history(40, 3))
    with pytest.raises(TopicReplacedError, match="filled from the topic with id"), deployment.running() as ended:
        ended.event.wait(20)
    assert dump(deployment.store) == expected(history(20, 2))


def test_a_topic_made_anew_under_a_running_sink_is_refused(deployment: Deployment) -> None:
    deployment.produce(history(20, 2))
    ended = _made_anew_while_running(deployment)
    assert isinstance(ended.error, TopicReplacedError | KafkaFailureError)
    assert dump(deployment.store) == expected(history(20, 2))


def test_records_that_expired_unread_are_refused(deployment: Deployment) -> None:
    deployment.produce(history(40, 1))
    with deployment.running():
        until(lambda: deployment.stored == 40)
    deployment.produce(history(40, 2)[40:])
    cut = [TopicPartition(deployment.topic, p, deployment.store.offsets(deployment.topic)[p] + 1) for p in range(4)]
    for future in deployment.admin.delete_records(cut).values():
        future.result()
    with pytest.raises(TopicReplacedError, match="expired"), deployment.running() as ended:
        ended.event.wait(20)


def test_a_store_ahead_of_the_log_is_refused(deployment: Deployment) -> None:
    deployment.store.apply(deployment.topic, 2, None, 1000, [])
    with pytest.raises(TopicReplacedError, match="offset 1000, the log holds 0 to 0"), deployment.running() as ended:
        ended.event.wait(20)


def _made_anew_while_running(deployment: Deployment) -> Ended:
    try:
        with deployment.running() as ended:
            until(lambda: deployment.stored == 40)
            deployment.delete_topic()
            deployment.make_topic()
            deployment.produce(history(40, 3))
            ended.event.wait(20)
    except SinkError:
        pass
    return ended


def _members(deployment: Deployment) -> list[str]:
    group = deployment.catalogue.sink_group
    found = deployment.admin.describe_consumer_groups([group])[group].result()
    return [member.member_id for member in found.members]


def _committed(deployment: Deployment) -> dict[int, int]:
    committed = Committed(deployment.kafka(), deployment.catalogue.sink_group)
    found = committed.offsets([(deployment.topic, number) for number in range(4)], 10)
    return {number: offset for (_, number), offset in found.items() if offset}
