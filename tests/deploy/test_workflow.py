"""The public CI: valid, pinned, and made of commands that exist."""

import os
import re
from json import loads
from typing import Any

import jsonschema
import yaml

from tests.deploy.files import ROOT, SERVICES, vendored

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


class _Loader(yaml.SafeLoader):
    """YAML 1.2's idea of a boolean: ``on`` is a word."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in found if tag != "tag:yaml.org,2002:bool" or first in "tTfF"]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _workflow() -> dict[str, Any]:
    [file] = WORKFLOWS
    found = yaml.load(file.read_text(encoding="utf-8"), _Loader)  # noqa: S506 - a safe loader
    assert isinstance(found, dict)
    return found


def _steps() -> list[dict[str, Any]]:
    return [step for job in _workflow()["jobs"].values() for step in job["steps"]]


def test_workflow_is_valid() -> None:
    schema = vendored("github-workflows.json")
    jsonschema.Draft7Validator(loads(schema.read_text(encoding="utf-8"))).validate(_workflow())


def test_actions_are_github_s_own_and_pinned() -> None:
    used = [step["uses"] for step in _steps() if "uses" in step]
    assert used
    assert all(re.fullmatch(r"actions/[\w-]+@v\d+\.\d+\.\d+", each) for each in used)


def test_it_may_only_read() -> None:
    assert _workflow()["permissions"] == {"contents": "read"}
    assert all("permissions" not in job for job in _workflow()["jobs"].values())


def test_every_command_exists() -> None:
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    commands = [part for step in _steps() if "run" in step for part in step["run"].split(" && ")]
    for command in commands:
        match command.split():
            case ["make", target]:
                assert target in targets
            case ["docker", "compose", "run", *options_and_rest]:
                service = next(word for word in options_and_rest if not word.startswith("-"))
                assert service in SERVICES
            case ["docker", "compose", verb, *_]:
                assert verb in {"build", "up", "down", "ps", "logs"}
            case [script]:
                assert os.access(ROOT / script, os.X_OK), script
            case _:
                raise AssertionError(command)


def test_each_way_to_run_the_tests_is_there() -> None:
    jobs = _workflow()["jobs"]
    assert set(jobs) == {"embedded", "containers", "compose"}
    assert jobs["containers"]["env"] == {"LANTAARN_TEST_STACK": "docker"}


def test_files_that_are_kept_between_runs_exist() -> None:
    for step in _steps():
        for name in re.findall(r"hashFiles\('([^']+)'\)", str(step.get("with", {}))):
            assert (ROOT / name).is_file()
