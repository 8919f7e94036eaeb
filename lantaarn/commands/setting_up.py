"""Commands that set a deployment up: contracts, topics, a stack on one machine."""

import threading
from pathlib import Path
from typing import Annotated

import typer

from lantaarn import topics
from lantaarn.commands import contracts
from lantaarn.loading import load_settings
from lantaarn.wiring import registry, stop_on_signals
from schemas.topics import Role

schemas = typer.Typer(help="The contracts: show, register, document, release.", no_args_is_help=True)
schemas.command("document")(contracts.document)
schemas.command("release")(contracts.release)
topic_commands = typer.Typer(help="The topics of the catalogue: show, create.", no_args_is_help=True)


@schemas.command("show")
def show_schemas() -> None:
    """Show each contract and whether the registry has this version of it."""
    for planned in registry(load_settings()).plan():
        state = "to be registered" if planned.known_id is None else f"registered, id {planned.known_id}"
        typer.echo(f"{planned.record}: {state}")


@schemas.command("register")
def register_schemas() -> None:
    """Register the contracts (compatibility BACKWARD_TRANSITIVE). The only step that does; clients never register."""
    for done in registry(load_settings()).register():
        typer.echo(f"{done.record}: {'registered' if done.known_id is None else 'was there'}")


@topic_commands.command("show")
def show_topics() -> None:
    """Show each topic: what is in it, who writes and who reads it."""
    for topic in load_settings().catalogue():
        writers, readers = (", ".join(sorted(roles)) for roles in (topic.writers, topic.readers))
        typer.echo(f"{topic.name}: {topic.record}, {topic.partitions} partitions; {writers} -> {readers}")


@topic_commands.command("create")
def create_topics(
    replication: Annotated[int, typer.Option(min=1, help="Copies of each record; 3 in production.")] = 3,
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without, only show what is missing.")] = False,
) -> None:
    """Create the topics that are missing. Nothing that is there is changed."""
    settings = load_settings()
    planned = topics.plan(settings.kafka(), settings.catalogue())
    for topic in planned.missing:
        typer.echo(f"{'creating' if yes else 'missing'}: {topic.name}")
    if yes:
        topics.create(settings.kafka(), planned.missing, replication)
    elif planned.missing:
        typer.echo("Nothing done. Give --yes to create them.")
    else:
        typer.echo(f"All {len(planned.present)} topics are there.")


def up(
    agreements: Annotated[Path, typer.Option(help="Agreements with partners.")] = Path("examples/agreements.toml"),
    policy: Annotated[Path, typer.Option(help="Policy file or folder.")] = Path("examples/policy-default.toml"),
    folder: Annotated[Path, typer.Option(help="For data, logs and secrets.")] = Path(".lantaarn/up"),
    processes: Annotated[bool, typer.Option(help="Run intake, worker and sink too.")] = True,
) -> None:
    """Bring up Kafka, the schema registry and the pipeline on this machine, and keep them until Ctrl-C."""
    from lantaarn.local import LocalDeployment  # noqa: PLC0415 - production has no embedded servers

    stop: threading.Event = stop_on_signals()
    with LocalDeployment(folder, agreements=agreements, policies=policy, progress=typer.echo) as local:
        if processes:
            for name, role in (("intake", Role.INTAKE), ("worker", Role.WORKER), ("sink", Role.SINK)):
                local.spawn(name, role, name)
        where = local.write_environment(Role.AUDITOR)
        typer.echo(f"Up. To look around from another terminal: source {where}")
        typer.echo("Ctrl-C stops everything.")
        while not stop.wait(1.0):
            for process in local.processes.values():
                process.check()
