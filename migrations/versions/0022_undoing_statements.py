"""Who undoes a bank statement."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("statement", sa.Column("undone_by_id", WHOLE, nullable=True))


def downgrade() -> None:
    op.drop_column("statement", "undone_by_id")
