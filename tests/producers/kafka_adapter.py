"""A whole adapter process, as `lantaarn adapter` starts one; killed by `test_killed.py`.

Arguments: configuration file, root, outbox, registry's address, topic prefix. Kafka's settings come on standard input,
because a command line is visible to everyone.
"""

import json
import sys
import threading
from pathlib import Path

from producers.adapter import run
from producers.config import load
from schemas.codec import Codec
from schemas.registry import SchemaRegistry
from schemas.topics import Catalogue


def main() -> None:
    toml, root, outbox, registry, prefix = sys.argv[1:]
    config = load(Path(toml), Path(root))
    catalogue = Catalogue(prefix, [(feed.partner, feed.type) for feed in config.feeds])
    run(
        config,
        json.load(sys.stdin),
        Codec(SchemaRegistry(registry)),
        catalogue,
        Path(outbox),
        backfill=False,
        once=True,
        stop=threading.Event(),
    )


if __name__ == "__main__":
    main()
