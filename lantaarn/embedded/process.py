"""Child processes that end when they should: by ``stop``, by ``kill``, and with the Python that started them.

A demo that is killed must not leave JVMs behind, and nothing in the dying process can see to that. So each
child's process group also holds a one-line shell that waits on a pipe from us: when we are gone, however we
went, the pipe closes and the shell kills its own group. (Linux's parent-death signal would not do: it fires
when the *thread* that started the child ends, needs Python code between fork and exec, and macOS lacks it.)
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import structlog

from lantaarn.embedded.ports import port_is_open

_log = structlog.get_logger(__name__)

# `exec` keeps the pid, so that the Popen object speaks about the program itself, not about the shell.
_GUARDED = 'exec 3<&0 </dev/null; (read -r _ <&3; kill -KILL 0) & exec 3<&-; exec "$@"'
_LOG_TAIL_LINES = 25


class ProcessError(RuntimeError):
    """A child process did not start, or ended when it should not have; the message holds its last output."""


class ManagedProcess:
    """One running child in its own session, with its output in a file."""

    def __init__(
        self, name: str, command: Sequence[str | Path], log_file: Path, env: Mapping[str, str] | None = None
    ) -> None:
        """Starts it.

        Args:
            name: for messages, such as ``Kafka``.
            command: program and arguments; must hold no secret, for any user can list it.
            log_file: receives stdout and stderr, appended.
            env: added to this process's environment.
        """
        self.name = name
        self.log_file = log_file
        log_file.parent.mkdir(parents=True, exist_ok=True)
        with log_file.open("ab") as log:
            self._log_start = log.tell()
            self._popen = subprocess.Popen(
                ["/bin/sh", "-c", _GUARDED, "guarded", *map(str, command)],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env={**os.environ, **(env or {})},
            )
        _log.debug("process started", name=name, pid=self.pid)

    @property
    def pid(self) -> int:
        """Of the program itself; also its process group."""
        return self._popen.pid

    @property
    def running(self) -> bool:
        """Whether the program has not ended yet."""
        return self._popen.poll() is None

    def wait(self, timeout: float) -> int:
        """Waits for the program to end by itself and returns its exit code.

        Raises:
            ProcessError: it still runs after ``timeout`` seconds; it was killed.
        """
        try:
            return self._popen.wait(timeout)
        except subprocess.TimeoutExpired as error:
            raise self.failure(f"did not finish in {timeout:.0f} s") from error
        finally:
            self.kill()

    def wait_for_port(self, port: int, timeout: float = 60) -> None:
        """Returns when something accepts connections on 127.0.0.1:``port``.

        Raises:
            ProcessError: the program ended first, or ``timeout`` seconds passed.
        """
        deadline = time.monotonic() + timeout
        while not port_is_open(port):
            self.check()
            if time.monotonic() > deadline:
                raise self.failure(f"did not open port {port} within {timeout:.0f} s")
            time.sleep(0.02)

    def check(self) -> None:
        """Raises ``ProcessError`` when the program has ended."""
        if not self.running:
            raise self.failure(f"ended with exit code {self._popen.returncode}")

    def failure(self, what: str) -> ProcessError:
        """An error that says what happened and shows the end of what this run logged."""
        with self.log_file.open("rb") as log:
            log.seek(self._log_start)
            tail = log.read().decode("utf-8", "replace").splitlines()[-_LOG_TAIL_LINES:]
        return ProcessError("\n".join([f"{self.name} {what}; last lines of its log:", *tail]))

    def stop(self, timeout: float = 20) -> None:
        """Asks the program to end, and kills it when it has not within ``timeout`` seconds."""
        if self.running:
            self._popen.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._popen.wait(timeout)
        self.kill()

    def kill(self) -> None:
        """SIGKILL to the whole group, as a crash or a pulled plug would; returns when it is gone."""
        if self._popen.stdin is None or self._popen.stdin.closed:
            return
        # The guard lives until this moment, so the group's number cannot have been given to strangers.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self._popen.wait()
        self._popen.stdin.close()
        _log.debug("process ended", name=self.name, pid=self.pid, exit_code=self._popen.returncode)
