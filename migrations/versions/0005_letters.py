"""Letters, their words, and the server through which they leave."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "letter_text",
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_text")),
        sa.UniqueConstraint("kind", "language", name=op.f("uq_letter_text_kind_language")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "letter",
        sa.Column("client_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("contact_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("author_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("troubled", sa.Boolean(), nullable=False),
        sa.Column("purpose", sa.String(length=80), nullable=False),
        sa.Column("message_id", sa.String(length=320), nullable=False),
        sa.Column("address", sa.String(length=320), nullable=False),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["user.id"], name=op.f("fk_letter_author_id_user")),
        sa.ForeignKeyConstraint(
            ["client_id"], ["client.id"], name=op.f("fk_letter_client_id_client"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name=op.f("fk_letter_contact_id_contact"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter")),
        sa.UniqueConstraint("message_id", name=op.f("uq_letter_message_id")),
        sa.UniqueConstraint("purpose", name=op.f("uq_letter_purpose")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_letter_author_id"), "letter", ["author_id"], unique=False)
    op.create_index("ix_letter_client_id_troubled_id", "letter", ["client_id", "troubled", "id"], unique=False)
    op.create_index(op.f("ix_letter_contact_id"), "letter", ["contact_id"], unique=False)
    op.create_index("ix_letter_state_id", "letter", ["state", "id"], unique=False)
    op.create_index("ix_letter_state_next_attempt_at", "letter", ["state", "next_attempt_at"], unique=False)
    op.create_index("ix_letter_troubled_id", "letter", ["troubled", "id"], unique=False)
    op.create_table(
        "letter_attachment",
        sa.Column("letter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("file_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name=op.f("fk_letter_attachment_file_id_stored_file")),
        sa.ForeignKeyConstraint(
            ["letter_id"], ["letter.id"], name=op.f("fk_letter_attachment_letter_id_letter"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_attachment")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_letter_attachment_letter_id"), "letter_attachment", ["letter_id"], unique=False)
    op.add_column("company", sa.Column("mail_host", sa.String(length=253), nullable=False, server_default=""))
    op.add_column(
        "company",
        sa.Column(
            "mail_port", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False, server_default="587"
        ),
    )
    op.add_column(
        "company", sa.Column("mail_security", sa.String(length=24), nullable=False, server_default="starttls")
    )
    op.add_column("company", sa.Column("mail_user", sa.String(length=200), nullable=False, server_default=""))
    op.add_column("company", sa.Column("mail_from", sa.String(length=254), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("company", "mail_from")
    op.drop_column("company", "mail_user")
    op.drop_column("company", "mail_security")
    op.drop_column("company", "mail_port")
    op.drop_column("company", "mail_host")
    op.drop_index(op.f("ix_letter_attachment_letter_id"), table_name="letter_attachment")
    op.drop_table("letter_attachment")
    op.drop_index("ix_letter_troubled_id", table_name="letter")
    op.drop_index("ix_letter_state_next_attempt_at", table_name="letter")
    op.drop_index("ix_letter_state_id", table_name="letter")
    op.drop_index(op.f("ix_letter_contact_id"), table_name="letter")
    op.drop_index("ix_letter_client_id_troubled_id", table_name="letter")
    op.drop_index(op.f("ix_letter_author_id"), table_name="letter")
    op.drop_table("letter")
    op.drop_table("letter_text")
