"""Tiers of the VIP programme, and the places that clients hold in it. A place that ended never changes."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
HELD = sa.text("until IS NULL")
SENTENCE = "a place in the VIP programme that ended never changes"


def upgrade() -> None:
    op.create_table(
        "vip_tier",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("position", WHOLE, nullable=False),
        sa.Column("norm_kind", sa.String(length=24), nullable=False),
        sa.Column("norm_size", WHOLE, nullable=False),
        sa.Column("capacity", WHOLE, nullable=False),
        sa.Column("suits", sa.String(length=24), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", WHOLE, nullable=False),
        sa.Column("id", WHOLE, nullable=False),
        sa.CheckConstraint("name <> ''", name=op.f("ck_vip_tier_named")),
        sa.CheckConstraint("norm_size > 0 and capacity > 0", name=op.f("ck_vip_tier_sizes_positive")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vip_tier")),
        sa.UniqueConstraint("name", name=op.f("uq_vip_tier_name")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "vip_place",
        sa.Column("client_id", WHOLE, nullable=False),
        sa.Column("tier_id", WHOLE, nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("entered_because", sa.String(length=500), nullable=False),
        sa.Column("left_because", sa.String(length=500), nullable=False),
        sa.Column("id", WHOLE, nullable=False),
        sa.CheckConstraint("until is null or until >= since", name=op.f("ck_vip_place_ends_after_it_began")),
        sa.CheckConstraint("entered_because <> ''", name=op.f("ck_vip_place_entered_with_reason")),
        sa.CheckConstraint("(until is null) = (left_because = '')", name=op.f("ck_vip_place_left_with_reason")),
        sa.ForeignKeyConstraint(
            ["client_id"], ["client.id"], name=op.f("fk_vip_place_client_id_client"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["tier_id"], ["vip_tier.id"], name=op.f("fk_vip_place_tier_id_vip_tier")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vip_place")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "uq_vip_place_held", "vip_place", ["client_id"], unique=True, sqlite_where=HELD, postgresql_where=HELD
    )
    op.create_index(
        "ix_vip_place_tier", "vip_place", ["tier_id", "client_id"], sqlite_where=HELD, postgresql_where=HELD
    )
    op.create_index("ix_vip_place_client_id_since", "vip_place", ["client_id", "since"])
    name = "vip_place_refuse_update"
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"RAISE EXCEPTION '{SENTENCE}' USING ERRCODE = 'integrity_constraint_violation'; END $$"
        )
        op.execute(
            f"CREATE TRIGGER {name} BEFORE UPDATE ON vip_place FOR EACH ROW WHEN (OLD.until IS NOT NULL) "
            f"EXECUTE FUNCTION {name}()"
        )
    else:
        op.execute(
            f"CREATE TRIGGER {name} BEFORE UPDATE ON vip_place FOR EACH ROW WHEN OLD.until IS NOT NULL "
            f"BEGIN SELECT RAISE(ABORT, '{SENTENCE}'); END"
        )


def downgrade() -> None:
    op.drop_table("vip_place")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION vip_place_refuse_update()")
    op.drop_table("vip_tier")
