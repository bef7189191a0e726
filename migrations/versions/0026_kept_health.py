"""Health that is kept: as it stands, each day on which it changed, overrides, and versions of the model."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
IN_FORCE = sa.text("ended_at IS NULL")
MODEL = "a version of the health model never changes"


def upgrade() -> None:
    op.create_table(
        "health_model",
        sa.Column("number", WHOLE, nullable=False),
        sa.Column("terms", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("adopted_by_id", WHOLE, nullable=False),
        sa.Column("adopted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["adopted_by_id"], ["user.id"], name=op.f("fk_health_model_adopted_by_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_health_model")),
        sa.UniqueConstraint("number", name=op.f("uq_health_model_number")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "health_day",
        sa.Column("client_id", WHOLE, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("level", WHOLE, nullable=False),
        sa.Column("band", sa.String(length=24), nullable=False),
        sa.Column("points", sa.JSON(), nullable=False),
        sa.Column("id", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["client.id"], name=op.f("fk_health_day_client_id_client"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_health_day")),
        sa.UniqueConstraint("client_id", "day", name=op.f("uq_health_day_client_id_day")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "health_override",
        sa.Column("client_id", WHOLE, nullable=False),
        sa.Column("band", sa.String(length=24), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("by_id", WHOLE, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", WHOLE, nullable=False),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_health_override_has_reason")),
        sa.ForeignKeyConstraint(["by_id"], ["user.id"], name=op.f("fk_health_override_by_id_user")),
        sa.ForeignKeyConstraint(
            ["client_id"], ["client.id"], name=op.f("fk_health_override_client_id_client"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_health_override")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_health_override_client_id"), "health_override", ["client_id"], unique=False)
    op.create_index(
        "ix_health_override_until",
        "health_override",
        ["until"],
        unique=False,
        sqlite_where=IN_FORCE,
        postgresql_where=IN_FORCE,
    )
    op.create_index(
        "uq_health_override_current",
        "health_override",
        ["client_id"],
        unique=True,
        sqlite_where=IN_FORCE,
        postgresql_where=IN_FORCE,
    )
    op.create_table(
        "health",
        sa.Column("client_id", WHOLE, nullable=False),
        sa.Column("level", WHOLE, nullable=False),
        sa.Column("band", sa.String(length=24), nullable=False),
        sa.Column("reckoned", sa.String(length=24), nullable=False),
        sa.Column("points", sa.JSON(), nullable=False),
        sa.Column("trend", WHOLE, nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("owner_id", WHOLE, nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("monthly_minor", WHOLE, nullable=False),
        sa.Column("frozen_on", sa.Date(), nullable=True),
        sa.Column("task_id", WHOLE, nullable=True),
        sa.Column("task_band", sa.String(length=24), nullable=True),
        sa.Column("id", WHOLE, nullable=False),
        sa.CheckConstraint("level between 0 and 100", name=op.f("ck_health_level")),
        sa.ForeignKeyConstraint(
            ["client_id"], ["client.id"], name=op.f("fk_health_client_id_client"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["user.id"], name=op.f("fk_health_owner_id_user")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_health_task_id_task"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_health")),
        sa.UniqueConstraint("client_id", name=op.f("uq_health_client_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_health_band", "health", ["band", "monthly_minor", "client_id"], unique=False)
    op.create_index(
        "ix_health_owner_id_band", "health", ["owner_id", "band", "monthly_minor", "client_id"], unique=False
    )
    op.create_index(op.f("ix_health_task_id"), "health", ["task_id"], unique=False)
    op.create_index("ix_health_trend", "health", ["trend", "client_id"], unique=False)
    _refuse_changes("health_model", MODEL)


def _refuse_changes(table: str, sentence: str) -> None:
    for action in ("UPDATE", "DELETE"):
        name = f"{table}_refuse_{action.lower()}"
        if op.get_bind().dialect.name == "postgresql":
            op.execute(
                f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                f"RAISE EXCEPTION '{sentence}' USING ERRCODE = 'integrity_constraint_violation'; END $$"
            )
            op.execute(f"CREATE TRIGGER {name} BEFORE {action} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")
        else:
            op.execute(f"CREATE TRIGGER {name} BEFORE {action} ON {table} BEGIN SELECT RAISE(ABORT, '{sentence}'); END")


def downgrade() -> None:
    op.drop_index("ix_health_trend", table_name="health")
    op.drop_index(op.f("ix_health_task_id"), table_name="health")
    op.drop_index("ix_health_owner_id_band", table_name="health")
    op.drop_index("ix_health_band", table_name="health")
    op.drop_table("health")
    op.drop_index(
        "uq_health_override_current", table_name="health_override", sqlite_where=IN_FORCE, postgresql_where=IN_FORCE
    )
    op.drop_index(
        "ix_health_override_until", table_name="health_override", sqlite_where=IN_FORCE, postgresql_where=IN_FORCE
    )
    op.drop_index(op.f("ix_health_override_client_id"), table_name="health_override")
    op.drop_table("health_override")
    op.drop_table("health_day")
    op.drop_table("health_model")
    if op.get_bind().dialect.name == "postgresql":
        for action in ("update", "delete"):
            op.execute(f"DROP FUNCTION health_model_refuse_{action}()")
