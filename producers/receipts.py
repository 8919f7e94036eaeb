"""What a partner's bookkeeping checks: of each delivery, how many rows were read, and what became of them.

A receipt is made of the outbox and of the receipts that came back for its records, of all of them each time. So it is
the same however often the adapter was killed meanwhile, and nothing has to be remembered to make it.

The outbox remembers for ever, the topic of the receipts does not. What was written beside a file stays as it is once
its answers have gone; a row whose answer may have gone is expired, and nobody waits for it.
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from producers.config import AdapterConfig, Feed, SqlPoll, location
from producers.outbox import Status
from producers.sources.drop_folder import RECEIPT_SUFFIX
from schemas.codes import Result


class Answer(NamedTuple):
    """One receipt that came back for a record."""

    result: str
    reason: str | None


Answers = Mapping[str, Sequence[Answer]]
"""Signal id -> what came back, in the order of the topic."""


@dataclass(slots=True)
class Sum:
    """Rows, with the amounts that they say together, in cents."""

    rows: int = 0
    cents: int = 0

    def add(self, cents: int | None) -> None:
        """One more row."""
        self.rows += 1
        self.cents += cents or 0


@dataclass(slots=True)
class DeliveryReceipt:
    """What became of one delivery. Of a row that was rejected the first thing wrong counts.

    Attributes:
        feed: The feed.
        delivery: A file's name as it was put away, or from when until when rows of a database were read.
        unreadable: Why nothing of it could be read; null where it could.
        skipped: Lines that are no rows.
        rejected: Rows that were not published, by reason.
        published: All others.
        accepted: Of them, let in and neither of the next two.
        repeated: Of them, reports of arrears that were picked up already.
        duplicate: Of them, let in before: in this delivery or in an earlier one.
        refused: Of them, turned away, by reason.
        unanswered: Of them, without an answer so far.
        expired: Of them, without an answer, and so old that it may have gone from its topic.
    """

    feed: Feed
    delivery: str
    unreadable: str | None = None
    skipped: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    published: Sum = field(default_factory=Sum)
    accepted: Sum = field(default_factory=Sum)
    repeated: Sum = field(default_factory=Sum)
    duplicate: Sum = field(default_factory=Sum)
    refused: dict[str, Sum] = field(default_factory=dict)
    unanswered: Sum = field(default_factory=Sum)
    expired: Sum = field(default_factory=Sum)

    @property
    def rows(self) -> int:
        """Rows that were read."""
        return self.rejected.total() + self.published.rows

    @property
    def complete(self) -> bool:
        """Whether nothing is to be waited for."""
        return self.unanswered.rows == 0

    def to_json(self) -> dict[str, Any]:
        """What `json.dumps` takes: names, codes and figures, nothing about a household."""
        return {
            "partner": self.feed.partner,
            "type": self.feed.type.value,
            "feed": self.feed.name,
            "delivery": self.delivery,
            "unreadable": self.unreadable,
            "rows": self.rows,
            "lines_skipped": self.skipped,
            "rejected": dict(sorted(self.rejected.items())),
            "published": _figures(self.published),
            "accepted": _figures(self.accepted),
            "repeated": _figures(self.repeated),
            "duplicate": _figures(self.duplicate),
            "refused": {reason: _figures(self.refused[reason]) for reason in sorted(self.refused)},
            "unanswered": _figures(self.unanswered),
            "expired": _figures(self.expired),
        }

    def count(self, answer: Answer | None, cents: int | None, *, old: bool) -> None:
        """One published row, and whether its answer may have gone."""
        self.published.add(cents)
        if answer is None:
            (self.expired if old else self.unanswered).add(cents)
        elif answer.result == Result.REFUSED.value:
            self.refused.setdefault(answer.reason or "", Sum()).add(cents)
        else:
            sums = {"accepted": self.accepted, "repeated": self.repeated, "duplicate": self.duplicate}
            sums[answer.result].add(cents)


class Lines:
    """The rows of one signal, in the order in which they were published, and which answer is whose.

    A record may stand on its topic more often than there are rows: an adapter that is killed before it has noted what
    the broker took sends it again. Whether a row came before is therefore told by the outbox.

    Args:
        rows: How many.
        answers: What came back.
        old: How many of the rows, the first, may have lost their answers.
    """

    def __init__(self, rows: int, answers: Sequence[Answer], old: int = 0) -> None:
        results = {one.result for one in answers}
        self._judged = [one for one in answers if one.result in {Result.ACCEPTED.value, Result.REFUSED.value}]
        self._repeated = Result.REPEATED.value in results
        self._lost = min(old, max(0, rows - len(self._judged)))
        self._rows = rows - self._lost
        self._next = -self._lost
        self._let_in = self._lost > 0 and Result.DUPLICATE.value in results

    def answer(self) -> Answer | None:
        """That of the next row; null where there is none yet."""
        at, self._next = self._next, self._next + 1
        if at < 0 or at >= len(self._judged):
            return None
        judged = self._judged[-1 if 0 < at == self._rows - 1 else at]
        if judged.result == Result.REFUSED.value:
            return judged
        result = Result.DUPLICATE if self._let_in else Result.REPEATED if self._repeated else Result.ACCEPTED
        self._let_in = True
        return Answer(result.value, None)


def receipts(
    config: AdapterConfig, outbox: Path, answers: Answers, kept_from: Mapping[str, int]
) -> list[DeliveryReceipt]:
    """The receipt of each delivery, in the order in which they were taken in. The adapter may be running.

    One that lies beside its file and of which answers have gone, or may have, is left out: the file tells.

    Args:
        config: The adapter's.
        outbox: Its file.
        answers: What came back for its records.
        kept_from: From when on the topic has all answers (ms since 1970), by partner; without those that lost none.
    """
    feeds = {feed.name: feed for feed in config.feeds}
    with closing(sqlite3.connect(f"{outbox.absolute().as_uri()}?mode=ro", uri=True)) as db:
        db.execute("BEGIN")  # all queries see the same moment
        deliveries = db.execute(_DELIVERIES).fetchall()
        found = {key: DeliveryReceipt(feeds[feed], name) for key, feed, name, *_ in deliveries if feed in feeds}
        from_when = {key: kept_from.get(one.feed.partner, 0) for key, one in found.items()}
        old = {key for key, *_, at in deliveries if at is not None and at < from_when.get(key, 0)}
        rows, old_rows = Counter[str](), Counter[str]()
        for key, status, identity, *_ in db.execute(_LINES):
            if identity:
                rows[identity] += 1
                old_rows[identity] += key in old and status == Status.SENT
        lines = {one: Lines(number, answers.get(one, ()), old_rows[one]) for one, number in rows.items()}
        unreadable = {key for (key,) in db.execute("SELECT key FROM delivery WHERE NOT readable")}
        for key, status, identity, cents, reason in db.execute(_LINES):
            answer = lines[identity].answer() if identity else None
            if key in unreadable and key in found:
                found[key].unreadable = reason
            elif key in found:
                _enter(found[key], Status(status), reason, answer, cents, old=key in old)
    # An outbox from before amounts were noted knows of deliveries whose lines are not entered.
    made = [(key, found[key]) for key, _, _, number, _ in deliveries if key in found and found[key].rows == number]
    return [one for key, one in made if (_answered(one) and key not in old) or not _written(one, config.root)]


# A delivery from before its time was noted is older than all whose time was.
_DELIVERIES = """
SELECT d.key, d.feed, d.stored_as, d.rows, COALESCE(t.at, (SELECT min(at) FROM taken_in))
FROM delivery d LEFT JOIN taken_in t ON t.key = d.key ORDER BY d.rowid
"""
_LINES = """
SELECT e.key, o.status, o.aggregateid, e.amount_cents,
    (SELECT r.reason FROM refusal r WHERE r.delivery = o.delivery AND r.line = o.line AND r.noted = 0
     ORDER BY r.rowid LIMIT 1)
