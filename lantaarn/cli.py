"""``lantaarn``: one command for every process and every question."""

import sys
from typing import Any

import typer
from typer.core import TyperGroup

from lantaarn.commands import (
    access,
    acting,
    delivering,
    demo,
    looking,
    observing,
    overviewing,
    register,
    replaying,
    reporting,
    resident,
    running,
    scenarios,
    setting_up,
    sorting,
    storing,
)
from lantaarn.mending import reason_of


class Plainly(TyperGroup):
    """Commands of which an error that somebody can mend is told in one line, without a traceback."""

    def invoke(self, ctx: Any) -> Any:
        """Run one; exit code 1 where it fails."""
        hook = sys.excepthook
        try:
            return super().invoke(ctx)
        except Exception as error:
            reason = reason_of(error)
            # A process that logs as JSON has put a hook of its own there, and tells the reason in its last line.
            if reason is None or sys.excepthook is not hook:
                raise
            sys.exit(f"lantaarn: {reason}")


app = typer.Typer(
    cls=Plainly,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Early signals of arrears, matched per household as they arrive. Settings: environment LANTAARN_…, or a TOML "
    "file named by LANTAARN_CONFIG.",
)
app.command()(demo.demo)
app.command()(setting_up.up)
app.command()(running.publish)
app.command()(delivering.delivery_receipts)
app.command()(running.intake)
app.command()(running.worker)
app.command()(running.sink)
app.command("tick")(running.tick_command)
app.command()(running.activate)
app.command()(replaying.replay)
app.command()(scenarios.scenarios)
app.command()(observing.watch)
app.command()(observing.status)
app.command()(looking.tasks)
app.command()(looking.explain)
app.command()(resident.letter)
app.command()(resident.access_file)
app.command()(looking.reconcile)
app.command()(looking.export_log)
app.command()(acting.consult)
app.add_typer(sorting.sorting_commands, name="sorting")
app.add_typer(reporting.report, name="report")
app.add_typer(resident.referral_commands, name="referrals")
app.add_typer(setting_up.schemas, name="schemas")
app.add_typer(setting_up.topic_commands, name="topics")
app.add_typer(storing.store_commands, name="store")
app.add_typer(register.register_commands, name="register")
app.add_typer(access.acls, name="acls")
access.partner_commands.command("overview")(overviewing.overview)
app.add_typer(access.partner_commands, name="partner")


def main() -> None:
    """Run a command; what the user can mend is told in one line, without a traceback."""
    app()
