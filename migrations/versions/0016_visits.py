"""Personal visits beside their tasks, the district that they are planned by, and the days between two of them."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("client", sa.Column("district", sa.String(length=80), nullable=False, server_default=""))
    op.add_column("company", sa.Column("visit_days", WHOLE, nullable=False, server_default="90"))
    op.create_table(
        "visit",
        sa.Column("client_id", WHOLE, nullable=False),
        sa.Column("task_id", WHOLE, nullable=True),
        sa.Column("purpose", sa.String(length=24), nullable=True),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("called_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("held_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("held_on", sa.Date(), nullable=True),
        sa.Column("held_by_id", WHOLE, nullable=True),
        sa.Column("outcome", sa.String(length=24), nullable=True),
        sa.Column("purpose_reached", sa.Boolean(), nullable=True),
        sa.Column("mood", sa.String(length=24), nullable=True),
        sa.Column("product_id", WHOLE, nullable=True),
        sa.Column("attack_id", WHOLE, nullable=True),
        sa.Column("reason", sa.String(length=24), nullable=False),
        sa.Column("interaction_id", WHOLE, nullable=True),
        sa.Column("next_task_id", WHOLE, nullable=True),
        sa.Column("file_id", WHOLE, nullable=True),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.Column("id", WHOLE, nullable=False),
        sa.CheckConstraint(
            "(state = 'held') = (held_at is not null) and (state = 'held') = (held_by_id is not null) "
            "and (state = 'held') = (held_on is not null) and (state = 'held') = (outcome is not null)",
            name=op.f("ck_visit_held_is_told"),
        ),
        sa.CheckConstraint("(state = 'not_held') = (reason <> '')", name=op.f("ck_visit_not_held_has_reason")),
        sa.CheckConstraint("state <> 'confirmed' or called_at is not null", name=op.f("ck_visit_confirmed_was_called")),
        sa.ForeignKeyConstraint(
            ["client_id"], ["client.id"], name=op.f("fk_visit_client_id_client"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_visit_task_id_task"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["held_by_id"], ["user.id"], name=op.f("fk_visit_held_by_id_user")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_visit_product_id_product")),
        sa.ForeignKeyConstraint(
            ["attack_id"], ["attack.id"], name=op.f("fk_visit_attack_id_attack"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["interaction_id"],
            ["interaction.id"],
            name=op.f("fk_visit_interaction_id_interaction"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["next_task_id"], ["task.id"], name=op.f("fk_visit_next_task_id_task"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name=op.f("fk_visit_file_id_stored_file")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit")),
        sa.UniqueConstraint("task_id", name=op.f("uq_visit_task_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_visit_held_by_id_held_on", "visit", ["held_by_id", "held_on"])
    op.create_index("ix_visit_client_id_held_on", "visit", ["client_id", "held_on"])
    for name in ("product_id", "attack_id", "interaction_id", "next_task_id", "file_id"):
        op.create_index(op.f(f"ix_visit_{name}"), "visit", [name])
    op.create_table(
        "visit_contact",
        sa.Column("visit_id", WHOLE, nullable=False),
        sa.Column("contact_id", WHOLE, nullable=False),
        sa.Column("interaction_id", WHOLE, nullable=True),
        sa.Column("id", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["visit.id"], name=op.f("fk_visit_contact_visit_id_visit"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name=op.f("fk_visit_contact_contact_id_contact"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["interaction_id"],
            ["interaction.id"],
            name=op.f("fk_visit_contact_interaction_id_interaction"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_contact")),
        sqlite_autoincrement=True,
    )
    op.create_index("uq_visit_contact", "visit_contact", ["visit_id", "contact_id"], unique=True)
    op.create_index(op.f("ix_visit_contact_contact_id"), "visit_contact", ["contact_id"])
    op.create_index(op.f("ix_visit_contact_interaction_id"), "visit_contact", ["interaction_id"])
    # What was planned before visits were told of: nobody knows what came of those that were ticked off.
    op.execute(
        "INSERT INTO visit (client_id, task_id, purpose, place, state, reason, file_name, version) "
        "SELECT client_id, id, NULL, '', CASE WHEN closed_at IS NULL THEN 'planned' WHEN outcome = 'cancelled' "
        "THEN 'cancelled' ELSE 'untold' END, '', '', 1 FROM task WHERE kind = 'meeting' ORDER BY id"
    )


def downgrade() -> None:
    op.drop_table("visit_contact")
    op.drop_table("visit")
    op.drop_column("company", "visit_days")
    op.drop_column("client", "district")
