"""What caseworkers found: outcomes and obstacles, and views that link them to tasks and report on them."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# The task that an outcome does not name: the latest at its address that was there by then. Linked when it is read, so
# that it does not matter whether the sink met the task or the outcome first.
LINKED_OUTCOMES = """
CREATE VIEW linked_outcomes AS
SELECT
    o.partner, o.outcome_id, o.kind, o.signalled_on, o.received_at, o.channel, o.result,
    o.task_id IS NULL AS by_address,
    COALESCE(o.task_id, (
        SELECT t.task_id FROM tasks AS t
        WHERE t.postcode = o.postcode AND t.number = o.number
            AND COALESCE(t.letter, '') = COALESCE(o.letter, '')
            AND COALESCE(t.addition, '') = COALESCE(o.addition, '')
            AND t.opened_on <= o.signalled_on
        ORDER BY t.opened_on DESC, t.status IN ('ended', 'withdrawn'), t.task_id
        LIMIT 1
    )) AS task_id
FROM task_outcomes AS o
"""
ATTEMPTS = """
CREATE VIEW attempts AS
SELECT partner, outcome_id, task_id, signalled_on, channel, kind = 'contact' AS reached
FROM linked_outcomes
WHERE kind IN ('attempt', 'contact')
"""
REPORT_TASKS = """
CREATE VIEW report_tasks AS
SELECT
    substr(t.postcode, 1, 4) AS neighbourhood,
    t.status, t.level, t.rung, t.national,
    COALESCE(({reasons}), '') AS reasons,
    (SELECT count(*) FROM task_members AS m WHERE m.task_id = t.task_id AND m.sequence = t.sequence) AS reports,
    t.opened_on, t.due_on, f.first_outcome_on, f.first_contact_on,
    {days_to_outcome} AS days_to_first_outcome,
    {days_to_contact} AS days_to_first_contact,
    CASE
        WHEN f.first_outcome_on IS NOT NULL THEN f.first_outcome_on <= t.due_on
        WHEN EXISTS (
            SELECT 1 FROM task_reasons AS r
            WHERE r.task_id = t.task_id AND r.sequence = t.sequence AND r.reason = 'overdue'
        ) THEN FALSE
    END AS within_deadline,
    COALESCE(f.attempts, 0) AS attempts,
    d.kind AS decision,
    d.result,
    t.policy_version
FROM tasks AS t
LEFT JOIN (
    SELECT
        task_id,
        min(CASE WHEN kind <> 'reopened' THEN signalled_on END) AS first_outcome_on,
        min(CASE WHEN kind IN ('contact', 'accepted', 'refused') THEN signalled_on END) AS first_contact_on,
        count(CASE WHEN kind IN ('attempt', 'contact') THEN 1 END) AS attempts
    FROM linked_outcomes GROUP BY task_id
) AS f ON f.task_id = t.task_id
LEFT JOIN (
    SELECT
        task_id, kind, result,
        row_number() OVER (PARTITION BY task_id ORDER BY signalled_on DESC, received_at DESC, outcome_id DESC) AS place
    FROM linked_outcomes WHERE kind IN ('accepted', 'refused', 'closed', 'reopened')
) AS d ON d.task_id = t.task_id AND d.place = 1
"""
REPORT_OBSTACLES = """
CREATE VIEW report_obstacles AS
SELECT
    b.rule, b.procedure, b.place, COALESCE(b.found_on, o.signalled_on) AS found_on,
    substr(o.postcode, 1, 4) AS neighbourhood, o.kind, o.result
FROM obstacles AS b
JOIN task_outcomes AS o ON o.partner = b.partner AND o.outcome_id = b.outcome_id
"""
VIEWS = ("linked_outcomes", "attempts", "report_tasks", "report_obstacles")


def upgrade() -> None:
    """Makes the tables and views."""
    op.create_table(
        "task_outcomes",
        sa.Column("partner", sa.String(), nullable=False),
        sa.Column("outcome_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("signalled_on", sa.Date(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("task_id", sa.String(), nullable=True),
        sa.Column("channel", sa.String(), nullable=True),
        sa.Column("result", sa.String(), nullable=True),
        sa.Column("postcode", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("letter", sa.String(), nullable=True),
        sa.Column("addition", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("partner", "outcome_id", name="pk_task_outcomes"),
    )
    op.create_table(
        "obstacles",
        sa.Column("partner", sa.String(), nullable=False),
        sa.Column("outcome_id", sa.String(), nullable=False),
        sa.Column("rule", sa.String(), nullable=True),
        sa.Column("procedure", sa.String(), nullable=True),
        sa.Column("place", sa.String(), nullable=True),
        sa.Column("found_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("partner", "outcome_id", name="pk_obstacles"),
        sa.ForeignKeyConstraint(
            ["partner", "outcome_id"],
            ["task_outcomes.partner", "task_outcomes.outcome_id"],
            name="fk_obstacles_partner_outcome_id_task_outcomes",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_tasks_postcode_number", "tasks", ["postcode", "number"])
    for view in (LINKED_OUTCOMES, ATTEMPTS, report_tasks(REPORT_TASKS, op.get_bind().dialect.name), REPORT_OBSTACLES):
        op.execute(view)


def downgrade() -> None:
    """Removes them, and all that is in them."""
    for view in reversed(VIEWS):
        op.execute(f"DROP VIEW {view}")
    op.drop_index("ix_tasks_postcode_number", "tasks")
    op.drop_table("obstacles")
    op.drop_table("task_outcomes")


def report_tasks(view: str, dialect: str) -> str:
    """The statement with what the two databases say differently."""
    of_version = "FROM task_reasons WHERE task_id = t.task_id AND sequence = t.sequence"
    if dialect == "postgresql":
        reasons = f"""SELECT string_agg(reason, ' ' ORDER BY reason COLLATE "C") {of_version}"""
        days = "f.{} - t.opened_on"
    else:
        reasons = f"SELECT group_concat(reason, ' ') FROM (SELECT reason {of_version} ORDER BY reason)"  # noqa: S608
        days = "CAST(julianday(f.{}) - julianday(t.opened_on) AS INTEGER)"
    return view.format(
        reasons=reasons,
        days_to_outcome=days.format("first_outcome_on"),
        days_to_contact=days.format("first_contact_on"),
    )
