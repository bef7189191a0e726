"""The calendar's address ends with the sessions of the time it was made. Addresses made before keep working."""

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("calendar_feed", sa.Column("epoch", WHOLE, nullable=False, server_default="0"))
    op.execute('UPDATE calendar_feed SET epoch = (SELECT epoch FROM "user" WHERE "user".id = calendar_feed.user_id)')


def downgrade() -> None:
    op.drop_column("calendar_feed", "epoch")
