"""Three brokers that are a cluster: each topic on all of them, and two must have a record before it counts."""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from lantaarn.embedded import KafkaBroker
from lantaarn.embedded.jars import ensure_jars
from lantaarn.embedded.kafka_settings import MECHANISM
from lantaarn.embedded.ports import kept_ports

NODES = (1, 2, 3)
CLUSTER = "bGFudGFhcm4tdGhyZWUtMQ"  # 16 bytes in URL-safe base64
THREE = {
    "default.replication.factor": 3,
    "min.insync.replicas": 2,
    "offsets.topic.replication.factor": 3,
    "transaction.state.log.replication.factor": 3,
    "transaction.state.log.min.isr": 2,
}


class Node(KafkaBroker):
    """One of three; all are formatted for the same cluster."""

    def _format(self, settings: Path) -> None:
        users = [f"--add-scram={MECHANISM}=[name={name},password={word}]" for name, word in self._users.items()]
        main = ["kafka.tools.StorageTool", "format", "--cluster-id", CLUSTER, "--config", str(settings)]
        process = self._run("Kafka's StorageTool", ["-Xms32m", "-Xmx128m"], [*main, *users])
        assert process.wait(timeout=120) == 0


@contextmanager
def three_brokers(folder: Path, passwords: Mapping[str, str]) -> Iterator[list[KafkaBroker]]:
    """A cluster that is up; what still runs of it is stopped at the end."""
    jars = ensure_jars(print)
    ports = {}
    for node in NODES:
        (folder / f"broker-{node}").mkdir(parents=True)
        ports[node] = kept_ports(folder / f"broker-{node}" / "ports.json", "client", "controller")
    voters = ",".join(f"{node}@127.0.0.1:{found['controller']}" for node, found in ports.items())
    brokers: list[KafkaBroker] = [
        Node(
            folder / f"broker-{node}",
            passwords,
            jars=jars,
            overrides={**THREE, "node.id": node, "controller.quorum.voters": voters},
        )
        for node in NODES
    ]
    try:
        with ThreadPoolExecutor(len(brokers)) as pool:
            for started in [pool.submit(broker.start, 120) for broker in brokers]:
                started.result()
        yield brokers
    finally:
        for broker in brokers:
            broker.kill()
