"""``make chaos ROUNDS=n SEED=s ENGINE=plain|batch``: random faults under load; the last line is one JSON object."""

import argparse
import json
import random
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

import structlog

from tests.chaos.faults import FAULTS
from tests.chaos.rounds import ENGINES, Chaos

FOUND = 1


def main() -> int:
    """Run rounds; the exit code is 0 when nothing was lost, doubled or wrong."""
    parser = argparse.ArgumentParser(prog="chaos", description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=None, help="of load and faults; another one each time without")
    parser.add_argument("--engine", choices=[*ENGINES], default="plain")
    parser.add_argument("--fault", action="append", choices=[*FAULTS], help="only this one; may be repeated")
    parser.add_argument("--minutes", type=float, default=None, help="end after so long, however many rounds are left")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is ended
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger("error"))
    engine = ENGINES[given.engine]
    seed = random.SystemRandom().randrange(10**6) if given.seed is None else given.seed
    began = time.monotonic()

    def tell(text: str) -> None:
        print(f"{time.monotonic() - began:7.1f}  {text}", flush=True)

    tell(f"engine {engine.name}, seed {seed}, {given.rounds} rounds")
    if not engine.fences:
        tell("left out on this engine, because nothing fences it off: a worker that sleeps, or is cut off, past its")
        tell("session and wakes up (docs/delivery-guarantees.md, What is not covered)")
    folder = Path(tempfile.mkdtemp(prefix="chaos-"))
    try:
        with Chaos(folder, engine, seed, tell, given.fault or ()) as chaos:
            for number in range(1, given.rounds + 1):
                chaos.round(number)
                late = given.minutes is not None and time.monotonic() - began > given.minutes * 60
                if late or not chaos.verdict.clean:
                    break
            result = chaos.result() | {"seed": seed}
            verdict = chaos.verdict
    except BaseException:
        tell(f"logs and data are in {folder}")
        raise
    if verdict.clean:
        shutil.rmtree(folder)
    else:
        for line in verdict.lines():
            tell(line)
        tell(f"logs and data are in {folder}")
    print(json.dumps(result), flush=True)
    return 0 if verdict.clean else FOUND


if __name__ == "__main__":
    sys.exit(main())
