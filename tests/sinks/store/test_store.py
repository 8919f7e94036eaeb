"""The case store on SQLite."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import ClassVar

import pytest
from sqlalchemy.exc import OperationalError

from sinks.errors import StaleSinkError, StoreAddressError, StoreFailureError, StoreUnavailableError
from sinks.store.store import CaseStore
from tests.sinks.contract import TOPIC, CaseStoreContract, dump, expected
from tests.sinks.made import history, task
from tests.sinks.outcomes_contract import OutcomesContract


class TestSQLite(CaseStoreContract, OutcomesContract):
    empty: ClassVar[bytes]

    @pytest.fixture(scope="class", autouse=True)
    @staticmethod
    def _pattern(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> None:
        file = tmp_path_factory.mktemp("pattern") / "cases.db"
        with closing(CaseStore(f"sqlite:///{file}")) as store:
            store.create()
        request.cls.empty = file.read_bytes()

    @contextmanager
    def fresh_url(self) -> Iterator[str]:
        with TemporaryDirectory() as folder:
            yield f"sqlite:///{folder}/cases.db"

    @contextmanager
    def fresh(self) -> Iterator[CaseStore]:
        """From a copy of an empty store: making one takes longer than most of these tests."""
        with TemporaryDirectory() as folder:
            file = Path(folder) / "cases.db"
            file.write_bytes(self.empty)
            with closing(CaseStore(f"sqlite:///{file}")) as store:
                yield store


def test_in_memory_for_a_first_look() -> None:
    store = CaseStore("sqlite://")
    store.create()
    store.apply(TOPIC, 0, None, 1, history(2, 2))
    assert dump(store) == expected(history(2, 2))


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("", "cannot be read"),
        ("geheim123", "cannot be read"),
        ("postgresql+psycopg://u:geheim123@host:port/db", "cannot be read"),
        ("postgresql+geheim123://u@host/db", "names a driver that is not there"),
        ("postgresql+psycopg2://u:geheim123@host/db", "names a driver that is not there"),
        ("mysql://u:geheim123@host/db", "another database"),
    ],
)
def test_an_address_that_cannot_serve_is_told_without_repeating_it(url: str, message: str) -> None:
    with pytest.raises(StoreAddressError, match=rf"case_store_url.* {message}") as raised:
        CaseStore(url)
    assert "geheim123" not in str(raised.value)


def test_pragmas(tmp_path: Path) -> None:
    store = CaseStore(f"sqlite:///{tmp_path}/cases.db", busy_timeout_ms=1234)
    with store._engine.connect() as connection:
        values = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "foreign_keys", "busy_timeout", "synchronous")
        }
    assert values == {"journal_mode": "wal", "foreign_keys": 1, "busy_timeout": 1234, "synchronous": 1}


def test_many_may_open_a_new_file_at_once(tmp_path: Path) -> None:
    together = threading.Barrier(4, timeout=30)
    refused: list[Exception] = []

    def open_all() -> None:
        for number in range(60):
            store = CaseStore(f"sqlite:///{tmp_path}/{number}.db")
            together.wait()
            try:
                store._engine.connect().close()
            except OperationalError as error:
                refused.append(error)
            together.wait()
            store.close()

    threads = [threading.Thread(target=open_all) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused == []


def test_locked_database_is_worth_another_try_and_readers_go_on(tmp_path: Path) -> None:
    store = CaseStore(f"sqlite:///{tmp_path}/cases.db", busy_timeout_ms=50)
    store.create()
    store.apply(TOPIC, 0, None, 1, [task(1)])
    other = sqlite3.connect(tmp_path / "cases.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnavailableError):
        store.apply(TOPIC, 0, 1, 2, [task(1, 2)])
    assert dump(store) == expected([task(1)])
    other.execute("ROLLBACK")
    other.close()
    store.apply(TOPIC, 0, 1, 2, [task(1, 2)])
    assert dump(store) == expected(history(1, 2))


def test_errors_do_not_repeat_what_is_in_the_row(tmp_path: Path) -> None:
    store = CaseStore(f"sqlite:///{tmp_path}/cases.db")
    store.create()
    twice = [{"signal_id": "a", "repeated": True}, {"signal_id": "a", "repeated": False}]
    nobody = task(1, household=None)
    for bad in (task(1, members=twice), nobody):
        with pytest.raises(StoreFailureError) as caught:
            store.apply(TOPIC, 0, None, 1, [bad])
        assert str(caught.value) == "case store: IntegrityError: IntegrityError"
        assert caught.value.__suppress_context__
    assert dump(store) == {}
    assert store.offsets(TOPIC) == {}


def test_two_sinks_on_one_partition_only_one_wins(tmp_path: Path) -> None:
    """Threads with stores of their own start at once; each round exactly one of them writes."""
    stores = [CaseStore(f"sqlite:///{tmp_path}/cases.db") for _ in range(4)]
    stores[0].create()
    rounds = 25
    start = threading.Barrier(len(stores))
    won: list[int] = []

    def compete(store: CaseStore) -> None:
        for number in range(rounds):
            start.wait(timeout=20)
            try:
                store.apply(TOPIC, 0, number or None, number + 1, [task(number + 1)])
            except StaleSinkError:
                continue
            won.append(number)

    threads = [threading.Thread(target=compete, args=[store]) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(won) == list(range(rounds))
    assert stores[0].offsets(TOPIC) == {0: rounds}
    assert dump(stores[0]) == expected([task(n + 1) for n in range(rounds)])


def test_tables_can_be_made_by_many_at_once(tmp_path: Path) -> None:
    failed: list[Exception] = []

    def make() -> None:
        try:
            CaseStore(f"sqlite:///{tmp_path}/cases.db").create()
        except Exception as error:  # noqa: BLE001
            failed.append(error)

    threads = [threading.Thread(target=make) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert not failed
