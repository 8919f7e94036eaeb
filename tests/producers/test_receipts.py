"""The receipt of a delivery: whose answer is whose, and which delivery a row belongs to."""

import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from producers.config import AdapterConfig
from producers.mapping import Mapped
from producers.outbox import Line, Outbox, Route
from producers.receipts import Answer, Lines, Sum, put_beside, receipts
from producers.rows import Bad, Delivery, Notes, Reason, Skip

ACCEPTED, REPEATED, DUPLICATE = (Answer(result, None) for result in ("accepted", "repeated", "duplicate"))
EXPIRED = Answer("refused", "expired")
COLUMNS = {name: name for name in ("kind", "reference", "signalled_on", "postcode", "number")}
SOURCES = (
    ("huur", {"kind": "csv", "folder": "erp"}),
    ("water", {"kind": "sqlite", "database": "b.db", "query": "", "row_key": "id", "watermark": "at"}),
)
CONFIG = AdapterConfig.model_validate(
    {
        "name": "both",
        "feed": [
            {
                "name": name,
                "partner": "p",
                "type": name.title(),
                "urn": "urn:nld:x",
                "source": source,
                "columns": COLUMNS,
            }
            for name, source in SOURCES
        ],
    }
)


@pytest.mark.parametrize(
    ("rows", "came_back", "expected"),
    [
        (1, [], [None]),
        (1, [ACCEPTED, REPEATED], [REPEATED]),
        (1, [ACCEPTED, ACCEPTED, DUPLICATE], [ACCEPTED]),  # published twice, delivered once
        (2, [ACCEPTED], [ACCEPTED, None]),
        (2, [ACCEPTED, ACCEPTED, DUPLICATE], [ACCEPTED, DUPLICATE]),
        (2, [ACCEPTED, ACCEPTED, DUPLICATE, EXPIRED], [ACCEPTED, EXPIRED]),
        (2, [EXPIRED, EXPIRED], [EXPIRED, EXPIRED]),
        (3, [EXPIRED, ACCEPTED, ACCEPTED, DUPLICATE], [EXPIRED, ACCEPTED, DUPLICATE]),
    ],
)
def test_each_row_of_a_signal_has_its_own_answer(
    rows: int, came_back: list[Answer], expected: list[Answer | None]
) -> None:
    lines = Lines(rows, came_back)
    assert [lines.answer() for _ in range(rows)] == expected


def test_a_row_counts_in_its_own_delivery_and_a_database_has_deliveries_too(tmp_path: Path) -> None:
    with Outbox(tmp_path / "o.db") as outbox:
        take(outbox, "huur", "a.csv", [row("one", 100), [Bad("number", Reason.RANGE), Bad("kind", Reason.MISSING)]])
        take(outbox, "water", "10:00..10:05", [row("two", 20), row("two", 20), Skip.TOTALS], version="10:05")
        take(outbox, "water", "10:06..10:06", [row("three", None)], version="10:06")
        outbox.ingest_unreadable(delivery("huur", "b.csv"), "b.csv", Reason.HEADER)
    answers = {"one": [EXPIRED], "two": [ACCEPTED, REPEATED, ACCEPTED, DUPLICATE]}
    file, first, second, broken = receipts(CONFIG, tmp_path / "o.db", answers, {})
    assert (file.rows, dict(file.rejected), file.refused) == (2, {"range": 1}, {"expired": Sum(1, 100)})
    assert (first.skipped, first.published, first.repeated, first.duplicate) == (1, Sum(2, 40), Sum(1, 20), Sum(1, 20))
    assert (second.unanswered, second.complete) == (Sum(1, 0), False)
    assert (broken.unreadable, broken.rows) == ("header", 0)
    for folder in ("done", "failed"):
        (tmp_path / "erp" / folder).mkdir(parents=True)
    laid = [put_beside(one, tmp_path) for one in (file, first, second, broken)]
    assert [path and path.relative_to(tmp_path).as_posix() for path in laid] == [
        "erp/done/a.csv.receipt.json",
        None,
        None,
        "erp/failed/b.csv.receipt.json",
    ]


