"""The deliveries as files, the schedule of when each comes, and what becomes of every bad line."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from examples.making.dirt import Dirt
from examples.making.oracle import Oracle, identity
from examples.making.said import Said
from examples.making.slots import LOCAL, RHYTHMS, Slot
from examples.making.spelling import csv_file, json_file
from producers.config import Feed, location

# Dirt that sits in whole files: feed -> slots.
EXTRA_COLUMN = {"huur-wende": (3,), "zorg-eendracht": (4,), "water": (2,), "adres": (5,)}
FORBIDDEN_BSN = {"huur-wende": (6,), "huur-lichthuis": (2,), "water": (4,)}
CUT = {"huur-wende": (5, 9), "water": (3,), "zorg-veldzicht": (6,)}
STILL_WRITTEN = {"huur-wende": (2,), "zorg-eendracht": (6,), "huishouden": (3,)}
SENT_TWICE = {"huur-wende": (4,), "zorg-veldzicht": (3,), "uitkeringsstop": (2,), "zorg-eendracht": (9,)}
UNREADABLE = {
    "huur-wende": {7: "header", 8: "header", 11: "header"},
    "zorg-eendracht": {8: "encoding"},
    "water": {5: "encoding"},
    "adres": {4: "encoding"},
}
WRITING = timedelta(minutes=4)
MENDED = timedelta(hours=3)
AGAIN = timedelta(days=1, minutes=25)


@dataclass(slots=True)
class Written:
    """What the generator writes besides the database."""

    files: dict[str, bytes] = field(default_factory=dict)
    schedule: list[dict[str, Any]] = field(default_factory=list)
    expected: list[dict[str, Any]] = field(default_factory=list)


def cut_files(dirt: Dirt) -> None:
    """Give each file that is cut off the row in which that happens."""
    for feed, slots in CUT.items():
        for slot in slots:
            dirt.cut(feed, slot)


class Desk:
    """Writes the deliveries of the feeds that come as files.

    Args:
        feeds: Configuration by name.
        oracle: Knows what intake will say.
        written: Filled here.
        rng: For the order of rows: as a database happens to give them.
    """

    def __init__(self, feeds: Mapping[str, Feed], oracle: Oracle, written: Written, rng: random.Random) -> None:
        self._feeds = feeds
        self._oracle = oracle
        self._written = written
        self._rng = rng

    def write(self, slot: Slot, rows: list[Said]) -> None:
        """One regular delivery, with whatever goes wrong with it as a file."""
        feed = self._feeds[slot.feed]
        self._rng.shuffle(rows)
        rows.sort(key=lambda said: said.broken == "cut")
        extra = self._extra(slot)
        is_csv = feed.source.kind == "csv"
        data, lines = (csv_file if is_csv else json_file)(feed, rows, extra)
        name = f"{slot.feed}-{slot.day.isoformat()}.{'csv' if is_csv else 'jsonl'}"
        at = slot.at
        unreadable = UNREADABLE.get(slot.feed, {}).get(slot.index)
        if unreadable is not None:
            self._unreadable(feed, slot, name, data, unreadable)
            name = name.replace(".", "-hersteld.")
            at += MENDED
        if slot.index in STILL_WRITTEN.get(slot.feed, ()):
            self._schedule(feed, at, name, partial=True)
            at += WRITING
        self._deliver(feed, at, name, data, lines, extra)
        if slot.index in SENT_TWICE.get(slot.feed, ()):
            again = name.replace(".", "~2.", 1)  # as the adapter stores it
            self._schedule(feed, at + AGAIN, name)
            self._expect(feed, f"{slot.feed}/{again}", at + AGAIN, lines, extra)

    @staticmethod
    def _extra(slot: Slot) -> dict[str, str]:
        if slot.index in EXTRA_COLUMN.get(slot.feed, ()):
            return {"Kanaal": "portaal"}
        if slot.index in FORBIDDEN_BSN.get(slot.feed, ()):
            return {"BSN": "999993653"}
        return {}

    def _deliver(
        self, feed: Feed, at: datetime, name: str, data: bytes, lines: Mapping[int, Said], extra: Mapping[str, str]
    ) -> None:
        self._written.files[self._path(feed, name)] = data
        self._schedule(feed, at, name)
        self._expect(feed, f"{feed.name}/{name}", at, lines, extra)

    def _unreadable(self, feed: Feed, slot: Slot, name: str, data: bytes, reason: str) -> None:
        if reason == "header":
            spoilt = data.partition(b"\r\n")[2]  # the export began at the second line
        else:
            spoilt = data.decode().encode("utf-16-le" if slot.feed == "adres" else "cp1252")
            spoilt = b"\xff\xfe" + spoilt if slot.feed == "adres" else b'{"naam": "Rietg\xf6ors"}\n' + spoilt
        self._written.files[self._path(feed, name)] = spoilt
        self._schedule(feed, slot.at, name)
        self._tell("adapter", f"{feed.name}/{name}", 0, "", reason)

    def _expect(
        self, feed: Feed, delivery: str, at: datetime, lines: Mapping[int, Said], extra: Mapping[str, str]
    ) -> None:
        for column in extra:
            self._tell("note", delivery, 1, column, "forbidden_column" if column == "BSN" else "unknown_column")
        for line, said in lines.items():
            self.expect_row(feed, delivery, line, said, at)

    def expect_row(self, feed: Feed, delivery: str, line: int, said: Said, at: datetime) -> None:
        """Note what becomes of a row, where that is a refusal."""
        for name, reason in said.bad:
            self._tell("adapter", delivery, line, name, reason)
        answer = None if said.bad else self._oracle.refusal(feed, said, at.astimezone(LOCAL).date())
        if answer is not None:
            self._tell("intake", delivery, line, answer[1], answer[0], identity(feed, said))

    def _tell(
        self, stage: str, delivery: str, line: int, name: str | None, reason: str, signal: str | None = None
    ) -> None:
        told = {"stage": stage, "delivery": delivery, "line": line, "field": name, "reason": reason}
        self._written.expected.append(told | ({"signal_id": signal} if signal else {}))

    def _schedule(self, feed: Feed, at: datetime, name: str, *, partial: bool = False) -> None:
        entry = schedule_entry(feed, at) | {"file": self._path(feed, name)}
        self._written.schedule.append(entry | ({"partial": True} if partial else {}))

    @staticmethod
    def _path(feed: Feed, name: str) -> str:
        return (location(feed) / name).as_posix()


def schedule_entry(feed: Feed, at: datetime) -> dict[str, Any]:
    """When something comes, from whom, through which adapter."""
    rhythm = RHYTHMS[feed.name]
    return {"at": f"{at:%Y-%m-%dT%H:%M:%SZ}", "adapter": rhythm.adapter, "partner": feed.partner, "feed": feed.name}


def by_slot(said: list[Said], slots: Mapping[str, list[Slot]]) -> Iterator[tuple[Slot, list[Said]]]:
    """The rows of each regular delivery; one without rows does not take place."""
    rows: dict[tuple[str, int], list[Said]] = {}
    for one in said:
        rows.setdefault((one.feed, one.slot), []).append(one)
    for feed in slots:
        for slot in slots[feed]:
            if found := rows.get((feed, slot.index)):
                yield slot, found
