"""``python -m bench``: the figures of this machine, readable or as JSON."""

import argparse
import json
import platform
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import structlog

from bench import pipeline, replaying, storing
from lantaarn.settings import load_policy
from streams.core.policy import always

EXAMPLES = Path(__file__).parent.parent / "examples"


def main() -> None:
    """Run the benchmarks."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--quick", action="store_true", help="a quarter of the load")
    given = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger("error"))
    share = 4 if given.quick else 1

    def tell(text: str) -> None:
        print(text, file=sys.stderr)

    tell("replay")
    policies = always(load_policy(EXAMPLES / "policy-default.toml"))
    figures = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": f"{platform.machine()}, Python {platform.python_version()}",
        "replay": replaying.measure(policies, 50_000 // share),
    }
    with tempfile.TemporaryDirectory() as folder:
        measured = pipeline.measure(EXAMPLES, Path(folder), burst=8_000 // share, steady=2_000 // share, tell=tell)
    figures["pipeline"] = measured
    with tempfile.TemporaryDirectory() as folder:
        figures["sink_on_postgresql"] = storing.measure(
            EXAMPLES, Path(folder), seconds=30 // share, per_second=2000, burst=30_000 // share, tell=tell
        )
    print(json.dumps(figures) if given.json else json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
