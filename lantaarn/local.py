"""A whole deployment on one machine: embedded servers, and the processes of the pipeline beside them.

Everything it makes is in one folder; the processes are started as they are in production, each with its own user, and
told where things are by environment variables alone.
"""

import os
import secrets
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Self

from lantaarn import topics
from lantaarn.embedded import EmbeddedStack, PostgresServer
from lantaarn.embedded.kafka import ADMIN
from lantaarn.embedded.process import ManagedProcess
from lantaarn.settings import Settings
from lantaarn.wiring import registry
from schemas.topics import Role

Progress = Callable[[str], None]
PREFIX = "lantaarn."


class LocalDeployment:
    """Starts and stops it; a context manager.

    Args:
        folder: For logs, data and secrets; used again by the next start.
        agreements: Agreements file.
        policies: Policy file or folder.
        backfill: Whether deliveries carry their own time.
        postgres: Whether the case store is in PostgreSQL instead of a SQLite file.
        progress: Told in one line at a time what goes on.
    """

    def __init__(
        self,
        folder: Path,
        *,
        agreements: Path,
        policies: Path,
        backfill: bool = False,
        postgres: bool = False,
        progress: Progress,
    ) -> None:
        self.folder = folder.absolute()
        self._passwords = self._kept_secrets()
        self._progress = progress
        self._shared = {
            "LANTAARN_TOPIC_PREFIX": PREFIX,
            "LANTAARN_AGREEMENTS": str(agreements.absolute()),
            "LANTAARN_POLICIES": str(policies.absolute()),
            "LANTAARN_CONTACT": str(policies.absolute().parent / "contact.toml"),
            "LANTAARN_REFERRALS": str(policies.absolute().parent / "referrals"),
            "LANTAARN_ACCESS_LOG": str(self.folder / "access-log.jsonl"),
            "LANTAARN_CASE_STORE_URL": f"sqlite:///{self.folder / 'cases.db'}",
            "LANTAARN_PSEUDONYM_SECRET_FILE": str(self._secret_file("pseudonym")),
            "LANTAARN_BACKFILL": str(backfill).lower(),
        }
        self._postgres = PostgresServer(self.folder / "postgres") if postgres else None
        self.stack = EmbeddedStack(self.folder / "stack", self._passwords, progress=progress)
        self.processes: dict[str, ManagedProcess] = {}

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Servers up, topics made, contracts registered."""
        if self._postgres is not None:
            self._progress("starting PostgreSQL")
            self._postgres.start()
            self._shared["LANTAARN_CASE_STORE_URL"] = self._postgres.url
        self.stack.start()
        settings = self.settings(ADMIN)
        self._progress("registering contracts and making topics")
        registry(settings).register()
        kafka, catalogue = settings.kafka(), settings.catalogue()
        topics.create(kafka, topics.plan(kafka, catalogue).missing)

    def stop(self) -> None:
        """The processes first, then the servers that they need."""
        with ThreadPoolExecutor(max_workers=8, thread_name_prefix="stop") as pool:
            for stopped in [pool.submit(process.stop) for process in self.processes.values()]:
                stopped.result()
        self.processes.clear()
        self.stack.stop()
        if self._postgres is not None:
            self._postgres.stop()

    def environment(self, user: str, **more: str) -> dict[str, str]:
        """What a process with this user must be told."""
        ends = self.stack.endpoints
        return {
            **self._shared,
            "LANTAARN_BOOTSTRAP_SERVERS": ends.bootstrap,
            "LANTAARN_REGISTRY_URL": ends.registry_url,
            "LANTAARN_SASL_USERNAME": user,
            "LANTAARN_SASL_PASSWORD_FILE": str(self._secret_file(user)),
            **more,
        }

    def write_environment(self, user: str) -> Path:
        """A file to source in a shell, so that commands there find this deployment."""
        file = self.folder / "environment"
        told = [f"export {name}='{value}'" for name, value in self.environment(user).items()]
        path = f"export PATH='{Path(sys.executable).parent}':\"$PATH\""  # uv may be in a folder of ours alone
        file.write_text("\n".join([path, *told]) + "\n", encoding="utf-8")
        return file

    def settings(self, user: str) -> Settings:
        """The same, for this process."""
        told = {name.removeprefix("LANTAARN_").lower(): value for name, value in self.environment(user).items()}
        return Settings.model_validate(told)

    def spawn(self, name: str, user: str, *command: str, **more: str) -> ManagedProcess:
        """Start a ``lantaarn`` command as a process of its own; its log is in the folder."""
        process = ManagedProcess(
            name,
            [sys.executable, "-m", "lantaarn", *command],
            self.folder / f"{name}.log",
            env=self.environment(user, **more),
        )
        self.processes[name] = process
        return process

    def _kept_secrets(self) -> dict[str, str]:
        folder = self.folder / "secrets"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for name in (ADMIN, *Role, "pseudonym"):
            file = self._secret_file(name)
            if not file.exists():
                descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
                with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
                    opened.write(secrets.token_urlsafe(24))
        return {name: self._secret_file(name).read_text(encoding="utf-8") for name in (ADMIN, *Role)}

    def _secret_file(self, name: str) -> Path:
        return self.folder / "secrets" / name
