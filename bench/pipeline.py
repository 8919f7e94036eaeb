"""The whole pipeline, from the partner's topic to the case store: rate, latency, memory."""

import sqlite3
import statistics
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import psutil

from bench.load import Load
from lantaarn.local import LocalDeployment
from lantaarn.producing import Writer, for_every_partition
from lantaarn.settings import load_policy
from lantaarn.wiring import deployment
from schemas.topics import Role
from streams.core.calendar import ONE_DAY
from streams.wakeups import activation, nominal_hour, tick
from streams.wire import moment

PATIENCE = 300.0
MIB = 1024 * 1024


def measure(examples: Path, folder: Path, *, burst: int, steady: int, tell: Callable[[str], None]) -> dict[str, Any]:
    """Start everything, load it, and give the figures.

    Args:
        examples: For agreements and policy.
        folder: For data and logs.
        burst: Signals all at once.
        steady: Signals at 100 a second.
        tell: Told what goes on.
    """
    policy = examples / "policy-default.toml"
    agreements = examples / "agreements.toml"
    with LocalDeployment(folder, agreements=agreements, policies=policy, progress=tell) as local:
        for role in (Role.INTAKE, Role.WORKER, Role.SINK):
            local.spawn(role, role, role)
        made = deployment(local.settings(Role.POLICY))
        document = policy.read_text(encoding="utf-8")
        at = nominal_hour(moment(int(time.time() * 1000)))
        writer = Writer(made.settings.kafka())
        writer.write(for_every_partition(made, activation(load_policy(policy), document, at)))
        store = Stored(local.folder / "cases.db")
        load = Load(deployment(local.settings(Role.ADAPTER)))
        tell("warming up")
        load.all_at_once(200)
        store.wait_for(200)
        figures: dict[str, Any] = {"memory_mib": {"idle": memory(local)}}
        tell(f"{burst} signals at once")
        began = time.monotonic()
        load.all_at_once(burst)
        store.wait_for(200 + burst)
        figures["signals_per_second"] = round(burst / (time.monotonic() - began))
        tell(f"{steady} signals, 100 a second")
        figures["sent_to_stored_ms_at_100_per_second"] = latency(load, store, steady)
        tell("fifteen days later: every household is looked at")
        began = time.monotonic()
        writer.write(for_every_partition(made, tick(at + 15 * ONE_DAY)))
        versions = store.wait_for_versions(2 * (200 + burst + steady))
        figures["deadlines_per_second"] = round((versions / 2) / (time.monotonic() - began))
        figures["memory_mib"]["after"] = memory(local)
        return figures


class Stored:
    """Looks into the case store as it fills."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._last = 0

    def wait_for(self, tasks: int) -> None:
        """Wait until so many tasks are stored."""
        self._wait("SELECT count(*) FROM tasks", tasks)

    def wait_for_versions(self, versions: int) -> int:
        """Wait until so many versions are stored; gives their number."""
        return self._wait("SELECT count(*) FROM task_versions", versions)

    def fresh(self) -> list[str]:
        """Ids of the members stored since the last call."""
        rows = self._query("SELECT rowid, signal_id FROM task_members WHERE rowid > ? ORDER BY rowid", self._last)
        self._last = rows[-1][0] if rows else self._last
        return [row[1] for row in rows]

    def _wait(self, query: str, wanted: int) -> int:
        deadline = time.monotonic() + PATIENCE
        while True:
            rows = self._query(query)
            if rows and rows[0][0] >= wanted:
                return int(rows[0][0])
            if time.monotonic() > deadline:
                raise TimeoutError(f"{rows} of {wanted}: {query}")
            time.sleep(0.02)

    def _query(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        if not self._path.exists():
            return []
        with closing(sqlite3.connect(f"{self._path.as_uri()}?mode=ro", uri=True, timeout=5)) as db:
            if not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'task_members'").fetchone():
                return []
            return db.execute(query, values).fetchall()


def latency(load: Load, store: Stored, count: int) -> dict[str, float]:
    """From the moment a signal is sent until its task is in the case store, in milliseconds."""
    import threading  # noqa: PLC0415

    store.fresh()
    sent: dict[str, float] = {}
    sender = threading.Thread(target=lambda: sent.update(load.steadily(count, 100)))
    seen: dict[str, float] = {}
    sender.start()
    deadline = time.monotonic() + PATIENCE
    while len(seen) < count and time.monotonic() < deadline:
        for identity in store.fresh():
            seen.setdefault(identity, time.monotonic())
        time.sleep(0.001)
    sender.join()
    took = sorted((seen[identity] - at) * 1000 for identity, at in sent.items())
    cuts = statistics.quantiles(took, n=100)
    return {"p50": round(cuts[49], 1), "p99": round(cuts[98], 1), "max": round(took[-1], 1)}


def memory(local: LocalDeployment) -> dict[str, int]:
    """Resident memory of each process, in MiB."""
    pids = {name: process.pid for name, process in local.processes.items()}
    for name, process in (("kafka", local.stack.broker.process), ("registry", local.stack.registry.process)):
        if process is not None:
            pids[name] = process.pid
    found = {name: round(psutil.Process(pid).memory_info().rss / MIB) for name, pid in pids.items()}
    return {**found, "all": sum(found.values())}
