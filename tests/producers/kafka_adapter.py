"""A whole adapter, as `lantaarn publish` runs one, in a process of its own; killed by `test_killed.py`."""

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from producers.adapter import run
from producers.config import load
from schemas.codec import Codec
from schemas.registry import SchemaRegistry
from schemas.topics import Catalogue
from tests.forked import print_into


def adapter(toml: Path, outbox: Path, registry: str, prefix: str, kafka: Mapping[str, Any], log: Path) -> None:
    """Everything that lies in its folders, once."""
    print_into(log)
    config = load(toml, toml.parent)
    catalogue = Catalogue(prefix, [(feed.partner, feed.type) for feed in config.feeds])
    codec = Codec(SchemaRegistry(registry))
    run(config, dict(kafka), codec, catalogue, outbox, backfill=False, once=True, stop=threading.Event())
