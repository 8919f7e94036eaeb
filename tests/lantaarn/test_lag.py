"""When nothing is left to do: also when what one group writes comes back to the other, however often."""

from collections.abc import Callable
from typing import cast

import pytest

from lantaarn.committed import Place
from lantaarn.lag import GroupLag, come_to_rest


class Group:
    """Reads one log and writes to another: each record once more, as long as it has hops left."""

    def __init__(self, log: list[int]) -> None:
        self.log, self.done = log, 0
        self.other: Group

    def work(self) -> None:
        if self.done < len(self.log):
            hops = self.log[self.done]
            if hops:
                self.other.log.append(hops - 1)  # written before it is committed
            self.done += 1

    def ends(self) -> dict[Place, int]:
        return {("log", 0): len(self.log)}

    def has_done(self, ends: dict[Place, int]) -> bool:
        return self.done >= ends["log", 0]


@pytest.mark.parametrize("hops", range(6))
@pytest.mark.parametrize("idle", [1, 3])
def test_at_rest_is_only_when_nothing_is_under_way_between_groups(hops: int, idle: int) -> None:
    intake, worker = Group([hops, 0, 0]), Group([])
    intake.other, worker.other = worker, intake
    turns = 0

    def wait(true: Callable[[], bool]) -> None:
        nonlocal turns
        while not true():
            turns += 1
            intake.work()
            if turns % idle == 0:  # the slower of the two
                worker.work()

    come_to_rest([cast("GroupLag", intake), cast("GroupLag", worker)], wait)
    assert len(intake.log) + len(worker.log) == 3 + hops
    assert (intake.done, worker.done) == (len(intake.log), len(worker.log))
