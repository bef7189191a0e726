"""Quarterly reviews of the VIP list. The database itself refuses that an approved list changes."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
USUAL = (
    '{"a_clients": 10, "a_sales": 50, "b_clients": 30, "b_sales": 40, "near": 20, "growth": 30, "rival_days": 180, '
    '"looked_at": 500, "mono": 75}'
)
SENTENCE = "an approved VIP list never changes"
LINE = "SELECT 1 FROM vip_review WHERE state = 'approved' AND id = {row}.review_id"
SUM = (
    "SELECT 1 FROM vip_line JOIN vip_review ON vip_review.id = vip_line.review_id "
    "WHERE vip_review.state = 'approved' AND vip_line.id = {row}.line_id"
)
ERASED = " AND EXISTS (SELECT 1 FROM client WHERE id = OLD.client_id)"
"""A client that is erased altogether takes its lines along."""
DECIDED = "review_id, client_id, was_tier_id, proposed, proposed_tier_id, best, reasons, decision, tier_id, reason, "
REFUSED = (
    ("vip_review", "UPDATE", "OLD.state = 'approved'"),
    ("vip_review", "DELETE", "OLD.state = 'approved'"),
    ("vip_line", "INSERT", f"EXISTS ({LINE.format(row='NEW')})"),
    ("vip_line", f"UPDATE OF {DECIDED}decided_by_id, decided_at", f"EXISTS ({LINE.format(row='OLD')})"),
    ("vip_line", "DELETE", f"EXISTS ({LINE.format(row='OLD')}){ERASED}"),
    ("vip_sum", "INSERT", f"EXISTS ({SUM.format(row='NEW')})"),
    ("vip_sum", "UPDATE", f"EXISTS ({SUM.format(row='OLD')})"),
    ("vip_sum", "DELETE", f"EXISTS ({SUM.format(row='OLD')})"),
)
"""Table, action, and when it is refused."""


def upgrade() -> None:
    op.create_table(
        "vip_review",
        sa.Column("quarter", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("reckoned_on", sa.Date(), nullable=False),
        sa.Column("rules", sa.JSON(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("opened_by_id", WHOLE, nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("approved_by_id", WHOLE, nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", WHOLE, nullable=False),
        sa.Column("id", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["approved_by_id"], ["user.id"], name=op.f("fk_vip_review_approved_by_id_user")),
        sa.ForeignKeyConstraint(["opened_by_id"], ["user.id"], name=op.f("fk_vip_review_opened_by_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vip_review")),
        sa.UniqueConstraint("quarter", name=op.f("uq_vip_review_quarter")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "vip_line",
        sa.Column("review_id", WHOLE, nullable=False),
        sa.Column("client_id", WHOLE, nullable=False),
        sa.Column("was_tier_id", WHOLE, nullable=True),
        sa.Column("proposed", sa.String(length=24), nullable=False),
        sa.Column("proposed_tier_id", WHOLE, nullable=True),
        sa.Column("best", sa.String(length=24), nullable=True),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("decision", sa.String(length=24), nullable=True),
        sa.Column("tier_id", WHOLE, nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("decided_by_id", WHOLE, nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handoff_id", WHOLE, nullable=True),
        sa.Column("version", WHOLE, nullable=False),
        sa.Column("id", WHOLE, nullable=False),
        sa.CheckConstraint(
            "decision is null or decision not in ('enter', 'move') or tier_id is not null",
            name=op.f("ck_vip_line_decided_tier"),
        ),
        sa.CheckConstraint(
            "decision is null or decision not in ('enter', 'move', 'leave') or reason <> ''",
            name=op.f("ck_vip_line_decided_because"),
        ),
        sa.ForeignKeyConstraint(
            ["client_id"], ["client.id"], name=op.f("fk_vip_line_client_id_client"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["decided_by_id"], ["user.id"], name=op.f("fk_vip_line_decided_by_id_user")),
        sa.ForeignKeyConstraint(
            ["handoff_id"], ["handoff.id"], name=op.f("fk_vip_line_handoff_id_handoff"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["proposed_tier_id"], ["vip_tier.id"], name=op.f("fk_vip_line_proposed_tier_id_vip_tier")
        ),
        sa.ForeignKeyConstraint(["review_id"], ["vip_review.id"], name=op.f("fk_vip_line_review_id_vip_review")),
        sa.ForeignKeyConstraint(["tier_id"], ["vip_tier.id"], name=op.f("fk_vip_line_tier_id_vip_tier")),
        sa.ForeignKeyConstraint(["was_tier_id"], ["vip_tier.id"], name=op.f("fk_vip_line_was_tier_id_vip_tier")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vip_line")),
        sqlite_autoincrement=True,
    )
    op.create_index("uq_vip_line_review_id_client_id", "vip_line", ["review_id", "client_id"], unique=True)
    op.create_index("ix_vip_line_review_id_proposed", "vip_line", ["review_id", "proposed", "id"])
    op.create_index("ix_vip_line_review_id_decision", "vip_line", ["review_id", "decision", "id"])
    op.create_index("ix_vip_line_client_id", "vip_line", ["client_id", "id"])
    op.create_index("ix_vip_line_handoff_id", "vip_line", ["handoff_id"])
    op.create_table(
        "vip_sum",
        sa.Column("line_id", WHOLE, nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("paid_minor", WHOLE, nullable=False),
        sa.Column("before_minor", WHOLE, nullable=False),
        sa.Column("sales_class", sa.String(length=24), nullable=False),
        sa.Column("id", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(
            ["line_id"], ["vip_line.id"], name=op.f("fk_vip_sum_line_id_vip_line"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vip_sum")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_vip_sum_line_id", "vip_sum", ["line_id", "id"])
    op.add_column("company", sa.Column("vip_rules", sa.JSON(), nullable=False, server_default=USUAL))
    for table, action, when in REFUSED:
        _refuse(table, action, when)


def _refuse(table: str, action: str, when: str) -> None:
    name = f"{table}_refuse_{action.split(maxsplit=1)[0].lower()}"
    if op.get_bind().dialect.name == "postgresql":
        row = "OLD" if action == "DELETE" else "NEW"
        op.execute(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF {when} THEN "
            f"RAISE EXCEPTION '{SENTENCE}' USING ERRCODE = 'integrity_constraint_violation'; END IF; "
            f"RETURN {row}; END $$"
        )
        op.execute(f"CREATE TRIGGER {name} BEFORE {action} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")
    else:
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {action} ON {table} FOR EACH ROW WHEN {when} "
            f"BEGIN SELECT RAISE(ABORT, '{SENTENCE}'); END"
        )


def downgrade() -> None:
    op.drop_column("company", "vip_rules")
    for table in ("vip_sum", "vip_line", "vip_review"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        for table, action, _ in REFUSED:
            op.execute(f"DROP FUNCTION {table}_refuse_{action.split(maxsplit=1)[0].lower()}()")
