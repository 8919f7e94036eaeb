"""Plays the schedule of the examples into the real adapters, as far as their outboxes: no broker needed."""

import json
import os
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from producers.adapter import Desk, route_of, source_of
from producers.config import AdapterConfig, load, location
from producers.outbox import Outbox
from schemas.topics import Catalogue

EXAMPLES = Path(__file__).parents[2] / "examples"
ADAPTERS = ("landlord", "energy", "feed")


@dataclass(frozen=True)
class Played:
    """What is left when the whole schedule has been played."""

    configs: dict[str, AdapterConfig]
    outboxes: dict[str, Path]

    def pending(self) -> Iterator[tuple[str, int, int, dict[str, Any]]]:
        """Delivery, line, own time (ms) and payload of each record, in order of arrival at its adapter."""
        for path in self.outboxes.values():
            with closing(sqlite3.connect(path)) as db:
                for delivery, line, at, payload in db.execute(
                    "SELECT delivery, line, delivered_at, payload FROM outbox WHERE status = 'pending' ORDER BY id"
                ):
                    yield delivery, line, at, json.loads(payload)


def lines(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (EXAMPLES / name).read_text(encoding="utf-8").splitlines()]


def play(root: Path, catalogue: Catalogue) -> Played:
    configs, outboxes, desks = {}, {}, {}
    with ExitStack() as stack:
        for name in ADAPTERS:
            config = load(EXAMPLES / "adapters" / f"{name}.toml", root)
            configs[name] = config.model_copy(update={"settle_seconds": 0})
            outboxes[name] = root / f"{name}.db"
            outbox = stack.enter_context(Outbox(outboxes[name]))
            for feed in config.feeds:
                source = source_of(configs[name], feed, outbox)
                desks[feed.name] = Desk(
                    configs[name], feed, route_of(config, feed, catalogue), outbox, source, backfill=True
                )
        for entry in lines("deliveries.jsonl"):
            _arrive(root, entry)
            desks[entry["feed"]].take_in(threading.Event())
            desks[entry["feed"]].take_in(threading.Event())  # a file counts at its second look
    assert not [path for config in configs.values() for path in _left(config)]
    return Played(configs, outboxes)


def _arrive(root: Path, entry: dict[str, Any]) -> None:
    at = datetime.fromisoformat(entry["at"]).timestamp()
    if "upto" in entry:
        copy_rows(EXAMPLES / "energy" / "billing.sqlite", root / "energy" / "billing.sqlite", entry["upto"])
        return
    folder, _, name = entry["file"].rpartition("/")
    target = root / folder / "in" / name
    unfinished = target.with_name(f"{name}.filepart")
    shutil.copy(EXAMPLES / entry["file"], unfinished)
    if not entry.get("partial"):
        os.utime(unfinished, (at, at))
        unfinished.replace(target)


def copy_rows(source: Path, live: Path, upto: str) -> None:
    """Bring the live database to where the energy company's was at a time."""
    live.parent.mkdir(exist_ok=True)
    with closing(sqlite3.connect(live)) as db:
        db.execute("ATTACH ? AS given", (str(source),))
        for name, sql in db.execute("SELECT name, sql FROM given.sqlite_master WHERE type = 'table'").fetchall():
            db.execute(sql.replace("CREATE TABLE", "CREATE TABLE IF NOT EXISTS"))
            seen = "committed_at <= ?" if name == "arrears_event" else "? <> ''"
            db.execute(f"INSERT OR IGNORE INTO main.{name} SELECT * FROM given.{name} WHERE {seen}", (upto,))  # noqa: S608
        db.commit()


def _left(config: AdapterConfig) -> list[Path]:
    found = (location(feed, config.root).glob(f"{name}/*") for feed in config.feeds for name in ("in", "taken"))
    return [path for paths in found for path in paths]
