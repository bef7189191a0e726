"""Contracts, invoices, payments and which covers which."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "statement",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("file_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("chosen", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("format", sa.String(length=20), nullable=False),
        sa.Column("account", sa.String(length=34), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("opening_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("closing_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("preview", sa.JSON(), nullable=False),
        sa.Column("imported_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("touched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["imported_by_id"], ["user.id"], name=op.f("fk_statement_imported_by_id_user")),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name=op.f("fk_statement_file_id_stored_file")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statement")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_statement_state"), "statement", ["state"], unique=False)
    op.create_index(op.f("ix_statement_imported_at"), "statement", ["imported_at"], unique=False)
    op.create_index(op.f("ix_statement_sha256"), "statement", ["sha256"], unique=False)
    op.create_table(
        "payer",
        sa.Column("inn", sa.String(length=12), nullable=False),
        sa.Column("account", sa.String(length=34), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("client_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("confirmed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["client_id"], ["client.id"], name=op.f("fk_payer_client_id_client")),
        sa.ForeignKeyConstraint(["confirmed_by_id"], ["user.id"], name=op.f("fk_payer_confirmed_by_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payer")),
        sa.UniqueConstraint("inn", "account", "client_id", name=op.f("uq_payer_inn_account_client_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_payer_account"), "payer", ["account"], unique=False)
    op.create_index(op.f("ix_payer_client_id"), "payer", ["client_id"], unique=False)
    op.create_table(
        "payment",
        sa.Column("client_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("statement_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("fingerprint", sa.String(length=64), nullable=True),
        sa.Column("document_number", sa.String(length=40), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("payer_name", sa.String(length=300), nullable=False),
        sa.Column("payer_inn", sa.String(length=12), nullable=False),
        sa.Column("payer_account", sa.String(length=34), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("allocated_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("returned_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("free_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("set_aside_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("set_aside_reason", sa.String(length=300), nullable=False),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "allocated_minor = 0 or client_id is not null", name=op.f("ck_payment_allocated_has_client")
        ),
        sa.CheckConstraint(
            "amount_minor > 0 and allocated_minor >= 0 and returned_minor >= 0", name=op.f("ck_payment_sums_positive")
        ),
        sa.CheckConstraint(
            "free_minor = amount_minor - allocated_minor - returned_minor and free_minor >= 0",
            name=op.f("ck_payment_never_beyond_amount"),
        ),
        sa.ForeignKeyConstraint(["client_id"], ["client.id"], name=op.f("fk_payment_client_id_client")),
        sa.ForeignKeyConstraint(["statement_id"], ["statement.id"], name=op.f("fk_payment_statement_id_statement")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_payment_client_id_received_on", "payment", ["client_id", "received_on", "id"], unique=False)
    op.create_index(
        "ix_payment_credit",
        "payment",
        ["client_id", "id"],
        unique=False,
        sqlite_where=sa.text("free_minor > 0"),
        postgresql_where=sa.text("free_minor > 0"),
    )
    op.create_index("ix_payment_received_on", "payment", ["received_on", "id"], unique=False)
    op.create_index(op.f("ix_payment_statement_id"), "payment", ["statement_id"], unique=False)
    op.create_index(
        "ix_payment_unclaimed",
        "payment",
        ["received_on", "id"],
        unique=False,
        sqlite_where=sa.text("client_id IS NULL AND set_aside_at IS NULL AND free_minor > 0"),
        postgresql_where=sa.text("client_id IS NULL AND set_aside_at IS NULL AND free_minor > 0"),
    )
    op.create_index(
        "uq_payment_fingerprint",
        "payment",
        ["fingerprint"],
        unique=True,
        sqlite_where=sa.text("fingerprint IS NOT NULL"),
        postgresql_where=sa.text("fingerprint IS NOT NULL"),
    )
    op.create_table(
        "payment_return",
        sa.Column("payment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("amount_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("returned_on", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_payment_return_amount_positive")),
        sa.ForeignKeyConstraint(["by_id"], ["user.id"], name=op.f("fk_payment_return_by_id_user")),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_payment_return_payment_id_payment")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_return")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_payment_return_payment_id"), "payment_return", ["payment_id"], unique=False)
    op.create_index(op.f("ix_payment_return_returned_on"), "payment_return", ["returned_on"], unique=False)
    op.create_table(
        "contract",
        sa.Column("client_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("deal_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("product_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("billing", sa.String(length=24), nullable=False),
        sa.Column("amount_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("tax", sa.String(length=20), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("notice_days", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("payment_day", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("indexation", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("next_indexation_on", sa.Date(), nullable=True),
        sa.Column("next_invoice_on", sa.Date(), nullable=True),
        sa.Column("end_reason", sa.String(length=300), nullable=False),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_contract_amount_positive")),
        sa.CheckConstraint("ends_on is null or ends_on >= starts_on", name=op.f("ck_contract_ends_after_start")),
        sa.CheckConstraint("payment_day between 1 and 31", name=op.f("ck_contract_payment_day")),
        sa.ForeignKeyConstraint(["client_id"], ["client.id"], name=op.f("fk_contract_client_id_client")),
        sa.ForeignKeyConstraint(["deal_id"], ["deal.id"], name=op.f("fk_contract_deal_id_deal")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_contract_product_id_product")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_contract_client_id_ends_on", "contract", ["client_id", "ends_on"], unique=False)
    op.create_index(op.f("ix_contract_deal_id"), "contract", ["deal_id"], unique=False)
    op.create_index("ix_contract_ends_on", "contract", ["ends_on"], unique=False)
    op.create_index(op.f("ix_contract_product_id"), "contract", ["product_id"], unique=False)
    op.create_index(
        "ix_contract_to_invoice",
        "contract",
        ["next_invoice_on", "id"],
        unique=False,
        sqlite_where=sa.text("next_invoice_on IS NOT NULL"),
        postgresql_where=sa.text("next_invoice_on IS NOT NULL"),
    )
    op.create_table(
        "invoice",
        sa.Column("client_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("contract_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("year", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("period", sa.Date(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("total_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("tax_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("settled_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("credited_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("outstanding_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("disputed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dispute_reason", sa.String(length=20), nullable=False),
        sa.Column("dispute_note", sa.String(length=500), nullable=False),
        sa.Column("file_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("(disputed_at is null) = (dispute_reason = '')", name=op.f("ck_invoice_dispute_has_reason")),
        sa.CheckConstraint(
            "outstanding_minor = total_minor - settled_minor - credited_minor and outstanding_minor >= 0",
            name=op.f("ck_invoice_never_beyond_total"),
        ),
        sa.CheckConstraint(
            "total_minor > 0 and settled_minor >= 0 and credited_minor >= 0", name=op.f("ck_invoice_sums_positive")
        ),
        sa.ForeignKeyConstraint(["client_id"], ["client.id"], name=op.f("fk_invoice_client_id_client")),
        sa.ForeignKeyConstraint(["contract_id"], ["contract.id"], name=op.f("fk_invoice_contract_id_contract")),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name=op.f("fk_invoice_file_id_stored_file")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice")),
        sa.UniqueConstraint("contract_id", "period", name=op.f("uq_invoice_contract_id_period")),
        sa.UniqueConstraint("year", "number", name=op.f("uq_invoice_year_number")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_invoice_client_id_issued_on", "invoice", ["client_id", "issued_on", "id"], unique=False)
    op.create_index(
        "ix_invoice_owed_by_client",
        "invoice",
        ["client_id", "due_on", "id"],
        unique=False,
        sqlite_where=sa.text("outstanding_minor > 0"),
        postgresql_where=sa.text("outstanding_minor > 0"),
    )
    op.create_index(
        "ix_invoice_owed_by_due",
        "invoice",
        ["due_on", "id"],
        unique=False,
        sqlite_where=sa.text("outstanding_minor > 0"),
        postgresql_where=sa.text("outstanding_minor > 0"),
    )
    op.create_index(
        "ix_invoice_owed_by_number",
        "invoice",
        ["number", "id"],
        unique=False,
        sqlite_where=sa.text("outstanding_minor > 0"),
        postgresql_where=sa.text("outstanding_minor > 0"),
    )
    op.create_table(
        "allocation",
        sa.Column("payment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("invoice_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("client_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("amount_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("entered_on", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("collected_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reverses_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "(amount_minor > 0) = (reverses_id is null) and amount_minor <> 0",
            name=op.f("ck_allocation_less_than_zero_undoes"),
        ),
        sa.ForeignKeyConstraint(["by_id"], ["user.id"], name=op.f("fk_allocation_by_id_user")),
        sa.ForeignKeyConstraint(["client_id"], ["client.id"], name=op.f("fk_allocation_client_id_client")),
        sa.ForeignKeyConstraint(["collected_by_id"], ["user.id"], name=op.f("fk_allocation_collected_by_id_user")),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoice.id"], name=op.f("fk_allocation_invoice_id_invoice")),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_allocation_payment_id_payment")),
        sa.ForeignKeyConstraint(["reverses_id"], ["allocation.id"], name=op.f("fk_allocation_reverses_id_allocation")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_allocation")),
        sa.UniqueConstraint("reverses_id", name=op.f("uq_allocation_reverses_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_allocation_client_id_entered_on", "allocation", ["client_id", "entered_on", "id"], unique=False)
    op.create_index(
        "ix_allocation_collected",
        "allocation",
        ["collected_by_id", "entered_on", "currency", "amount_minor"],
        unique=False,
    )
    op.create_index("ix_allocation_entered_on", "allocation", ["entered_on", "id"], unique=False)
    op.create_index(op.f("ix_allocation_invoice_id"), "allocation", ["invoice_id"], unique=False)
    op.create_index(op.f("ix_allocation_payment_id"), "allocation", ["payment_id"], unique=False)
    op.create_table(
        "credit_note",
        sa.Column("invoice_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("year", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("amount_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_credit_note_amount_positive")),
        sa.ForeignKeyConstraint(["by_id"], ["user.id"], name=op.f("fk_credit_note_by_id_user")),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoice.id"], name=op.f("fk_credit_note_invoice_id_invoice")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_note")),
        sa.UniqueConstraint("year", "number", name=op.f("uq_credit_note_year_number")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_credit_note_invoice_id"), "credit_note", ["invoice_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_credit_note_invoice_id"), table_name="credit_note")
    op.drop_table("credit_note")
    op.drop_index(op.f("ix_allocation_payment_id"), table_name="allocation")
    op.drop_index(op.f("ix_allocation_invoice_id"), table_name="allocation")
    op.drop_index("ix_allocation_entered_on", table_name="allocation")
    op.drop_index("ix_allocation_collected", table_name="allocation")
    op.drop_index("ix_allocation_client_id_entered_on", table_name="allocation")
    op.drop_table("allocation")
    op.drop_index(
        "ix_invoice_owed_by_number",
        table_name="invoice",
        sqlite_where=sa.text("outstanding_minor > 0"),
        postgresql_where=sa.text("outstanding_minor > 0"),
    )
    op.drop_index(
        "ix_invoice_owed_by_due",
        table_name="invoice",
        sqlite_where=sa.text("outstanding_minor > 0"),
        postgresql_where=sa.text("outstanding_minor > 0"),
    )
    op.drop_index(
        "ix_invoice_owed_by_client",
        table_name="invoice",
        sqlite_where=sa.text("outstanding_minor > 0"),
        postgresql_where=sa.text("outstanding_minor > 0"),
    )
    op.drop_index("ix_invoice_client_id_issued_on", table_name="invoice")
    op.drop_table("invoice")
    op.drop_index(
        "ix_contract_to_invoice",
        table_name="contract",
        sqlite_where=sa.text("next_invoice_on IS NOT NULL"),
        postgresql_where=sa.text("next_invoice_on IS NOT NULL"),
    )
    op.drop_index(op.f("ix_contract_product_id"), table_name="contract")
    op.drop_index("ix_contract_ends_on", table_name="contract")
    op.drop_index(op.f("ix_contract_deal_id"), table_name="contract")
    op.drop_index("ix_contract_client_id_ends_on", table_name="contract")
    op.drop_table("contract")
    op.drop_index(op.f("ix_payment_return_returned_on"), table_name="payment_return")
    op.drop_index(op.f("ix_payment_return_payment_id"), table_name="payment_return")
    op.drop_table("payment_return")
    op.drop_index(
        "uq_payment_fingerprint",
        table_name="payment",
        sqlite_where=sa.text("fingerprint IS NOT NULL"),
        postgresql_where=sa.text("fingerprint IS NOT NULL"),
    )
    op.drop_index(
        "ix_payment_unclaimed",
        table_name="payment",
        sqlite_where=sa.text("client_id IS NULL AND set_aside_at IS NULL AND free_minor > 0"),
        postgresql_where=sa.text("client_id IS NULL AND set_aside_at IS NULL AND free_minor > 0"),
    )
    op.drop_index(op.f("ix_payment_statement_id"), table_name="payment")
    op.drop_index("ix_payment_received_on", table_name="payment")
    op.drop_index(
        "ix_payment_credit",
        table_name="payment",
        sqlite_where=sa.text("free_minor > 0"),
        postgresql_where=sa.text("free_minor > 0"),
    )
    op.drop_index("ix_payment_client_id_received_on", table_name="payment")
    op.drop_table("payment")
    op.drop_index(op.f("ix_payer_client_id"), table_name="payer")
    op.drop_index(op.f("ix_payer_account"), table_name="payer")
    op.drop_table("payer")
    op.drop_index(op.f("ix_statement_state"), table_name="statement")
    op.drop_index(op.f("ix_statement_sha256"), table_name="statement")
    op.drop_index(op.f("ix_statement_imported_at"), table_name="statement")
    op.drop_table("statement")
