"""A letter reminds of several invoices: what it reminds of stands beside it, no more in its purpose alone."""

from datetime import date

import sqlalchemy as sa
from alembic import op

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

AT_ONCE = 500

INVOICE = sa.table("invoice", sa.column("id", WHOLE))
TEXT = sa.table("letter_text", sa.column("kind", sa.String))
LETTER = sa.table("letter", sa.column("id", WHOLE), sa.column("purpose", sa.String))


def upgrade() -> None:
    reminder = op.create_table(
        "reminder",
        sa.Column("invoice_id", WHOLE, nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("letter_id", WHOLE, nullable=False),
        sa.Column("id", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoice.id"], name=op.f("fk_reminder_invoice_id_invoice")),
        sa.ForeignKeyConstraint(
            ["letter_id"], ["letter.id"], name=op.f("fk_reminder_letter_id_letter"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder")),
        sa.UniqueConstraint("invoice_id", "month", name=op.f("uq_reminder_invoice_id_month")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_reminder_letter_id"), "reminder", ["letter_id"], unique=False)
    connection = op.get_bind()
    written = sa.select(LETTER.c.id, LETTER.c.purpose).where(LETTER.c.purpose.startswith("reminder:"))
    found = [_reminder(*row) for row in connection.execute(written)]
    for first in range(0, len(found), AT_ONCE):
        rows = found[first : first + AT_ONCE]
        asked = [row["invoice_id"] for row in rows]
        there = set(connection.scalars(sa.select(INVOICE.c.id).where(INVOICE.c.id.in_(asked))))
        op.bulk_insert(reminder, [row for row in rows if row["invoice_id"] in there])


def downgrade() -> None:
    """Of several invoices in one letter, only the first is known as reminded of afterwards."""
    several = ["reminder_of_several", "last_reminder_of_several"]
    op.execute(sa.delete(TEXT).where(TEXT.c.kind.in_(several)))
    op.drop_table("reminder")


def _reminder(letter: int, purpose: str) -> dict[str, object]:
    """From a purpose as ``reminder:123:2026-11``."""
    _, invoice, month = purpose.split(":")
    return {"letter_id": letter, "invoice_id": int(invoice), "month": date.fromisoformat(f"{month}-01")}
