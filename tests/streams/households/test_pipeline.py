"""The order of effects: outputs, changes, acknowledgement; partitions apart; a failure ends the process."""

import asyncio
import subprocess
import sys
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any, cast

import pytest

from streams.households import pipeline as pipeline_module
from streams.households.pipeline import FATAL, Pipeline
from streams.households.stage import Effects
from streams.outputs import Output

ROOT = Path(__file__).parents[3]


class Broker:
    """Takes outputs and changes; what was handed over is delivered when the test says so."""

    def __init__(self) -> None:
        self.happened: list[str] = []
        self._waiting: dict[str, asyncio.Future[None]] = {}
        self.handing_over = asyncio.Event()
        self.handing_over.set()
        self.pipeline = Pipeline(cast("Any", self), self.send_output)

    async def send_output(self, output: Output) -> Awaitable[Any]:
        await self.handing_over.wait()
        return self._hand_over(output.topic)

    async def send(self, partition: int, key: bytes, _value: bytes) -> Awaitable[Any]:
        return self._hand_over(f"{partition}:{key.decode()}")

    def _hand_over(self, name: str) -> Awaitable[None]:
        self.happened.append(f"sent {name}")
        future = asyncio.get_running_loop().create_future()
        self._waiting[name] = future
        return future

    async def deliver(self, *names: str) -> None:
        for name in names:
            self.happened.append(f"has {name}")
            self._waiting.pop(name).set_result(None)
            await settle()

    async def submit(self, partition: int, name: str, *, outputs: int = 1, changes: int = 1) -> None:
        effects = Effects(
            [Output(f"{name}-out{n}", None, b"", []) for n in range(outputs)],
            {f"{name}-key{n}".encode(): b"" for n in range(changes)},
        )
        await self.pipeline.submit(partition, effects, lambda: self.happened.append(f"ack {name}"))
        await settle()

    def forget(self) -> None:
        self.happened.clear()


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


def in_a_loop(test: Callable[[], Coroutine[Any, Any, None]]) -> Callable[[], None]:
    def run() -> None:
        asyncio.run(asyncio.wait_for(test(), 10))

    run.__name__ = test.__name__
    return run


@in_a_loop
async def test_outputs_then_changes_then_ack() -> None:
    broker = Broker()
    await broker.submit(0, "a", outputs=2, changes=2)
    assert broker.happened == ["sent a-out0", "sent a-out1"]
    await broker.deliver("a-out1")
    assert broker.happened[-1] == "has a-out1"  # one output is missing: no change has been handed over
    await broker.deliver("a-out0")
    assert broker.happened[-2:] == ["sent 0:a-key0", "sent 0:a-key1"]
    await broker.deliver("0:a-key1")
    assert broker.happened[-1] == "has 0:a-key1"
    await broker.deliver("0:a-key0")
    assert broker.happened[-1] == "ack a"


@in_a_loop
async def test_acks_of_a_partition_come_in_order() -> None:
    broker = Broker()
    await broker.submit(0, "a")
    await broker.submit(0, "b")
    await broker.submit(0, "c", outputs=0, changes=0)  # applied before: nothing to tell, and not to be acked first
    broker.forget()
    await broker.deliver("b-out0")
    assert broker.happened == ["has b-out0"]
    await broker.deliver("a-out0", "0:a-key0")
    assert broker.happened[-2:] == ["ack a", "sent 0:b-key0"]
    await broker.deliver("0:b-key0")
    assert broker.happened[-2:] == ["ack b", "ack c"]


@in_a_loop
async def test_what_came_meanwhile_goes_on_together() -> None:
    broker = Broker()
    for name in "abc":
        await broker.submit(0, name)
    await broker.deliver("a-out0", "c-out0", "0:a-key0")
    assert broker.happened[-1] == "ack a"  # an output of b is missing: no change of c may be there before it
    broker.forget()
    await broker.deliver("b-out0")
    assert broker.happened == ["has b-out0", "sent 0:b-key0", "sent 0:c-key0"]
    await broker.deliver("0:c-key0")
    assert broker.happened[-1] == "has 0:c-key0"
    await broker.deliver("0:b-key0")
    assert broker.happened[-2:] == ["ack b", "ack c"]


