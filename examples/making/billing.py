"""The energy company's billing database: customers, connections, and what happened to their bills."""

import random
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from examples.making.files import Desk, Written, schedule_entry
from examples.making.said import Said
from examples.making.slots import Slot
from examples.making.spelling import spelled
from producers.config import Feed

SCHEMA = """
CREATE TABLE customer (customer_id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE connection (
    connection_id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customer, contract TEXT,
    postcode TEXT, house_number, house_letter TEXT, house_addition TEXT
);
CREATE TABLE arrears_event (
    event_id INTEGER PRIMARY KEY, connection_id INTEGER NOT NULL REFERENCES connection, event TEXT NOT NULL,
    signalled_on TEXT, arisen_on TEXT, amount_cents INTEGER, months INTEGER, cutoff TEXT,
    contacted INTEGER, help_offered INTEGER, reminded INTEGER, consent_offered INTEGER,
    updated_at TEXT NOT NULL UNIQUE,
    committed_at TEXT NOT NULL  -- when others could first see the row: a slow transaction commits late
);
CREATE INDEX arrears_event_updated ON arrears_event (updated_at);
"""
BATCH_BEFORE = timedelta(minutes=55)  # the nightly run ends shortly before the delivery counts as there
SLOW = timedelta(minutes=6)
SEEN_LATER = timedelta(minutes=10)


@dataclass(slots=True)
class Billing:
    """Writes the database and its part of the schedule.

    Args:
        feed: The energy company's.
        desk: Notes what becomes of bad rows.
        written: The schedule goes here.
        rng: Seeded.
    """

    feed: Feed
    desk: Desk
    written: Written
    rng: random.Random

    def write(self, path: Path, batches: list[tuple[Slot, list[Said]]]) -> None:
        """The whole database; the schedule says how much of it is there when."""
        path.unlink(missing_ok=True)
        with closing(sqlite3.connect(path)) as db, db:
            db.executescript(SCHEMA)
            for slot, rows in batches:
                self._batch(db, slot, rows)
                self._upto(slot.at)
                if any(said.late_commit for said in rows):
                    self._upto(slot.at + SEEN_LATER)
        with closing(sqlite3.connect(path, isolation_level=None)) as db:
            db.execute("VACUUM")

    def _upto(self, at: datetime) -> None:
        self.written.schedule.append(schedule_entry(self.feed, at) | {"upto": stamp(at)})

    def _batch(self, db: sqlite3.Connection, slot: Slot, rows: list[Said]) -> None:
        step = (BATCH_BEFORE - timedelta(minutes=5)) / len(rows)
        for index, said in enumerate(rows):
            updated = slot.at - BATCH_BEFORE + step * index + timedelta(milliseconds=self.rng.randrange(900))
            visible = slot.at + SLOW if said.late_commit else updated + timedelta(seconds=2)
            key = self._insert(db, spelled(self.feed, said), said, stamp(updated), stamp(visible))
            self.desk.expect_row(self.feed, f"{self.feed.name}/{stamp(updated)}", key, said, updated)

    def _insert(self, db: sqlite3.Connection, row: dict[str, Any], said: Said, updated: str, visible: str) -> int:
        customer = said.household.serial
        db.execute("INSERT OR IGNORE INTO customer VALUES (?, ?)", (customer, said.household.name))
        place = ("contract", "postcode", "house_number", "house_letter", "house_addition")
        known = db.execute(
            "SELECT connection_id FROM connection WHERE (customer_id, contract, postcode, house_number, house_letter,"
            " house_addition) IS (?, ?, ?, ?, ?, ?)",
            (customer, *(row[name] for name in place)),
        ).fetchone()
        connection = known[0] if known else self._connect(db, customer, [row[name] for name in place])
        rest = ("event", "signalled_on", "arisen_on", "amount_cents", "months", "cutoff")
        steps = ("contacted", "help_offered", "reminded", "consent_offered")
        values = [connection, *(row[name] for name in (*rest, *steps)), updated, visible]
        made = db.execute(f"INSERT INTO arrears_event VALUES (NULL{', ?' * len(values)})", values)  # noqa: S608
        return made.lastrowid or 0

    @staticmethod
    def _connect(db: sqlite3.Connection, customer: int, place: list[Any]) -> int:
        made = db.execute("INSERT INTO connection VALUES (NULL, ?, ?, ?, ?, ?, ?)", (customer, *place))
        return made.lastrowid or 0


def stamp(moment: datetime) -> str:
    """A timestamp as the database writes it: UTC, milliseconds."""
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}"
