"""The partners' side of the demonstration: their folders and their database, and what they put there when."""

import os
import shutil
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path

from lantaarn.demo.schedule import Delivery
from producers.config import AdapterConfig, SqlPoll, load, location


class Partners:
    """Folders and databases under one root, as the adapters' files describe them.

    Args:
        adapters: Folder of the adapters' configurations.
        examples: Holds all deliveries.
        root: Where the adapters look.
    """

    def __init__(self, adapters: Path, examples: Path, root: Path) -> None:
        self._examples = examples
        self._root = root
        root.mkdir(parents=True, exist_ok=True)
        for file in sorted(adapters.glob("*.toml")):
            shutil.copy(file, root)
        self.adapters: dict[str, AdapterConfig] = {}
        for file in sorted(root.glob("*.toml")):
            config = load(file)
            self.adapters[config.name] = config
            for feed in config.feeds:
                where = location(feed, config.root)
                if isinstance(feed.source, SqlPoll):
                    where.parent.mkdir(parents=True, exist_ok=True)
                    _empty_copy(examples / where.relative_to(root), where)
                else:
                    (where / "in").mkdir(parents=True)

    def file(self, adapter: str) -> Path:
        """The adapter's configuration."""
        return self._root / f"{adapter}.toml"

    def outbox(self, adapter: str) -> Path:
        """The adapter's outbox."""
        return self._root / f"{adapter}.outbox.db"

    def put(self, delivery: Delivery) -> Callable[[], bool]:
        """Put a delivery where the adapter finds it; gives a condition that holds when it has been taken in."""
        config = self.adapters[delivery.adapter]
        feed = next(feed for feed in config.feeds if feed.name == delivery.feed)
        where = location(feed, config.root)
        if delivery.file is None:
            outbox, lines = self.outbox(delivery.adapter), f"{feed.name}/*"
            total = _insert_upto(self._examples / where.relative_to(self._root), where, str(delivery.upto))
            return lambda: _counted(outbox, "SELECT count(*) FROM outbox WHERE delivery GLOB ?", lines) >= total
        name = Path(delivery.file).name
        path, taken = where / "in" / name, where / "taken" / name  # in the order in which the file is in them
        _drop(self._examples / delivery.file, path, delivery.at, partial=delivery.partial)
        return lambda: not path.exists() and not taken.exists()

    def published(self, adapter: str) -> bool:
        """Whether the broker has all that an adapter has taken in."""
        return _counted(self.outbox(adapter), "SELECT count(*) FROM outbox WHERE status = ?", "pending") == 0


def _drop(source: Path, target: Path, at: datetime, *, partial: bool) -> None:
    data = source.read_bytes()
    growing = target.with_name(target.name + ".filepart")
    growing.write_bytes(data[: len(data) // 2] if partial else data)
    if partial:
        time.sleep(0.2)  # some polls see an upload under way
        growing.write_bytes(data)
    os.utime(growing, (at.timestamp(), at.timestamp()))
    growing.replace(target)


def _empty_copy(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(target)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("ATTACH ? AS source", (str(source),))
        for name, sql in db.execute("SELECT name, sql FROM source.sqlite_master WHERE type = 'table'").fetchall():
            db.execute(sql)
            if name != "arrears_event":
                db.execute(f"INSERT INTO main.{name} SELECT * FROM source.{name}")  # noqa: S608 - names of our own
        db.commit()


def _insert_upto(source: Path, target: Path, upto: str) -> int:
    """What the company's own system has committed by then; gives the number of rows in all."""
    with closing(sqlite3.connect(target)) as db:
        db.execute("ATTACH ? AS source", (str(source),))
        db.execute(
            "INSERT INTO main.arrears_event SELECT * FROM source.arrears_event WHERE committed_at <= ?"
            " AND event_id NOT IN (SELECT event_id FROM main.arrears_event)",
            (upto,),
        )
        db.commit()
        return int(db.execute("SELECT count(*) FROM main.arrears_event").fetchone()[0])


def _counted(outbox: Path, query: str, value: str) -> int:
    if not outbox.exists():
        return 0
    with closing(sqlite3.connect(f"{outbox.absolute().as_uri()}?mode=ro", uri=True)) as db:
        if not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'outbox'").fetchone():
            return 0  # the adapter is just making it
        return int(db.execute(query, (value,)).fetchone()[0])
