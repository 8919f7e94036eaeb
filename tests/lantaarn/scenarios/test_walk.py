"""The policy officer's walk in the handbook, step by step: what it says to type is typed, what it shows is compared."""

import os
import re
import subprocess
import sys
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


def test_the_walk_goes_as_the_handbook_says(tmp_path: Path) -> None:
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    typed = 0
    for kind, name, content in walk():
        if kind == "toml":
            (tmp_path / name).write_text(content, encoding="utf-8")
            continue
        for command, shown in steps(content):
            done = subprocess.run(
                ["/bin/sh", "-c", command],
                cwd=tmp_path,
                env={**os.environ, "PATH": path, "COLUMNS": "80"},
                capture_output=True,
                text=True,
                check=False,
            )
            said = bare(done.stdout + done.stderr)
            assert looks_like(bare(shown), said), f"{command}\n{said}"
            typed += 1
    assert typed == 7
