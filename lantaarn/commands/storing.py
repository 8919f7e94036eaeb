"""Commands about the case store itself: which revision it has, and bringing it to the present one."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from lantaarn.loading import load_settings

if TYPE_CHECKING:
    from sinks.store.migrating import Plan
    from sinks.store.store import CaseStore

store_commands = typer.Typer(help="The case store: show its revision, upgrade it.", no_args_is_help=True)


@store_commands.command("show")
def show_store() -> None:
    """Show the revision of the case store, and what an upgrade would bring. Changes nothing."""
    with _opened() as store:
        _tell(store.plan())


@store_commands.command("upgrade")
def upgrade_store(
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without, only show what would be done.")] = False,
) -> None:
    """Bring the case store to the present revision, with all that is in it. Back it up first.

    The sink does the same when it starts; this is for doing it beforehand, by a user who may change tables.
    """
    with _opened() as store:
        plan = store.plan()
        _tell(plan)
        if not plan.steps:
            return
        if not yes:
            typer.echo("Nothing done. Give --yes to upgrade.")
            return
        store.create()
        typer.echo("Upgraded.")


def _tell(plan: "Plan") -> None:
    stands = "empty" if plan.current is None else f"at revision {plan.current}"
    typer.echo(f"The case store is {stands}; this version of lantaarn needs {plan.head}.")
    for step in plan.steps:
        typer.echo(f"  {step.revision}: {step.brings}")


@contextmanager
def _opened() -> "Iterator[CaseStore]":
    """The store as it is."""
    from sinks.store.store import CaseStore  # noqa: PLC0415 - half a second that only those who store should pay

    with closing(CaseStore(load_settings().case_store_url)) as store:
        yield store
