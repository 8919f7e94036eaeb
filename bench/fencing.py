"""What it costs to keep other writers out: a batch's effects in one transaction, or delivered in two steps without one.

``uv run python -m bench.fencing``: both in turn, on one broker, in one run; one JSON object.
"""

import json
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from confluent_kafka import KafkaError, Message, Producer

from bench.bed import Bed
from streams.engine.lane import Writer
from streams.engine.writer import Changelog, TransactionalWriter
from streams.outputs import Output

TASK, STATE = b"t" * 600, b"s" * 700  # bytes of an ordinary version and an ordinary household
SECONDS = 3.0
ROUNDS = 3
HEADERS = [("ce_type", b"nl.vroegsignalering.taak.gewijzigd.v1"), ("ce_id", b"x" * 40), ("ce_source", b"urn:nld:oin:0")]


class AtLeastOnceWriter:
    """Outputs delivered, then changes: the order of effects of plain Faust, by an idempotent producer.

    Args:
        kafka: Connection settings of confluent-kafka.
        changelog: Where states go.
    """

    def __init__(self, kafka: Mapping[str, Any], changelog: Changelog) -> None:
        self._changelog = changelog
        self._failed: KafkaError | None = None
        self._producer = Producer(
            {**kafka, "enable.idempotence": True, "max.in.flight": 1, "linger.ms": 20, "partitioner": "murmur2_random"}
        )

    def fence(self) -> None:
        """It keeps nobody out."""

    def write(self, outputs: Iterable[Output], changes: Mapping[bytes, bytes]) -> None:
        """Deliver outputs, then changes."""
        for output in outputs:
            self._producer.produce(
                output.topic, output.value, output.key, headers=[*output.headers], on_delivery=self._delivered
            )
        self._flush()
        topic, partition = self._changelog
        for key, value in changes.items():
            self._producer.produce(topic, value, key, partition, self._delivered)
        self._flush()

    def _flush(self) -> None:
        if self._producer.flush(60) or self._failed is not None:
            raise RuntimeError(f"not delivered: {self._failed}")

    def _delivered(self, error: KafkaError | None, _message: Message) -> None:
        self._failed = error or self._failed


def main() -> None:
    """Measure."""
    found: dict[str, dict[str, list[dict[str, float]]]] = {}
    with tempfile.TemporaryDirectory() as folder, Bed(Path(folder)) as bed:
        tasks, changelog = bed.make("fencing-tasks"), bed.make("fencing-changelog", compacted=True)
        writers: dict[str, Callable[[], Writer]] = {
            "transactional": lambda: TransactionalWriter(bed.kafka, "fencing-0", Changelog(changelog, 0)),
            "at_least_once": lambda: AtLeastOnceWriter(bed.kafka, Changelog(changelog, 0)),
        }
        for turn in range(ROUNDS):
            for size in (5, 100, 1000):
                for name in sorted(writers, reverse=turn % 2 == 1):
                    writer = writers[name]()
                    writer.fence()
                    took = _measure(writer, tasks, size)
                    found.setdefault(str(size), {}).setdefault(name, []).append(took)
    print(json.dumps({size: {name: _middle(each) for name, each in by.items()} for size, by in found.items()}))


def _measure(writer: Writer, topic: str, size: int) -> dict[str, float]:
    keys = [f"household-{n}".encode() for n in range(size)]
    outputs = [Output(topic, key, TASK, HEADERS) for key in keys]
    changes = dict.fromkeys(keys, STATE)
    for _ in range(3):
        writer.write(outputs, changes)
    took: list[float] = []
    began, cpu = time.monotonic(), time.process_time()
    while time.monotonic() - began < SECONDS:
        at = time.monotonic()
        writer.write(outputs, changes)
        took.append((time.monotonic() - at) * 1000)
    records = len(took) * size
    return {
        "p50_ms": statistics.median(took),
        "p99_ms": sorted(took)[len(took) * 99 // 100],
        "records_per_second": records / (time.monotonic() - began),
        "cpu_us_per_record": (time.process_time() - cpu) / records * 1e6,
    }


def _middle(rounds: list[dict[str, float]]) -> dict[str, float]:
    return {name: round(statistics.median(one[name] for one in rounds), 1) for name in rounds[0]}


if __name__ == "__main__":
    main()
