"""Losses of clients, and that nobody works with a lost client."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
LOST = sa.text("won_back_at IS NULL")
GONE = sa.text("lost_at IS NOT NULL")
SENTENCE = "nobody works with a lost client"
GUARDS = (
    ("engagement_refuse_lost_insert", "BEFORE INSERT ON engagement", "engagement"),
    ("engagement_refuse_lost_update", "BEFORE UPDATE OF closed_at, client_id ON engagement", "engagement"),
    ("client_refuse_lost_update", "BEFORE UPDATE OF lost_at ON client", "client"),
)
"""Trigger, when, and the table whose new row it looks at."""
BROKEN = {
    "engagement": "NEW.closed_at IS NULL AND EXISTS "
    "(SELECT 1 FROM client WHERE client.id = NEW.client_id AND client.lost_at IS NOT NULL)",
    "client": "NEW.lost_at IS NOT NULL AND EXISTS "
    "(SELECT 1 FROM engagement WHERE engagement.client_id = NEW.id AND engagement.closed_at IS NULL)",
}


def upgrade() -> None:
    op.add_column("client", sa.Column("lost_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_client_lost", "client", ["name_key", "id"], sqlite_where=GONE, postgresql_where=GONE)
    op.create_table(
        "loss",
        sa.Column("client_id", WHOLE, nullable=False),
        sa.Column("cause", sa.String(length=24), nullable=False),
        sa.Column("competitor_id", WHOLE, nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("lost_on", sa.Date(), nullable=False),
        sa.Column("lost_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lost_by_id", WHOLE, nullable=False),
        sa.Column("won_back_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("won_back_by_id", WHOLE, nullable=True),
        sa.Column("mistaken", sa.Boolean(), nullable=False),
        sa.Column("id", WHOLE, nullable=False),
        sa.CheckConstraint("cause <> ''", name=op.f("ck_loss_has_cause")),
        sa.CheckConstraint("not mistaken or won_back_at is not null", name=op.f("ck_loss_mistaken_is_over")),
        sa.ForeignKeyConstraint(
            ["client_id"], ["client.id"], name=op.f("fk_loss_client_id_client"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["competitor_id"], ["competitor.id"], name=op.f("fk_loss_competitor_id_competitor")),
        sa.ForeignKeyConstraint(["lost_by_id"], ["user.id"], name=op.f("fk_loss_lost_by_id_user")),
        sa.ForeignKeyConstraint(["won_back_by_id"], ["user.id"], name=op.f("fk_loss_won_back_by_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loss")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_loss_client_id"), "loss", ["client_id"], unique=False)
    op.create_index(op.f("ix_loss_competitor_id"), "loss", ["competitor_id"], unique=False)
    op.create_index("ix_loss_lost_on", "loss", ["lost_on", "id"], unique=False)
    op.create_index("uq_loss_current", "loss", ["client_id"], unique=True, sqlite_where=LOST, postgresql_where=LOST)
    _guard()


def _guard() -> None:
    postgresql = op.get_bind().dialect.name == "postgresql"
    for name, when, table in GUARDS:
        if postgresql:
            op.execute(
                f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF {BROKEN[table]} THEN "
                f"RAISE EXCEPTION '{SENTENCE}' USING ERRCODE = 'integrity_constraint_violation'; END IF; "
                "RETURN NEW; END $$"
            )
            op.execute(f"CREATE TRIGGER {name} {when} FOR EACH ROW EXECUTE FUNCTION {name}()")
        else:
            op.execute(
                f"CREATE TRIGGER {name} {when} FOR EACH ROW WHEN {BROKEN[table]} "
                f"BEGIN SELECT RAISE(ABORT, '{SENTENCE}'); END"
            )


def downgrade() -> None:
    postgresql = op.get_bind().dialect.name == "postgresql"
    for name, _, table in GUARDS:
        if postgresql:
            op.execute(f"DROP TRIGGER {name} ON {table}")
            op.execute(f"DROP FUNCTION {name}()")
        else:
            op.execute(f"DROP TRIGGER {name}")
    op.drop_table("loss")
    op.drop_index("ix_client_lost", table_name="client")
    with op.batch_alter_table("client") as batch:
        batch.drop_column("lost_at")
