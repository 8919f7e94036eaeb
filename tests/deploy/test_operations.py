"""docs/operations.md says what is so: settings, commands, services, variables, links."""

import re

import pytest
import typer

from deploy.settings import PAGE, with_table
from lantaarn.cli import app
from schemas.topics import DEAD_LETTER_DAYS, LOOK_BACK_AND_SLACK_DAYS, Role
from tests.deploy.files import ROOT, SERVICES

TEXT = PAGE.read_text(encoding="utf-8")


def test_table_of_settings_is_that_of_the_program() -> None:
    assert with_table(TEXT) == TEXT, "run: uv run python -m deploy.settings"


def test_commands_exist() -> None:
    root = typer.main.get_command(app)
    known = set(root.commands)  # type: ignore[attr-defined]
    named = set(re.findall(r"`lantaarn ([a-z-]+)", TEXT)) | set(re.findall(r"--rm tools ([a-z-]+)", TEXT))
    assert named
    assert named <= known


def test_variables_of_the_compose_file_are_all_told() -> None:
    used = set(re.findall(r"\$\{(\w+):-", (ROOT / "docker-compose.yml").read_text(encoding="utf-8")))
    assert used == set(re.findall(r"DEPLOY_\w+", TEXT))


def test_every_process_and_user_is_told() -> None:
    for service in ("intake", "worker", "sink", "watch"):
        assert service in SERVICES
        assert f"| `lantaarn {service}` |" in TEXT
    for role in Role:
        assert role is Role.ADAPTER or f"`{role}`" in TEXT


def test_times_are_those_of_the_topics() -> None:
    assert f"kept for {LOOK_BACK_AND_SLACK_DAYS} days" in TEXT
    assert f"within {DEAD_LETTER_DAYS} days" in TEXT


@pytest.mark.parametrize("target", re.findall(r"\]\(([^)#:]+)\)", TEXT))
def test_links_lead_somewhere(target: str) -> None:
    assert (PAGE.parent / target).exists()
