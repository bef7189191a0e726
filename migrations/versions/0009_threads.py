"""Threads between people, blind spots, key clients, and who began a contact."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0006"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "thread",
        sa.Column("client_id", WHOLE, nullable=False),
        sa.Column("contact_id", WHOLE, nullable=False),
        sa.Column("user_id", WHOLE, nullable=False),
        sa.Column("strength", WHOLE, nullable=False),
        sa.Column("points", sa.JSON(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("live_until", sa.Date(), nullable=True),
        sa.Column("id", WHOLE, nullable=False),
        sa.CheckConstraint("strength between 0 and 100", name=op.f("ck_thread_strength")),
        sa.ForeignKeyConstraint(
            ["client_id"], ["client.id"], name=op.f("fk_thread_client_id_client"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name=op.f("fk_thread_contact_id_contact"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_thread_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_thread")),
        sa.UniqueConstraint("contact_id", "user_id", name=op.f("uq_thread_contact_id_user_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_thread_client_id", "thread", ["client_id"], unique=False)
    op.create_index("ix_thread_user_id_live_until", "thread", ["user_id", "live_until"], unique=False)
    op.create_table(
        "blind_spot",
        sa.Column("client_id", WHOLE, nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("monthly_minor", WHOLE, nullable=False),
        sa.Column("ours", WHOLE, nullable=False),
        sa.Column("needed", WHOLE, nullable=False),
        sa.Column("lacks_head", sa.Boolean(), nullable=False),
        sa.Column("id", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["client.id"], name=op.f("fk_blind_spot_client_id_client"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_blind_spot")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_blind_spot_order", "blind_spot", ["currency", "monthly_minor", "client_id"], unique=False)
    op.create_index("uq_blind_spot_client_id_currency", "blind_spot", ["client_id", "currency"], unique=True)
    op.add_column("interaction", sa.Column("began", sa.String(length=24), nullable=True))
    op.add_column("client", sa.Column("key", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("company", sa.Column("live_contact_days", WHOLE, nullable=False, server_default="90"))
    op.create_index("ix_interaction_at", "interaction", ["at"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_interaction_at", table_name="interaction")
    op.drop_column("company", "live_contact_days")
    op.drop_column("client", "key")
    op.drop_column("interaction", "began")
    op.drop_table("blind_spot")
    op.drop_table("thread")
