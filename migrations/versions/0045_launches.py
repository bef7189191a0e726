"""Launches: what brings a new product to existing clients."""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "launch",
        sa.Column("product_id", WHOLE, nullable=False),
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column("owner_id", WHOLE, nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("leaflet", sa.Text(), nullable=False),
        sa.Column("told_goal", WHOLE, nullable=False),
        sa.Column("interested_goal", WHOLE, nullable=False),
        sa.Column("sold_goal", WHOLE, nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("rule", sa.JSON(), nullable=False),
        sa.Column("size", WHOLE, nullable=False),
        sa.Column("site", sa.String(length=200), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", WHOLE, nullable=False),
        sa.Column("id", WHOLE, nullable=False),
        sa.CheckConstraint("(state = 'ended') = (ended_at is not null)", name=op.f("ck_launch_ended_has_day")),
        sa.CheckConstraint(
            "state = 'draft' or (started_at is not null and size > 0)", name=op.f("ck_launch_started_with_audience")
        ),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_launch_ends_after_start")),
        sa.ForeignKeyConstraint(["owner_id"], ["user.id"], name=op.f("fk_launch_owner_id_user")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_launch_product_id_product")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_launch")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_launch_owner_id"), "launch", ["owner_id"], unique=False)
    op.create_index(op.f("ix_launch_product_id"), "launch", ["product_id"], unique=False)
    op.create_index("ix_launch_state", "launch", ["state", "id"], unique=False)
    op.create_table(
        "launch_channel",
        sa.Column("launch_id", WHOLE, nullable=False),
        sa.Column("channel", sa.String(length=24), nullable=False),
        sa.Column("cost_minor", WHOLE, nullable=False),
        sa.Column("a_week", WHOLE, nullable=False),
        sa.Column("id", WHOLE, nullable=False),
        sa.CheckConstraint("cost_minor >= 0 and a_week >= 0", name=op.f("ck_launch_channel_not_below_zero")),
        sa.ForeignKeyConstraint(
            ["launch_id"], ["launch.id"], name=op.f("fk_launch_channel_launch_id_launch"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_launch_channel")),
        sqlite_autoincrement=True,
    )
    op.create_index("uq_launch_channel", "launch_channel", ["launch_id", "channel"], unique=True)
    op.create_table(
        "launch_client",
        sa.Column("launch_id", WHOLE, nullable=False),
        sa.Column("client_id", WHOLE, nullable=False),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("heard", sa.String(length=24), nullable=True),
        sa.Column("step", WHOLE, nullable=False),
        sa.Column("refused", sa.Boolean(), nullable=False),
        sa.Column("id", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["client.id"], name=op.f("fk_launch_client_client_id_client"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["launch_id"], ["launch.id"], name=op.f("fk_launch_client_launch_id_launch")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_launch_client")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_launch_client_client_id", "launch_client", ["client_id"], unique=False)
    op.create_index("ix_launch_client_funnel", "launch_client", ["launch_id", "heard", "step", "refused"], unique=False)
    op.create_index("ix_launch_client_step", "launch_client", ["launch_id", "step", "refused", "id"], unique=False)
    op.create_index(
        "ix_launch_client_to_plan",
        "launch_client",
        ["launch_id", "id"],
        unique=False,
        sqlite_where=sa.text("planned_at IS NULL"),
        postgresql_where=sa.text("planned_at IS NULL"),
    )
    op.create_index("uq_launch_client", "launch_client", ["launch_id", "client_id"], unique=True)
    op.create_table(
        "launch_touch",
        sa.Column("launch_id", WHOLE, nullable=False),
        sa.Column("launch_client_id", WHOLE, nullable=False),
        sa.Column("client_id", WHOLE, nullable=False),
        sa.Column("channel", sa.String(length=24), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("week", sa.Date(), nullable=True),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("person_id", WHOLE, nullable=True),
        sa.Column("task_id", WHOLE, nullable=True),
        sa.Column("letter_id", WHOLE, nullable=True),
        sa.Column("invoice_id", WHOLE, nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("missed", sa.String(length=24), nullable=True),
        sa.Column("id", WHOLE, nullable=False),
        sa.CheckConstraint("(state = 'missed') = (missed is not null)", name=op.f("ck_launch_touch_missed_has_reason")),
        sa.CheckConstraint("state <> 'done' or done_at is not null", name=op.f("ck_launch_touch_done_has_day")),
        sa.ForeignKeyConstraint(
            ["client_id"], ["client.id"], name=op.f("fk_launch_touch_client_id_client"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["invoice_id"], ["invoice.id"], name=op.f("fk_launch_touch_invoice_id_invoice"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["launch_client_id"],
            ["launch_client.id"],
            name=op.f("fk_launch_touch_launch_client_id_launch_client"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["launch_id"], ["launch.id"], name=op.f("fk_launch_touch_launch_id_launch")),
        sa.ForeignKeyConstraint(
            ["letter_id"], ["letter.id"], name=op.f("fk_launch_touch_letter_id_letter"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["user.id"], name=op.f("fk_launch_touch_person_id_user")),
        sa.ForeignKeyConstraint(
            ["task_id"], ["task.id"], name=op.f("fk_launch_touch_task_id_task"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_launch_touch")),
        sa.UniqueConstraint("invoice_id", name=op.f("uq_launch_touch_invoice_id")),
        sa.UniqueConstraint("letter_id", name=op.f("uq_launch_touch_letter_id")),
        sa.UniqueConstraint("task_id", name=op.f("uq_launch_touch_task_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_launch_touch_client_id_week", "launch_touch", ["client_id", "week"], unique=False)
    op.create_index("ix_launch_touch_person", "launch_touch", ["person_id", "week", "channel"], unique=False)
    op.create_index(
        "ix_launch_touch_state", "launch_touch", ["launch_id", "channel", "state", "late", "missed"], unique=False
    )
    op.create_index("ix_launch_touch_week", "launch_touch", ["launch_id", "state", "week", "id"], unique=False)
    op.create_index("uq_launch_touch", "launch_touch", ["launch_client_id", "channel"], unique=True)
    op.create_table(
        "mailing_link",
        sa.Column("touch_id", WHOLE, nullable=False),
        sa.Column("contact_id", WHOLE, nullable=True),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("answer", sa.String(length=24), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name=op.f("fk_mailing_link_contact_id_contact"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["touch_id"], ["launch_touch.id"], name=op.f("fk_mailing_link_touch_id_launch_touch"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailing_link")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_mailing_link_token_hash")),
        sa.UniqueConstraint("touch_id", name=op.f("uq_mailing_link_touch_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_mailing_link_contact_id"), "mailing_link", ["contact_id"], unique=False)
    op.create_table(
        "launch_figures",
        sa.Column("launch_id", WHOLE, nullable=False),
        sa.Column("clients", sa.JSON(), nullable=False),
        sa.Column("touches", sa.JSON(), nullable=False),
        sa.Column("to_plan", WHOLE, nullable=False),
        sa.Column("id", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(
            ["launch_id"], ["launch.id"], name=op.f("fk_launch_figures_launch_id_launch"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_launch_figures")),
        sa.UniqueConstraint("launch_id", name=op.f("uq_launch_figures_launch_id")),
        sqlite_autoincrement=True,
    )
    # Calls of launches stand before what was planned anyway.
    op.execute("UPDATE queue_item SET rank = 7 WHERE rank = 6")


def downgrade() -> None:
    op.execute("UPDATE queue_item SET rank = 6 WHERE rank = 7")
    for table in ("launch_figures", "mailing_link", "launch_touch", "launch_client", "launch_channel", "launch"):
        op.drop_table(table)