FROM outbox o LEFT JOIN entry e ON e.id = o.id ORDER BY o.id
"""


def _enter(
    receipt: DeliveryReceipt, status: Status, reason: str, answer: Answer | None, cents: int | None, *, old: bool
) -> None:
    if status is Status.SKIPPED:
        receipt.skipped += 1
    elif status is Status.REJECTED:
        receipt.rejected[reason] += 1
    else:
        receipt.count(answer, cents, old=old and status is Status.SENT)


def put_beside(receipt: DeliveryReceipt, root: Path) -> Path | None:
    """Write a receipt beside its delivery, once all of it has been answered; later answers make it again.

    Returns:
        Where it lies; null where it is not complete, or comes from a database, which is never written to.
    """
    beside = _beside(receipt, root)
    if beside is None or not _answered(receipt):
        return None
    draft = beside.with_name(f"{beside.name}.tmp")
    draft.write_text(json.dumps(receipt.to_json(), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    draft.replace(beside)
    return beside


def _beside(receipt: DeliveryReceipt, root: Path) -> Path | None:
    if isinstance(receipt.feed.source, SqlPoll):
        return None
    folder = location(receipt.feed, root) / ("failed" if receipt.unreadable else "done")
    return folder / f"{receipt.delivery}{RECEIPT_SUFFIX}"


def _written(receipt: DeliveryReceipt, root: Path) -> bool:
    beside = _beside(receipt, root)
    return beside is not None and beside.exists()


def _answered(receipt: DeliveryReceipt) -> bool:
    return receipt.unanswered.rows == receipt.expired.rows == 0


def _figures(one: Sum) -> dict[str, int]:
    return {"rows": one.rows, "sum_cents": one.cents}
