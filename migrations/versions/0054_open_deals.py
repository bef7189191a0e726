"""Open deals are added up by an index that begins with a number, and not with a word that all of them have."""

import sqlalchemy as sa
from alembic import op

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None

COLUMNS = ["engagement_id", "currency", "one_off_minor", "monthly_minor", "expected_on", "closed_on"]
NOT_CLOSED, CLOSED = sa.text("closed_on IS NULL"), sa.text("closed_on IS NOT NULL")


def upgrade() -> None:
    op.create_index("ix_deal_not_closed", "deal", COLUMNS, sqlite_where=NOT_CLOSED, postgresql_where=NOT_CLOSED)
    op.drop_index("ix_deal_closed_on", table_name="deal")
    op.create_index("ix_deal_closed_on", "deal", ["closed_on"], sqlite_where=CLOSED, postgresql_where=CLOSED)


def downgrade() -> None:
    op.drop_index("ix_deal_closed_on", table_name="deal")
    op.create_index("ix_deal_closed_on", "deal", ["closed_on"])
    op.drop_index("ix_deal_not_closed", table_name="deal")
