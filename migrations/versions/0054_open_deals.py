"""Open deals are found by their engagement, a number, and no more by a word first that is the same for all."""

import sqlalchemy as sa
from alembic import op

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None

SUMS = ["currency", "one_off_minor", "monthly_minor", "expected_on"]


def upgrade() -> None:
    _index("ix_deal_open_by_engagement", ["engagement_id", *SUMS, "closed_on"], "closed_on IS NULL")
    _index("ix_deal_closed_on", ["closed_on"], "closed_on IS NOT NULL")


def downgrade() -> None:
    _index("ix_deal_open_by_engagement", ["status", "engagement_id", *SUMS], "status = 'open'")
    _index("ix_deal_closed_on", ["closed_on"], None)


def _index(name: str, columns: list[str], condition: str | None) -> None:
    where = None if condition is None else sa.text(condition)
    op.drop_index(name, table_name="deal")
    op.create_index(name, "deal", columns, sqlite_where=where, postgresql_where=where)
