"""The PDF of a credit note is kept."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "credit_note_file",
        sa.Column("note_id", WHOLE, nullable=False),
        sa.Column("file_id", WHOLE, nullable=False),
        sa.Column("id", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["note_id"], ["credit_note.id"], name=op.f("fk_credit_note_file_note_id_credit_note")),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name=op.f("fk_credit_note_file_file_id_stored_file")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_note_file")),
        sa.UniqueConstraint("note_id", name=op.f("uq_credit_note_file_note_id")),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    op.drop_table("credit_note_file")
