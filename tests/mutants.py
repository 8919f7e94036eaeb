"""Mutation testing of `streams/core`: does a test fail when the core is changed? `make mutants`; see docs/mutants.md.

mutmut works on a copy, in which two things differ from the core so that it sees all of it: decorators are applied below
a function instead of above (mutmut passes over decorated functions, and our rules are), and what the calendar has
cached is forgotten before each test (mutants are forked from a process that has run all tests). The property tests are
left out: they are seeded anew each run, and would hide for a day what no example shows.

Prints each survivor as a row for docs/mutants.md, `new` where it is not explained there, and the figures. Fails under
90 %.

Usage: python -m tests.mutants [children]
"""

import ast
import json
import shutil
import subprocess
import sys
from pathlib import Path

COPY = Path(".lantaarn/mutants")
CORE = Path("streams/core")
EXPLAINED = Path("docs/mutants.md")
ENOUGH = 90.0  # percent killed
KILLED = {"killed", "timeout", "segfault"}

SETTINGS = """
[tool.mutmut]
source_paths = ["streams/core"]
pytest_add_cli_args = ["-p", "no:cacheprovider"]
pytest_add_cli_args_test_selection = ["tests/streams/core", "--ignore=tests/streams/core/test_properties.py"]
also_copy = ["streams", "schemas", "tests", "examples"]
"""

CONFTEST = """
from functools import lru_cache

import holidays

from streams.core import calendar

holidays.country_holidays = lru_cache(holidays.country_holidays)  # not ours, and slow


def pytest_runtest_setup() -> None:
    for value in vars(calendar).values():
        if hasattr(value, "cache_clear"):
            value.cache_clear()
"""


DIFFS = """
import json, sys
from mutmut.mutation.diff_apply import get_diff_for_mutant

print(json.dumps({name: get_diff_for_mutant(name) for name in sys.argv[1:]}))
"""


def copied() -> None:
    """Copy what the core's tests need, with the core so that mutmut sees all of it."""
    shutil.rmtree(COPY, ignore_errors=True)
    for room in ("streams", "schemas", "tests", "examples"):
        shutil.copytree(room, COPY / room, ignore=shutil.ignore_patterns("__pycache__"))
    for file in (COPY / CORE).glob("*.py"):
        file.write_text(decorated_below(file.read_text(encoding="utf-8")), encoding="utf-8")
    (COPY / "tests/conftest.py").write_text(CONFTEST, encoding="utf-8")  # the whole one starts a broker
    settings = Path("pyproject.toml").read_text(encoding="utf-8") + SETTINGS
    (COPY / "pyproject.toml").write_text(settings, encoding="utf-8")


def decorated_below(source: str) -> str:
    """The same module with ``name = decorator(name)`` after each decorated function."""
    lines = source.splitlines()
    functions = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)]
    for node in sorted(functions, key=lambda node: node.lineno, reverse=True):
        decorators = [ast.unparse(decorator) for decorator in node.decorator_list]
        if not decorators or decorators == ["classmethod"]:
            continue
        value = node.name
        for decorator in reversed(decorators):
            value = f"{decorator}({value})"
        assert node.end_lineno is not None
        lines.insert(node.end_lineno, f"{' ' * node.col_offset}{node.name} = {value}")
        del lines[node.decorator_list[0].lineno - 1 : node.lineno - 1]
    return "\n".join(lines) + "\n"


def run(*arguments: str, told: bool = False) -> str:
    """Run Python in the copy."""
    done = subprocess.run(
        [sys.executable, *arguments], cwd=COPY, check=True, text=True, stdout=None if told else subprocess.PIPE
    )
    return done.stdout or ""


def row(mutant: str, diff: str) -> str:
    """Where a mutant is and what it changes, as it stands in the table of docs/mutants.md."""
    module, function = mutant.removeprefix("streams.core.").rpartition("__mutmut_")[0].split(".")
    name = function[1:].strip("ǁ").replace("ǁ", ".") if "ǁ" in function else function.removeprefix("x_")
    old, new = (
        " ".join(line[1:].strip() for line in diff.splitlines() if line.startswith(sign) and line[:3] != 3 * sign)
        for sign in "-+"
    )
    changed = f"`{old}` → `{new}`".replace("|", "\\|")
    return f"| `{module}.{name}` | {changed} |"


def main(children: str = "2") -> int:
    copied()
    run("-m", "mutmut", "run", "--max-children", children, told=sys.stdout.isatty())
    fates = dict(line.strip().rsplit(": ", 1) for line in run("-m", "mutmut", "results", "--all", "true").splitlines())
    if "not checked" in fates.values():
        sys.stderr.write(f"mutmut ended before it was through: does a test fail without mutants? See {COPY}\n")
        return 2
    survivors = sorted(mutant for mutant, fate in fates.items() if fate not in KILLED)
    explained = EXPLAINED.read_text(encoding="utf-8")
    rows = {mutant: row(mutant, diff) for mutant, diff in json.loads(run("-c", DIFFS, *survivors)).items()}
    new = [mutant for mutant in survivors if rows[mutant] not in explained]
    score = 100 * (len(fates) - len(survivors)) / len(fates)
    for mutant in survivors:
        sys.stdout.write(f"{'new' if mutant in new else 'explained':9} {mutant}: {fates[mutant]}\n{rows[mutant]}\n")
    figures = {
        "mutants": len(fates),
        "killed": len(fates) - len(survivors),
        "survived": len(survivors),
        "explained": len(survivors) - len(new),
        "score": round(score, 1),
    }
    sys.stdout.write(json.dumps(figures) + "\n")
    return 0 if score >= ENOUGH else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
