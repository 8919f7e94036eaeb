"""Tables of the case store, for SQLite on a laptop and PostgreSQL in a municipality.

`task_versions` is what happened: its rows and their children never change. `tasks` repeats the highest
version of each task, so that a caseworker system reads one plain table. Since reasons and members belong to a
version, a reader that looks up a task first and its children next sees one consistent version, without a lock.
Constraints have names, so that a migration can find them on either database; a change here needs a revision in
`migrations`.
"""

from datetime import UTC, date, datetime
from typing import cast

from sqlalchemy import BigInteger, DateTime, ForeignKeyConstraint, Index, MetaData, Table
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import String, TypeDecorator


class Codes(TypeDecorator[list[str]]):
    """A few codes without spaces, in one column, for lists that are only read as a whole."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: list[str] | None, dialect: Dialect) -> str | None:
        """Codes -> text."""
        del dialect
        return None if value is None else " ".join(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> list[str] | None:
        """Text -> codes."""
        del dialect
        return None if value is None else value.split()


class Names(TypeDecorator[list[str]]):
    """A few names, in one column, a line for each."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: list[str] | None, dialect: Dialect) -> str | None:
        """Names -> text; none at all is null."""
        del dialect
        return "\n".join(" ".join(name.split()) for name in value) if value else None

    def process_result_value(self, value: str | None, dialect: Dialect) -> list[str] | None:
        """Text -> names."""
        del dialect
        return None if value is None else value.split("\n")


class Moment(TypeDecorator[datetime]):
    """A moment in UTC; SQLite keeps no time zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Any zone -> UTC."""
        del dialect
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """As stored -> UTC."""
        del dialect
        return value if value is None else value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