def test_a_delivery_whose_answers_may_have_gone_is_expired_and_a_later_one_is_not(tmp_path: Path) -> None:
    now = 0.0
    with Outbox(tmp_path / "o.db", lambda: now) as outbox:
        take(outbox, "huur", "a.csv", [row("one", 100)])
        take(outbox, "water", "10:00..10:05", [row("two", 20), [Bad("number", Reason.RANGE)]], version="10:05")
        outbox.mark_sent([one.id for one in outbox.pending(9)])
        take(
            outbox, "water", "10:06..10:06", [row("late", 7)], version="10:06"
        )  # not published yet: nothing can be gone
        now = 5.0
        take(outbox, "huur", "b.csv", [row("three", 30)])
        outbox.mark_sent([one.id for one in outbox.pending(9)][1:])
    found = receipts(CONFIG, tmp_path / "o.db", {}, {"p": 5000})
    assert [(one.expired, one.unanswered, one.complete) for one in found] == [
        (Sum(1, 100), Sum(), True),
        (Sum(1, 20), Sum(), True),
        (Sum(), Sum(1, 7), False),
        (Sum(), Sum(1, 30), False),
    ]
    assert put_beside(found[0], tmp_path) is None, "nobody knows what became of it"
    nothing_lost = receipts(CONFIG, tmp_path / "o.db", {}, {})
    assert [one.unanswered.rows for one in nothing_lost] == [1] * 4


def test_a_delivery_whose_receipt_was_written_is_done_when_its_answers_have_gone(tmp_path: Path) -> None:
    config = CONFIG.model_copy(update={"root": tmp_path})
    (tmp_path / "erp" / "done").mkdir(parents=True)
    with Outbox(tmp_path / "o.db") as outbox:
        take(outbox, "huur", "a.csv", [row("one", 100)])
        take(outbox, "huur", "b.csv", [row("two", 100)])
    for answers, repeated in (([ACCEPTED], 0), ([ACCEPTED, REPEATED], 1)):
        first, second = receipts(config, tmp_path / "o.db", {"one": answers}, {})
        assert (first.repeated.rows, first.complete, second.complete) == (repeated, True, False)
        assert put_beside(first, tmp_path) is not None, "a later answer changes it"
    assert [one.delivery for one in receipts(config, tmp_path / "o.db", {}, {})] == ["b.csv"]
    with Outbox(tmp_path / "o.db") as outbox:
        outbox.mark_sent([one.id for one in outbox.pending(9)])
    long_after = {"p": round(time.time() * 1000) + 60_000}
    answers_of_later = {"one": [EXPIRED], "two": [ACCEPTED]}
    assert [one.delivery for one in receipts(config, tmp_path / "o.db", answers_of_later, long_after)] == ["b.csv"]


def test_a_row_sent_again_after_its_first_answers_have_gone_has_its_own(tmp_path: Path) -> None:
    now = 0.0
    with Outbox(tmp_path / "o.db", lambda: now) as outbox:
        take(outbox, "huur", "a.csv", [row("one", 100)])
        now = 5.0
        take(outbox, "huur", "b.csv", [row("one", 100)])
        outbox.mark_sent([one.id for one in outbox.pending(9)])
    first, second = receipts(CONFIG, tmp_path / "o.db", {"one": [ACCEPTED, DUPLICATE]}, {"p": 5000})
    assert (first.expired, second.duplicate, second.complete) == (Sum(1, 100), Sum(1, 100), True)


def test_a_delivery_from_before_its_time_was_noted_is_older_than_all_whose_time_was(tmp_path: Path) -> None:
    now = 0.0
    with Outbox(tmp_path / "o.db", lambda: now) as outbox:
        take(outbox, "huur", "a.csv", [row("one", 100)])
        now = 5.0
        take(outbox, "huur", "b.csv", [row("two", 100)])
        outbox.mark_sent([one.id for one in outbox.pending(9)])
    with closing(sqlite3.connect(tmp_path / "o.db")) as db, db:
        db.execute("DELETE FROM taken_in WHERE at = 0")
    for kept_from, expired in ((5000, 0), (5001, 1)):
        found = receipts(CONFIG, tmp_path / "o.db", {}, {"p": kept_from})
        assert found[0].expired.rows == expired


def row(identity: str, cents: int | None) -> Mapped:
    return Mapped("RentArrears", identity, {"id": identity, "amount_cents": cents})


def delivery(feed: str, name: str) -> Delivery:
    return Delivery(feed, f"{feed}|{name}", name, None, iter(()), Notes())


def take(
    outbox: Outbox, feed: str, name: str, made: list[Mapped | Sequence[Bad] | Skip], version: str | None = None
) -> None:
    lines = (Line(f"{feed}/{version or name}", number, one, None) for number, one in enumerate(made, 1))
    outbox.ingest(delivery(feed, name), name, lines, Route("t", "s"))
