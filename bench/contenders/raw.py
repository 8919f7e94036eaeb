"""The bare client: a consume loop of confluent-kafka with a dictionary. No changelog, no commit: a ceiling."""

from collections import Counter
from collections.abc import Iterable

from confluent_kafka import Consumer, Message, Producer, TopicPartition

from bench.contenders.job import Clock, Job

BATCH = 2000


def main() -> None:
    """Run one job."""
    job = Job.given()
    clock = Clock(job.records)
    consumer = Consumer({**job.kafka, "group.id": job.run, "enable.auto.commit": False})
    consumer.assign([TopicPartition(job.source, p, 0) for p in range(job.partitions)])
    work = {"keyed": keyed, "household": household, "recovery": recovery}[job.workload]
    clock.begin()
    work(job, clock, consumer)
    clock.done()


def keyed(_job: Job, clock: Clock, consumer: Consumer) -> None:
    """Count by key."""
    counts: Counter[bytes] = Counter()
    last = False
    while not last:
        batch = read(consumer)
        last = clock.seen(len(batch))
        for message in batch:
            key = message.key()
            assert isinstance(key, bytes)  # noqa: S101
            counts[key] += 1


def household(job: Job, clock: Clock, consumer: Consumer) -> None:
    """The stage in a loop: outputs delivered, states in memory only."""
    from bench.contenders.staged import opened  # noqa: PLC0415
    from schemas.producer import IN_ORDER  # noqa: PLC0415
    from streams.households.stage import SourceRecord  # noqa: PLC0415

    states: dict[bytes, bytes] = {}
    stage = opened(job, states)
    producer = Producer({**job.kafka, **IN_ORDER, "linger.ms": 5})
    last = False
    while not last:
        batch = read(consumer)
        last = clock.seen(len(batch))
        for message in batch:
            record = SourceRecord(message.offset() or 0, message.key(), message.value())
            for effects in stage.apply(message.partition() or 0, [record]):
                states.update(effects.changes)
                for output in effects.outputs:
                    producer.produce(output.topic, output.value, output.key, headers=[*output.headers])
        producer.poll(0)
    producer.flush()


def recovery(_job: Job, clock: Clock, consumer: Consumer) -> None:
    """A changelog into a dictionary."""
    states: dict[bytes, bytes] = {}
    last = clock.records == 0
    while not last:
        batch = read(consumer)
        last = clock.seen(len(batch))
        for message in batch:
            states[message.key()] = message.value()  # type: ignore[index,assignment]


def read(consumer: Consumer) -> list[Message]:
    """The next records, at least one."""
    while True:
        batch = consumer.consume(BATCH, timeout=1)
        if batch:
            return list(checked(batch))


def checked(batch: Iterable[Message]) -> Iterable[Message]:
    """Those that are records; anything else ends the run."""
    for message in batch:
        if message.error() is not None:
            raise RuntimeError(str(message.error()))
        yield message


if __name__ == "__main__":
    main()
