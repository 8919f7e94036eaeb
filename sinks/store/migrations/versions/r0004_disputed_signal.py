"""Which signal an outcome says is wrong; outcomes from before this revision do not tell."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the column."""
    op.add_column("task_outcomes", sa.Column("disputed_signal", sa.String(), nullable=True))


def downgrade() -> None:
    """Removes it, and what is in it."""
    op.drop_column("task_outcomes", "disputed_signal")
