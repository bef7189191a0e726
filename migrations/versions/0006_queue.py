"""The queue of the Client department, promises to pay, absences, and the plan of collecting."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
HISTORY = "a plan is set anew, not changed"


def upgrade() -> None:
    op.create_table(
        "collection_month",
        sa.Column("clerk_id", WHOLE, nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("expected_minor", WHOLE, nullable=False),
        sa.Column("carried_minor", WHOLE, nullable=False),
        sa.Column("received_minor", WHOLE, nullable=False),
        sa.Column("unpaid_minor", WHOLE, nullable=False),
        sa.Column("overdue", sa.JSON(), nullable=False),
        sa.Column("reckoned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_collection_month")),
        sa.UniqueConstraint("clerk_id", "month", "currency", name=op.f("uq_collection_month_clerk_id_month_currency")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_collection_month_month", "collection_month", ["month", "clerk_id"], unique=False)
    op.create_table(
        "queue_item",
        sa.Column("client_id", WHOLE, nullable=False),
        sa.Column("clerk_id", WHOLE, nullable=True),
        sa.Column("rank", WHOLE, nullable=False),
        sa.Column("place", WHOLE, nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("changes_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_queue_item")),
        sa.UniqueConstraint("client_id", name=op.f("uq_queue_item_client_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_queue_item_changes_at", "queue_item", ["changes_at"], unique=False)
    op.create_index("ix_queue_item_order", "queue_item", ["clerk_id", "rank", "place", "client_id"], unique=False)
    op.create_table(
        "absence",
        sa.Column("user_id", WHOLE, nullable=False),
        sa.Column("colleague_id", WHOLE, nullable=False),
        sa.Column("set_by_id", WHOLE, nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("returns_on", sa.Date(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("engagements", sa.JSON(), nullable=False),
        sa.Column("id", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["colleague_id"], ["user.id"], name=op.f("fk_absence_colleague_id_user")),
        sa.ForeignKeyConstraint(["set_by_id"], ["user.id"], name=op.f("fk_absence_set_by_id_user")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_absence_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_absence_colleague_id"), "absence", ["colleague_id"], unique=False)
    op.create_index(
        "ix_absence_returns_on",
        "absence",
        ["returns_on", "id"],
        unique=False,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index(op.f("ix_absence_user_id"), "absence", ["user_id"], unique=False)
    op.create_table(
        "collection_plan",
        sa.Column("clerk_id", WHOLE, nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount_minor", WHOLE, nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("set_by_id", WHOLE, nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", WHOLE, nullable=False),
        sa.CheckConstraint("amount_minor >= 0", name=op.f("ck_collection_plan_amount_positive")),
        sa.ForeignKeyConstraint(["clerk_id"], ["user.id"], name=op.f("fk_collection_plan_clerk_id_user")),
        sa.ForeignKeyConstraint(["set_by_id"], ["user.id"], name=op.f("fk_collection_plan_set_by_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_collection_plan")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_collection_plan_clerk_id"), "collection_plan", ["clerk_id"], unique=False)
    op.create_index(
        "ix_collection_plan_month", "collection_plan", ["month", "clerk_id", "currency", "id"], unique=False
    )
    op.create_table(
        "promise_to_pay",
        sa.Column("client_id", WHOLE, nullable=False),
        sa.Column("contact_id", WHOLE, nullable=True),
        sa.Column("taken_by_id", WHOLE, nullable=False),
        sa.Column("amount_minor", WHOLE, nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("moved", WHOLE, nullable=False),
        sa.Column("id", WHOLE, nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_promise_to_pay_amount_positive")),
        sa.ForeignKeyConstraint(
            ["client_id"], ["client.id"], name=op.f("fk_promise_to_pay_client_id_client"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name=op.f("fk_promise_to_pay_contact_id_contact"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["taken_by_id"], ["user.id"], name=op.f("fk_promise_to_pay_taken_by_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promise_to_pay")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_promise_to_pay_client_id_state", "promise_to_pay", ["client_id", "state", "due_on"], unique=False
    )
    op.create_index(op.f("ix_promise_to_pay_contact_id"), "promise_to_pay", ["contact_id"], unique=False)
    op.create_index(
        "ix_promise_to_pay_due",
        "promise_to_pay",
        ["due_on", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index(op.f("ix_promise_to_pay_taken_by_id"), "promise_to_pay", ["taken_by_id"], unique=False)
    op.create_index(
        "uq_promise_to_pay_open",
        "promise_to_pay",
        ["client_id", "currency"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "operation",
        sa.Column("client_id", WHOLE, nullable=False),
        sa.Column("user_id", WHOLE, nullable=False),
        sa.Column("interaction_id", WHOLE, nullable=True),
        sa.Column("outcome", sa.String(length=24), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=False),
        sa.Column("seconds", WHOLE, nullable=False),
        sa.Column("back_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("id", WHOLE, nullable=False),
        sa.CheckConstraint("seconds >= 0", name=op.f("ck_operation_seconds_positive")),
        sa.ForeignKeyConstraint(
            ["client_id"], ["client.id"], name=op.f("fk_operation_client_id_client"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["interaction_id"],
            ["interaction.id"],
            name=op.f("fk_operation_interaction_id_interaction"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_operation_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operation")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_operation_client_id_back_at", "operation", ["client_id", "back_at"], unique=False)
    op.create_index(op.f("ix_operation_interaction_id"), "operation", ["interaction_id"], unique=False)
    op.create_index("ix_operation_user_id_done_on", "operation", ["user_id", "done_on"], unique=False)
    op.create_index("ix_invoice_due_on_client_id", "invoice", ["due_on", "client_id"], unique=False)
    _author()
    _refuse("update")
    _refuse("delete")


def downgrade() -> None:
    with op.batch_alter_table("task") as batch:
        batch.drop_column("author_id")
    op.drop_index("ix_invoice_due_on_client_id", table_name="invoice")
    op.drop_index("ix_operation_user_id_done_on", table_name="operation")
    op.drop_index(op.f("ix_operation_interaction_id"), table_name="operation")
    op.drop_index("ix_operation_client_id_back_at", table_name="operation")
    op.drop_table("operation")
    op.drop_index(
        "uq_promise_to_pay_open",
        table_name="promise_to_pay",
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.drop_index(op.f("ix_promise_to_pay_taken_by_id"), table_name="promise_to_pay")
    op.drop_index(
        "ix_promise_to_pay_due",
        table_name="promise_to_pay",
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.drop_index(op.f("ix_promise_to_pay_contact_id"), table_name="promise_to_pay")
    op.drop_index("ix_promise_to_pay_client_id_state", table_name="promise_to_pay")
    op.drop_table("promise_to_pay")
    op.drop_index("ix_collection_plan_month", table_name="collection_plan")
    op.drop_index(op.f("ix_collection_plan_clerk_id"), table_name="collection_plan")
    op.drop_table("collection_plan")
    op.drop_index(op.f("ix_absence_user_id"), table_name="absence")
    op.drop_index(
        "ix_absence_returns_on",
        table_name="absence",
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.drop_index(op.f("ix_absence_colleague_id"), table_name="absence")
    op.drop_table("absence")
    op.drop_index("ix_queue_item_order", table_name="queue_item")
    op.drop_index("ix_queue_item_changes_at", table_name="queue_item")
    op.drop_table("queue_item")
    op.drop_index("ix_collection_month_month", table_name="collection_month")
    op.drop_table("collection_month")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION collection_plan_refuse_update()")
        op.execute("DROP FUNCTION collection_plan_refuse_delete()")


def _author() -> None:
    """Who planned a task. SQLite adds a column with its reference only in these words."""
    whole = "BIGINT" if op.get_bind().dialect.name == "postgresql" else "INTEGER"
    op.execute(
        f'ALTER TABLE task ADD COLUMN author_id {whole} CONSTRAINT fk_task_author_id_user REFERENCES "user" (id)'
    )


def _refuse(action: str) -> None:
    name = f"collection_plan_refuse_{action}"
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{HISTORY}' USING ERRCODE = 'integrity_constraint_violation'; END $$"
        )
        op.execute(f"CREATE TRIGGER {name} BEFORE {action} ON collection_plan FOR EACH ROW EXECUTE FUNCTION {name}()")
    else:
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {action} ON collection_plan FOR EACH ROW "
            f"BEGIN SELECT RAISE(ABORT, '{HISTORY}'); END"
        )
