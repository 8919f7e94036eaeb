"""Puts the rooms together: the only place where settings become clients, codecs and stages."""

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from lantaarn.settings import Settings
from schemas.codec import Codec
from schemas.registry import SchemaRegistry
from schemas.topics import Catalogue
from streams.outputs import Outputs

if TYPE_CHECKING:
    from sinks.store.store import CaseStore


@dataclass(frozen=True)
class Deployment:
    """What most processes need of one deployment."""

    settings: Settings
    catalogue: Catalogue
    codec: Codec
    outputs: Outputs


def deployment(settings: Settings | None = None) -> Deployment:
    """The deployment that the settings describe.

    Raises:
        SettingsError: When a setting, or a file that it names, cannot be used.
    """
    settings = settings or Settings()
    catalogue = settings.catalogue()
    codec = Codec(registry(settings))
    return Deployment(settings, catalogue, codec, Outputs(codec, catalogue, settings.source))


def registry(settings: Settings) -> SchemaRegistry:
    """The schema registry."""
    auth = settings.registry_auth
    return SchemaRegistry(settings.registry_url, auth.get_secret_value() if auth else None)


@contextmanager
def case_store(settings: Settings) -> "Iterator[CaseStore]":
    """The case store, with its tables."""
    from sinks.store.store import CaseStore  # noqa: PLC0415 - half a second that only those who store should pay

    store = CaseStore(settings.case_store_url)
    try:
        store.create()
        yield store
    finally:
        store.close()


def log_as_json(process: str) -> None:
    """One JSON object a line on standard error, for whatever collects logs. No line holds personal data."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.dict_tracebacks,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(process=process)


def stop_on_signals() -> threading.Event:
    """An event that SIGTERM and SIGINT set: finish the batch under way, then end."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop
