"""The case store on a real PostgreSQL: the same contract, and what only a server can do to it."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any, ClassVar

import psycopg
import pytest

from sinks.errors import StaleSinkError, StoreFailureError, StoreUnavailableError
from sinks.store.model import Base
from sinks.store.store import CaseStore
from tests.sinks.contract import TOPIC, CaseStoreContract, dump, expected
from tests.sinks.databases import Databases, connect, dismiss, waiting
from tests.sinks.live import until
from tests.sinks.made import history, outcome, task
from tests.sinks.outcomes_contract import OutcomesContract, keep

ALL = ", ".join(table.name for table in Base.metadata.sorted_tables)


class TestPostgreSQL(CaseStoreContract, OutcomesContract):
    databases: ClassVar[Databases]
    url: ClassVar[str]

    @pytest.fixture(scope="class", autouse=True)
    @staticmethod
    def _server(request: pytest.FixtureRequest, databases: Databases) -> Iterator[None]:
        with databases.upgraded() as url:
            request.cls.databases, request.cls.url = databases, url
            yield

    @contextmanager
    def fresh_url(self) -> Iterator[str]:
        with self.databases.fresh() as url:
            yield url

    @contextmanager
    def fresh(self) -> Iterator[CaseStore]:
        """One database for all these tests, emptied each time: making one takes longer than most of them."""
        with connect(self.url) as chief:
            chief.execute(f"TRUNCATE {ALL}")
        with closing(CaseStore(self.url)) as store:
            yield store


@pytest.fixture
def url(databases: Databases) -> Iterator[str]:
    with databases.upgraded() as made:
        yield made


@pytest.fixture
def store(url: str) -> Iterator[CaseStore]:
    with closing(CaseStore(url, busy_timeout_ms=200)) as made:
        yield made


def together(bodies: Sequence[Any]) -> list[BaseException]:
    """Runs all at once; what they raised."""
    raised: list[BaseException] = []

    def guarded(body: Any) -> None:
        try:
            body()
        except Exception as error:  # noqa: BLE001
            raised.append(error)

    threads = [threading.Thread(target=guarded, args=[body]) for body in bodies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return raised


def test_connections_that_were_ended_are_made_again(store: CaseStore, url: str) -> None:
    store.apply(TOPIC, 0, None, 1, [task(1)])
    assert dismiss(url) == 1
    store.apply(TOPIC, 0, 1, 2, [task(1, 2)])
    assert dismiss(url) == 1
    assert dump(store) == expected(history(1, 2))


def test_a_connection_that_ends_within_a_transaction_leaves_nothing_of_it(store: CaseStore, url: str) -> None:
    store.apply(TOPIC, 0, None, 1, [task(1)])
    patient = CaseStore(url, busy_timeout_ms=60_000)
    with connect(url) as holder, holder.transaction():
        holder.execute("LOCK TABLE task_reasons IN EXCLUSIVE MODE")
        body = threading.Thread(target=lambda: raised.extend(together([_second(patient)])))
        raised: list[BaseException] = []
        body.start()
        until(lambda: waiting(url, "Lock") == 1)
        with connect(url) as chief:
            chief.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
        body.join(timeout=30)
    assert [type(each) for each in raised] == [StoreUnavailableError]
    assert dump(store) == expected([task(1)])
    _second(patient)()
    assert dump(store) == expected([task(1), task(1, 2, reasons=["crisis"])])
    patient.close()


def _second(store: CaseStore) -> Any:
    return lambda: store.apply(TOPIC, 0, 1, 2, [task(1, 2, reasons=["crisis"])])


def test_a_locked_table_is_worth_another_try_and_readers_go_on(store: CaseStore, url: str) -> None:
    store.apply(TOPIC, 0, None, 1, [task(1)])
    with connect(url) as holder, holder.transaction():
        holder.execute("LOCK TABLE task_versions IN EXCLUSIVE MODE")
        with pytest.raises(StoreUnavailableError, match="LockNotAvailable"):
            store.apply(TOPIC, 0, 1, 2, [task(1, 2)])
        assert dump(store) == expected([task(1)])
    store.apply(TOPIC, 0, 1, 2, [task(1, 2)])
    assert dump(store) == expected(history(1, 2))


def test_errors_do_not_repeat_what_is_in_the_row(store: CaseStore) -> None:
    nobody = task(1, household=None)
    with pytest.raises(StoreFailureError) as caught:
        store.apply(TOPIC, 0, None, 1, [nobody])
    assert str(caught.value) == "case store: IntegrityError: NotNullViolation"
    assert caught.value.__suppress_context__
    assert store.offsets(TOPIC) == {}


def test_the_servers_log_does_not_repeat_it_either(store: CaseStore, databases: Databases) -> None:
    with pytest.raises(StoreFailureError):
        store.apply(TOPIC, 0, None, 1, [task(1, household=None, address=task(1)["address"] | {"postcode": "9876ZZ"})])
    log = databases.server.log()
    assert "null value in column" in log
    assert "9876ZZ" not in log


def test_two_sinks_on_one_partition_only_one_wins(url: str) -> None:
    stores = [CaseStore(url) for _ in range(3)]
    rounds = 20
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

    assert together([lambda store=store: compete(store) for store in stores]) == []
    assert sorted(won) == list(range(rounds))
    assert stores[0].offsets(TOPIC) == {0: rounds}
    assert dump(stores[0]) == expected([task(n + 1) for n in range(rounds)])
    for each in stores:
        each.close()


def test_two_sinks_that_meet_the_same_tasks_do_not_wait_in_a_ring(url: str) -> None:
    """Two partitions, the same tasks at once in opposite orders: a deadlock would raise in one of them."""
    known = [task(number) for number in range(1, 121)]

    def fill(partition: int) -> None:
        sequence = partition + 2
        with closing(CaseStore(url)) as store:
            start.wait(timeout=20)
            for number in range(8):
                versions = [task(each, sequence + 2 * number) for each in range(1, 121)]
                store.apply(TOPIC, partition, number or None, number + 1, versions[:: 1 if partition else -1])

    start = threading.Barrier(2)
    with closing(CaseStore(url)) as store:
        store.apply(TOPIC, 9, None, 1, known)
        assert together([lambda: fill(0), lambda: fill(1)]) == []
        assert dump(store) == expected(known + [task(n, s) for n in range(1, 121) for s in range(2, 18)])


def test_reading_while_writing_sees_whole_versions(url: str) -> None:
    """Each reader finds only what was published, its members and reasons with it, however fast tasks move on."""
    published = {(each["task_id"], each["sequence"]): each for each in history(20, 25)}
    done = threading.Event()
    seen: set[int] = set()

    def write() -> None:
        with closing(CaseStore(url)) as store:
            for sequence in range(1, 26):
                batch = [task(number, sequence) for number in range(1, 21)]
                store.apply(TOPIC, 0, sequence - 1 or None, sequence, batch)
        done.set()

    def read() -> None:
        with closing(CaseStore(url)) as store:
            while not done.is_set():
                for each in store.all_tasks():
                    assert each == published[each["task_id"], each["sequence"]]
                    seen.add(each["sequence"])
                assert sum(store.counts().values()) in {0, 20}
                assert len(store.report_tasks()) in {0, 20}

    assert together([write, read, read]) == []
    assert len(seen) > 2


def test_a_reader_of_reports_sees_the_views_and_nothing_else(store: CaseStore, url: str) -> None:
    store.apply(TOPIC, 0, None, 1, [task(1)])
    keep(store, outcome(1))
    with connect(url) as chief:
        chief.execute("CREATE ROLE reporter LOGIN PASSWORD 'x'")
        chief.execute("GRANT SELECT ON report_tasks, report_obstacles TO reporter")
    try:
        with connect(url, user="reporter", password="x") as reporter:
            assert reporter.execute("SELECT count(*), min(neighbourhood) FROM report_tasks").fetchone() == (1, "9999")
            for forbidden in ("SELECT * FROM tasks", "SELECT * FROM linked_outcomes", "SELECT * FROM task_outcomes"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    reporter.execute(forbidden)
            with pytest.raises(psycopg.Error):
                reporter.execute("UPDATE report_tasks SET attempts = 0")
    finally:
        with connect(url) as chief:
            chief.execute("DROP OWNED BY reporter")
            chief.execute("DROP ROLE reporter")
