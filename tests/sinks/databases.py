"""Databases on one real PostgreSQL, one for each test that asks."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import count
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo
from sqlalchemy import make_url

from lantaarn.embedded.postgres import DATABASE
from sinks.store.store import CaseStore
from tests.stacks import RunningPostgres


def connect(url: str, **other: Any) -> psycopg.Connection:
    """A connection beside the store's own; each statement is a transaction, unless told otherwise."""
    made = make_url(url)
    told: dict[str, Any] = {"user": made.username, "dbname": made.database, "port": made.port, **made.query, **other}
    return psycopg.connect(make_conninfo(host=made.host or "", **told), autocommit=True)


def waiting(url: str, kind: str) -> int:
    """How many other connections to this database wait for something of this kind, such as ``Lock``."""
    with connect(url) as looking:
        found = looking.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = %s", [kind]
        ).fetchone()
    return found[0] if found else 0


def dismiss(url: str) -> int:
    """Ends every other connection to this database; how many there were."""
    with connect(url) as chief:
        ended = chief.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        ).fetchall()
    return len(ended)


class Databases:
    def __init__(self, server: RunningPostgres) -> None:
        self.server = server
        self._main = server.url_of(DATABASE)
        self._numbers = count(1)
        self._pattern: str | None = None

    @contextmanager
    def fresh(self) -> Iterator[str]:
        """Address of an empty database, gone afterwards."""
        with self._copy("template1") as url:
            yield url

    @contextmanager
    def upgraded(self) -> Iterator[str]:
        """Address of a database with an empty case store of the present revision, gone afterwards."""
        if self._pattern is None:
            with connect(self._main) as chief:
                chief.execute("CREATE DATABASE pattern")
            with closing(CaseStore(self.server.url_of("pattern"))) as store:
                store.create()
            self._pattern = "pattern"
        with self._copy(self._pattern) as url:
            yield url

    @contextmanager
    def _copy(self, pattern: str) -> Iterator[str]:
        name = f"test_{next(self._numbers)}"
        with connect(self._main) as chief:
            chief.execute(f"CREATE DATABASE {name} TEMPLATE {pattern} STRATEGY file_copy")
        try:
            yield self.server.url_of(name)
        finally:
            with connect(self._main) as chief:
                chief.execute(f"DROP DATABASE {name} WITH (FORCE)")
