"""From one revision of the case store to the next, on both databases, with what is in it."""

import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from pytest_alembic import Config as RunnerConfig
from pytest_alembic import MigrationContext, runner
from pytest_alembic.tests import default
from sqlalchemy import Connection, Engine, MetaData, Table, create_engine, select, text
from sqlalchemy.schema import CreateIndex, CreateTable

from sinks.errors import NewerStoreError, StoreUnavailableError
from sinks.store.migrating import LOCK, PRESENT
from sinks.store.migrations.versions.r0003_answers import OF_TASKS
from sinks.store.model import (
    Base,
    Obstacle,
    Outcome,
    SinkOffset,
    SinkTopic,
    Task,
    TaskMember,
    TaskReason,
    TaskVersion,
    table,
)
from sinks.store.outcomes import ReceivedOutcome
from sinks.store.rows import member_rows, reason_rows, version_row
from sinks.store.store import CaseStore
from sinks.store.views import REPORT_ANSWERS, REPORT_OBSTACLES, REPORT_TASKS, VIEWS
from tests.sinks.contract import TOPIC, dump, expected
from tests.sinks.databases import Databases, connect
from tests.sinks.made import history, outcome, task
from tests.sinks.outcomes_contract import OBSTACLE, keep
from tests.sinks.store.test_postgres import together

FIRST = (TaskVersion, Task, TaskMember, TaskReason, SinkTopic, SinkOffset)
LATER = frozenset(OF_TASKS)
"""Columns of tasks and their versions that came after the first revision."""

SINCE = ("disputed_signal", "household")
"""Columns of outcomes that came after the third revision."""

BOTH = ("task_outcomes", "obstacles")

FILLED = history(40, 3)
"""As the first revision could hold them: nothing was promised yet."""


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/cases.db"
        return
    databases: Databases = request.getfixturevalue("databases")
    with databases.fresh() as made:
        yield made


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    made = create_engine(url)
    yield made
    made.dispose()


@pytest.fixture
def alembic_runner(engine: Engine) -> Iterator[MigrationContext]:
    with runner(RunnerConfig(config_options={"script_location": "sinks.store:migrations"}), engine) as made:
        yield made


@pytest.mark.parametrize(
    "check",
    [
        default.test_single_head_revision,
        default.test_upgrade,
        default.test_model_definitions_match_ddl,
        default.test_up_down_consistency,
    ],
)
def test_by_pytest_alembic(alembic_runner: MigrationContext, check: Any) -> None:
    check(alembic_runner)


def test_the_code_knows_the_newest_revision(alembic_runner: MigrationContext) -> None:
    assert alembic_runner.heads == [PRESENT]


def at_first_revision(engine: Engine) -> None:
    with engine.begin() as connection:
        migrate(connection, command.upgrade, "0001")
        fill(connection)


