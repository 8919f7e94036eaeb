import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from structlog.testing import capture_logs

from producers.outbox import Line, Outbox, Route
from producers.rows import Bad, Delivery, Notes, Reason, Row
from producers.sources.drop_folder import TELL_AGAIN_SECONDS, DropFolder


def reader(data: bytes, notes: Notes) -> Iterator[Row]:
    del notes
    yield from (Row(number) for number, _ in enumerate(data.splitlines(), start=1))


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def folder(tmp_path: Path, clock: Clock) -> DropFolder:
    return DropFolder("f", tmp_path, 5, reader, clock)


def names(folder: DropFolder) -> list[str]:
    return [one.name for one in folder.poll()]


def test_a_file_counts_when_it_has_not_changed_for_a_while(tmp_path: Path, folder: DropFolder, clock: Clock) -> None:
    file = tmp_path / "in" / "a.csv"
    file.write_text("1\n")
    os.utime(file, (0, 0))  # copied with the time of its original: old, and yet not complete
    assert names(folder) == []
    clock.now += 4
    with file.open("a") as growing:
        growing.write("2\n")
    assert names(folder) == []
    clock.now += 4
    assert names(folder) == []
    assert folder.waiting
    clock.now += 1
    assert names(folder) == ["a.csv"]


@pytest.mark.parametrize(
    "name", ["a.csv.part", "a.csv.filepart", "a.TMP", ".a.csv", "a.csv.rejected.csv", "a.csv.receipt.json"]
)
def test_a_transfer_under_way_does_not_count(tmp_path: Path, folder: DropFolder, clock: Clock, name: str) -> None:
    (tmp_path / "in" / name).write_text("1\n")
    assert names(folder) == []
    clock.now += 60
    assert names(folder) == []
    assert not folder.waiting
    (tmp_path / "in" / name).rename(tmp_path / "in" / "whole.csv")
    assert names(folder) == []
    clock.now += 5
    assert names(folder) == ["whole.csv"]


def test_the_oldest_comes_first_and_a_key_tells_deliveries_apart(
    tmp_path: Path, folder: DropFolder, clock: Clock
) -> None:
    for name, seconds in (("b.csv", 10), ("a.csv", 20)):
        (tmp_path / "in" / name).write_text("same\n")
        os.utime(tmp_path / "in" / name, (seconds, seconds))
    names(folder)
    clock.now += 5
    found = list(folder.poll())
    assert [(one.name, one.at_ms) for one in found] == [("b.csv", 10_000), ("a.csv", 20_000)]
    os.utime(tmp_path / "taken" / "a.csv", (30, 30))
    names(folder)
    clock.now += 5
    assert len({one.key for one in [*found, *folder.poll()]}) == 3


def test_an_ingested_file_is_put_away_with_what_is_to_be_told_beside_it(
    tmp_path: Path, folder: DropFolder, clock: Clock
) -> None:
    (tmp_path / "in" / "a.csv").write_text("1\n")
    names(folder)
    clock.now += 5
    (delivery,) = folder.poll()
    with Outbox(tmp_path / "o.db") as outbox:
        bad = Line("f/a.csv", 1, [Bad("postcode", Reason.FORMAT), Bad("", Reason.COLUMNS)], None)
        stored = outbox.ingest(delivery, "a.csv", [bad], Route("t", "u"))
        folder.finish(delivery, stored, outbox)
    assert not list((tmp_path / "in").iterdir())
    assert sorted(path.name for path in (tmp_path / "done").iterdir()) == ["a.csv", "a.csv.rejected.csv"]
    told = (tmp_path / "done" / "a.csv.rejected.csv").read_text()
    assert told == "line,field,reason\n1,postcode,format\n1,,columns\n"


def test_a_file_of_which_nothing_can_be_read_goes_to_failed(tmp_path: Path, folder: DropFolder, clock: Clock) -> None:
    (tmp_path / "in" / "a.csv").write_text("1\n")
    names(folder)
    clock.now += 5
    (delivery,) = folder.poll()
    with Outbox(tmp_path / "o.db") as outbox:
        folder.finish(delivery, outbox.ingest_unreadable(delivery, "a.csv", Reason.ENCODING), outbox)
    assert (tmp_path / "failed" / "a.csv.rejected.csv").read_text() == "line,field,reason\n0,,encoding\n"


def settled(folder: DropFolder, clock: Clock) -> Iterator[Delivery]:
    names(folder)
    clock.now += 5
    return folder.poll()


def replace(tmp_path: Path, text: str, seconds: int) -> None:
    """As a partner should: under another name until it is whole."""
    draft = tmp_path / "in" / "a.csv.part"
    draft.write_text(text)
    os.utime(draft, (seconds, seconds))
    draft.replace(tmp_path / "in" / "a.csv")


def take_in(folder: DropFolder, delivery: Delivery, outbox: Outbox) -> int:
    """As the desk does; gives the number of rows, -1 where the delivery is known."""
    rows, stored = -1, outbox.stored(delivery.key)
    if stored is None:
        name = outbox.free_name("f", delivery.name)
        lines = [Line(f"f/{name}", row.line, [Bad("", Reason.COLUMNS)], None) for row in delivery.rows]
        stored, rows = outbox.ingest(delivery, name, lines, Route("t", "u")), len(lines)
    folder.finish(delivery, stored, outbox)
    return rows