@in_a_loop
async def test_changes_that_do_not_fit_one_batch_wait_for_each_other() -> None:
    """The broker could take the second and not the first, and the second's offset would hide that."""
    broker = Broker()
    large = b"x" * (pipeline_module.BATCH_BYTES // 2)
    effects = Effects([], {b"a": large, b"b": large, b"c": large * 3, b"d": b""})
    await broker.pipeline.submit(0, effects, lambda: broker.happened.append("ack"))
    await settle()
    for name in "abcd":
        assert broker.happened[-1] == f"sent 0:{name}"
        await broker.deliver(f"0:{name}")
    assert broker.happened[-1] == "ack"


@in_a_loop
async def test_partitions_do_not_wait_for_each_other() -> None:
    broker = Broker()
    await broker.submit(0, "a")
    await broker.submit(1, "b")
    await broker.deliver("b-out0", "1:b-key0")
    assert broker.happened[-1] == "ack b"
    assert "ack a" not in broker.happened


@in_a_loop
async def test_it_takes_so_many_and_no_more() -> None:
    broker = Broker()
    room = pipeline_module.MOST_IN_FLIGHT
    for n in range(room):
        await broker.pipeline.submit(n, Effects([Output(f"{n}", None, b"", [])], {}), lambda: None)
    one_more = asyncio.create_task(broker.submit(0, "more"))
    await settle()
    assert "sent more-out0" not in broker.happened
    await broker.deliver("3")
    await one_more
    assert broker.happened[-1] == "sent more-out0"


@in_a_loop
async def test_drained_means_that_everything_is_acknowledged() -> None:
    broker = Broker()
    await broker.pipeline.drain()
    await broker.submit(0, "a")
    await broker.submit(1, "b")
    drained = asyncio.create_task(broker.pipeline.drain())
    await broker.deliver("a-out0", "0:a-key0", "b-out0")
    assert not drained.done()
    await broker.deliver("1:b-key0")
    assert drained.done()


@in_a_loop
async def test_drained_includes_who_was_still_waiting_for_room() -> None:
    """Its state is in memory already: delivered after another worker has recovered, it would undo that worker's."""
    broker = Broker()
    broker.pipeline._room = asyncio.Semaphore(1)
    await broker.submit(0, "a")
    entering = asyncio.create_task(broker.submit(0, "b"))
    await settle()
    drained = asyncio.create_task(broker.pipeline.drain())
    await settle()
    await broker.deliver("a-out0", "0:a-key0")
    await entering
    await asyncio.sleep(0.05)
    assert not drained.done()
    await broker.deliver("b-out0", "0:b-key0")
    await asyncio.wait_for(drained, 5)
    assert broker.happened[-1] == "ack b"


@in_a_loop
async def test_drained_includes_who_was_just_being_handed_over() -> None:
    broker = Broker()
    broker.handing_over.clear()
    entering = asyncio.create_task(broker.submit(0, "a"))
    await settle()
    drained = asyncio.create_task(broker.pipeline.drain())
    await settle()
    assert not drained.done()
    broker.handing_over.set()
    await entering
    await broker.deliver("a-out0", "0:a-key0")
    await asyncio.wait_for(drained, 5)


FAILING = """
import asyncio
from streams.households.pipeline import Pipeline
from streams.households.stage import Effects
from streams.outputs import Output

class Table:
    async def send(self, partition, key, value):
        return asyncio.ensure_future(work("change"))

async def work(what):
    print(what)
    if what == "FAILS":
        raise OSError("the broker says no")

async def send(output):
    return asyncio.ensure_future(work("output"))

async def main():
    pipeline = Pipeline(Table(), send)
    effects = Effects([Output("t", None, b"", [])], {b"key": b""})
    await pipeline.submit(0, effects, lambda: print("acknowledged"))
    await asyncio.sleep(20)
    print("went on")

asyncio.run(main())
"""


@pytest.mark.parametrize(("what", "happened"), [("output", ["FAILS"]), ("change", ["output", "FAILS"])])
def test_a_failed_delivery_ends_the_process_at_once(what: str, happened: list[str]) -> None:
    code = FAILING.replace(f'work("{what}")', 'work("FAILS")')
    ended = subprocess.run([sys.executable, "-uc", code], capture_output=True, text=True, cwd=ROOT, check=False)
    assert ended.returncode == FATAL
    printed = [line for line in ended.stdout.splitlines() if line in {"output", "change", "FAILS", "acknowledged"}]
    assert printed == happened
    assert "delivery failed" in ended.stdout
    assert "went on" not in ended.stdout
