"""Environments of the peers: made once, in the user's cache, apart from ours."""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

WANTED = Path(__file__).parent / "contenders" / "quix.txt"


def quix(tell: Callable[[str], None]) -> Path:
    """Python of an environment with Quix Streams and what our stage needs; made where it is not there.

    Raises:
        RuntimeError: When it cannot be made; says why.
    """
    text = WANTED.read_text(encoding="utf-8")
    name = hashlib.sha256(f"{text}{sys.version}".encode()).hexdigest()[:12]
    folder = _cache() / f"quix-{name}"
    python = folder / "bin" / "python"
    if not (folder / "made").exists():
        tell(f"making an environment for Quix Streams, once: {folder}")
        uv = shutil.which("uv") or str(Path(__file__).parents[1] / ".tools" / "bin" / "uv")
        _run(uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(folder))
        _run(uv, "pip", "install", "--quiet", "--python", str(python), "--requirement", str(WANTED))
        (folder / "made").touch()
    return python


def _cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "lantaarn" / "bench"


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command[:3])}: {done.stderr.strip()}")
