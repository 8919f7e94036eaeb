"""Reads a Dockerfile as far as ours goes: instructions, continued lines, stages."""

from pathlib import Path
from typing import NamedTuple

from tests.deploy.files import ROOT


class Instruction(NamedTuple):
    """One instruction of a stage."""

    word: str
    rest: str


def stages(path: Path = ROOT / "Dockerfile") -> dict[str, list[Instruction]]:
    """Name of each stage (``final`` for the last) -> its instructions, FROM first; ``global`` -> those before."""
    found: dict[str, list[Instruction]] = {"global": []}
    current = found["global"]
    for line in _logical(path.read_text(encoding="utf-8")):
        word, _, rest = line.partition(" ")
        if word == "FROM":
            _, _, name = rest.partition(" AS ")
            current = found.setdefault(name or "final", [])
        current.append(Instruction(word, rest.strip()))
    return found


def _logical(text: str) -> list[str]:
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    return "\n".join(lines).replace("\\\n", " ").splitlines()
