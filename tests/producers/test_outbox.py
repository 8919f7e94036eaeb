from collections.abc import Iterator
from pathlib import Path

import pytest

from producers.ledger import outbox_lines
from producers.mapping import Mapped
from producers.outbox import Line, Outbox, OutboxInUseError, Route, Status
from producers.rows import Bad, Delivery, Notes, Reason, Skip

ROUTE = Route("signals.rent.p", "urn:nld:kvknr:90000001")


def delivery(key: str = "k", watermark: str | None = None) -> Delivery:
    return Delivery("f", key, "a.csv", 1, iter(()), Notes(), watermark)


def good(line: int, delivered: str = "f/a.csv") -> Line:
    return Line(delivered, line, Mapped("RentArrears", f"id-{line}", {"id": f"id-{line}", "reference": "secret"}), None)


def test_a_delivery_goes_in_as_a_whole_with_every_line(tmp_path: Path) -> None:
    with Outbox(tmp_path / "o.db") as outbox:
        bad = Line("f/a.csv", 3, [Bad("months", Reason.RANGE), Bad("postcode", Reason.FORMAT)], None)
        lines = [good(2), bad, Line("f/a.csv", 4, Skip.TOTALS, None)]
        stored = outbox.ingest(delivery(), "a.csv", lines, ROUTE)
        assert (stored.rows, stored.published, stored.rejected, stored.skipped) == (2, 1, 1, 1)
        assert outbox.stored("k") == stored
        assert [(one.line, one.field) for one in outbox.refusals("f/a.csv")] == [(3, "months"), (3, "postcode")]
    found = [(one.line, one.status, one.field) for one in outbox_lines(tmp_path / "o.db")]
    assert found == [(2, Status.PENDING, None), (3, Status.REJECTED, "months"), (4, Status.SKIPPED, None)]


def test_a_delivery_that_breaks_off_leaves_nothing(tmp_path: Path) -> None:
    def broken() -> Iterator[Line]:
        yield good(2)
        raise RuntimeError("disk pulled")

    with Outbox(tmp_path / "o.db") as outbox:
        with pytest.raises(RuntimeError, match="disk pulled"):
            outbox.ingest(delivery(watermark="2026"), "a.csv", broken(), ROUTE)
        assert outbox.stored("k") is None
        assert outbox.watermark("f") is None
        assert outbox.pending(10) == []
        outbox.ingest(delivery(watermark="2026"), "a.csv", [good(2)], ROUTE)
        assert outbox.watermark("f") == "2026"


def test_what_was_published_is_erased_and_its_id_kept(tmp_path: Path) -> None:
    with Outbox(tmp_path / "o.db") as outbox:
        outbox.ingest(delivery(), "a.csv", [good(2), good(3)], ROUTE)
        first, second = outbox.pending(10)
        outbox.mark_sent([first.id])
        assert outbox.pending(10) == [second]
        outbox.mark_sent([second.id])
        outbox.tidy()
        assert b"secret" not in b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert [(one.status, one.signal_id) for one in outbox_lines(tmp_path / "o.db")] == [
        (Status.SENT, "id-2"),
        (Status.SENT, "id-3"),
    ]


def test_the_same_name_again_is_stored_under_another(tmp_path: Path) -> None:
    with Outbox(tmp_path / "o.db") as outbox:
        for key, name in (("1", "a.csv"), ("2", "a~2.csv"), ("3", "a~3.csv")):
            assert outbox.free_name("f", "a.csv") == name
            outbox.ingest(delivery(key), name, [], ROUTE)
        assert outbox.free_name("g", "a.csv") == "a.csv"


def test_a_row_is_known_by_key_and_version(tmp_path: Path) -> None:
    with Outbox(tmp_path / "o.db") as outbox:
        outbox.ingest(delivery(), "x", [good(7, "f/2026-01-01 06:00:00")], ROUTE)
        assert outbox.has_line("f/2026-01-01 06:00:00", 7)
        assert not outbox.has_line("f/2026-01-02 06:00:00", 7)


def test_only_one_process_has_an_outbox_and_it_is_free_again_afterwards(tmp_path: Path) -> None:
    with Outbox(tmp_path / "o.db"), pytest.raises(OutboxInUseError, match="in use by another"):
        Outbox(tmp_path / "o.db")
    Outbox(tmp_path / "o.db").close()


def test_an_adapter_that_never_ran_has_no_lines(tmp_path: Path) -> None:
    assert list(outbox_lines(tmp_path / "none.db")) == []
    (tmp_path / "new.db").touch()
    assert list(outbox_lines(tmp_path / "new.db")) == []
