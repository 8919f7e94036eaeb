"""A position that the group does not take is told again: a partition without new records would seem to lag for ever."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from faust.types import TP

from streams.engine.transport import BatchConsumer

PLACE = TP("household-events", 0)


class Refused(BatchConsumer):
    """Where the group is being rebalanced, until it is not."""

    takes = False
    in_transaction = False

    def assignment(self) -> Any:
        return {PLACE}

    async def _commit(self, offsets: Any) -> bool:  # noqa: ARG002 - as Faust calls it
        return self.takes


def consumer() -> Any:
    made: Any = Refused.__new__(Refused)
    nothing = SimpleNamespace(flush=lambda: asyncio.sleep(0), on_commit=lambda _: None, on_tp_commit=lambda _: None)
    made.app = SimpleNamespace(producer=nothing, tables=nothing, monitor=nothing)
    made.log = SimpleNamespace(dev=lambda *_: None)
    made._committed_offset = {PLACE: 3}
    made._done = lambda: {0: 5}
    return made


@pytest.mark.parametrize("takes", [True, False])
def test_only_a_position_that_the_group_took_counts_as_told(*, takes: bool) -> None:
    ours = consumer()
    ours.takes = takes
    assert asyncio.run(ours._commit_offsets({PLACE: 5})) is takes
    assert ours._filter_committable_offsets([PLACE]) == ({} if takes else {PLACE: 5})
