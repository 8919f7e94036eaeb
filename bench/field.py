"""Who is compared."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from bench import peers
from bench.running import Contender

BATCH, PLAIN, QUIX, RAW = "batch", "plain", "quix", "raw"
ENVIRONMENT: Mapping[str, Mapping[str, str]] = {PLAIN: {}, BATCH: {"LANTAARN_ENGINE": "batch"}}
"""What a worker is told, by engine."""


def contenders(tell: Callable[[str], None]) -> dict[str, Contender]:
    """All of them, by name; an environment is made when it is first needed."""

    def ours() -> Path:
        return Path(sys.executable)

    found = (
        Contender(BATCH, "our engine", "batch", ours, environment=ENVIRONMENT[BATCH]),
        Contender(PLAIN, "plain Faust", "plain", ours, share={"keyed": 0.1, "household": 0.1}),
        Contender(QUIX, "Quix Streams", "quix", lambda: peers.quix(tell)),
        Contender(RAW, "raw client", "raw", ours),
    )
    return {each.name: each for each in found}
