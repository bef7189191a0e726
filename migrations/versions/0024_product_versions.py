"""A product that somebody changed meanwhile is not changed unseen."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    whole = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.add_column("product", sa.Column("version", whole, nullable=False, server_default="1"))


def downgrade() -> None:
    op.drop_column("product", "version")
