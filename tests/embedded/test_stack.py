"""The stack as a whole: when one part fails, nothing is left running."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest

from lantaarn.embedded import EmbeddedStack, ProcessError


def test_failing_broker_takes_the_registry_down(tmp_path: Path) -> None:
    stack = EmbeddedStack(tmp_path, {"admin": "x"}, broker_overrides={"log.retention.ms": "soon"})
    with pytest.raises(ProcessError, match=r"log\.retention\.ms"), stack:
        pass
    ours = [child for child in psutil.Process().children(recursive=True) if str(tmp_path) in _command(child)]
    assert ours == []
    assert stack.registry.process is None


def test_addresses_are_unknown_before_the_start(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="not started"):
        _ = EmbeddedStack(tmp_path, {"admin": "x"}).endpoints


def _command(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""
