"""The radar reads the clients that are reckoned from its indexes alone."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

RECKONED = sa.text("frozen_on IS NULL")
INDEXES = {
    "ix_health_band": ["band", "monthly_minor", "client_id"],
    "ix_health_owner_id_band": ["owner_id", "band", "monthly_minor", "client_id"],
    "ix_health_trend": ["trend", "client_id"],
}


def upgrade() -> None:
    for name, columns in INDEXES.items():
        op.drop_index(name, table_name="health")
        op.create_index(name, "health", columns, sqlite_where=RECKONED, postgresql_where=RECKONED)


def downgrade() -> None:
    for name, columns in INDEXES.items():
        op.drop_index(name, table_name="health")
        op.create_index(name, "health", columns)
