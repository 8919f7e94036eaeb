"""A broker of one's own, to which each process has a wire of its own."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lantaarn.embedded import EmbeddedStack, KafkaBroker
from lantaarn.embedded.kafka_settings import MECHANISM
from lantaarn.embedded.ports import kept_ports
from tests.chaos.proxy import Wires
from tests.stacks import USERS, RunningStack

MEMBERS = ("intake", "worker-1", "worker-2", "worker-3", "sink")
PASSWORDS = {user: f"lamp-{user}" for user in USERS}


class QuietStack(RunningStack):
    """Its clients say nothing of a broker that is away."""

    def client(self, user: str) -> dict[str, Any]:
        return {**super().client(user), "log_level": 2}


@dataclass(frozen=True)
class Place:
    """Where the chaos takes place."""

    stack: RunningStack
    broker: KafkaBroker
    wires: Wires
    dial: Mapping[str, str]
    """Member -> the broker's address for it."""


@contextmanager
def place(folder: Path) -> Iterator[Place]:
    """Broker, registry and wires, started and stopped."""
    data = folder / "kafka"
    data.mkdir(parents=True)
    own = kept_ports(data / "ports.json", "client", "controller")
    names = [f"{member}/{end}" for member in MEMBERS for end in ("near", "far")]
    ports = kept_ports(folder / "wires.json", *names)
    wires = {member: (ports[f"{member}/near"], ports[f"{member}/far"]) for member in MEMBERS}
    with ExitStack() as exits:
        stack = EmbeddedStack(folder, PASSWORDS, broker_overrides=_listeners(own, wires))
        exits.enter_context(stack)
        running = QuietStack(stack.endpoints.bootstrap, stack.endpoints.registry_url, PASSWORDS, broker=stack.broker)
        made = exits.enter_context(Wires(wires))
        dial = {member: f"127.0.0.1:{near}" for member, (near, _) in wires.items()}
        yield Place(running, stack.broker, made, dial)


def _listeners(own: Mapping[str, int], wires: Mapping[str, tuple[int, int]]) -> dict[str, str | int]:
    """One more listener for each wire: it tells its clients the wire's near end as the broker's address."""
    names = {member: member.upper().replace("-", "") for member in wires}
    ours = [f"CLIENT://127.0.0.1:{own['client']}"]
    far = [f"{names[member]}://127.0.0.1:{port}" for member, (_, port) in wires.items()]
    near = [f"{names[member]}://127.0.0.1:{port}" for member, (port, _) in wires.items()]
    protocols = ["CLIENT", "CONTROLLER", *names.values()]
    jaas = "org.apache.kafka.common.security.scram.ScramLoginModule required;"
    return {
        "listeners": ",".join([*ours, f"CONTROLLER://127.0.0.1:{own['controller']}", *far]),
        "advertised.listeners": ",".join([*ours, *near]),
        "listener.security.protocol.map": ",".join(f"{name}:SASL_PLAINTEXT" for name in protocols),
        **{f"listener.name.{name.lower()}.{MECHANISM.lower()}.sasl.jaas.config": jaas for name in names.values()},
    }