def put_away(tmp_path: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in (tmp_path / "done").glob("*.csv") if "rejected" not in path.name}


def test_a_file_put_in_place_of_one_that_is_being_read_is_a_delivery_of_its_own(
    tmp_path: Path, folder: DropFolder, clock: Clock
) -> None:
    replace(tmp_path, "1\n", 10)
    (first,) = settled(folder, clock)
    replace(tmp_path, "2\n3\n", 20)
    with Outbox(tmp_path / "o.db") as outbox:
        assert take_in(folder, first, outbox) == 1
        assert folder.waiting
        (second,) = settled(folder, clock)
        assert take_in(folder, second, outbox) == 2
    assert put_away(tmp_path) == {"a.csv": "1\n", "a~2.csv": "2\n3\n"}
    assert not folder.waiting


def test_a_file_put_in_place_of_one_just_before_it_is_taken_counts_when_it_has_settled(
    tmp_path: Path, folder: DropFolder, clock: Clock
) -> None:
    (tmp_path / "in" / "0.csv").write_text("0\n")
    os.utime(tmp_path / "in" / "0.csv", (5, 5))
    replace(tmp_path, "1\n", 10)
    found = settled(folder, clock)
    assert next(found).name == "0.csv"
    replace(tmp_path, "2\n3\n", 20)
    assert list(found) == []
    (delivery,) = (one for one in settled(folder, clock) if one.name == "a.csv")
    with Outbox(tmp_path / "o.db") as outbox:
        assert take_in(folder, delivery, outbox) == 2
    assert put_away(tmp_path) == {"a.csv": "2\n3\n"}


@pytest.mark.parametrize("ingested", [False, True], ids=["before the outbox", "after the outbox"])
def test_a_file_left_by_a_crash_is_read_once_and_one_that_came_meanwhile_after_it(
    tmp_path: Path, folder: DropFolder, clock: Clock, *, ingested: bool
) -> None:
    replace(tmp_path, "1\n", 10)
    (delivery,) = settled(folder, clock)
    with Outbox(tmp_path / "o.db") as outbox:
        if ingested:
            outbox.ingest(delivery, "a.csv", [Line("f/a.csv", 1, [], None)], Route("t", "u"))
        replace(tmp_path, "2\n3\n", 5)  # older than the one before by its own time
        again = DropFolder("f", tmp_path, 5, reader, clock)
        assert again.waiting
        rows = [take_in(again, one, outbox) for one in settled(again, clock)]
        rows += [take_in(again, one, outbox) for one in again.poll()]
    assert rows == [-1 if ingested else 1, 2]
    assert put_away(tmp_path) == {"a.csv": "1\n", "a~2.csv": "2\n3\n"}


@contextmanager
def one_who_may_not_read_all() -> Iterator[Path]:
    """A folder of somebody other than root, who may read any file."""
    root = os.geteuid() == 0
    with TemporaryDirectory() as made:
        Path(made).chmod(0o777)
        if root:
            os.seteuid(65534)
        try:
            yield Path(made) / "f"
        finally:
            if root:
                os.seteuid(0)


def test_a_file_that_may_not_be_read_stays_and_is_told_of_and_the_others_are_read(clock: Clock) -> None:
    with one_who_may_not_read_all() as root, capture_logs() as told:
        folder = DropFolder("f", root, 5, reader, clock)
        (root / "in" / "a.csv").write_text("1\n")
        (root / "in" / "a.csv").chmod(0)
        (root / "in" / "b.csv").write_text("1\n")
        assert [one.name for one in settled(folder, clock)] == ["b.csv"]
        (root / "taken" / "b.csv").unlink()
        assert not folder.waiting, "it becomes readable by no waiting"
        assert [path.name for path in (root / "in").iterdir()] == ["a.csv"]
        (root / "in" / "a.csv").chmod(0o600)
        assert names(folder) == ["a.csv"]
    assert [(one["file"], one["reason"]) for one in told] == [("a.csv", "Permission denied")]


@pytest.mark.parametrize(
    ("name", "shown"), [(b"caf\xe9.csv", "caf\\xe9.csv"), (b"a" * 240 + b".csv", "a" * 240 + ".csv")]
)
def test_a_name_that_we_cannot_keep_stays_and_is_told_of_now_and_then(
    tmp_path: Path, folder: DropFolder, clock: Clock, name: bytes, shown: str
) -> None:
    (tmp_path / "in" / os.fsdecode(name)).write_text("1\n")
    (tmp_path / "in" / "b.csv").write_text("1\n")
    with capture_logs() as told:
        assert [one.name for one in settled(folder, clock)] == ["b.csv"]
        (tmp_path / "taken" / "b.csv").unlink()
        for _ in range(3):
            clock.now += TELL_AGAIN_SECONDS / 2
            assert names(folder) == []
    assert [one["file"] for one in told] == [shown] * 2
    assert [path.name for path in (tmp_path / "in").iterdir()] == [os.fsdecode(name)]


def test_a_link_that_leads_to_itself_is_no_file(tmp_path: Path, folder: DropFolder, clock: Clock) -> None:
    (tmp_path / "in" / "a.csv").symlink_to("a.csv")
    assert list(settled(folder, clock)) == []
    assert not folder.waiting
