"""Discounts above a limit, their approvals, and a discount on everything, which sending freezes with the rest."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
LIVING = sa.text("state in ('asked', 'approved')")
NAME, SENTENCE = "proposal_version_refuse_update", "a sent proposal version is immutable"
FROZEN = (
    "proposal_id number language currency prices_include_tax dated_on valid_until contact_id title text terms lines "
    "printed sent_by_id frozen_at"
).split()


def upgrade() -> None:
    op.create_table(
        "discount_approval",
        sa.Column("version_id", WHOLE, nullable=False),
        sa.Column("discount", WHOLE, nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("words", sa.String(length=500), nullable=False),
        sa.Column("asked_by_id", WHOLE, nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("decided_by_id", WHOLE, nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("task_id", WHOLE, nullable=True),
        sa.Column("id", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["asked_by_id"], ["user.id"], name=op.f("fk_discount_approval_asked_by_id_user")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["user.id"], name=op.f("fk_discount_approval_decided_by_id_user")),
        sa.ForeignKeyConstraint(
            ["task_id"], ["task.id"], name=op.f("fk_discount_approval_task_id_task"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["proposal_version.id"],
            name=op.f("fk_discount_approval_version_id_proposal_version"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_discount_approval")),
        sqlite_autoincrement=True,
    )
    for name in ("asked_by_id", "decided_by_id", "task_id"):
        op.create_index(op.f(f"ix_discount_approval_{name}"), "discount_approval", [name], unique=False)
    op.create_index("ix_discount_approval_version_id", "discount_approval", ["version_id", "id"], unique=False)
    op.create_index(
        "uq_discount_approval_living",
        "discount_approval",
        ["version_id"],
        unique=True,
        sqlite_where=LIVING,
        postgresql_where=LIVING,
    )
    unlimited = '{"member": 10000, "head": 10000, "director": 10000}'
    op.add_column("company", sa.Column("discount_limits", sa.JSON(), nullable=False, server_default=unlimited))
    _drop_guard()
    op.add_column("proposal_version", sa.Column("discount", WHOLE, nullable=False, server_default="0"))
    _guard((*FROZEN, "discount"))


def downgrade() -> None:
    _drop_guard()
    op.drop_column("proposal_version", "discount")
    _guard(FROZEN)
    op.drop_column("company", "discount_limits")
    op.drop_table("discount_approval")


def _guard(columns: tuple[str, ...] | list[str]) -> None:
    """A sent version is immutable; one that is being printed may count its failures, and become sent."""
    other = " OR ".join(
        f"COALESCE(CAST(NEW.{name} AS TEXT), '') <> COALESCE(CAST(OLD.{name} AS TEXT), '')" for name in columns
    )
    thawed = f"OLD.state = 'printing' AND (NEW.state NOT IN ('printing', 'sent') OR {other})"
    trigger = f"CREATE TRIGGER {NAME} BEFORE update ON proposal_version FOR EACH ROW"
    when = f"WHEN (OLD.state = 'sent' OR ({thawed}))"
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"{trigger} {when} EXECUTE FUNCTION {NAME}()")
    else:
        op.execute(f"{trigger} {when} BEGIN SELECT RAISE(ABORT, '{SENTENCE}'); END")


def _drop_guard() -> None:
    postgresql = op.get_bind().dialect.name == "postgresql"
    op.execute(f"DROP TRIGGER {NAME}{' ON proposal_version' if postgresql else ''}")
