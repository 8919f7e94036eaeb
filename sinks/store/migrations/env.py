"""Alembic runs this for each command; the connection is given by whoever calls, for there is no alembic.ini."""

from alembic import context
from sqlalchemy import Connection, Engine

from sinks.store.model import Base


def _run(connection: Connection) -> None:
    """Within the caller's transaction when there is one."""
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,  # SQLite changes a table by making it anew
        transactional_ddl=True,  # both databases undo half a migration
    )
    with context.begin_transaction():
        context.run_migrations()


given: Connection | Engine = context.config.attributes["connection"]
if isinstance(given, Engine):
    with given.connect() as opened:
        _run(opened)
else:
    _run(given)
