"""Payments that nobody has claimed are read from an index of their own: the others hold none of them."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

INDEXES = {
    "ix_payment_credit": (["client_id", "id"], "free_minor > 0", "free_minor > 0 AND client_id IS NOT NULL"),
    "ix_payment_client_id_received_on": (["client_id", "received_on", "id"], None, "client_id IS NOT NULL"),
}
"""Columns, what it held, and what it holds now."""


def upgrade() -> None:
    for name, (columns, _, now) in INDEXES.items():
        _make(name, columns, now)


def downgrade() -> None:
    for name, (columns, before, _) in INDEXES.items():
        _make(name, columns, before)


def _make(name: str, columns: list[str], held: str | None) -> None:
    where = None if held is None else sa.text(held)
    op.drop_index(name, table_name="payment")
    op.create_index(name, "payment", columns, unique=False, sqlite_where=where, postgresql_where=where)
