"""Competitors who talk to people at a client."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
CURRENT = sa.text("ended_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "rival_thread",
        sa.Column("client_id", WHOLE, nullable=False),
        sa.Column("contact_id", WHOLE, nullable=False),
        sa.Column("competitor_id", WHOLE, nullable=False),
        sa.Column("noted_by_id", WHOLE, nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["client.id"], name=op.f("fk_rival_thread_client_id_client"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["competitor_id"], ["competitor.id"], name=op.f("fk_rival_thread_competitor_id_competitor")
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name=op.f("fk_rival_thread_contact_id_contact"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["noted_by_id"], ["user.id"], name=op.f("fk_rival_thread_noted_by_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rival_thread")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_rival_thread_client_id", "rival_thread", ["client_id"], unique=False)
    op.create_index(op.f("ix_rival_thread_competitor_id"), "rival_thread", ["competitor_id"], unique=False)
    op.create_index(op.f("ix_rival_thread_contact_id"), "rival_thread", ["contact_id"], unique=False)
    op.create_index(op.f("ix_rival_thread_noted_by_id"), "rival_thread", ["noted_by_id"], unique=False)
    op.create_index(
        "uq_rival_thread_current",
        "rival_thread",
        ["contact_id", "competitor_id"],
        unique=True,
        sqlite_where=CURRENT,
        postgresql_where=CURRENT,
    )


def downgrade() -> None:
    op.drop_table("rival_thread")
