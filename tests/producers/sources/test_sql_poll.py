import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from traceback import format_exception

import pytest

from producers.adapter import source_of
from producers.config import AdapterConfig
from producers.ledger import source_lines
from producers.mapping import Mapped, Mapper
from producers.outbox import Outbox
from producers.rows import Bad, Reason
from producers.sources.sql_poll import SqlError, SqlSource
from schemas.codes import SignalType
from tests.producers.contract import PARTNER, AdapterContract, Fields, report
from tests.producers.deployment import Deployment
from tests.producers.sources.test_json_lines import COLUMNS as _JSON

COLUMNS = {key: key for key in _JSON}
START = datetime(2026, 2, 1, 6, tzinfo=UTC)
QUERY = "SELECT * FROM arrears WHERE changed >= :since ORDER BY changed, id"


def config(root: Path, query: str = QUERY) -> AdapterConfig:
    feed = {
        "name": "energie",
        "partner": PARTNER,
        "type": "Energie",
        "urn": "urn:nld:kvknr:90000003",
        "source": {
            "kind": "sqlite",
            "database": "billing.sqlite",
            "query": query,
            "row_key": "id",
            "watermark": "changed",
            "overlap_seconds": 3600,
        },
        "columns": COLUMNS,
        "amounts": "cents",
    }
    return AdapterConfig.model_validate({"name": "billing", "feed": [feed], "root": root, "poll_seconds": 0.01})


def insert(root: Path, rows: Sequence[Fields], minute: float | None = None) -> list[int]:
    with closing(sqlite3.connect(root / "billing.sqlite")) as db, db:
        columns = ", ".join(COLUMNS)
        db.execute(f"CREATE TABLE IF NOT EXISTS arrears (id INTEGER PRIMARY KEY, changed TEXT, {columns})")
        keys = []
        for row in rows:
            (count,) = db.execute("SELECT count(*) FROM arrears").fetchone()
            moment = START + timedelta(minutes=count if minute is None else minute, milliseconds=count)
            changed = moment.strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
            marks = ", ".join("?" * (len(COLUMNS) + 1))
            values = [row[key] for key in COLUMNS]
            made = db.execute(f"INSERT INTO arrears (changed, {columns}) VALUES ({marks})", (changed, *values))  # noqa: S608
            keys.append(made.lastrowid or 0)
        return keys


class TestSqlPoll(AdapterContract):
    kind = SignalType.ENERGY
    has_columns = False

    def config(self, root: Path) -> AdapterConfig:
        return config(root)

    def deliver(self, root: Path, name: str, rows: Sequence[Fields], extra: Fields | None = None) -> list[int]:
        del name, extra
        return insert(root, rows)

    def test_a_row_committed_late_under_an_earlier_time_is_not_missed_and_none_is_read_twice(
        self, deployment: Deployment, tmp_path: Path
    ) -> None:
        insert(tmp_path, [report(n) for n in range(1, 4)])
        deployment.run(config(tmp_path), tmp_path / "outbox.db")
        insert(tmp_path, [report(4)], minute=0.5)
        insert(tmp_path, [report(5)])
        deployment.run(config(tmp_path), tmp_path / "outbox.db")
        deployment.run(config(tmp_path), tmp_path / "outbox.db")
        found = [one.value["reference"] for one in deployment.published(PARTNER, self.kind)]
        assert found == ["C-1", "C-2", "C-3", "C-4", "C-5"]

    def test_a_row_changed_in_place_is_read_again(self, deployment: Deployment, tmp_path: Path) -> None:
        (key,) = insert(tmp_path, [report(1)])
        deployment.run(config(tmp_path), tmp_path / "outbox.db")
        with closing(sqlite3.connect(tmp_path / "billing.sqlite")) as db, db:
            db.execute(
                "UPDATE arrears SET amount_cents = 200000, changed = '2026-02-02 06:00:00.001' WHERE id = ?", (key,)
            )
        deployment.run(config(tmp_path), tmp_path / "outbox.db")
        found = [one.value["amount_cents"] for one in deployment.published(PARTNER, self.kind)]
        assert found == [123456, 200000]


