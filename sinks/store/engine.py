"""Opens the database, and speaks of its troubles without repeating what was in the rows."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import URL, Engine, create_engine, event, exc, make_url
from sqlalchemy.pool import StaticPool

from sinks.errors import StoreAddressError, StoreFailureError, StoreUnavailableError

_TRANSIENT = (exc.OperationalError, exc.InterfaceError, exc.TimeoutError, exc.DisconnectionError)

# A server that has gone without a word is noticed after seconds, not when the system's own two hours are over.
LIVENESS = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}

DATABASES = ("sqlite", "postgresql")
SETTING = "its address (case_store_url)"
FORMS = "it is sqlite:///FILE or postgresql+psycopg://USER@HOST/DATABASE, special characters as %xx"


def open_engine(url: str, busy_timeout_ms: int) -> Engine:
    """An engine for SQLite or PostgreSQL.

    ``hide_parameters`` keeps addresses out of error messages.

    Raises:
        StoreAddressError: The url cannot be read, or names a database or a driver that is not there.
    """
    address = _parsed(url)
    options: dict[str, Any] = {}
    if address.drivername.startswith("sqlite") and address.database in {None, "", ":memory:"}:
        options = {"poolclass": StaticPool, "connect_args": {"check_same_thread": False}}
    if address.drivername.startswith("postgresql"):
        locks = f"-c lock_timeout={int(busy_timeout_ms)} -c application_name=lantaarn"
        given = address.query.get("options", "")
        options = {"pool_pre_ping": True, "connect_args": {**LIVENESS, "options": f"{locks} {given}".strip()}}
    try:
        engine = create_engine(address, hide_parameters=True, **options)
    except (exc.ArgumentError, ImportError):
        raise StoreAddressError(f"case store: {SETTING} names a driver that is not there; {FORMS}") from None
    if engine.dialect.name == "sqlite":

        @event.listens_for(engine, "connect")
        def _pragmas(connection: sqlite3.Connection, _record: object) -> None:
            connection.execute(f"PRAGMA busy_timeout={int(busy_timeout_ms)}")
            _write_ahead(connection, busy_timeout_ms / 1000)
            # A pulled plug may undo the last transactions, never half of one; offsets go back with the rows,
            # and Kafka still has the records.
            connection.execute("PRAGMA synchronous=NORMAL")
            connection.execute("PRAGMA foreign_keys=ON")

    return engine


def _parsed(url: str) -> URL:
    try:
        address = make_url(url)
    except (exc.ArgumentError, ValueError):  # a port that is no number is a ValueError, with what stands there
        raise StoreAddressError(f"case store: {SETTING} cannot be read; {FORMS}") from None
    if address.get_backend_name() not in DATABASES:
        raise StoreAddressError(f"case store: {SETTING} is of another database; {FORMS}")
    return address


def _write_ahead(connection: sqlite3.Connection, patience: float) -> None:
    """Readers do not wait for the writer.

    Two who change one file to this mode together are refused at once, whatever `busy_timeout` says, so we wait here.
    """
    until = time.monotonic() + patience
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.01)
        else:
            return


@contextmanager
def plain_errors() -> Iterator[None]:
    """Turns database errors into ours.

    A driver's message can quote a row (PostgreSQL: "Failing row contains ..."), so only its kind goes on.

    Raises:
        StoreUnavailableError: Worth another try.
        StoreFailureError: Not worth one.
    """
    try:
        yield
    except exc.DBAPIError as error:
        kind = f"{type(error).__name__}: {type(error.orig).__name__}"
        if isinstance(error, _TRANSIENT) or error.connection_invalidated:
            raise StoreUnavailableError(f"case store: {kind}") from None
        raise StoreFailureError(f"case store: {kind}") from None
    except exc.TimeoutError as error:
        raise StoreUnavailableError(f"case store: {type(error).__name__}") from None
    except exc.SQLAlchemyError as error:
        raise StoreFailureError(f"case store: {type(error).__name__}") from None
