"""Where people at a client stand, to whom they report, what is personal about them, and that they left."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("contact", sa.Column("influence", sa.String(length=24), nullable=False, server_default="unknown"))
    op.add_column("contact", sa.Column("attitude", sa.String(length=24), nullable=False, server_default="unknown"))
    op.add_column("contact", sa.Column("birthday", sa.Date(), nullable=True))
    op.add_column("contact", sa.Column("personal_note", sa.Text(), nullable=False, server_default=""))
    op.add_column("contact", sa.Column("left_at", sa.DateTime(timezone=True), nullable=True))
    # SQLite adds a column with its reference only in these words.
    whole = "BIGINT" if op.get_bind().dialect.name == "postgresql" else "INTEGER"
    op.execute(
        f"ALTER TABLE contact ADD COLUMN reports_to_id {whole} CONSTRAINT fk_contact_reports_to_id_contact "
        "REFERENCES contact (id)"
    )
    op.create_index(op.f("ix_contact_reports_to_id"), "contact", ["reports_to_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_contact_reports_to_id"), table_name="contact")
    with op.batch_alter_table("contact") as batch:
        for name in ("reports_to_id", "left_at", "personal_note", "birthday", "attitude", "influence"):
            batch.drop_column(name)
