"""Broker and schema registry together, for as long as a ``with`` block lasts.

    with EmbeddedStack(Path(".lantaarn"), users) as stack:
        producer = Producer(stack.client("adapter"))

Each stack has its own ports and folder, so several run side by side. The first start downloads about 200 MB
to the user's cache; later ones need no network.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from lantaarn.embedded.artefact import Progress, silent
from lantaarn.embedded.jars import ensure_all
from lantaarn.embedded.kafka import KafkaBroker, client_config
from lantaarn.embedded.kafka_settings import MECHANISM
from lantaarn.embedded.registry import SchemaRegistry


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where a stack listens and how its users sign in."""

    bootstrap: str
    registry_url: str
    sasl_mechanism: str = MECHANISM


class EmbeddedStack:
    """A context manager, safe under Ctrl-C; ``start`` and ``stop`` are for callers without a ``with``."""

    def __init__(
        self,
        data_dir: Path,
        users: Mapping[str, str],
        *,
        progress: Progress = silent,
        allow_everyone_without_acl: bool = True,
        broker_overrides: Mapping[str, str | int] | None = None,
    ) -> None:
        """Describes it; nothing is fetched or started yet.

        Args:
            data_dir: holds ``kafka/`` and ``registry/``; reuse it, with the same users, to find all data.
            users: name to password, with ``admin`` among them; see ``KafkaBroker``.
            progress: told in one line at a time what goes on; may be called from another thread.
            allow_everyone_without_acl: see ``KafkaBroker``.
            broker_overrides: broker settings that win over ours.
        """
        self.data_dir = data_dir
        self._users = dict(users)
        self._progress = progress
        self._allow = allow_everyone_without_acl
        self._overrides = broker_overrides
        self._broker: KafkaBroker | None = None
        self._registry: SchemaRegistry | None = None

    @property
    def broker(self) -> KafkaBroker:
        """The broker, to stop, kill or restart it. Raises ``RuntimeError`` before ``start``."""
        if self._broker is None:
            raise RuntimeError("the stack was not started")
        return self._broker

    @property
    def registry(self) -> SchemaRegistry:
        """The schema registry. Raises ``RuntimeError`` before ``start``."""
        if self._registry is None:
            raise RuntimeError("the stack was not started")
        return self._registry

    @property
    def endpoints(self) -> Endpoints:
        """The addresses; they stay the same when a part is restarted."""
        return Endpoints(self.broker.bootstrap, self.registry.url)

    def client(self, user: str) -> dict[str, Any]:
        """Configuration of a confluent-kafka client that signs in as ``user``; raises ``KeyError``."""
        return client_config(self.broker.bootstrap, user, self._users[user])

    def start(self) -> None:
        """Fetches what is missing, then starts both at the same time; on any error neither is left running.

        Raises:
            ArtefactError: something could not be downloaded.
            ProcessError: a part did not come up.
        """
        jars, installation = ensure_all(self._progress)
        self._broker = KafkaBroker(
            self.data_dir / "kafka",
            self._users,
            jars=jars,
            allow_everyone_without_acl=self._allow,
            overrides=self._overrides,
        )
        self._registry = SchemaRegistry(self.data_dir / "registry", installation=installation)
        self._progress("starting Kafka and the schema registry")
        with ThreadPoolExecutor(2, thread_name_prefix="stack") as pool:
            jobs = [
                pool.submit(self._reporting, "Kafka is ready", self._broker.start),
                pool.submit(self._reporting, "the schema registry is ready", self._registry.start),
            ]
            try:
                done, _ = wait(jobs, return_when=FIRST_EXCEPTION)
                for job in done:
                    job.result()
            except BaseException:
                # Ctrl-C too. A part may just be moving from one process to its next, hence the loop.
                pending = True
                while pending:
                    self._broker.kill()
                    self._registry.kill()
                    pending = bool(wait(jobs, timeout=0.1).not_done)
                raise

    def stop(self) -> None:
        """Ends both; the data stays. Does nothing when they do not run."""
        with ThreadPoolExecutor(2, thread_name_prefix="stack") as pool:
            parts = [part for part in (self._broker, self._registry) if part is not None]
            for job in [pool.submit(part.stop) for part in parts]:
                job.result()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _reporting(self, line: str, start: Callable[[], None]) -> None:
        start()
        self._progress(line)