def spoil(root: Path, key: int, column: str) -> None:
    """A text in another code page, as a program writes it that knows of none."""
    with closing(sqlite3.connect(root / "billing.sqlite")) as db, db:
        db.execute(f"UPDATE arrears SET {column} = CAST(? AS TEXT) WHERE id = ?", (b"Jans\xe9ma", key))  # noqa: S608


@pytest.mark.parametrize("column", COLUMNS)
def test_a_text_that_is_no_utf_8_costs_its_own_row_and_names_its_field(tmp_path: Path, column: str) -> None:
    insert(tmp_path, [report(1), report(2), report(3)])
    spoil(tmp_path, 2, column)
    made = config(tmp_path)
    mapper = Mapper(made.feeds[0])
    with Outbox(tmp_path / "outbox.db") as outbox:
        source = source_of(made, made.feeds[0], outbox)
        first, second, third = (mapper.map(row.values) for one in source.poll() for row in one.rows)
    assert isinstance(first, Mapped)
    assert second == [Bad(column, Reason.FORMAT)]
    assert isinstance(third, Mapped)


def test_a_text_that_is_no_utf_8_in_a_column_that_is_not_mapped_is_not_looked_at(tmp_path: Path) -> None:
    insert(tmp_path, [report(1)])
    with closing(sqlite3.connect(tmp_path / "billing.sqlite")) as db, db:
        db.execute("ALTER TABLE arrears ADD COLUMN name TEXT")
    spoil(tmp_path, 1, "name")
    assert poll(tmp_path, QUERY) == 1
    assert [one.line for one in source_lines(config(tmp_path))] == [1]


def test_a_watermark_that_is_no_utf_8_is_no_timestamp(tmp_path: Path) -> None:
    insert(tmp_path, [report(1)])
    with closing(sqlite3.connect(tmp_path / "billing.sqlite")) as db, db:
        db.execute("UPDATE arrears SET changed = CAST(? AS TEXT)", (b"2026-02-01\xe906:00:00",))
    with pytest.raises(SqlError, match="not an ISO 8601 timestamp"):
        poll(tmp_path, QUERY)


def test_a_query_that_fails_while_it_runs_tells_no_value(tmp_path: Path) -> None:
    insert(tmp_path, [report(1, reference="Jansema")])
    query = QUERY.replace("*", "*, json_extract('{}', reference) AS more")
    with pytest.raises(SqlError, match=r"does not run: SQLITE_ERROR$") as polled:
        poll(tmp_path, query)
    with pytest.raises(SqlError, match=r"does not run: SQLITE_ERROR$") as counted:
        list(source_lines(config(tmp_path, query)))
    for caught in (polled, counted):
        assert "Jansema" not in "".join(format_exception(caught.value))


def poll(root: Path, query: str) -> int:
    made = config(root, query)
    source = made.feeds[0].source
    with Outbox(root / "outbox.db") as outbox:
        return len(list(SqlSource(made.feeds[0], source, root / "billing.sqlite", outbox).poll()))  # type: ignore[arg-type]


def test_a_database_that_is_not_there_yet_is_waited_for(tmp_path: Path) -> None:
    assert poll(tmp_path, QUERY) == 0


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("SELECT nothing FROM arrears WHERE changed >= :since", "does not run"),
        ("SELECT id, changed FROM arrears WHERE changed >= :since", "gives no"),
        ("SELECT * FROM arrears WHERE changed >= :since ORDER BY changed DESC", "not ordered"),
        (QUERY.replace("*", "*, 'x' AS id"), "row key"),
        (QUERY.replace(":since", ":other"), "binding"),
    ],
)
def test_a_query_that_cannot_serve_stops_the_adapter_with_a_reason(tmp_path: Path, query: str, message: str) -> None:
    insert(tmp_path, [report(1), report(2)])
    with pytest.raises(SqlError, match=message):
        poll(tmp_path, query)
