"""The worker on batches: what is looked at while it takes partitions over."""

import asyncio
import gc
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from faust.types import TP

from streams.engine.app import BatchWorker
from streams.households.app import WorkerSettings
from tests.stacks import RunningStack
from tests.streams.live import Town


@pytest.fixture(autouse=True)
def collector_as_ever() -> Iterator[None]:
    """A worker sets it for its own process."""
    threshold = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*threshold)


def test_lanes_that_are_being_looked_at_do_not_change_at_a_take_over(stack: RunningStack, tmp_path: Path) -> None:
    with Town(stack, tmp_path, partitions=2) as town:
        settings = WorkerSettings(stack.client("worker"), "worker-1")
        worker: Any = BatchWorker(settings, town.codec, town.catalogue, town.outputs)

        def take_over(*partitions: int) -> None:
            ours = {TP(town.catalogue.household_events.name, number) for number in partitions}
            worker.app.consumer = SimpleNamespace(assignment=lambda: ours)
            asyncio.run(worker._take_over())

        take_over(0)
        kept = worker._lanes[0]
        looking = iter(worker._lanes.items())
        assert next(looking) == (0, kept)
        take_over(0, 1)
        assert next(looking, None) is None
        assert worker.sizes() == {0: 0, 1: 0}
        assert worker._lanes[0] is kept
        take_over(1)
        assert worker.sizes() == {1: 0}
