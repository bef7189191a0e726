"""Commission: rules in versions, lines, closed months, and periods of initial attraction.

The database itself refuses that a version or a closed month changes.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

CLOSED = "a closed month never changes"
KEPT = (
    ("commission_month", "update", CLOSED),
    ("commission_month", "delete", CLOSED),
    ("commission_version", "update", "a version never changes: add a new one"),
)
"""Table, action, and what to say."""
IN_CLOSED = "SELECT 1 FROM commission_month WHERE month IN"
LINES = ("insert", "update", "delete")


def upgrade() -> None:
    op.create_table(
        "commission_reading",
        sa.Column("allocation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("event_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_commission_reading_only_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commission_reading")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "commission_rule",
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commission_rule")),
        sa.UniqueConstraint("name", name=op.f("uq_commission_rule_name")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "commission_month",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("last_allocation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["closed_by_id"], ["user.id"], name=op.f("fk_commission_month_closed_by_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commission_month")),
        sa.UniqueConstraint("month", name=op.f("uq_commission_month_month")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "commission_version",
        sa.Column("rule_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("terms", sa.JSON(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["rule_id"], ["commission_rule.id"], name=op.f("fk_commission_version_rule_id_commission_rule")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commission_version")),
        sa.UniqueConstraint("rule_id", "number", name=op.f("uq_commission_version_rule_id_number")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "attraction_period",
        sa.Column("client_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("product", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("last_on", sa.Date(), nullable=True),
        sa.Column("last_payment", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("last_allocation", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("last_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["client.id"], name=op.f("fk_attraction_period_client_id_client"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attraction_period")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_attraction_period_client_id_product", "attraction_period", ["client_id", "product"], unique=True
    )
    op.create_index("ix_attraction_period_ended_on", "attraction_period", ["ended_on", "client_id"], unique=False)
    op.create_table(
        "commission_entry",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("client_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("allocation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("version_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("portion", sa.String(length=24), nullable=False),
        sa.Column("base_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("basis_points", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("amount_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("corrects", sa.Date(), nullable=True),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "version_id is not null or amount_minor = 0", name=op.f("ck_commission_entry_paid_by_a_rule")
        ),
        sa.ForeignKeyConstraint(
            ["allocation_id"], ["allocation.id"], name=op.f("fk_commission_entry_allocation_id_allocation")
        ),
        sa.ForeignKeyConstraint(["client_id"], ["client.id"], name=op.f("fk_commission_entry_client_id_client")),
        sa.ForeignKeyConstraint(["person_id"], ["user.id"], name=op.f("fk_commission_entry_person_id_user")),
        sa.ForeignKeyConstraint(
            ["version_id"], ["commission_version.id"], name=op.f("fk_commission_entry_version_id_commission_version")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commission_entry")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_commission_entry_allocation_id", "commission_entry", ["allocation_id"], unique=False)
    op.create_index("ix_commission_entry_client", "commission_entry", ["client_id", "person_id", "month"], unique=False)
    op.create_index(
        "ix_commission_entry_month",
        "commission_entry",
        ["month", "person_id", "currency", "amount_minor"],
        unique=False,
    )
    op.create_index(
        "ix_commission_entry_person",
        "commission_entry",
        ["person_id", "month", "currency", "amount_minor"],
        unique=False,
    )
    op.add_column(
        "company", sa.Column("attraction_kind", sa.String(length=24), nullable=False, server_default="payments")
    )
    op.add_column(
        "company",
        sa.Column(
            "attraction_size", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False, server_default="1"
        ),
    )
    op.add_column("product", sa.Column("attraction_kind", sa.String(length=24), nullable=True))
    op.add_column(
        "product", sa.Column("attraction_size", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
    )
    postgresql = op.get_bind().dialect.name == "postgresql"
    for table, action, sentence in KEPT:
        _refuse(table, action, sentence, "", postgresql)
    for action in LINES:
        rows = {"insert": ("NEW",), "update": ("OLD", "NEW"), "delete": ("OLD",)}[action]
        months = ", ".join(f"{row}.month" for row in rows)
        _refuse("commission_entry", action, CLOSED, f"{IN_CLOSED} ({months})", postgresql)


def _refuse(table: str, action: str, sentence: str, where: str, postgresql: bool) -> None:
    name = f"{table}_refuse_{action}"
    if postgresql:
        going_on = "OLD" if action == "delete" else "NEW"
        raising = f"RAISE EXCEPTION '{sentence}' USING ERRCODE = 'integrity_constraint_violation';"
        body = f"IF EXISTS ({where}) THEN {raising} END IF; RETURN {going_on};" if where else raising
        op.execute(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$")
        op.execute(f"CREATE TRIGGER {name} BEFORE {action} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")
    else:
        when = f"WHEN EXISTS ({where}) " if where else ""
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {action} ON {table} FOR EACH ROW {when}"
            f"BEGIN SELECT RAISE(ABORT, '{sentence}'); END"
        )


def downgrade() -> None:
    postgresql = op.get_bind().dialect.name == "postgresql"
    tables = [(table, action) for table, action, _ in KEPT] + [("commission_entry", action) for action in LINES]
    for table, action in tables:
        name = f"{table}_refuse_{action}"
        op.execute(f"DROP TRIGGER {name} ON {table}" if postgresql else f"DROP TRIGGER {name}")
        if postgresql:
            op.execute(f"DROP FUNCTION {name}()")
    for table in ("product", "company"):
        op.drop_column(table, "attraction_size")
        op.drop_column(table, "attraction_kind")
    op.drop_index("ix_commission_entry_person", table_name="commission_entry")
    op.drop_index("ix_commission_entry_month", table_name="commission_entry")
    op.drop_index("ix_commission_entry_client", table_name="commission_entry")
    op.drop_index("ix_commission_entry_allocation_id", table_name="commission_entry")
    op.drop_table("commission_entry")
    op.drop_index("ix_attraction_period_ended_on", table_name="attraction_period")
    op.drop_index("ix_attraction_period_client_id_product", table_name="attraction_period")
    op.drop_table("attraction_period")
    op.drop_table("commission_version")
    op.drop_table("commission_month")
    op.drop_table("commission_rule")
    op.drop_table("commission_reading")
