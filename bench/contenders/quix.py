"""Quix Streams, in an environment of its own: state on RocksDB with a changelog, at least once, its own defaults."""

import time
from pathlib import Path
from typing import Any

from quixstreams import Application, message_context
from quixstreams.kafka import ConnectionConfig

from bench.contenders.job import Clock, Job


def main() -> None:
    """Run one job."""
    job = Job.given()
    clock = Clock(job.records)
    app = Application(
        broker_address=ConnectionConfig.from_librdkafka_dict(job.kafka),
        consumer_group=job.run,
        auto_offset_reset="earliest",
        state_dir=Path(job.folder) / job.run / f"state-{time.monotonic_ns()}",
        loglevel="WARNING",
        consumer_extra_config={"fetch.wait.max.ms": 10} if job.workload == "latency" else {},
    )
    source = app.topic(job.source, key_deserializer="bytes", value_deserializer="bytes")
    work = {"keyed": keyed, "household": household, "latency": household, "recovery": recovery}[job.workload]
    work(app, app.dataframe(source), job, clock)
    last = [0.0]
    commit = app._processing_context.commit_checkpoint  # noqa: SLF001 - to know when the last effects are on disk

    def committed(*args: Any, **kwargs: Any) -> None:
        commit(*args, **kwargs)
        last[0] = time.monotonic()

    app._processing_context.commit_checkpoint = committed  # noqa: SLF001
    clock.begin()
    app.run()
    clock.done(last[0])


def keyed(app: Any, frame: Any, _job: Job, clock: Clock) -> None:
    """Count by key."""

    def count(_value: bytes, state: Any) -> None:
        if clock.seen(1):
            app.stop()
        state.set("count", state.get("count", 0) + 1)

    frame.apply(count, stateful=True)


def household(app: Any, frame: Any, job: Job, clock: Clock) -> None:
    """The same stage, given each household's state by Quix; what it changes goes back there."""
    from bench.contenders.staged import opened  # noqa: PLC0415
    from streams.households.stage import SourceRecord  # noqa: PLC0415

    states: dict[bytes, bytes] = {}  # the one state that the present record needs
    stage = opened(job, states)
    tasks = app.topic(job.outputs, key_serializer="bytes", value_serializer="bytes")

    def applied(key: bytes | None, value: bytes) -> list[Any]:
        context = message_context()
        (effects,) = stage.apply(context.partition, [SourceRecord(context.offset, key, value)])
        if key is not None and key in effects.changes:
            states[key] = effects.changes[key]
        return effects.outputs

    def for_all(value: bytes, key: bytes | None, _timestamp: int, _headers: Any) -> bool:
        """A record without a key concerns the partition, whose mark the stage itself remembers."""
        if key is None:
            clock.seen(1)
            applied(None, value)
        return key is not None

    def decide(value: bytes, key: bytes, _timestamp: int, _headers: Any, state: Any) -> list[Any]:
        if clock.seen(1):
            app.stop()
        states.clear()
        known = state.get_bytes("state")
        if known is not None:
            states[key] = known
        outputs = applied(key, value)
        state.set_bytes("state", states[key])
        return [output for output in outputs if output.topic == job.outputs]

    frame = frame.filter(for_all, metadata=True).apply(decide, stateful=True, expand=True, metadata=True)
    frame = frame.set_headers(lambda output, *_: output.headers)
    frame.apply(lambda output: output.value).to_topic(tasks)


def recovery(app: Any, frame: Any, _job: Job, clock: Clock) -> None:
    """Keep the last value of each key."""

    def keep(value: bytes, state: Any) -> None:
        if clock.seen(1):
            app.stop()
        state.set_bytes("state", value)

    frame.apply(keep, stateful=True)


if __name__ == "__main__":
    main()
