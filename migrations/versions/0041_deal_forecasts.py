"""How likely deals are won from a stage: as the head says, and as it was; and what each month's deals promised."""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
STILL_OPEN = sa.text("status = 'open'")
COLUMNS = ["status", "engagement_id", "currency", "one_off_minor", "monthly_minor"]
SENTENCE = "a kept forecast never changes"


def upgrade() -> None:
    op.add_column("stage", sa.Column("chance", WHOLE, nullable=True))
    _index_open([*COLUMNS, "expected_on"])
    op.create_index(op.f("ix_deal_closed_on"), "deal", ["closed_on"], unique=False)
    op.create_table(
        "stage_outcome",
        sa.Column("stage_id", WHOLE, nullable=False),
        sa.Column("won", WHOLE, nullable=False),
        sa.Column("decided", WHOLE, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("id", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(
            ["stage_id"], ["stage.id"], name=op.f("fk_stage_outcome_stage_id_stage"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stage_outcome")),
        sa.UniqueConstraint("stage_id", name=op.f("uq_stage_outcome_stage_id")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "deal_forecast",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("department", sa.String(length=24), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("deals", WHOLE, nullable=False),
        sa.Column("one_off_minor", WHOLE, nullable=False),
        sa.Column("monthly_minor", WHOLE, nullable=False),
        sa.Column("weighted_one_off_minor", WHOLE, nullable=False),
        sa.Column("weighted_monthly_minor", WHOLE, nullable=False),
        sa.Column("kept_on", sa.Date(), nullable=False),
        sa.Column("id", WHOLE, nullable=False),
        sa.CheckConstraint("kept_on >= month", name=op.f("ck_deal_forecast_kept_when_it_began")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deal_forecast")),
        sa.UniqueConstraint("month", "department", "currency", name=op.f("uq_deal_forecast_month_department_currency")),
        sqlite_autoincrement=True,
    )
    for action in ("UPDATE", "DELETE"):
        name = f"deal_forecast_refuse_{action.lower()}"
        if op.get_bind().dialect.name == "postgresql":
            op.execute(
                f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                f"RAISE EXCEPTION '{SENTENCE}' USING ERRCODE = 'integrity_constraint_violation'; END $$"
            )
            op.execute(f"CREATE TRIGGER {name} BEFORE {action} ON deal_forecast FOR EACH ROW EXECUTE FUNCTION {name}()")
        else:
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {action} ON deal_forecast BEGIN SELECT RAISE(ABORT, '{SENTENCE}'); END"
            )


def _index_open(columns: list[str]) -> None:
    name = "ix_deal_open_by_engagement"
    op.drop_index(name, table_name="deal")
    op.create_index(name, "deal", columns, sqlite_where=STILL_OPEN, postgresql_where=STILL_OPEN)


def downgrade() -> None:
    op.drop_table("deal_forecast")
    if op.get_bind().dialect.name == "postgresql":
        for action in ("update", "delete"):
            op.execute(f"DROP FUNCTION deal_forecast_refuse_{action}()")
    op.drop_table("stage_outcome")
    op.drop_index(op.f("ix_deal_closed_on"), table_name="deal")
    _index_open(COLUMNS)
    op.drop_column("stage", "chance")