class Base(DeclarativeBase):
    """Holds the metadata."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class TaskColumns:
    """The fields of the contract OutreachTask that are one value; the address is spread out."""

    household: Mapped[str]
    postcode: Mapped[str]
    number: Mapped[int]
    letter: Mapped[str | None]
    addition: Mapped[str | None]
    status: Mapped[str]
    level: Mapped[str]
    rung: Mapped[str]
    due_on: Mapped[date]
    band: Mapped[int]
    score: Mapped[int]
    national: Mapped[list[str]] = mapped_column(Codes)
    opened_on: Mapped[date]
    changed_on: Mapped[date]
    caused_by: Mapped[str | None]
    policy_version: Mapped[str]
    owner: Mapped[str]
    next_action: Mapped[str]
    next_action_on: Mapped[date | None]
    collection_paused_until: Mapped[date | None]
    promised_on: Mapped[date | None]
    promised_by: Mapped[str | None]
    visit_at: Mapped[datetime | None] = mapped_column(Moment)
    visit_by: Mapped[str | None]
    visit_with: Mapped[str | None]


class TaskVersion(TaskColumns, Base):
    """One version of a task, as it was published."""

    __tablename__ = "task_versions"

    task_id: Mapped[str] = mapped_column(primary_key=True, sort_order=-2)
    sequence: Mapped[int] = mapped_column(primary_key=True, sort_order=-1, autoincrement=False)


class Task(TaskColumns, Base):
    """The highest version of a task."""

    __tablename__ = "tasks"
    __table_args__ = (
        ForeignKeyConstraint(["task_id", "sequence"], ["task_versions.task_id", "task_versions.sequence"]),
        Index(None, "status", "band"),
        Index(None, "postcode", "number"),
        Index(None, "household"),
    )

    task_id: Mapped[str] = mapped_column(primary_key=True, sort_order=-2)
    sequence: Mapped[int] = mapped_column(sort_order=-1)


class _OfVersion:
    """What belongs to one version, and goes with it."""

    task_id: Mapped[str] = mapped_column(primary_key=True, sort_order=-2)
    sequence: Mapped[int] = mapped_column(primary_key=True, sort_order=-1, autoincrement=False)


def _version_key() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["task_id", "sequence"], ["task_versions.task_id", "task_versions.sequence"], ondelete="CASCADE"
    )


class TaskMember(_OfVersion, Base):
    """A report that a version answers."""

    __tablename__ = "task_members"
    __table_args__ = (_version_key(),)

    signal_id: Mapped[str] = mapped_column(primary_key=True)
    repeated: Mapped[bool]


class TaskReason(_OfVersion, Base):
    """A rule or event that gives a version its level and status."""

    __tablename__ = "task_reasons"
    __table_args__ = (_version_key(),)

    reason: Mapped[str] = mapped_column(primary_key=True)


class Outcome(Base):
    """What a caseworker found or did, as it was delivered.

    The view linked_outcomes tells which delivery of an id holds, whether it counts, and which task it answers.
    """

    __tablename__ = "task_outcomes"

    partner: Mapped[str] = mapped_column(primary_key=True)
    outcome_id: Mapped[str] = mapped_column(primary_key=True)
    received_at: Mapped[datetime] = mapped_column(Moment, primary_key=True)
    kind: Mapped[str]
    signalled_on: Mapped[date]
    task_id: Mapped[str | None]
    household: Mapped[str | None]
    channel: Mapped[str | None]
    result: Mapped[str | None]
    contacted_at: Mapped[datetime | None] = mapped_column(Moment)
    part_of_day: Mapped[str | None]
    reached: Mapped[bool | None]
    wish: Mapped[str | None]
    joint_with: Mapped[list[str] | None] = mapped_column(Names)
    promised_on: Mapped[date | None]
    promised_by: Mapped[str | None]
    acted_by: Mapped[str | None]
    acting_for: Mapped[str | None]
    why: Mapped[str | None]
    visit_at: Mapped[datetime | None] = mapped_column(Moment)
    visit_with: Mapped[str | None]
    disputed_signal: Mapped[str | None]
    postcode: Mapped[str]
    number: Mapped[int]
    letter: Mapped[str | None]
    addition: Mapped[str | None]


class _OfOutcome:
    """What belongs to one outcome, and goes with it."""

    partner: Mapped[str] = mapped_column(primary_key=True, sort_order=-2)
    outcome_id: Mapped[str] = mapped_column(primary_key=True, sort_order=-1)
    received_at: Mapped[datetime] = mapped_column(Moment, primary_key=True, sort_order=-1)


def _outcome_key() -> ForeignKeyConstraint:
    columns = ["partner", "outcome_id", "received_at"]
    return ForeignKeyConstraint(columns, [f"task_outcomes.{name}" for name in columns], ondelete="CASCADE")


class Help(_OfOutcome, Base):
    """Help that was given; a direct investment has an amount, in whole cents."""

    __tablename__ = "help_given"
    __table_args__ = (_outcome_key(),)

    help: Mapped[str]
    cents: Mapped[int | None] = mapped_column(BigInteger)
    purpose: Mapped[str | None]


class Obstacle(_OfOutcome, Base):
    """A rule or procedure that stood in the way, with the outcome that told of it."""

    __tablename__ = "obstacles"
    __table_args__ = (_outcome_key(),)

    rule: Mapped[str | None]
    procedure: Mapped[str | None]
    place: Mapped[str | None]
    found_on: Mapped[date | None]


class Refused(Base):
    """A record of the municipality's own that was refused: outcomes, and signals of its own, which are not in here."""

    __tablename__ = "refusals"

    outcome_id: Mapped[str] = mapped_column(primary_key=True)
    received_at: Mapped[datetime] = mapped_column(Moment, primary_key=True)
    reason: Mapped[str]


class SinkTopic(Base):
    """A topic that fills this store: Kafka gives a topic of the same name made anew another id."""

    __tablename__ = "sink_topics"

    topic: Mapped[str] = mapped_column(primary_key=True)
    topic_id: Mapped[str]


class SinkOffset(Base):
    """How far a partition has been stored, kept in the transaction that stores it."""

    __tablename__ = "sink_offsets"

    topic: Mapped[str] = mapped_column(primary_key=True)
    partition: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    next_offset: Mapped[int] = mapped_column(BigInteger)


def table(model: type[Base]) -> Table:
    """The table of a model, for statements over many rows."""
    return cast("Table", model.__table__)
