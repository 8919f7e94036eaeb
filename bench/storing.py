"""The sink alone, into PostgreSQL: does it keep up with 2,000 task versions a second, and how many can it do?"""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

from confluent_kafka import Producer

from lantaarn.local import LocalDeployment
from lantaarn.wiring import case_store, deployment
from schemas.cloudevents import headers
from schemas.producer import IN_ORDER
from schemas.samples import VALUES
from schemas.topics import Role

PATIENCE = 300.0
STEP = 0.01
TASKS = 20_000
"""Tasks that the versions are of, each in turn."""
MEMBERS = 2


def measure(
    examples: Path, folder: Path, *, seconds: int, per_second: int, burst: int, tell: Callable[[str], None]
) -> dict[str, Any]:
    """Start broker, registry, PostgreSQL and one sink; give the figures.

    Args:
        examples: For agreements and policy.
        folder: For data and logs.
        seconds: How long versions come at a steady pace.
        per_second: That pace.
        burst: Versions that then come all at once.
        tell: Told what goes on.
    """
    agreements, policy = examples / "agreements.toml", examples / "policy-default.toml"
    with LocalDeployment(folder, agreements=agreements, policies=policy, postgres=True, progress=tell) as local:
        local.spawn(Role.SINK, Role.SINK, Role.SINK)
        made = deployment(local.settings(Role.WORKER))
        topic = made.catalogue.outreach_tasks.name
        versions = _versions()
        producer = Producer({**made.settings.kafka(), **IN_ORDER, "linger.ms": 5})

        def send(count: int) -> None:
            for _ in range(count):
                task = next(versions)
                head = headers("OutreachTask", f"{task['task_id']}/{task['sequence']}", made.settings.source)
                value = made.codec.encode("OutreachTask", task)
                producer.produce(topic, value, task["household"].encode(), headers=[*head])
                producer.poll(0)

        with case_store(made.settings) as store:

            def stored() -> int:
                return sum(store.offsets(topic).values())

            def wait_for(count: int) -> None:
                deadline = time.monotonic() + PATIENCE
                while (found := stored()) < count:
                    if time.monotonic() > deadline:
                        raise TimeoutError(f"{found} of {count} versions stored")
                    time.sleep(0.01)

            tell("warming up")
            send(per_second)
            producer.flush()
            wait_for(per_second)
            tell(f"{per_second} task versions a second for {seconds} s")
            sent, behind = per_second, []
            began = time.monotonic()
            while (passed := time.monotonic() - began) < seconds:
                due = per_second + round(passed * per_second)
                send(due - sent)
                sent = due
                behind.append(sent - stored())
                time.sleep(STEP)
            producer.flush()
            ended = time.monotonic()
            wait_for(sent)
            behind.sort()
            steady = {
                "per_second": round((sent - per_second) / (ended - began)),
                "behind_p50": behind[len(behind) // 2],
                "behind_p99": behind[len(behind) * 99 // 100],
                "behind_most": behind[-1],
                "caught_up_ms": round((time.monotonic() - ended) * 1000),
            }
            tell(f"{burst} task versions at once")
            began = time.monotonic()
            send(burst)
            producer.flush()
            wait_for(sent + burst)
            return {"steady": steady, "burst_per_second": round(burst / (time.monotonic() - began))}


def _versions() -> Iterator[dict[str, Any]]:
    """Versions without end, each of the next task in turn; all fields as in the contract's sample."""
    number = 0
    while True:
        sequence, task = divmod(number, TASKS)
        yield {
            **VALUES["OutreachTask"],
            "task_id": str(UUID(int=task + 1, version=5)),
            "sequence": sequence + 1,
            "household": f"{task + 1:064x}",
            "members": [
                {"signal_id": str(uuid5(NAMESPACE_OID, f"{task} {each}")), "repeated": False} for each in range(MEMBERS)
            ],
            "caused_by": str(uuid5(NAMESPACE_OID, f"{task} {sequence}")),
        }
        number += 1
