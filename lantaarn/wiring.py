"""Puts the rooms together: the only place where settings become clients, codecs and stages."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from queue import SimpleQueue
from typing import TYPE_CHECKING

from lantaarn.loading import load_settings
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
    settings = settings or load_settings()
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
