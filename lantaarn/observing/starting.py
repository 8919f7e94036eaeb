"""Gives each process its observer: one that does nothing, or, with `metrics_port` set, metrics and health over HTTP.

Nothing is loaded for it until it is asked for: a partner's adapter runs without a metrics library.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from lantaarn.settings import SettingsError
from lantaarn.wiring import Deployment
from producers import observer as adapters
from streams.observer import SILENT, IntakeObserver

if TYPE_CHECKING:
    from lantaarn.observing.catalogue import Process
    from lantaarn.observing.health import Health
    from lantaarn.observing.meter import Meter
    from lantaarn.observing.processes import SinkMetrics, TickerMetrics
    from lantaarn.observing.worker import WorkerMetrics

FLUSH_PATIENCE = 150.0  # intake waits up to 120 s for the broker to take a batch, and then ends by itself
PATIENCE = 60.0
ADAPTER_PATIENCE = 600.0  # a query of a partner's database may take its time
WATCH_PATIENCE = 300.0  # a broker that does not answer costs half a minute a question


class Post(NamedTuple):
    """Where a process is watched from."""

    meter: "Meter"
    health: "Health"


@contextmanager
def adapter(made: Deployment) -> "Iterator[adapters.AdapterObserver]":
    """An adapter's observer."""
    with post(made, "adapter", ADAPTER_PATIENCE, works_alone=True) as watching:
        if watching is None:
            yield adapters.SILENT
            return
        from lantaarn.observing.processes import AdapterMetrics  # noqa: PLC0415

        yield AdapterMetrics(*watching, made.catalogue)


@contextmanager
def intake(made: Deployment) -> Iterator[IntakeObserver]:
    """Intake's observer."""
    with post(made, "intake", FLUSH_PATIENCE) as watching:
        if watching is None:
            yield SILENT
            return
        from lantaarn.observing.processes import IntakeMetrics  # noqa: PLC0415

        yield IntakeMetrics(*watching, made.catalogue, made.settings.load_policies())


@contextmanager
def worker(made: Deployment) -> "Iterator[WorkerMetrics | None]":
    """The worker's observer, which also wants to be asked to watch."""
    with post(made, "worker", PATIENCE) as watching:
        if watching is None:
            yield None
            return
        from lantaarn.observing.worker import WorkerMetrics  # noqa: PLC0415

        yield WorkerMetrics(*watching, made.catalogue)


@contextmanager
def sink(made: Deployment) -> "Iterator[SinkMetrics | None]":
    """The sink's observer."""
    with post(made, "sink", PATIENCE) as watching:
        if watching is None:
            yield None
            return
        from lantaarn.observing.processes import SinkMetrics  # noqa: PLC0415

        yield SinkMetrics(*watching, made.catalogue, measure=not made.settings.backfill)


@contextmanager
def ticker(made: Deployment) -> "Iterator[TickerMetrics | None]":
    """The ticker's observer."""
    with post(made, "ticker", PATIENCE, works_alone=True) as watching:
        if watching is None:
            yield None
            return
        from lantaarn.observing.processes import TickerMetrics  # noqa: PLC0415

        yield TickerMetrics(*watching, made.catalogue)


@contextmanager
def post(made: Deployment, process: "Process", patience: float, *, works_alone: bool = False) -> Iterator[Post | None]:
    """Serve metrics and health while the block lasts; null where no port is set.

    Raises:
        SettingsError: When the port is taken, or the metrics library is not installed.
    """
    settings = made.settings
    if not settings.metrics_port:
        yield None
        return
    try:
        from lantaarn.observing import catalogue, health  # noqa: PLC0415
        from lantaarn.observing.meter import Meter  # noqa: PLC0415
        from lantaarn.observing.server import Server  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise SettingsError(f"metrics_port: needs the package {error.name}, or must be 0") from error
    auth = settings.registry_auth
    asked = {
        "broker": health.broker(settings.kafka(), made.catalogue.household_events.name),
        "registry": health.registry(settings.registry_url, auth.get_secret_value() if auth else None),
    }
    watching = Post(Meter(process), health.Health(patience, asked, works_alone=works_alone))
    watching.meter.function(catalogue.TURNED, lambda: watching.health.turned_at)
    watching.meter.function(catalogue.READY, lambda: float(watching.health.ready().ok))
    try:
        server = Server(settings.metrics_host, settings.metrics_port, watching.meter.registry, watching.health)
    except OSError as error:
        raise SettingsError(f"metrics_port: {settings.metrics_host}:{settings.metrics_port}: {error}") from error
    with server:
        yield watching
