"""Links by which clients read and answer proposals. An answer never changes: the database refuses it."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
ACCEPTED = sa.text("kind = 'accepted'")
SENTENCE = "an answer to a proposal never changes"


def upgrade() -> None:
    op.create_table(
        "share_link",
        sa.Column("version_id", WHOLE, nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("made_by_id", WHOLE, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("openings", WHOLE, nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["made_by_id"], ["user.id"], name=op.f("fk_share_link_made_by_id_user")),
        sa.ForeignKeyConstraint(
            ["version_id"], ["proposal_version.id"], name=op.f("fk_share_link_version_id_proposal_version")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_share_link")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_share_link_token_hash")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_share_link_version_id", "share_link", ["version_id", "id"], unique=False)
    op.create_table(
        "proposal_answer",
        sa.Column("proposal_id", WHOLE, nullable=False),
        sa.Column("version_id", WHOLE, nullable=False),
        sa.Column("link_id", WHOLE, nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("agent", sa.String(length=300), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("task_id", WHOLE, nullable=True),
        sa.Column("id", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["link_id"], ["share_link.id"], name=op.f("fk_proposal_answer_link_id_share_link")),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_proposal_answer_proposal_id_proposal")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_proposal_answer_task_id_task")),
        sa.ForeignKeyConstraint(
            ["version_id"], ["proposal_version.id"], name=op.f("fk_proposal_answer_version_id_proposal_version")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal_answer")),
        sqlite_autoincrement=True,
    )
    for name in ("link_id", "task_id", "version_id"):
        op.create_index(op.f(f"ix_proposal_answer_{name}"), "proposal_answer", [name], unique=False)
    op.create_index("ix_proposal_answer_kind_at", "proposal_answer", ["kind", "at"], unique=False)
    op.create_index("ix_proposal_answer_proposal_id", "proposal_answer", ["proposal_id", "id"], unique=False)
    op.create_index(
        "uq_proposal_answer_accepted",
        "proposal_answer",
        ["proposal_id"],
        unique=True,
        sqlite_where=ACCEPTED,
        postgresql_where=ACCEPTED,
    )
    op.create_table(
        "acceptance_record",
        sa.Column("answer_id", WHOLE, nullable=False),
        sa.Column("file_id", WHOLE, nullable=False),
        sa.Column("id", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(
            ["answer_id"], ["proposal_answer.id"], name=op.f("fk_acceptance_record_answer_id_proposal_answer")
        ),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name=op.f("fk_acceptance_record_file_id_stored_file")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_acceptance_record")),
        sa.UniqueConstraint("answer_id", name=op.f("uq_acceptance_record_answer_id")),
        sqlite_autoincrement=True,
    )
    op.add_column("proposal", sa.Column("reminded", WHOLE, nullable=False, server_default="0"))
    for action in ("update", "delete"):
        _refuse("proposal_answer", action)


def _refuse(table: str, action: str) -> None:
    name = f"{table}_refuse_{action}"
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{SENTENCE}' USING ERRCODE = 'integrity_constraint_violation'; END $$"
        )
        op.execute(f"CREATE TRIGGER {name} BEFORE {action} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")
    else:
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {action} ON {table} FOR EACH ROW "
            f"BEGIN SELECT RAISE(ABORT, '{SENTENCE}'); END"
        )


def downgrade() -> None:
    postgresql = op.get_bind().dialect.name == "postgresql"
    for action in ("update", "delete"):
        op.execute(f"DROP TRIGGER proposal_answer_refuse_{action}{' ON proposal_answer' if postgresql else ''}")
        if postgresql:
            op.execute(f"DROP FUNCTION proposal_answer_refuse_{action}()")
    op.drop_column("proposal", "reminded")
    op.drop_table("acceptance_record")
    op.drop_table("proposal_answer")
    op.drop_table("share_link")
