"""How a client's health went, week by week, beside what it is."""

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("health", sa.Column("line", sa.String(length=120), nullable=False, server_default=""))
    op.add_column("health", sa.Column("line_on", sa.Date(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("health") as batch:
        batch.drop_column("line_on")
        batch.drop_column("line")
