"""Child processes: they say why they died, and do not outlive the Python that started them."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from lantaarn.embedded.ports import free_port, kept_ports
from lantaarn.embedded.process import ManagedProcess, ProcessError

_PARENT = """
import os, signal, sys
from pathlib import Path
from lantaarn.embedded.process import ManagedProcess
child = ManagedProcess("sleeper", ["sleep", "60"], Path(sys.argv[1]))
print(child.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_early_death_is_reported_with_the_log(tmp_path: Path) -> None:
    process = ManagedProcess("the lamp", ["sh", "-c", "echo no oil; exit 3"], tmp_path / "log")
    with pytest.raises(ProcessError, match=r"the lamp ended with exit code 3(.|\n)*no oil"):
        process.wait_for_port(free_port())
    process.kill()


def test_stop_kills_what_does_not_listen(tmp_path: Path) -> None:
    process = ManagedProcess("deaf", ["sh", "-c", "trap '' TERM; echo up; sleep 60"], tmp_path / "log")
    while not (tmp_path / "log").read_text():
        time.sleep(0.01)
    process.stop(timeout=0.2)
    assert not process.running


def test_killed_parent_leaves_no_child(tmp_path: Path) -> None:
    parent = subprocess.run(
        [sys.executable, "-c", _PARENT, str(tmp_path / "log")], capture_output=True, text=True, timeout=20, check=False
    )
    pid = int(parent.stdout.split()[-1])
    deadline = time.monotonic() + 5
    while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline, "the child outlived its parent"
        time.sleep(0.01)


def test_ports_are_kept_unless_someone_took_one(tmp_path: Path) -> None:
    first = kept_ports(tmp_path / "ports.json", "a", "b")
    assert kept_ports(tmp_path / "ports.json", "a", "b") == first
    with socket.create_server(("127.0.0.1", first["a"])):
        assert first["a"] not in kept_ports(tmp_path / "ports.json", "a", "b").values()
