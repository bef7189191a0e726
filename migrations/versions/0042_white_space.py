"""White space: what clients buy at competitors', the kept prizes, and the product that a visit is to show."""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
CURRENT = sa.text("ended_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "rival_supply",
        sa.Column("client_id", WHOLE, nullable=False),
        sa.Column("family_id", WHOLE, nullable=False),
        sa.Column("competitor_id", WHOLE, nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("noted_by_id", WHOLE, nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["client.id"], name=op.f("fk_rival_supply_client_id_client"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["family_id"], ["product_family.id"], name=op.f("fk_rival_supply_family_id_product_family")
        ),
        sa.ForeignKeyConstraint(
            ["competitor_id"], ["competitor.id"], name=op.f("fk_rival_supply_competitor_id_competitor")
        ),
        sa.ForeignKeyConstraint(["noted_by_id"], ["user.id"], name=op.f("fk_rival_supply_noted_by_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rival_supply")),
        sqlite_autoincrement=True,
    )
    for column in ("client_id", "family_id", "competitor_id", "noted_by_id"):
        op.create_index(op.f(f"ix_rival_supply_{column}"), "rival_supply", [column], unique=False)
    op.create_index(
        "uq_rival_supply_current",
        "rival_supply",
        ["client_id", "family_id"],
        unique=True,
        sqlite_where=CURRENT,
        postgresql_where=CURRENT,
    )
    op.create_table(
        "white_space",
        sa.Column("client_id", WHOLE, nullable=False),
        sa.Column("score", WHOLE, nullable=False),
        sa.Column("prizes", sa.JSON(), nullable=False),
        sa.Column("marks", sa.JSON(), nullable=False),
        sa.Column("id", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["client.id"], name=op.f("fk_white_space_client_id_client"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_white_space")),
        sa.UniqueConstraint("client_id", name=op.f("uq_white_space_client_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_white_space_score", "white_space", ["score", "client_id"], unique=False)
    # Never by a new table for the old one: SQLite would delete with it whatever hangs on visits.
    kind = "BIGINT" if op.get_bind().dialect.name == "postgresql" else "INTEGER"
    op.execute(
        f"ALTER TABLE visit ADD COLUMN about_id {kind} CONSTRAINT fk_visit_about_id_product REFERENCES product (id)"
    )
    op.create_index(op.f("ix_visit_about_id"), "visit", ["about_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_visit_about_id"), table_name="visit")
    op.drop_column("visit", "about_id")
    op.drop_table("white_space")
    op.drop_table("rival_supply")