def migrate(connection: Connection, way: Callable[[Config, str], None], revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", "sinks.store:migrations")
    config.attributes["connection"] = connection
    way(config, revision)


def fill(connection: Connection) -> None:
    """By statements of its own: the store's code is of the present revision."""
    connection.execute(_first(TaskVersion).insert(), [_first_row(each) for each in FILLED])
    connection.execute(_first(Task).insert(), [_first_row(each) for each in FILLED[-40:]])
    connection.execute(table(TaskMember).insert(), [row for each in FILLED for row in member_rows(each)])
    connection.execute(table(TaskReason).insert(), [row for each in FILLED for row in reason_rows(each)])
    connection.execute(table(SinkTopic).insert(), [{"topic": TOPIC, "topic_id": "id-1"}])
    connection.execute(table(SinkOffset).insert(), [{"topic": TOPIC, "partition": 0, "next_offset": 120}])


def _first(model: type[Base]) -> Table:
    """A table as the first revision had it."""
    return _without(model, LATER if model in {TaskVersion, Task} else ())


def _without(model: type[Base], names: Iterable[str]) -> Table:
    """A table before it had these columns."""
    copies = MetaData()
    for each in Base.metadata.sorted_tables:
        each.to_metadata(copies)
    made = copies.tables[model.__tablename__]
    for name in names:
        made._columns.remove(made.c[name])
    return made


def _before(row: dict[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """A row before it had these columns."""
    return {name: value for name, value in row.items() if name not in names}


def _first_row(task: dict[str, Any]) -> dict[str, Any]:
    return _before(version_row(task), LATER)


def everything(engine: Engine) -> dict[str, list[tuple[Any, ...]]]:
    with engine.connect() as connection:
        rows = {}
        for model in FIRST:
            columns = [column for column in table(model).columns if column.name not in LATER]
            rows[model.__tablename__] = connection.execute(select(*columns)).all()
    return {name: sorted((tuple(row) for row in found), key=repr) for name, found in rows.items()}


def test_upgrade_keeps_every_row(engine: Engine, url: str) -> None:
    at_first_revision(engine)
    before = everything(engine)
    with closing(CaseStore(url)) as store:
        assert [step.revision for step in store.create().steps] == ["0002", "0003", "0004", "0005"]
        assert everything(engine) == before
        assert dump(store) == expected(FILLED)
        assert len(store.report_tasks()) == 40
        store.bind(TOPIC, "id-1")
        store.apply(TOPIC, 0, 120, 121, [task(1, 4)])
        keep(store, outcome(1, task_id=task(1)["task_id"]))
        assert store.create().steps == ()


def test_outcomes_of_before_stay_as_they_are_and_those_since_say_which_signal_is_disputed(
    engine: Engine, url: str
) -> None:
    at, old = datetime(2026, 1, 6, 12, tzinfo=UTC), outcome(1, kind="disputed", why="klopt niet")
    row = _before(ReceivedOutcome(at, old).row(), SINCE)
    with engine.begin() as connection:
        migrate(connection, command.upgrade, "0003")
        connection.execute(_without(Outcome, SINCE).insert(), [row])
    with closing(CaseStore(url)) as store:
        assert [step.revision for step in store.create().steps] == ["0004", "0005"]
        keep(store, outcome(2, kind="disputed", disputed_signal="signal-7"))
    with engine.connect() as connection:
        found = connection.execute(select(table(Outcome)).order_by("outcome_id")).mappings().all()
    assert [(each["outcome_id"], each["why"], each["disputed_signal"]) for each in found] == [
        ("outcome-1", "klopt niet", None),
        ("outcome-2", None, "signal-7"),
    ]


def test_what_answers_told_of_stays_with_them_up_and_down(engine: Engine, url: str) -> None:
    at, blocked = datetime(2026, 1, 6, 12, tzinfo=UTC), outcome(1, **OBSTACLE)
    told = ReceivedOutcome(at, blocked)
    with engine.begin() as connection:
        migrate(connection, command.upgrade, "0004")
        connection.execute(_without(Outcome, ["household"]).insert(), [_before(told.row(), ["household"])])
        row = _before(told.obstacle_row() or {}, ["received_at"])
        connection.execute(_without(Obstacle, ["received_at"]).insert(), [row])
    with closing(CaseStore(url)) as store:
        store.create()
        assert len(store.report_obstacles()) == 1
        again = ReceivedOutcome(at + timedelta(days=1), blocked)
        store.apply_outcomes("o", 0, None, 1, [again, told])
        assert len(store.report_obstacles()) == 1
    with engine.begin() as connection:
        assert len(connection.execute(select(table(Obstacle))).all()) == 2
        if url.startswith("sqlite"):
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        migrate(connection, command.downgrade, "0004")
        assert [connection.execute(text(f"SELECT count(*) FROM {name}")).scalar() for name in BOTH] == [1, 1]  # noqa: S608
        kept = connection.execute(select(_without(Outcome, ["household"]))).mappings().one()
        assert kept["received_at"] == at


def test_a_store_from_before_there_were_revisions_is_taken_on(engine: Engine, url: str) -> None:
    with engine.begin() as connection:
        for model in FIRST:
            connection.execute(CreateTable(_first(model)))
        for index in table(Task).indexes:
            if index.name == "ix_tasks_status_band":
                connection.execute(CreateIndex(index))
        fill(connection)
    before = everything(engine)
    with closing(CaseStore(url)) as store:
        plan = store.plan()
        assert (plan.current, [step.revision for step in plan.steps]) == ("0001", ["0002", "0003", "0004", "0005"])
        store.create()
        assert everything(engine) == before
        assert store.plan().steps == ()


def test_a_store_that_is_newer_is_refused_and_left_alone(engine: Engine, url: str) -> None:
    with closing(CaseStore(url)) as store:
        store.create()
        with engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        for asked in (store.create, store.plan):
            with pytest.raises(NewerStoreError, match="revision is 9999, this version of lantaarn knows up to 0005"):
                asked()


def test_a_failed_upgrade_leaves_nothing_behind(engine: Engine, url: str) -> None:
    at_first_revision(engine)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE obstacles (in_the_way int)"))
    before = everything(engine)
    with closing(CaseStore(url)) as store:
        with pytest.raises(Exception, match="case store"):
            store.create()
        assert store.plan().current == "0001"
        with engine.begin() as connection:
            connection.execute(text("DROP TABLE obstacles"))
        store.create()
        assert everything(engine) == before


def test_many_at_once(engine: Engine, url: str) -> None:
    at_first_revision(engine)

    def create() -> None:
        with closing(CaseStore(url, busy_timeout_ms=20_000)) as store:
            store.create()

    assert together([create] * 5) == []
    with closing(CaseStore(url)) as store:
        assert dump(store) == expected(FILLED)


@contextmanager
def _writing(url: str, folder: Path) -> Iterator[None]:
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(folder / "cases.db", isolation_level=None)) as file:
            file.execute("BEGIN IMMEDIATE")
            yield
            file.execute("ROLLBACK")
    else:
        with connect(url) as other, other.transaction():
            other.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
            yield


def test_somebody_elses_upgrade_is_waited_for_only_so_long(url: str, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr("sinks.store.migrating.PATIENCE", "100ms")
    with closing(CaseStore(url, busy_timeout_ms=100)) as store:
        with closing(CaseStore(url)) as other:
            other.plan()  # the file is there
        with _writing(url, tmp_path), pytest.raises(StoreUnavailableError):
            store.create()
        store.create()


def test_the_handbook_names_every_table_view_and_column() -> None:
    page = (Path(__file__).parents[3] / "docs" / "case-store.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([a-z_]+)`", page))
    assert {each.name for each in Base.metadata.sorted_tables} | {view.name for view in VIEWS} <= named
    assert {
        column.name for view in (REPORT_TASKS, REPORT_OBSTACLES, REPORT_ANSWERS) for column in view.columns
    } <= named


def test_migrations_are_packaged() -> None:
    folder = resources.files("sinks.store").joinpath("migrations")
    assert folder.joinpath("env.py").is_file()
    assert folder.joinpath("script.py.mako").is_file()
