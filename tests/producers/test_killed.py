"""An adapter process killed again and again while it works: nothing is lost, nothing is doubled in effect."""

import json
import random
import time
from collections import Counter
from pathlib import Path

from producers.config import load
from producers.ledger import outbox_lines, source_lines
from producers.outbox import Status
from schemas.codes import SignalType
from tests.forked import Forked
from tests.producers.contract import PARTNER, drop
from tests.producers.deployment import Deployment, messages
from tests.producers.kafka_adapter import adapter
from tests.stacks import RunningStack

SEED = 20260427
KILLS = 8
FILES, ROWS = 12, 100
TOML = """
name = "killed"
settle_seconds = 0.01
poll_seconds = 0.01
batch_rows = 20
pause_seconds = 0.1  # so that there is work left at each kill

[[feed]]
name = "water"
partner = "partner-a"
type = "Water"
urn = "urn:nld:kvknr:90000004"
source = { kind = "jsonl", folder = "water" }
columns = { kind = "k", reference = "r", signalled_on = "d", amount_cents = "a", postcode = "p", number = "n" }
"""


def test_nothing_is_lost_or_doubled_when_it_is_killed_again_and_again(stack: RunningStack, tmp_path: Path) -> None:
    deployment = Deployment(stack, [(PARTNER, SignalType.WATER)])
    toml, outbox = tmp_path / "killed.toml", tmp_path / "outbox.db"
    toml.write_text(TOML, encoding="utf-8")
    for file in range(FILES):
        drop(tmp_path / "water", f"{file}.jsonl", _file(file))
    chance = random.Random(SEED)  # noqa: S311 - seeded on purpose
    work_left = []
    for _ in range(KILLS):
        process = _start(deployment, toml, outbox)
        before = _sent(outbox)
        deadline = time.monotonic() + 120
        while _sent(outbox) <= before and process.running and time.monotonic() < deadline:
            time.sleep(0.02)
        time.sleep(chance.uniform(0, 0.3))
        work_left.append(process.running)
        process.kill()
    last = _start(deployment, toml, outbox)
    assert last.wait(120) == 0, toml.with_name("adapter.log").read_text(encoding="utf-8")[-2000:]
    assert work_left == [True] * KILLS

    lines = list(outbox_lines(outbox))
    assert Counter(line.status for line in lines) == {Status.SENT: FILES * (ROWS - 1), Status.REJECTED: FILES}
    assert sorted((line.delivery, line.line) for line in lines) == sorted(
        (line.delivery, line.line) for line in source_lines(load(toml, tmp_path))
    )
    topic = deployment.topic(PARTNER, SignalType.WATER).name
    keys = [(message.key() or b"").decode() for message in messages(stack, topic)]
    assert list(dict.fromkeys(keys)) == [line.signal_id for line in lines if line.signal_id]
    # A batch that the broker took and that was not noted goes again: one batch a kill at most.
    assert len(keys) - len(set(keys)) <= KILLS * 20


def _file(file: int) -> bytes:
    rows = [
        {"k": "report", "r": f"{file}-{n}", "d": "2026-02-01", "a": 100 + n, "p": "9901AB", "n": n}
        for n in range(ROWS)  # number 0 is none: one bad row a file
    ]
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def _start(deployment: Deployment, toml: Path, outbox: Path) -> Forked:
    stack = deployment.stack
    log = toml.with_name("adapter.log")
    given = toml, outbox, stack.registry_url, deployment.catalogue.prefix, stack.client("adapter"), log
    return Forked(adapter, *given)


def _sent(outbox: Path) -> int:
    return sum(line.status is Status.SENT for line in outbox_lines(outbox)) if outbox.exists() else 0
