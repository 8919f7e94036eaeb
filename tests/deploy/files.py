"""What is in the repository for containers, read once for all tests."""

import re
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
DEFAULT = re.compile(r"\$\{\w+:-([^}]*)\}")
SECRETS = "/run/secrets/"


def load(path: str) -> dict[str, Any]:
    """A YAML file of the repository, with the defaults of its variables filled in."""
    text = DEFAULT.sub(r"\1", (ROOT / path).read_text(encoding="utf-8"))
    found = yaml.safe_load(text.replace("$$", "$"))
    assert isinstance(found, dict)
    return found


COMPOSE = load("docker-compose.yml")
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if service["image"].startswith("lantaarn:")}


def lantaarn_commands(service: dict[str, Any]) -> list[list[str]]:
    """Arguments of each ``lantaarn`` that a service of ours runs."""
    if "entrypoint" not in service:
        return [service["command"]]
    [script] = service["command"]
    return [line.split()[1:] for line in script.splitlines() if line.split()[0] == "lantaarn"]


def mounted(service: dict[str, Any]) -> dict[str, Path]:
    """Path in the container -> file of the repository, of the configurations that a service is given."""
    configs = COMPOSE.get("configs", {})
    return {given["target"]: ROOT / configs[given["source"]]["file"] for given in service.get("configs", ())}


def vendored(schema: str) -> Path:
    """A schema that the package check-jsonschema carries. It is not imported: its command line wants a newer click."""
    found = find_spec("check_jsonschema")
    assert found is not None
    assert found.submodule_search_locations is not None
    return Path(found.submodule_search_locations[0]) / "builtin_schemas" / "vendor" / schema
