"""Batches of proposals: one offer for many clients, each of whom gets it once."""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "proposal_batch",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("template_id", WHOLE, nullable=True),
        sa.Column("offer", sa.JSON(), nullable=False),
        sa.Column("made_by_id", WHOLE, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", WHOLE, nullable=False),
        sa.Column("id", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["made_by_id"], ["user.id"], name=op.f("fk_proposal_batch_made_by_id_user")),
        sa.ForeignKeyConstraint(
            ["template_id"], ["proposal_template.id"], name=op.f("fk_proposal_batch_template_id_proposal_template")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal_batch")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_proposal_batch_state", "proposal_batch", ["state"], unique=False)
    op.create_table(
        "batch_item",
        sa.Column("batch_id", WHOLE, nullable=False),
        sa.Column("client_id", WHOLE, nullable=False),
        sa.Column("version_id", WHOLE, nullable=True),
        sa.Column("left_out", sa.Text(), nullable=False),
        sa.Column("attempts", WHOLE, nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["proposal_batch.id"], name=op.f("fk_batch_item_batch_id_proposal_batch")
        ),
        sa.ForeignKeyConstraint(
            ["client_id"], ["client.id"], name=op.f("fk_batch_item_client_id_client"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], ["proposal_version.id"], name=op.f("fk_batch_item_version_id_proposal_version")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch_item")),
        sa.UniqueConstraint("batch_id", "client_id", name=op.f("uq_batch_item_batch_id_client_id")),
        sa.UniqueConstraint("version_id", name=op.f("uq_batch_item_version_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_batch_item_client_id"), "batch_item", ["client_id"], unique=False)
    op.create_index(
        "ix_batch_item_waiting", "batch_item", ["batch_id", "version_id", "left_out", "attempts", "id"], unique=False
    )


def downgrade() -> None:
    op.drop_table("batch_item")
    op.drop_table("proposal_batch")
