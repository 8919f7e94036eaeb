"""What an answer says beyond its result: help, wish, promises, visits, who and why; views that count by them."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from alembic import op

from sinks.store.migrations.versions import r0002_outcomes as before

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

LINKED_OUTCOMES = before.LINKED_OUTCOMES.replace(
    "o.channel, o.result,",
    """o.channel, o.result, o.part_of_day,
    COALESCE(o.reached, CASE
        WHEN o.kind IN ('contact', 'accepted', 'refused') THEN TRUE
        WHEN o.kind = 'attempt' THEN FALSE
    END) AS reached,
    o.promised_on, o.promised_by,""",
)
ATTEMPTS = """
CREATE VIEW attempts AS
SELECT partner, outcome_id, task_id, signalled_on, channel, part_of_day, reached
FROM linked_outcomes
WHERE kind IN ('attempt', 'contact')
"""
# Acts and what a resident asks by right are no outcomes: nothing has been done for the household by them.
REPORT_TASKS = before.REPORT_TASKS.replace(
    "min(CASE WHEN kind <> 'reopened' THEN signalled_on END)",
    "min(CASE WHEN kind IN ('attempt', 'contact', 'accepted', 'refused', 'closed') THEN signalled_on END)",
)
REPORT_ANSWERS = """
CREATE VIEW report_answers AS
SELECT
    o.kind, o.signalled_on, o.channel, o.part_of_day, l.reached, o.result,
    h.help, h.cents, h.purpose, o.promised_on,
    substr(o.postcode, 1, 4) AS neighbourhood
FROM task_outcomes AS o
JOIN linked_outcomes AS l ON l.partner = o.partner AND l.outcome_id = o.outcome_id
LEFT JOIN help_given AS h ON h.partner = o.partner AND h.outcome_id = o.outcome_id
"""
VIEWS = ("linked_outcomes", "attempts", "report_tasks", "report_obstacles", "report_answers")
OF_TASKS: dict[str, Any] = {
    "promised_on": sa.Date(),
    "promised_by": sa.String(),
    "visit_at": sa.DateTime(timezone=True),
    "visit_by": sa.String(),
    "visit_with": sa.String(),
}
OF_OUTCOMES: dict[str, Any] = {
    "contacted_at": sa.DateTime(timezone=True),
    "part_of_day": sa.String(),
    "reached": sa.Boolean(),
    "wish": sa.String(),
    "joint_with": sa.String(),
    "promised_on": sa.Date(),
    "promised_by": sa.String(),
    "acted_by": sa.String(),
    "acting_for": sa.String(),
    "why": sa.String(),
    "visit_at": sa.DateTime(timezone=True),
    "visit_with": sa.String(),
}


def upgrade() -> None:
    """Adds columns, a table and a view; makes the views anew."""
    drop(reversed(before.VIEWS))
    for table, columns in (("task_versions", OF_TASKS), ("tasks", OF_TASKS), ("task_outcomes", OF_OUTCOMES)):
        for name, kind in columns.items():
            op.add_column(table, sa.Column(name, kind, nullable=True))
    op.create_table(
        "help_given",
        sa.Column("partner", sa.String(), nullable=False),
        sa.Column("outcome_id", sa.String(), nullable=False),
        sa.Column("help", sa.String(), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=True),
        sa.Column("purpose", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("partner", "outcome_id", name="pk_help_given"),
        sa.ForeignKeyConstraint(
            ["partner", "outcome_id"],
            ["task_outcomes.partner", "task_outcomes.outcome_id"],
            name="fk_help_given_partner_outcome_id_task_outcomes",
            ondelete="CASCADE",
        ),
    )
    dialect = op.get_bind().dialect.name
    make((LINKED_OUTCOMES, ATTEMPTS, before.report_tasks(REPORT_TASKS, dialect), before.REPORT_OBSTACLES))
    make((REPORT_ANSWERS,))


def downgrade() -> None:
    """Removes them, and what is in them."""
    drop(reversed(VIEWS))
    op.drop_table("help_given")
    for table, columns in (("task_outcomes", OF_OUTCOMES), ("tasks", OF_TASKS), ("task_versions", OF_TASKS)):
        for name in reversed(columns):
            op.drop_column(table, name)
    dialect = op.get_bind().dialect.name
    old = before.report_tasks(before.REPORT_TASKS, dialect)
    make((before.LINKED_OUTCOMES, before.ATTEMPTS, old, before.REPORT_OBSTACLES))


def drop(views: Iterable[str]) -> None:
    """Removes views by name."""
    for view in views:
        op.execute(f"DROP VIEW {view}")


def make(views: Iterable[str]) -> None:
    """Makes views by their statements."""
    for view in views:
        op.execute(view)
