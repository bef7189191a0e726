"""What each client knows of each product."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "awareness",
        sa.Column("client_id", WHOLE, nullable=False),
        sa.Column("product_id", WHOLE, nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told_by_id", WHOLE, nullable=True),
        sa.Column("told_interaction_id", WHOLE, nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("id", WHOLE, nullable=False),
        sa.CheckConstraint("told_by_id is null or told_at is not null", name=op.f("ck_awareness_teller_has_day")),
        sa.ForeignKeyConstraint(
            ["client_id"], ["client.id"], name=op.f("fk_awareness_client_id_client"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_awareness_product_id_product")),
        sa.ForeignKeyConstraint(["told_by_id"], ["user.id"], name=op.f("fk_awareness_told_by_id_user")),
        sa.ForeignKeyConstraint(
            ["told_interaction_id"],
            ["interaction.id"],
            name=op.f("fk_awareness_told_interaction_id_interaction"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_awareness")),
        sa.UniqueConstraint("client_id", "product_id", name=op.f("uq_awareness_client_id_product_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_awareness_product_id_state", "awareness", ["product_id", "state"], unique=False)
    op.create_index(op.f("ix_awareness_told_by_id"), "awareness", ["told_by_id"], unique=False)
    op.create_index(op.f("ix_awareness_told_interaction_id"), "awareness", ["told_interaction_id"], unique=False)


def downgrade() -> None:
    op.drop_table("awareness")
