"""Which outcomes count: not those refused or undone; at a shared address each belongs to its own household."""

import sqlalchemy as sa
from alembic import op

from sinks.store.migrations.versions import r0002_outcomes as tasks
from sinks.store.migrations.versions import r0003_answers as before

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# An id that intake refused is free: of several deliveries the first holds that intake let in, as for the households.
# By address only where that says whose it is: never where tasks of several households were there by then, nor where
# intake could not tell. Undone is what gave the task the status that a `reopened` took away.
LINKED_OUTCOMES = """
CREATE VIEW linked_outcomes AS
SELECT
    o.partner, o.outcome_id, o.kind, o.signalled_on, o.received_at, o.channel, o.result, o.part_of_day,
    COALESCE(o.reached, CASE
        WHEN o.kind IN ('contact', 'accepted', 'refused') THEN TRUE
        WHEN o.kind = 'attempt' THEN FALSE
    END) AS reached,
    o.promised_on, o.promised_by, o.refused,
    EXISTS (
        SELECT 1 FROM task_versions AS v
        JOIN task_versions AS u ON u.task_id = v.task_id AND u.sequence = (
            SELECT min(n.sequence) FROM task_versions AS n
            WHERE n.task_id = v.task_id AND n.sequence > v.sequence AND n.status <> v.status
        )
        JOIN task_outcomes AS r ON r.partner = o.partner AND r.outcome_id = u.caused_by AND r.kind = 'reopened'
        WHERE v.task_id = o.linked AND v.caused_by = o.outcome_id AND v.status <> (
            SELECT b.status FROM task_versions AS b WHERE b.task_id = v.task_id AND b.sequence = v.sequence - 1
        )
    ) AS undone,
    o.by_address, o.linked AS task_id
FROM (
    SELECT
        d.*, d.task_id IS NULL AND d.household IS NULL AS by_address,
        CASE
            WHEN d.task_id IS NOT NULL AND NOT EXISTS (
                SELECT 1 FROM tasks AS n WHERE n.task_id = d.task_id AND n.household <> d.household
            ) THEN d.task_id
            WHEN d.household IS NOT NULL THEN (
                SELECT t.task_id FROM tasks AS t
                WHERE t.household = d.household AND t.opened_on <= d.signalled_on
                ORDER BY t.opened_on DESC, t.status IN ('ended', 'withdrawn'), t.task_id
                LIMIT 1
            )
            WHEN d.refused IS NULL OR d.refused <> 'sort' THEN (
                SELECT t.task_id FROM tasks AS t
                WHERE t.postcode = d.postcode AND t.number = d.number
                    AND COALESCE(t.letter, '') = COALESCE(d.letter, '')
                    AND COALESCE(t.addition, '') = COALESCE(d.addition, '')
                    AND t.opened_on <= d.signalled_on
                    AND NOT EXISTS (
                        SELECT 1 FROM tasks AS n
                        WHERE n.postcode = t.postcode AND n.number = t.number
                            AND COALESCE(n.letter, '') = COALESCE(t.letter, '')
                            AND COALESCE(n.addition, '') = COALESCE(t.addition, '')
                            AND n.opened_on <= d.signalled_on AND n.household <> t.household
                    )
                ORDER BY t.opened_on DESC, t.status IN ('ended', 'withdrawn'), t.task_id
                LIMIT 1
            )
        END AS linked
    FROM (
        SELECT
            e.*, r.reason AS refused,
            row_number() OVER (
                PARTITION BY e.partner, e.outcome_id
                ORDER BY COALESCE(r.reason NOT IN ('no_task', 'no_subject', 'contradiction'), FALSE), e.received_at
            ) AS place
        FROM task_outcomes AS e
        LEFT JOIN refusals AS r ON r.outcome_id = e.outcome_id AND r.received_at = e.received_at
    ) AS d
    WHERE d.place = 1
) AS o
"""
COUNTED_OUTCOMES = """
CREATE VIEW counted_outcomes AS
SELECT * FROM linked_outcomes WHERE refused IS NULL AND NOT undone
"""
ATTEMPTS = before.ATTEMPTS.replace("FROM linked_outcomes", "FROM counted_outcomes")
REPORT_TASKS = before.REPORT_TASKS.replace("FROM linked_outcomes", "FROM counted_outcomes")
ITS_DELIVERY = "ON {0}.partner = {1}.partner AND {0}.outcome_id = {1}.outcome_id AND {0}.received_at = {1}.received_at"
REPORT_OBSTACLES = f"""
CREATE VIEW report_obstacles AS
SELECT
    b.rule, b.procedure, b.place, COALESCE(b.found_on, o.signalled_on) AS found_on,
    substr(o.postcode, 1, 4) AS neighbourhood, o.kind, o.result
FROM obstacles AS b
JOIN task_outcomes AS o {ITS_DELIVERY.format("o", "b")}
JOIN counted_outcomes AS c {ITS_DELIVERY.format("c", "b")}
"""  # noqa: S608
REPORT_ANSWERS = f"""
CREATE VIEW report_answers AS
SELECT
    o.kind, o.signalled_on, o.channel, o.part_of_day, c.reached, o.result,
    h.help, h.cents, h.purpose, o.promised_on,
    substr(o.postcode, 1, 4) AS neighbourhood
FROM task_outcomes AS o
JOIN counted_outcomes AS c {ITS_DELIVERY.format("c", "o")}
LEFT JOIN help_given AS h {ITS_DELIVERY.format("h", "o")}
"""  # noqa: S608
VIEWS = ("linked_outcomes", "counted_outcomes", "attempts", "report_tasks", "report_obstacles", "report_answers")
CHILDREN = ("help_given", "obstacles")
ID = ["partner", "outcome_id"]
DELIVERY = [*ID, "received_at"]


