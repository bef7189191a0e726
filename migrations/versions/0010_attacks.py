"""Competitors, attacks and their signals, and the hours to a personal visit."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
KEY = sa.String(length=200).with_variant(sa.String(length=200, collation="C"), "postgresql")
STILL_OPEN = sa.text("state in ('raised', 'defending')")


def upgrade() -> None:
    op.create_table(
        "competitor",
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column("name_key", KEY, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", WHOLE, nullable=False),
        sa.Column("id", WHOLE, nullable=False),
        sa.CheckConstraint("name <> ''", name=op.f("ck_competitor_named")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_competitor")),
        sa.UniqueConstraint("name_key", name=op.f("uq_competitor_name_key")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "attack",
        sa.Column("client_id", WHOLE, nullable=False),
        sa.Column("competitor_id", WHOLE, nullable=False),
        sa.Column("severity", sa.String(length=24), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("raised_by_id", WHOLE, nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("visit_id", WHOLE, nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by_id", WHOLE, nullable=True),
        sa.Column("cause", sa.String(length=24), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.Column("id", WHOLE, nullable=False),
        sa.CheckConstraint(
            "(state in ('raised', 'defending')) = (closed_at is null)", name=op.f("ck_attack_ended_has_moment")
        ),
        sa.CheckConstraint("(state = 'lost') = (cause <> '')", name=op.f("ck_attack_lost_has_cause")),
        sa.ForeignKeyConstraint(
            ["client_id"], ["client.id"], name=op.f("fk_attack_client_id_client"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["closed_by_id"], ["user.id"], name=op.f("fk_attack_closed_by_id_user")),
        sa.ForeignKeyConstraint(["competitor_id"], ["competitor.id"], name=op.f("fk_attack_competitor_id_competitor")),
        sa.ForeignKeyConstraint(["raised_by_id"], ["user.id"], name=op.f("fk_attack_raised_by_id_user")),
        sa.ForeignKeyConstraint(["visit_id"], ["task.id"], name=op.f("fk_attack_visit_id_task"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attack")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_attack_client_id_raised_at", "attack", ["client_id", "raised_at"], unique=False)
    op.create_index(op.f("ix_attack_closed_by_id"), "attack", ["closed_by_id"], unique=False)
    op.create_index("ix_attack_competitor_id_raised_at", "attack", ["competitor_id", "raised_at"], unique=False)
    op.create_index(
        "ix_attack_open_due",
        "attack",
        ["due_at", "id"],
        unique=False,
        sqlite_where=STILL_OPEN,
        postgresql_where=STILL_OPEN,
    )
    op.create_index("ix_attack_raised_at", "attack", ["raised_at", "id"], unique=False)
    op.create_index(op.f("ix_attack_raised_by_id"), "attack", ["raised_by_id"], unique=False)
    op.create_index(op.f("ix_attack_visit_id"), "attack", ["visit_id"], unique=False)
    op.create_index(
        "uq_attack_open",
        "attack",
        ["client_id", "competitor_id"],
        unique=True,
        sqlite_where=STILL_OPEN,
        postgresql_where=STILL_OPEN,
    )
    op.create_table(
        "signal",
        sa.Column("attack_id", WHOLE, nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("severity", sa.String(length=24), nullable=False),
        sa.Column("raised_by_id", WHOLE, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(
            ["attack_id"], ["attack.id"], name=op.f("fk_signal_attack_id_attack"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["raised_by_id"], ["user.id"], name=op.f("fk_signal_raised_by_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signal")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_signal_attack_id"), "signal", ["attack_id"], unique=False)
    op.create_index(op.f("ix_signal_raised_by_id"), "signal", ["raised_by_id"], unique=False)
    op.add_column(
        "company",
        sa.Column("attack_hours", sa.JSON(), nullable=False, server_default='{"low": 40, "medium": 16, "high": 8}'),
    )


def downgrade() -> None:
    op.drop_column("company", "attack_hours")
    op.drop_table("signal")
    op.drop_table("attack")
    op.drop_table("competitor")
