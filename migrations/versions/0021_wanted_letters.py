"""Letters about many invoices that are still to be written."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "wanted_letter",
        sa.Column("invoice_id", WHOLE, nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("user_id", WHOLE, nullable=True),
        sa.Column("attempts", WHOLE, nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoice.id"], name=op.f("fk_wanted_letter_invoice_id_invoice")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_wanted_letter_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wanted_letter")),
        sa.UniqueConstraint("invoice_id", "kind", name=op.f("uq_wanted_letter_invoice_id_kind")),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    op.drop_table("wanted_letter")