def upgrade() -> None:
    """Adds the household and the refusals; an id may have several deliveries; makes the views anew."""
    before.drop(reversed(before.VIEWS))
    op.create_table(
        "refusals",
        sa.Column("outcome_id", sa.String(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("outcome_id", "received_at", name="pk_refusals"),
    )
    op.create_index("ix_tasks_household", "tasks", ["household"])
    for child in CHILDREN:
        with op.batch_alter_table(child) as batch:
            batch.drop_constraint(_to_outcome(child), type_="foreignkey")
            batch.add_column(sa.Column("received_at", sa.DateTime(timezone=True), nullable=True))
        op.execute(
            f"UPDATE {child} SET received_at = (SELECT o.received_at FROM task_outcomes AS o "  # noqa: S608
            f"WHERE o.partner = {child}.partner AND o.outcome_id = {child}.outcome_id)"
        )
    with op.batch_alter_table("task_outcomes") as batch:
        batch.add_column(sa.Column("household", sa.String(), nullable=True))
        batch.drop_constraint("pk_task_outcomes", type_="primary")
        batch.create_primary_key("pk_task_outcomes", DELIVERY)
    for child in CHILDREN:
        with op.batch_alter_table(child) as batch:
            batch.alter_column("received_at", existing_type=sa.DateTime(timezone=True), nullable=False)
            batch.drop_constraint(f"pk_{child}", type_="primary")
            batch.create_primary_key(f"pk_{child}", DELIVERY)
            batch.create_foreign_key(_to_delivery(child), "task_outcomes", DELIVERY, DELIVERY, ondelete="CASCADE")
    report_tasks = tasks.report_tasks(REPORT_TASKS, op.get_bind().dialect.name)
    before.make((LINKED_OUTCOMES, COUNTED_OUTCOMES, ATTEMPTS, report_tasks, REPORT_OBSTACLES, REPORT_ANSWERS))


def downgrade() -> None:
    """Removes them; of several deliveries the first stays."""
    before.drop(reversed(VIEWS))
    for table in (*CHILDREN, "task_outcomes"):
        op.execute(
            f"DELETE FROM {table} WHERE EXISTS (SELECT 1 FROM task_outcomes AS o WHERE o.partner = {table}.partner "  # noqa: S608
            f"AND o.outcome_id = {table}.outcome_id AND o.received_at < {table}.received_at)"
        )
    for child in CHILDREN:
        with op.batch_alter_table(child) as batch:
            batch.drop_constraint(_to_delivery(child), type_="foreignkey")
            batch.drop_constraint(f"pk_{child}", type_="primary")
            batch.drop_column("received_at")
            batch.create_primary_key(f"pk_{child}", ID)
    with op.batch_alter_table("task_outcomes") as batch:
        batch.drop_constraint("pk_task_outcomes", type_="primary")
        batch.create_primary_key("pk_task_outcomes", ID)
        batch.drop_column("household")
    for child in CHILDREN:
        with op.batch_alter_table(child) as batch:
            batch.create_foreign_key(_to_outcome(child), "task_outcomes", ID, ID, ondelete="CASCADE")
    op.drop_index("ix_tasks_household", "tasks")
    op.drop_table("refusals")
    report_tasks = tasks.report_tasks(before.REPORT_TASKS, op.get_bind().dialect.name)
    before.make((before.LINKED_OUTCOMES, before.ATTEMPTS, report_tasks, tasks.REPORT_OBSTACLES, before.REPORT_ANSWERS))


def _to_outcome(child: str) -> str:
    return f"fk_{child}_partner_outcome_id_task_outcomes"


def _to_delivery(child: str) -> str:
    return f"fk_{child}_partner_outcome_id_received_at_task_outcomes"
