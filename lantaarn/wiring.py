"""Puts the rooms together: the only place where settings become clients, codecs and stages."""

import faulthandler
import logging  # noqa: TID251 - Faust and its Kafka client speak through it: what they say is made JSON here
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from queue import SimpleQueue
from types import TracebackType
from typing import TYPE_CHECKING, Any

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
    """The case store, made or upgraded where that is needed.

    Raises:
        SinkError: When it cannot be reached, or is newer than this code.
    """
    from sinks.store.store import CaseStore  # noqa: PLC0415 - half a second that only those who store should pay

    store = CaseStore(settings.case_store_url)
    try:
        store.create()
        yield store
    finally:
        store.close()


def log_as_json(process: str) -> None:
    """One JSON object a line on standard error, for whatever collects logs. No line holds personal data."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.ExceptionRenderer(_trace),
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer()],
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    theirs = structlog.stdlib.ProcessorFormatter
    last: list[structlog.typing.Processor] = [theirs.remove_processors_meta, structlog.processors.JSONRenderer()]
    handler.setFormatter(theirs(foreign_pre_chain=shared, processors=last))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    structlog.contextvars.bind_contextvars(process=process)
    sys.excepthook = _last_words
    faulthandler.enable()  # what a crash in a client's C code leaves behind
    faulthandler.register(signal.SIGUSR1)  # where a process that stands still is, without stopping it: no values


def _trace(exc_info: Any) -> Any:
    """Kinds of error and where in the code: their texts and the local variables may hold a record's content."""
    chain = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)(exc_info)
    return [
        {
            "exc_type": error["exc_type"],
            "frames": [f"{frame['filename']}:{frame['lineno']} {frame['name']}" for frame in error["frames"]],
        }
        for error in chain
    ]


def _last_words(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    structlog.get_logger().critical("process ends", error=kind.__name__, exc_info=(kind, error, trace))


def stop_on_signals() -> threading.Event:
    """An event that SIGTERM and SIGINT set: finish the batch under way, then end.

    A handler runs between two steps of the main thread, which may be inside `wait` and hold the event's lock: to set it
    there would wait for ever. A SimpleQueue may be put into at any moment.
    """
    stop, asked = threading.Event(), SimpleQueue[None]()

    def obey() -> None:
        asked.get()
        stop.set()

    threading.Thread(target=obey, name="stop", daemon=True).start()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: asked.put(None))
    return stop
