"""What every partner adapter must do, whatever its partner's files look like.

A test class inherits `AdapterContract` and says how its partner writes rows down. Rows here are in our own field names,
with the texts that go wrong on purpose; the subclass only spells them.
"""

import csv
import json
import os
import threading
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from producers.adapter import Desk, route_of, source_of
from producers.config import AdapterConfig
from producers.ledger import OutboxLine, outbox_lines, source_lines
from producers.outbox import Outbox, Status
from schemas.codes import SignalType
from tests.producers.deployment import Deployment
from tests.stacks import RunningStack

PARTNER = "partner-a"
NAME = "Jansema"
BSN = "999993653"
BAD_BSN = "999993654"
Fields = Mapping[str, str | None]


def report(n: int, **changes: str | None) -> dict[str, str | None]:
    """A good report in our own field names, ISO dates and cents."""
    return {
        "kind": "report",
        "reference": f"C-{n}",
        "signalled_on": "2026-02-03",
        "arisen_on": "2025-12-01",
        "amount_cents": "123456",
        "crisis": None,
        "months": "2",
        "personal_contact": "true",
        "debt_help": "true",
        "reminder": "true",
        "consent_offer": "true",
        "postcode": "9901AB",
        "number": f"{n}A",
        "letter": None,
        "addition": None,
    } | changes


def expected(number: int) -> dict[str, Any]:
    """The record of a good report, without its id."""
    return {
        "partner": PARTNER,
        "kind": "report",
        "reference": f"C-{number}",
        "signalled_on": date(2026, 2, 3),
        "arisen_on": date(2025, 12, 1),
        "amount_cents": 123456,
        "crisis": None,
        "months": 2,
        "preconditions": {
            "personal_contact": True,
            "debt_help": True,
            "reminder": True,
            "consent_offer": True,
        },
        "address": {"postcode": "9901AB", "number": number, "letter": "A", "addition": None},
        "birth_date": None,
        "surname": None,
        "delivered_at": None,
    }


