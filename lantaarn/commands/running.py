"""Commands that run the processes of the pipeline."""

import threading
from collections.abc import Callable
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import structlog
import typer

from lantaarn.log_lines import log_as_json
from lantaarn.observing import starting
from lantaarn.producing import Writer, for_every_partition
from lantaarn.sealing import seal_of, unbroken_agreements
from lantaarn.settings import Engine, load_policy
from lantaarn.wiring import case_store, deployment, stop_on_signals
from streams.observer import SILENT
from streams.outputs import Outputs
from streams.wakeups import activation, nominal_hour, tick

log = structlog.get_logger()
STEP_SECONDS = 10.0


def publish(
    adapter: Annotated[Path, typer.Argument(help="The adapter's file (TOML): its feeds, folders and columns.")],
    once: Annotated[bool, typer.Option(help="End when everything there has been published.")] = False,
) -> None:
    """Run a partner's adapter: read its deliveries and publish them as signals.

    Good rows are published, each bad row is named in a file beside the delivery. The outbox (LANTAARN_OUTBOX) remembers
    what was read: keep it, and a killed adapter goes on where it was.
    """
    from producers import adapter as adapters  # noqa: PLC0415 - each process loads only its own room
    from producers.config import load  # noqa: PLC0415

    log_as_json("adapter")
    made = deployment()
    settings = made.settings
    with starting.adapter(made) as observer:
        adapters.run(
            load(adapter),
            settings.kafka(),
            made.codec,
            made.catalogue,
            settings.outbox,
            backfill=settings.backfill,
            once=once,
            stop=stop_on_signals(),
            observer=observer,
        )


def intake() -> None:
    """Run intake: judge each signal and outcome, and address it to its household."""
    from streams.intake.judge import Judge  # noqa: PLC0415
    from streams.intake.process import Intake  # noqa: PLC0415

    log_as_json("intake")
    made = deployment()
    settings = made.settings
    agreements = unbroken_agreements(settings)
    if not seal_of(settings.agreements).exists():
        log.warning("agreements are not sealed: a changed entry goes unnoticed")
    with starting.intake(made) as observer:
        judge = Judge(
            made.codec,
            Outputs(made.codec, made.catalogue, settings.source, observer),
            made.catalogue,
            policies=settings.load_policies(),
            agreements=agreements,
            keys=settings.keys(),
            backfill=settings.backfill,
        )
        Intake(settings.member("intake"), made.catalogue, judge, observer=observer).run(stop_on_signals())


def worker() -> None:
    """Run a worker: keep the households and decide about their tasks. At most one for each partition does work."""
    from streams.engine.app import BatchWorker  # noqa: PLC0415
    from streams.households.app import HouseholdsWorker, WorkerSettings  # noqa: PLC0415
    from streams.households.ending import EndingWorker  # noqa: PLC0415

    log_as_json("worker")
    made = deployment()
    settings = made.settings
    with starting.worker(made) as metrics:
        observer = metrics or SILENT
        made_of = BatchWorker if settings.engine is Engine.BATCH else HouseholdsWorker
        households = made_of(
            WorkerSettings(
                settings.kafka(),
                settings.instance_id or "worker-1",
                settings.session_timeout_ms / 1000,
                settings.heartbeat_interval_ms / 1000,
                settings.standby_replicas,
                settings.batch_records,
            ),
            made.codec,
            made.catalogue,
            Outputs(made.codec, made.catalogue, settings.source, observer),
            observer,
        )
        runner = EndingWorker(households.app, quiet=True, redirect_stdouts=False, override_logging=False)
        runner.spinner = None  # it would write to standard output
        if metrics is not None:
            runner.loop.call_soon(metrics.watch, households, runner.loop)
        runner.execute_from_commandline()


def sink() -> None:
    """Run the sink: store every version of every task in the case store, each once."""
    from sinks import tasks  # noqa: PLC0415

    log_as_json("sink")
    made = deployment()
    with case_store(made.settings) as store, starting.sink(made) as metrics:
        tasks.run(
            made.settings.member("sink"),
            made.codec,
            made.catalogue,
            store,
            stop=stop_on_signals(),
            backfill=made.settings.backfill,
            observe=metrics.stored if metrics else None,
            turned=metrics.turned if metrics else None,
        )


def tick_command(
    at: Annotated[datetime | None, typer.Option(help="Nominal hour (UTC), instead of the present one.")] = None,
    every_hour: Annotated[bool, typer.Option(help="Go on, with a tick each hour.")] = False,
) -> None:
    """Wake the households whose deadlines have come. Several tickers do no harm."""
    log_as_json("ticker")
    made = deployment()
    writer = Writer(made.settings.kafka())
    stop = stop_on_signals() if every_hour else threading.Event()
    with starting.ticker(made) if every_hour else nullcontext() as metrics:
        while True:
            hour = nominal_hour(at.replace(tzinfo=UTC) if at else datetime.now(UTC))
            written = writer.write(for_every_partition(made, tick(hour)))
            log.info("ticked", hour=hour.isoformat())
            if metrics:
                metrics.ticked(written)
            following = hour + timedelta(hours=1)
            if not every_hour or _waited(stop, following, metrics.turned if metrics else None):
                return


def _waited(stop: threading.Event, until: datetime, turned: Callable[[], None] | None) -> bool:
    """Wait for a moment, in short steps so that health hears of each; true when asked to stop."""
    while (left := (until - datetime.now(UTC)).total_seconds()) > 0:
        if turned is not None:
            turned()
        if stop.wait(min(left, STEP_SECONDS)):
            return True
    return stop.is_set()


def activate(
    policy: Annotated[Path, typer.Argument(help="Policy file (TOML).")],
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without, only show what would be done.")] = False,
) -> None:
    """Bring a policy into use: every household is looked at again from its valid_from on."""
    made = deployment()
    loaded = load_policy(policy)
    typer.echo(
        f"Policy {loaded.version}, in force from {loaded.valid_from}, for {made.catalogue.partitions} partitions."
    )
    if not yes:
        typer.echo("Nothing done. Give --yes to activate it; an activated policy is never changed or taken back.")
        return
    event = activation(loaded, policy.read_text(encoding="utf-8"), datetime.now(UTC))
    Writer(made.settings.kafka()).write(for_every_partition(made, event))
    typer.echo("Activated.")
