"""What can happen to a town: each fault begins, lasts and ends; then the town must be as the core says."""

import random
import signal
import time
from collections.abc import Callable, Mapping
from typing import NamedTuple, Protocol

from tests.chaos.place import Place
from tests.faults.keeping import Kept

SESSION = 6.0
"""Seconds after which a silent process loses its partitions."""


class Scene(Protocol):
    """What a fault can get hold of."""

    place: Place
    kept: dict[str, Kept]
    down: set[str]
    """Members that are not to be started again for now."""

    def add(self, member: str) -> None:
        """One more worker."""

    def end_member(self, member: str) -> None:
        """Ask a member to end, and wait until it has."""

    def wait(self, seconds: float) -> None:
        """Let time pass, while what ends is started again."""


Strike = Callable[[Scene, random.Random], None]


class Fault(NamedTuple):
    """One kind of fault."""

    strike: Strike
    fences: bool = False
    """Whether a worker may wake up that has lost its partitions: only an engine with fencing stands that."""


def kill(*among: str) -> Strike:
    """SIGKILL; its supervisor starts it again, at once or after its session has ended."""

    def strike(scene: Scene, dice: random.Random) -> None:
        victim = dice.choice(among)
        scene.down.add(victim)
        scene.kept[victim].kill()
        if dice.random() < 0.3:
            scene.wait(SESSION + dice.uniform(0, 2))
        scene.kept[victim].again()
        scene.down.discard(victim)

    return strike


def pause(*among: str, longest: float, shortest: float = 0.5) -> Strike:
    """SIGSTOP, and SIGCONT later."""

    def strike(scene: Scene, dice: random.Random) -> None:
        process = scene.kept[dice.choice(among)].process
        process.signal(signal.SIGSTOP)
        scene.wait(dice.uniform(shortest, longest))
        process.signal(signal.SIGCONT)

    return strike


def cut(*among: str, longest: float, shortest: float = 0.5) -> Strike:
    """No network between one process and the broker for a while."""

    def strike(scene: Scene, dice: random.Random) -> None:
        wire = scene.place.wires[dice.choice(among)]
        wire.cut()
        scene.wait(dice.uniform(shortest, longest))
        wire.heal()

    return strike


def broker(scene: Scene, dice: random.Random) -> None:
    """The broker dies, or is stopped, and comes back."""
    if dice.random() < 0.5:
        scene.place.broker.kill()
    else:
        scene.place.broker.stop()
    time.sleep(dice.uniform(0, 3))
    scene.place.broker.start()


def joins(scene: Scene, dice: random.Random) -> None:
    """A third worker comes and goes; its partitions go there and back."""
    scene.add("worker-3")
    scene.wait(dice.uniform(2, 5))
    scene.end_member("worker-3")
    del scene.kept["worker-3"]


def leaves(scene: Scene, dice: random.Random) -> None:
    """One of two workers is asked to end, and comes back when its session has ended, or before."""
    victim = dice.choice(WORKERS)
    scene.down.add(victim)
    scene.end_member(victim)
    scene.wait(dice.choice((0.5, SESSION + 2)))
    scene.kept[victim].again()
    scene.down.discard(victim)


WORKERS = ("worker-1", "worker-2")
FAULTS: Mapping[str, Fault] = {
    "worker killed": Fault(kill(*WORKERS)),
    "intake killed": Fault(kill("intake")),
    "sink killed": Fault(kill("sink")),
    "worker paused for a moment": Fault(pause(*WORKERS, longest=2.5)),
    "worker paused past its session": Fault(pause(*WORKERS, shortest=SESSION + 1, longest=SESSION + 4), fences=True),
    "intake paused": Fault(pause("intake", longest=SESSION + 3)),
    "sink paused": Fault(pause("sink", longest=SESSION + 3)),
    "worker cut off for a moment": Fault(cut(*WORKERS, longest=2.5)),
    "worker cut off past its session": Fault(cut(*WORKERS, shortest=SESSION + 1, longest=SESSION + 4), fences=True),
    "intake cut off": Fault(cut("intake", longest=SESSION + 3)),
    "sink cut off": Fault(cut("sink", longest=SESSION + 3)),
    "broker restarted": Fault(broker),
    "worker joins and leaves": Fault(joins),
    "worker leaves and joins": Fault(leaves),
}
