"""The case store: what the sink writes and everyone else reads."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.schema import CreateIndex, CreateTable

from sinks.errors import ConflictingVersionError, TopicReplacedError
from sinks.store import reads, writes
from sinks.store.engine import open_engine, plain_errors
from sinks.store.model import Base, SinkTopic, table
from sinks.store.rows import TaskDict, canonical

REGULAR_DAYS = 28  # the policy's default for `regular_days`


class CaseStore:
    """Every version of every task, and how far each partition has been stored.

    Tasks come and go as decoded OutreachTask records; what is given back has its lists sorted.
    Every method raises ``StoreUnavailableError`` when the database is locked or away, ``StoreFailureError`` when
    it refuses; neither repeats what is in the rows.

    Args:
        url: SQLAlchemy's address, for example ``sqlite:////var/lib/lantaarn/cases.db``.
        busy_timeout_ms: How long SQLite waits for another writer.
    """

    def __init__(self, url: str, busy_timeout_ms: int = 5000) -> None:
        self._engine = open_engine(url, busy_timeout_ms)

    def create(self) -> None:
        """Makes the tables that are not there yet; two processes may do so at once."""
        with self._transaction() as connection:
            for each in Base.metadata.sorted_tables:
                connection.execute(CreateTable(each, if_not_exists=True))
                for index in each.indexes:
                    connection.execute(CreateIndex(index, if_not_exists=True))

    def close(self) -> None:
        """Gives the connections back."""
        self._engine.dispose()

    def bind(self, topic: str, topic_id: str) -> None:
        """Ties this store to one topic, by the id that Kafka gave it.

        Raises:
            TopicReplacedError: When it was filled from another topic of that name.
        """
        with self._transaction() as connection:
            writes.bind(connection, topic, topic_id)
            asked = select(table(SinkTopic).c.topic_id).where(table(SinkTopic).c.topic == topic)
            bound = connection.execute(asked).scalar_one()
        if bound != topic_id:
            raise TopicReplacedError(
                f"{topic}: this store was filled from the topic with id {bound}, the present one has "
                f"{topic_id}; fill a new store"
            )

    def apply(
        self,
        topic: str,
        partition: int,
        expected_next: int | None,
        new_next: int,
        tasks: Sequence[Mapping[str, Any]],
    ) -> None:
        """Stores versions and advances the partition's offset, in one transaction: all of it or nothing.

        A version that is stored already is skipped, in whatever order versions come.

        Args:
            topic: Where they came from.
            partition: Of the topic.
            expected_next: What this sink stored last, or read when it got the partition; ``None``: nothing.
            new_next: The offset to go on from afterwards.
            tasks: Decoded OutreachTask records.

        Raises:
            StaleSinkError: When another sink has advanced the partition meanwhile.
            ConflictingVersionError: When a stored version comes again with other content.
            ValueError: When the offset would go back.
        """
        if expected_next is not None and new_next < expected_next:
            raise ValueError(f"{topic}[{partition}]: offset {new_next} is before {expected_next}")
        wanted: dict[reads.Key, TaskDict] = {}
        for task in map(canonical, tasks):
            _agree(wanted.setdefault((task["task_id"], task["sequence"]), task), task)
        with self._transaction() as connection:
            writes.advance(connection, topic, partition, expected_next, new_next)
            stored = reads.versions_at(connection, list(wanted))
            for key, task in stored.items():
                _agree(task, wanted[key])
            writes.add(connection, [task for key, task in wanted.items() if key not in stored])

    def offsets(self, topic: str) -> dict[int, int]:
        """Partition -> the offset to go on from; a partition of which nothing was stored is left out."""
        with self._reading() as connection:
            return reads.offsets(connection, topic)

    def task(self, task_id: str) -> TaskDict | None:
        """The current version of a task."""
        with self._reading() as connection:
            return reads.task(connection, task_id)

    def versions(self, task_id: str) -> list[TaskDict]:
        """All versions of a task, the first one first."""
        with self._reading() as connection:
            return reads.versions(connection, task_id)

    def worklist(self, status: str, limit: int | None, today: date, regular_days: int = REGULAR_DAYS) -> list[TaskDict]:
        """Current tasks of one status in order of work.

        Band, then score plus one for each day under ``regular_days`` to the due date at ``today`` (a date
        that has passed goes on counting), then due date, then task id.
        """
        with self._reading() as connection:
            return reads.worklist(connection, status, limit, today, regular_days)

    def all_tasks(self) -> Iterator[TaskDict]:
        """The current version of every task, by task id; each as it is when it is reached."""
        last = ""
        while True:
            with self._reading() as connection:
                chunk = reads.tasks_after(connection, last)
            if not chunk:
                return
            yield from chunk
            last = chunk[-1]["task_id"]

    def counts(self) -> dict[str, int]:
        """Status -> number of tasks."""
        with self._reading() as connection:
            return reads.counts(connection)

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        with plain_errors(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with plain_errors(), self._engine.connect() as connection:
            yield connection


def _agree(stored: TaskDict, given: TaskDict) -> None:
    if stored != given:
        raise ConflictingVersionError(given["task_id"], given["sequence"])
