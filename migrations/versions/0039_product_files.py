"""Files of products, and which of them go out with a proposal."""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NAME, SENTENCE = "proposal_version_refuse_update", "a sent proposal version is immutable"
FROZEN = (
    "proposal_id number language currency prices_include_tax dated_on valid_until contact_id title text terms lines "
    "printed sent_by_id frozen_at discount template_id"
).split()


def upgrade() -> None:
    op.create_table(
        "product_file",
        sa.Column("product_id", WHOLE, nullable=False),
        sa.Column("file_id", WHOLE, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("bytes", WHOLE, nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by_id", WHOLE, nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["added_by_id"], ["user.id"], name=op.f("fk_product_file_added_by_id_user")),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name=op.f("fk_product_file_file_id_stored_file")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_product_file_product_id_product")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product_file")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_product_file_product_id", "product_file", ["product_id", "id"], unique=False)
    _drop_guard()
    op.add_column("proposal_version", sa.Column("attached", sa.JSON(), nullable=False, server_default="[]"))
    _guard((*FROZEN, "attached"))


def downgrade() -> None:
    _drop_guard()
    op.drop_column("proposal_version", "attached")
    _guard(FROZEN)
    op.drop_table("product_file")


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
