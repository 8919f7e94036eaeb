"""Tasks, their versions with members and reasons, and how far the sink has come."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "sink_offsets",
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("partition", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("next_offset", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("topic", "partition", name="pk_sink_offsets"),
    )
    op.create_table(
        "sink_topics",
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("topic_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("topic", name="pk_sink_topics"),
    )
    op.create_table(
        "task_versions",
        *_task_columns(),
        sa.PrimaryKeyConstraint("task_id", "sequence", name="pk_task_versions"),
    )
    op.create_table(
        "tasks",
        *_task_columns(),
        sa.PrimaryKeyConstraint("task_id", name="pk_tasks"),
        _of_version("tasks"),
    )
    op.create_index("ix_tasks_status_band", "tasks", ["status", "band"])
    op.create_table(
        "task_members",
        *_version_key(),
        sa.Column("signal_id", sa.String(), nullable=False),
        sa.Column("repeated", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("task_id", "sequence", "signal_id", name="pk_task_members"),
        _of_version("task_members", ondelete="CASCADE"),
    )
    op.create_table(
        "task_reasons",
        *_version_key(),
        sa.Column("reason", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("task_id", "sequence", "reason", name="pk_task_reasons"),
        _of_version("task_reasons", ondelete="CASCADE"),
    )


def downgrade() -> None:
    """Removes them, and all that is in them."""
    op.drop_index("ix_tasks_status_band", "tasks")
    for table in ("task_reasons", "task_members", "tasks", "task_versions", "sink_topics", "sink_offsets"):
        op.drop_table(table)


def _version_key() -> tuple[sa.Column[str], sa.Column[int]]:
    return (
        sa.Column("task_id", sa.String(), nullable=False),
        sa.Column("sequence", sa.Integer(), autoincrement=False, nullable=False),
    )


def _of_version(table: str, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["task_id", "sequence"],
        ["task_versions.task_id", "task_versions.sequence"],
        name=f"fk_{table}_task_id_sequence_task_versions",
        ondelete=ondelete,
    )


def _task_columns() -> list[sa.Column[Any]]:
    kinds: dict[str, Any] = {
        "household": sa.String,
        "postcode": sa.String,
        "number": sa.Integer,
        "letter": sa.String,
        "addition": sa.String,
        "status": sa.String,
        "level": sa.String,
        "rung": sa.String,
        "due_on": sa.Date,
        "band": sa.Integer,
        "score": sa.Integer,
        "national": sa.String,
        "opened_on": sa.Date,
        "changed_on": sa.Date,
        "caused_by": sa.String,
        "policy_version": sa.String,
        "owner": sa.String,
        "next_action": sa.String,
        "next_action_on": sa.Date,
        "collection_paused_until": sa.Date,
    }
    absent = {"letter", "addition", "caused_by", "next_action_on", "collection_paused_until"}
    return [*_version_key(), *(sa.Column(name, kind(), nullable=name in absent) for name, kind in kinds.items())]
