"""The case store: what the sink writes and everyone else reads."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, select

from sinks.errors import ConflictingVersionError, TopicReplacedError
from sinks.store import reads, views, writes
from sinks.store.engine import open_engine, plain_errors
from sinks.store.model import SinkTopic, table
from sinks.store.outcomes import Key, ReceivedOutcome, Refusal
from sinks.store.rows import TaskDict, canonical

if TYPE_CHECKING:
    from sinks.store.migrating import Plan

REGULAR_DAYS = 28  # the policy's default for `regular_days`


class CaseStore:
    """Every version of every task, every outcome, and how far each partition has been stored.

    Tasks come and go as decoded OutreachTask records; what is given back has its lists sorted.
    Every method raises ``StoreUnavailableError`` when the database is locked or away, ``StoreFailureError`` when
    it refuses; neither repeats what is in the rows.

    Args:
        url: SQLAlchemy's address, for example ``sqlite:////var/lib/lantaarn/cases.db`` or
            ``postgresql+psycopg://lantaarn@host/lantaarn?passfile=/run/secrets/pgpass``.
        busy_timeout_ms: How long a statement waits for somebody else's lock.

    Raises:
        StoreAddressError: When the url cannot be read, or names a database or a driver that is not there.
    """

    def __init__(self, url: str, busy_timeout_ms: int = 5000) -> None:
        self._engine = open_engine(url, busy_timeout_ms)

    def create(self) -> "Plan":
        """Makes the store, or upgrades it with all that is in it; two processes may do so at once.

        Returns:
            What has been done.

        Raises:
            NewerStoreError: It was upgraded by later code than this.
        """
        from sinks.store import migrating  # noqa: PLC0415 - readers do without Alembic

        with plain_errors():
            return migrating.upgrade(self._engine)

    def plan(self) -> "Plan":
        """What `create` would do now.

        Raises:
            NewerStoreError: It was upgraded by later code than this.
        """
        from sinks.store import migrating  # noqa: PLC0415

        with self._reading() as connection:
            return migrating.plan(connection)

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
        _forward(topic, partition, expected_next, new_next)
        wanted: dict[reads.Key, TaskDict] = {}
        for task in map(canonical, tasks):
            _agree(wanted.setdefault((task["task_id"], task["sequence"]), task), task)
        with self._transaction() as connection:
            writes.advance(connection, topic, partition, expected_next, new_next)
            stored = reads.versions_at(connection, list(wanted))
            for key, task in stored.items():
                _agree(task, wanted[key])
            # In one order everywhere: then two that store the same never wait for each other in a ring.
            writes.add(connection, [task for key, task in sorted(wanted.items()) if key not in stored])

    def apply_outcomes(
        self,
        topic: str,
        partition: int,
        expected_next: int | None,
        new_next: int,
        outcomes: Sequence[ReceivedOutcome],
    ) -> None:
        """Stores outcomes and advances the partition's offset, in one transaction.

        A delivery that is read again changes nothing. An id that comes in another delivery is stored beside the
        first: which of them holds is told when they are read, since it hangs on what was refused.

        Raises:
            StaleSinkError: When another sink has advanced the partition meanwhile.
            ValueError: When the offset would go back.
        """
        _forward(topic, partition, expected_next, new_next)
        wanted: dict[Key, ReceivedOutcome] = {}
        for outcome in outcomes:
            wanted.setdefault(outcome.key, outcome)
        with self._transaction() as connection:
            writes.advance(connection, topic, partition, expected_next, new_next)
            stored = reads.outcomes_among(connection, list(wanted))
            writes.add_outcomes(connection, [each for key, each in sorted(wanted.items()) if key not in stored])

    def apply_refusals(
        self, topic: str, partition: int, expected_next: int | None, new_next: int, refusals: Sequence[Refusal]
    ) -> None:
        """Stores what was refused and advances the partition's offset, in one transaction.

        Raises:
            StaleSinkError: When another sink has advanced the partition meanwhile.
            ValueError: When the offset would go back.
        """
        _forward(topic, partition, expected_next, new_next)
        with self._transaction() as connection:
            writes.advance(connection, topic, partition, expected_next, new_next)
            writes.add_refusals(connection, refusals)

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

    def versions_of_household(self, household: str) -> list[TaskDict]:
        """All versions of all tasks of a household, by task and sequence."""
        with self._reading() as connection:
            return reads.versions_of_household(connection, household)

    def last_of_household(self, household: str) -> TaskDict | None:
        """The current version of that task of a household which changed last."""
        with self._reading() as connection:
            return reads.last_of_household(connection, household)

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

    def outcomes(self, task_id: str) -> list[dict[str, Any]]:
        """What caseworkers found on a task, by date: rows of the view `linked_outcomes`."""
        with self._reading() as connection:
            return views.outcomes(connection, task_id)

    def report_tasks(self) -> list[dict[str, Any]]:
        """Rows of the view `report_tasks`, in no order: no address, no pseudonym."""
        with self._reading() as connection:
            return views.report(connection, views.REPORT_TASKS)

    def report_obstacles(self) -> list[dict[str, Any]]:
        """Rows of the view `report_obstacles`, in no order."""
        with self._reading() as connection:
            return views.report(connection, views.REPORT_OBSTACLES)

    def report_answers(self) -> list[dict[str, Any]]:
        """Rows of the view `report_answers`, in no order."""
        with self._reading() as connection:
            return views.report(connection, views.REPORT_ANSWERS)

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        with plain_errors(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with plain_errors(), self._engine.connect() as connection:
            yield connection


def _forward(topic: str, partition: int, expected_next: int | None, new_next: int) -> None:
    if expected_next is not None and new_next < expected_next:
        raise ValueError(f"{topic}[{partition}]: offset {new_next} is before {expected_next}")


def _agree(stored: TaskDict, given: TaskDict) -> None:
    if stored != given:
        raise ConflictingVersionError(given["task_id"], given["sequence"])
