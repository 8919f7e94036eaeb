"""Each command tells what it does."""

import pytest
from typer.testing import CliRunner

from lantaarn.cli import app

COMMANDS = {
    "tasks": ("--status", "--limit", "--json", "--on"),
    "explain": ("TASK-ID", "--json", "--resident", "--on"),
    "letter": ("TASK-ID", "--on"),
    "access-file": ("TASK-ID", "--address", "--out", "--all-residents", "--yes"),
    "referrals": ("check", "page", "suggest"),
    "reconcile": ("--adapter", "--outbox", "--wait", "--json"),
    "delivery-receipts": ("--wait", "--json"),
    "export-log": ("--out",),
    "replay": ("--policy", "--as-of", "--cadence"),
}


@pytest.mark.parametrize("command", COMMANDS)
def test_help_names_every_option(command: str) -> None:
    done = CliRunner().invoke(app, [command, "--help"])
    assert done.exit_code == 0
    assert all(option in done.output for option in COMMANDS[command])


def test_the_list_of_commands_has_each() -> None:
    told = CliRunner().invoke(app, ["--help"]).output
    assert all(command in told for command in COMMANDS)
