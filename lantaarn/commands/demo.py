"""The demo command."""

import fcntl
import json
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import structlog
import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from lantaarn.settings import SettingsError

EXAMPLES = Path("examples")
FOLDER = Path(".lantaarn/demo")


def demo(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of the summary.")] = False,
    keep: Annotated[bool, typer.Option("--keep", help="Leave everything running until Ctrl-C, and say where.")] = False,
    postgres: Annotated[bool, typer.Option("--postgres", help="Keep the cases in PostgreSQL, not SQLite.")] = False,
    policy: Annotated[Path, typer.Option(help="The policy of the town.")] = EXAMPLES / "policy-default.toml",
) -> None:
    """Play seven months of a town of 90,000 people through the real pipeline, and show what comes of it.

    Real Kafka and a real schema registry are started on this machine (downloaded once, about 200 MB); adapters, intake,
    worker and sink run as the separate processes that they are in production.
    """
    from lantaarn.demo.town import play_town  # noqa: PLC0415 - only this command needs every room

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger("error"))
    errors = Console(stderr=True)
    if not EXAMPLES.is_dir():
        raise SettingsError(f"{EXAMPLES}/ is not here: run the demo from the project's folder")
    with _alone(FOLDER), _progress(errors) as progress:
        shutil.rmtree(FOLDER, ignore_errors=True)
        with play_town(EXAMPLES, policy, FOLDER, progress, postgres=postgres) as (figures, urgent, where):
            if as_json:
                typer.echo(json.dumps(figures.to_json()))
            else:
                from lantaarn.demo.summary import show  # noqa: PLC0415

                show(Console(), figures, urgent)
            if keep:
                progress.stop()
                errors.print(f"Everything is still running. From another terminal: source {where}")
                errors.print("then for example: lantaarn tasks, lantaarn reconcile. Ctrl-C stops all of it.")
                threading.Event().wait()


@contextmanager
def _progress(console: Console) -> Iterator[Progress]:
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        yield progress


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One demonstration at a time in a checkout."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / "demo.lock").open("w", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SettingsError("a demo is running here already; stop it first (Ctrl-C where it runs)") from None
        yield
