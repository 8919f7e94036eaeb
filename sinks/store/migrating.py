"""Brings a case store to the present revision, with all that is in it; two processes may do so at once.

Alembic is loaded only where there is something to do: a sink starts in half the time without it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text

from sinks.errors import NewerStoreError, StoreFailureError

if TYPE_CHECKING:
    from alembic.config import Config

PRESENT = "0005"
"""The newest revision in `migrations`."""

BEFORE_REVISIONS = "0001"
"""What a store with tables and without a revision is: the first ones were made before there were revisions."""

LOCK = 0x4C414E5441415231  # any number that nobody else's locks in this database have
PATIENCE = "30s"


@dataclass(frozen=True, slots=True)
class Step:
    """One revision and, in a sentence, what it brings."""

    revision: str
    brings: str


@dataclass(frozen=True, slots=True)
class Plan:
    """Where a store stands (``None``: it is empty) and what is still to be done, in order."""

    current: str | None
    head: str
    steps: tuple[Step, ...]


def plan(connection: Connection) -> Plan:
    """What `upgrade` would do now.

    Raises:
        NewerStoreError: The store has a revision that this code does not know.
    """
    current = _current(connection)
    if current == PRESENT:
        return Plan(current, PRESENT, ())
    from alembic.script import ScriptDirectory  # noqa: PLC0415
    from alembic.script.revision import ResolutionError  # noqa: PLC0415

    script = ScriptDirectory.from_config(_config(connection))
    try:
        pending = list(script.iterate_revisions(PRESENT, current or "base"))
    except ResolutionError:
        raise NewerStoreError(current, PRESENT) from None
    steps = (Step(each.revision, (each.doc or "").splitlines()[0]) for each in reversed(pending))
    return Plan(current, PRESENT, tuple(steps))


def upgrade(engine: Engine) -> Plan:
    """Brings the store to the present revision, or leaves it as it is; tells what was done.

    Raises:
        NewerStoreError: The store has a revision that this code does not know.
    """
    with engine.connect() as connection:
        asked = plan(connection)
    if not asked.steps:
        return asked  # the usual case: without a lock, and without the right to change tables
    with _alone(engine) as connection:
        found = plan(connection)  # somebody else may have been first
        if found.steps:
            from alembic import command  # noqa: PLC0415

            if found.current == BEFORE_REVISIONS:
                command.stamp(_config(connection), BEFORE_REVISIONS)
            command.upgrade(_config(connection), PRESENT)
        return found


def _current(connection: Connection) -> str | None:
    tables = inspect(connection)
    if tables.has_table("alembic_version"):
        found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        if found is not None:
            return found
    return BEFORE_REVISIONS if tables.has_table("task_versions") else None


def _config(connection: Connection) -> "Config":
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", "sinks.store:migrations")
    config.attributes["connection"] = connection
    return config


@contextmanager
def _alone(engine: Engine) -> Iterator[Connection]:
    """A transaction during which nobody else upgrades."""
    with engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"SET LOCAL lock_timeout = '{PATIENCE}'"))
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
            yield connection
            connection.commit()
            return
        # A table that is made anew is dropped first, and its rows must not take their children along.
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        try:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield connection
            if connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
                raise StoreFailureError("case store: the upgrade would leave rows without their parents")
            connection.commit()
        finally:
            connection.rollback()
            connection.exec_driver_sql("PRAGMA foreign_keys=ON")
