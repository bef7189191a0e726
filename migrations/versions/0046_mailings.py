"""Who wants no mailings, and how often a client is contacted in a week."""

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("company", sa.Column("contacts_a_week", WHOLE, nullable=False, server_default="2"))
    op.add_column("contact", sa.Column("no_mailings", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    op.drop_column("contact", "no_mailings")
    op.drop_column("company", "contacts_a_week")
