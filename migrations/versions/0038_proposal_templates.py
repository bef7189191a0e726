"""Templates of proposals with the company's look, which a draft wears, and their previews."""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
USUAL = sa.text("usual")
NAME, SENTENCE = "proposal_version_refuse_update", "a sent proposal version is immutable"
FROZEN = (
    "proposal_id number language currency prices_include_tax dated_on valid_until contact_id title text terms lines "
    "printed sent_by_id frozen_at discount"
).split()


def upgrade() -> None:
    op.create_table(
        "proposal_template",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("usual", sa.Boolean(), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accent", sa.String(length=7), nullable=False),
        sa.Column("cover", sa.Boolean(), nullable=False),
        sa.Column("cover_colour", sa.String(length=7), nullable=False),
        sa.Column("requisites", sa.JSON(), nullable=False),
        sa.Column("blocks", sa.JSON(), nullable=False),
        sa.Column("logo_id", WHOLE, nullable=True),
        sa.Column("version", WHOLE, nullable=False),
        sa.Column("id", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["logo_id"], ["stored_file.id"], name=op.f("fk_proposal_template_logo_id_stored_file")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal_template")),
        sa.UniqueConstraint("name", name=op.f("uq_proposal_template_name")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "uq_proposal_template_usual",
        "proposal_template",
        ["usual"],
        unique=True,
        sqlite_where=USUAL,
        postgresql_where=USUAL,
    )
    op.create_table(
        "template_preview",
        sa.Column("user_id", WHOLE, nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("logo", sa.LargeBinary(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("printed_key", sa.String(length=64), nullable=False),
        sa.Column("pages", WHOLE, nullable=False),
        sa.Column("picture", sa.LargeBinary(), nullable=True),
        sa.Column("pdf", sa.LargeBinary(), nullable=True),
        sa.Column("id", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_template_preview_user_id_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_template_preview")),
        sa.UniqueConstraint("user_id", name=op.f("uq_template_preview_user_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_template_preview_asked_at"), "template_preview", ["asked_at"], unique=False)
    _drop_guard()
    kind = "BIGINT" if op.get_bind().dialect.name == "postgresql" else "INTEGER"
    op.execute(  # SQLite takes a reference only together with its column
        f"ALTER TABLE proposal_version ADD COLUMN template_id {kind} "
        "CONSTRAINT fk_proposal_version_template_id_proposal_template REFERENCES proposal_template (id)"
    )
    _guard((*FROZEN, "template_id"))


def downgrade() -> None:
    _drop_guard()
    op.drop_column("proposal_version", "template_id")
    _guard(FROZEN)
    op.drop_table("template_preview")
    op.drop_table("proposal_template")


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