class AdapterContract(ABC):
    """Inherit and fill in the abstract methods."""

    kind: SignalType
    has_columns = True  # a query names its columns itself, so it can have no unknown ones

    @abstractmethod
    def config(self, root: Path) -> AdapterConfig:
        """One feed of PARTNER, of the class's type, settling at once."""

    @abstractmethod
    def deliver(self, root: Path, name: str, rows: Sequence[Fields], extra: Fields | None = None) -> list[int]:
        """Write rows as one delivery, each with a name the adapter must ignore; gives their line numbers.

        Args:
            root: The adapter's root.
            name: Of the delivery, without a suffix. The same name and rows: the same delivery sent again.
            rows: In our own field names.
            extra: A column and its value that the feed does not know, in each row.
        """

    @pytest.fixture
    def deployment(self, stack: RunningStack) -> Deployment:
        return Deployment(stack, [(PARTNER, self.kind)])

    def read(self, root: Path) -> list[OutboxLine]:
        return list(outbox_lines(root / "outbox.db"))

    def test_good_rows_are_published(self, deployment: Deployment, tmp_path: Path) -> None:
        self.deliver(tmp_path, "one", [report(1), report(2)])
        deployment.run(self.config(tmp_path), tmp_path / "outbox.db")
        found = deployment.published(PARTNER, self.kind)
        assert [{k: v for k, v in one.value.items() if k != "id"} for one in found] == [expected(1), expected(2)]
        assert [one.key for one in found] == [one.value["id"] for one in found]
        assert {one.headers["ce_id"] for one in found} == {one.key for one in found}

    def test_a_bad_row_is_named_and_the_good_ones_are_published(self, deployment: Deployment, tmp_path: Path) -> None:
        rows = [
            report(1),
            report(2, postcode="0123AB"),
            report(3, signalled_on="31-31-2026"),
            report(4, amount_cents="twelve"),
            report(5, kind="rumour"),
            report(6, number="0"),
            report(7, reference=None),
            report(8),
        ]
        lines = self.deliver(tmp_path, "dirty", rows)
        deployment.run(self.config(tmp_path), tmp_path / "outbox.db")
        rejected = {
            line.line: (line.field, line.reason) for line in self.read(tmp_path) if line.status is Status.REJECTED
        }
        assert rejected == {
            lines[1]: ("postcode", "format"),
            lines[2]: ("signalled_on", "format"),
            lines[3]: ("amount_cents", "format"),
            lines[4]: ("kind", "unknown_code"),
            lines[5]: ("number", "range"),
            lines[6]: ("reference", "missing"),
        }
        assert [one.value["reference"] for one in deployment.published(PARTNER, self.kind)] == ["C-1", "C-8"]

    def test_the_same_delivery_twice_gives_the_same_ids(self, deployment: Deployment, tmp_path: Path) -> None:
        for _ in range(2):
            self.deliver(tmp_path, "one", [report(1), report(2)])
            deployment.run(self.config(tmp_path), tmp_path / "outbox.db")
        found = Counter(one.key for one in deployment.published(PARTNER, self.kind))
        assert sorted(found.values()) == [2, 2]

    def test_a_mended_row_is_a_new_signal(self, deployment: Deployment, tmp_path: Path) -> None:
        self.deliver(tmp_path, "one", [report(1)])
        self.deliver(tmp_path, "two", [report(1, amount_cents="123457")])
        deployment.run(self.config(tmp_path), tmp_path / "outbox.db")
        assert len({one.key for one in deployment.published(PARTNER, self.kind)}) == 2

    def test_nothing_is_lost_or_read_twice_when_interrupted_before_publishing(
        self, deployment: Deployment, tmp_path: Path
    ) -> None:
        self.deliver(tmp_path, "one", [report(n) for n in range(1, 6)])
        config = self.config(tmp_path)
        feed = config.feeds[0]
        with Outbox(tmp_path / "outbox.db") as outbox:  # as far as the outbox, no further: then it is killed
            source = source_of(config, feed, outbox)
            desk = Desk(config, feed, route_of(config, feed, deployment.catalogue), outbox, source, backfill=False)
            list(source.poll())  # a file counts at its second look
            for delivery in source.poll():
                desk._ingest(delivery)
        assert {line.status for line in self.read(tmp_path)} == {Status.PENDING}
        deployment.run(config, tmp_path / "outbox.db")
        deployment.run(config, tmp_path / "outbox.db")
        found = [one.value["reference"] for one in deployment.published(PARTNER, self.kind)]
        assert found == [f"C-{n}" for n in range(1, 6)]

    def test_rows_out_of_order_are_published_as_they_came(self, deployment: Deployment, tmp_path: Path) -> None:
        days = ["2026-02-03", "2025-11-30", "2026-02-01", "2025-09-01"]
        self.deliver(tmp_path, "late", [report(n, signalled_on=day) for n, day in enumerate(days, start=1)])
        deployment.run(self.config(tmp_path), tmp_path / "outbox.db")
        found = [one.value["signalled_on"].isoformat() for one in deployment.published(PARTNER, self.kind)]
        assert found == days

    def test_in_a_backfill_each_record_has_a_later_time_of_its_own(
        self, deployment: Deployment, tmp_path: Path
    ) -> None:
        self.deliver(tmp_path, "one", [report(n) for n in range(1, 4)])
        deployment.run(self.config(tmp_path), tmp_path / "outbox.db", backfill=True)
        times = [one.value["delivered_at"] for one in deployment.published(PARTNER, self.kind)]
        assert None not in times
        assert times == sorted(set(times))

    def test_the_ledger_balances(self, deployment: Deployment, tmp_path: Path) -> None:
        config = self.config(tmp_path)
        self.deliver(tmp_path, "one", [report(1), report(2, postcode="nowhere"), report(1)])
        self.deliver(tmp_path, "two", [report(3, kind=None)])
        deployment.run(config, tmp_path / "outbox.db")
        read = self.read(tmp_path)
        assert sorted((line.delivery, line.line) for line in read) == sorted(
            (line.delivery, line.line) for line in source_lines(config)
        )
        sent = [line.signal_id for line in read if line.status is Status.SENT]
        assert sent == [one.key for one in deployment.published(PARTNER, self.kind)]

    def test_nothing_personal_in_logs_headers_keys_or_rejections(self, deployment: Deployment, tmp_path: Path) -> None:
        rows = [report(71), report(72, postcode="9901A"), report(73, addition="QWERTZ"), report(74, months="many")]
        self.deliver(tmp_path, "one", rows, extra={"BSN": BAD_BSN} if self.has_columns else None)
        with capture_logs() as logs:
            deployment.run(self.config(tmp_path), tmp_path / "outbox.db")
        told = [json.dumps(one, default=str) for one in logs]
        told += [f"{one.key} {one.headers}" for one in deployment.published(PARTNER, self.kind)]
        told += [path.read_text() for path in tmp_path.glob("**/*.rejected.csv")]
        assert logs
        for secret in (NAME, BAD_BSN, "9901A", "QWERTZ", "C-71", "C-72", "many"):
            assert not [text for text in told if secret in text], secret

    def test_a_second_process_on_the_same_outbox_is_refused(self, tmp_path: Path) -> None:
        with Outbox(tmp_path / "outbox.db"):
            refused = threading.Event()

            def second() -> None:
                with pytest.raises(RuntimeError, match="in use"):
                    Outbox(tmp_path / "outbox.db")
                refused.set()

            thread = threading.Thread(target=second)
            thread.start()
            thread.join()
            assert refused.is_set()


def drop(folder: Path, name: str, data: bytes) -> Path:
    """Put a file into a drop folder at once; each drop has an mtime of its own, as deliveries do."""
    target = folder / "in" / name
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)
    drops = folder / ".drops"
    count = int(drops.read_text()) + 1 if drops.exists() else 1
    drops.write_text(str(count))
    moment = 1_770_000_000 + count * 600
    os.utime(target, (moment, moment))
    return target


class FileAdapterContract(AdapterContract):
    """What adapters of files must do besides: a query names its columns itself, a file may bring any."""

    def test_an_unknown_column_is_noted_once_and_the_rows_are_published(
        self, deployment: Deployment, tmp_path: Path
    ) -> None:
        self.deliver(tmp_path, "wide", [report(1), report(2)], extra={"Kleur": "blauw", "BSN": BSN})
        deployment.run(self.config(tmp_path), tmp_path / "outbox.db")
        assert len(deployment.published(PARTNER, self.kind)) == 2
        beside = next(tmp_path.glob("**/done/*.rejected.csv"))
        with beside.open(encoding="utf-8", newline="") as file:
            told = [(row["field"], row["reason"]) for row in csv.DictReader(file)]
        assert told == [("Kleur", "unknown_column"), ("BSN", "forbidden_column")]
