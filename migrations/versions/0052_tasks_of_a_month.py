"""A person's week and month of visits are found without a look at everybody's tasks."""

from alembic import op

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_task_owner_id_due_on", "task", ["owner_id", "due_on"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_task_owner_id_due_on", "task")
