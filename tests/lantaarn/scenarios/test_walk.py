"""The policy officer's walk in the handbook, step by step: what it says to type is typed, what it shows is compared."""

import os
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[3]
BLOCK = re.compile(r"^```(\w+) ?(\S*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def walk() -> list[tuple[str, str, str]]:
    """Kind, file name and content of each block of the walk."""
    page = (ROOT / "docs" / "policy.md").read_text(encoding="utf-8")
    section = page.split("## Try a change on stories\n")[1].split("\n## ")[0]
    return [(found[1], found[2], found[3]) for found in BLOCK.finditer(section)]


def steps(console: str) -> list[tuple[str, str]]:
    """The commands of a block, each with what it shows."""
    found = [part.partition("\n") for part in console.removeprefix("$ ").split("\n$ ")]
    return [(command, shown) for command, _, shown in found]


def bare(text: str) -> str:
    """Without the space at the ends of lines, nor empty lines."""
    return "\n".join(line.rstrip() for line in text.splitlines() if line.strip())


def looks_like(shown: str, said: str) -> bool:
    """Whether what was said is what is shown; … stands for anything."""
    return re.fullmatch(".*".join(map(re.escape, shown.split("…"))), said, re.DOTALL) is not None


def plain() -> dict[str, str]:
    """The environment of somebody who has just cloned: nothing of the one that the tests run in."""
    folders = [part for part in os.environ["PATH"].split(os.pathsep) if not (Path(part) / "lantaarn").exists()]
    not_theirs = {"VIRTUAL_ENV", "PYTHONPATH", "MAKEFLAGS", "MAKELEVEL", "MFLAGS"}  # of uv run, and of make test
    kept = {name: value for name, value in os.environ.items() if name not in not_theirs}
    return {**kept, "PATH": os.pathsep.join(folders), "COLUMNS": "80"}


def typed(shell: list[str]) -> list[str]:
    """What one shell says to each of these, typed in the checkout one after the other."""
    end = "-- said --"
    script = "\n".join(f"{{ {line}\n}} 2>&1; echo '{end}'" for line in shell)
    done = subprocess.run(["/bin/sh", "-c", script], cwd=ROOT, env=plain(), capture_output=True, text=True, check=True)
    return done.stdout.split(f"{end}\n")[:-1]


def test_the_walk_goes_as_the_handbook_says(tmp_path: Path) -> None:
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    first, *others = [block for block in walk() if block[0] == "console"]
    for _, name, content in (block for block in walk() if block[0] == "toml"):
        (tmp_path / name).write_text(content, encoding="utf-8")
    given = [*steps(first[2]), (f"cd '{tmp_path}'", "")]  # where its files leave no trace in the checkout
    given += [step for block in others for step in steps(block[2])]
    for (command, shown), said in zip(given, typed([command for command, _ in given]), strict=True):
        assert looks_like(bare(shown), bare(said)), f"{command}\n{said}"
    assert len(given) == 2 + 1 + 7
