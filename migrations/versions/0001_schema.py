"""The whole schema."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:

    op.create_table(
        "company",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("legal_name", sa.String(length=300), nullable=False),
        sa.Column("inn", sa.String(length=12), nullable=False),
        sa.Column("kpp", sa.String(length=9), nullable=False),
        sa.Column("ogrn", sa.String(length=15), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("bank_name", sa.String(length=200), nullable=False),
        sa.Column("bank_bic", sa.String(length=9), nullable=False),
        sa.Column("bank_account", sa.String(length=34), nullable=False),
        sa.Column("correspondent_account", sa.String(length=20), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("timezone", sa.String(length=64), nullable=False),
        sa.Column("workday_starts", sa.Time(), nullable=False),
        sa.Column("workday_ends", sa.Time(), nullable=False),
        sa.Column("workdays", sa.JSON(), nullable=False),
        sa.Column("holidays", sa.JSON(), nullable=False),
        sa.Column("handoff_hours", sa.JSON(), nullable=False),
        sa.Column("mask_contacts", sa.Boolean(), nullable=False),
        sa.Column("second_factor_roles", sa.JSON(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_company_only_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_company")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "product",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_key", sa.String(length=200), nullable=False),
        sa.Column("family", sa.String(length=120), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("unit", sa.String(length=20), nullable=False),
        sa.Column("billing", sa.String(length=24), nullable=False),
        sa.Column("price_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product")),
        sa.UniqueConstraint("name", name=op.f("uq_product_name")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_product_name_key"), "product", ["name_key"], unique=False)
    op.create_table(
        "stage",
        sa.Column("department", sa.String(length=24), nullable=False),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("limit_days", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("criteria", sa.JSON(), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stage")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_stage_department_position", "stage", ["department", "position"], unique=False)
    op.create_table(
        "stored_file",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("media_type", sa.String(length=80), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stored_file")),
        sa.UniqueConstraint("sha256", name=op.f("uq_stored_file_sha256")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "user",
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("role", sa.String(length=24), nullable=False),
        sa.Column("department", sa.String(length=24), nullable=True),
        sa.Column("head_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("office", sa.String(length=120), nullable=False),
        sa.Column("language", sa.String(length=5), nullable=True),
        sa.Column("timezone", sa.String(length=64), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("totp_secret", sa.String(length=64), nullable=True),
        sa.Column("totp_step", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("recovery_hashes", sa.JSON(), nullable=False),
        sa.Column("epoch", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("deactivated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "(role in ('member', 'head')) = (department is not null)", name=op.f("ck_user_department_by_role")
        ),
        sa.ForeignKeyConstraint(["head_id"], ["user.id"], name=op.f("fk_user_head_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user")),
        sa.UniqueConstraint("email", name=op.f("uq_user_email")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_user_head_id"), "user", ["head_id"], unique=False)
    op.create_table(
        "access_link",
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("made_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["made_by_id"], ["user.id"], name=op.f("fk_access_link_made_by_id_user")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_access_link_user_id_user"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_link")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_access_link_token_hash")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_access_link_user_id"), "access_link", ["user_id"], unique=False)
    op.create_table(
        "client",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column(
            "name_key",
            sa.String(length=200).with_variant(sa.String(length=200, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("inn", sa.String(length=12), nullable=False),
        sa.Column("kpp", sa.String(length=9), nullable=False),
        sa.Column("ogrn", sa.String(length=15), nullable=False),
        sa.Column("sector", sa.String(length=80), nullable=False),
        sa.Column("city", sa.String(length=120), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("website", sa.String(length=200), nullable=False),
        sa.Column("founded", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("revenue_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("revenue_currency", sa.String(length=3), nullable=True),
        sa.Column("employees", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("parent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("attracted_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("attracted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("name <> ''", name=op.f("ck_client_named")),
        sa.ForeignKeyConstraint(["attracted_by_id"], ["user.id"], name=op.f("fk_client_attracted_by_id_user")),
        sa.ForeignKeyConstraint(["parent_id"], ["client.id"], name=op.f("fk_client_parent_id_client")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_client")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_client_attracted_by_id"), "client", ["attracted_by_id"], unique=False)
    op.create_index("ix_client_name", "client", ["name"], unique=False)
    op.create_index("ix_client_name_key", "client", ["name_key"], unique=False)
    op.create_index(op.f("ix_client_parent_id"), "client", ["parent_id"], unique=False)
    op.create_index(
        "uq_client_inn",
        "client",
        ["inn"],
        unique=True,
        sqlite_where=sa.text("inn <> ''"),
        postgresql_where=sa.text("inn <> ''"),
    )
    op.create_table(
        "event",
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("client_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("subject_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("stage_ids", sa.JSON(), nullable=True),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["user.id"], name=op.f("fk_event_actor_id_user"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_event_client_id_id", "event", ["client_id", "id"], unique=False)
    op.create_index("ix_event_kind_id", "event", ["kind", "id"], unique=False)
    op.create_table(
        "import",
        sa.Column("source", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("started_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("touched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("names", sa.JSON(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("preview", sa.JSON(), nullable=False),
        sa.Column("failure", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["started_by_id"], ["user.id"], name=op.f("fk_import_started_by_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_import_state", "import", ["state"], unique=False)
    op.create_table(
        "submission",
        sa.Column("word", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("url", sa.String(length=500), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_submission_user_id_user"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission")),
        sa.UniqueConstraint("word", name=op.f("uq_submission_word")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_submission_at"), "submission", ["at"], unique=False)
    op.create_index(op.f("ix_submission_user_id"), "submission", ["user_id"], unique=False)
    op.create_table(
        "contact",
        sa.Column("client_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column("position", sa.String(length=160), nullable=False),
        sa.Column("decision_role", sa.String(length=24), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("consent", sa.String(length=200), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["client.id"], name=op.f("fk_contact_client_id_client"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_contact_client_id"), "contact", ["client_id"], unique=False)
    op.create_index(op.f("ix_contact_email"), "contact", ["email"], unique=False)
    op.create_index(op.f("ix_contact_phone"), "contact", ["phone"], unique=False)
    op.create_table(
        "engagement",
        sa.Column("client_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("department", sa.String(length=24), nullable=False),
        sa.Column("stage_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("owner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stage_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_reason", sa.String(length=200), nullable=False),
        sa.Column("next_touch_on", sa.Date(), nullable=True),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "closed_at is null or closed_at >= opened_at", name=op.f("ck_engagement_closed_after_opened")
        ),
        sa.ForeignKeyConstraint(
            ["client_id"], ["client.id"], name=op.f("fk_engagement_client_id_client"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["user.id"], name=op.f("fk_engagement_owner_id_user")),
        sa.ForeignKeyConstraint(["stage_id"], ["stage.id"], name=op.f("fk_engagement_stage_id_stage")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_engagement")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_engagement_board",
        "engagement",
        ["stage_id", "next_touch_on", "id"],
        unique=False,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_index(op.f("ix_engagement_client_id"), "engagement", ["client_id"], unique=False)
    op.create_index(
        "ix_engagement_owner",
        "engagement",
        ["owner_id", "next_touch_on"],
        unique=False,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_index(
        "uq_engagement_open",
        "engagement",
        ["client_id", "department"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "held_row",
        sa.Column("import_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("source", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("problems", sa.JSON(), nullable=False),
        sa.Column("problem", sa.String(length=20), nullable=False),
        sa.Column("status", sa.String(length=24), nullable=False),
        sa.Column("person", sa.String(length=120), nullable=False),
        sa.Column("product", sa.String(length=200), nullable=False),
        sa.Column("begins_on", sa.Date(), nullable=True),
        sa.Column("amount_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("record_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["closed_by_id"], ["user.id"], name=op.f("fk_held_row_closed_by_id_user")),
        sa.ForeignKeyConstraint(["import_id"], ["import.id"], name=op.f("fk_held_row_import_id_import")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_held_row")),
        sa.UniqueConstraint("source", "kind", "key", name=op.f("uq_held_row_source_kind_key")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_held_row_import_id"), "held_row", ["import_id"], unique=False)
    op.create_index(op.f("ix_held_row_person"), "held_row", ["person"], unique=False)
    op.create_index(op.f("ix_held_row_product"), "held_row", ["product"], unique=False)
    op.create_index("ix_held_row_state_problem_id", "held_row", ["state", "problem", "id"], unique=False)
    op.create_table(
        "import_file",
        sa.Column("import_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"], ["import.id"], name=op.f("fk_import_file_import_id_import"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_file")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_import_file_import_id"), "import_file", ["import_id"], unique=False)
    op.create_table(
        "imported_record",
        sa.Column("import_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("source", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("record_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("before", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["import_id"], ["import.id"], name=op.f("fk_imported_record_import_id_import")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imported_record")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_imported_record_import_id_kind", "imported_record", ["import_id", "kind"], unique=False)
    op.create_index("ix_imported_record_kind_record_id", "imported_record", ["kind", "record_id"], unique=False)
    op.create_index("ix_imported_record_source_kind_key", "imported_record", ["source", "kind", "key"], unique=False)
    op.create_table(
        "promise",
        sa.Column("client_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("made_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("owner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("broken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["client.id"], name=op.f("fk_promise_client_id_client"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["made_by_id"], ["user.id"], name=op.f("fk_promise_made_by_id_user")),
        sa.ForeignKeyConstraint(["owner_id"], ["user.id"], name=op.f("fk_promise_owner_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promise")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_promise_client_id"), "promise", ["client_id"], unique=False)
    op.create_index(op.f("ix_promise_owner_id"), "promise", ["owner_id"], unique=False)
    op.create_table(
        "deal",
        sa.Column("client_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("engagement_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("owner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("status", sa.String(length=24), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("one_off_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("monthly_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=True),
        sa.Column("expected_on", sa.Date(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("lost_reason", sa.String(length=20), nullable=False),
        sa.Column("competitor", sa.String(length=160), nullable=False),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("(status = 'open') = (closed_on is null)", name=op.f("ck_deal_closed_has_date")),
        sa.CheckConstraint("status <> 'open' or engagement_id is not null", name=op.f("ck_deal_open_has_engagement")),
        sa.ForeignKeyConstraint(
            ["client_id"], ["client.id"], name=op.f("fk_deal_client_id_client"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_deal_engagement_id_engagement"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["user.id"], name=op.f("fk_deal_owner_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deal")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_deal_client_id_status", "deal", ["client_id", "status"], unique=False)
    op.create_index(
        "ix_deal_open_by_engagement",
        "deal",
        ["status", "engagement_id", "currency", "one_off_minor", "monthly_minor"],
        unique=False,
        sqlite_where=sa.text("status = 'open'"),
        postgresql_where=sa.text("status = 'open'"),
    )
    op.create_index(op.f("ix_deal_owner_id"), "deal", ["owner_id"], unique=False)
    op.create_index("ix_deal_status_expected", "deal", ["status", "expected_on", "id"], unique=False)
    op.create_table(
        "handoff",
        sa.Column("client_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("engagement_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("giver", sa.String(length=24), nullable=False),
        sa.Column("receiver", sa.String(length=24), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("gaps", sa.JSON(), nullable=False),
        sa.Column("returned_because", sa.Text(), nullable=False),
        sa.Column("drafted_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("offered_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("owner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("introduced_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("introduced_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["client.id"], name=op.f("fk_handoff_client_id_client"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["decided_by_id"], ["user.id"], name=op.f("fk_handoff_decided_by_id_user")),
        sa.ForeignKeyConstraint(["drafted_by_id"], ["user.id"], name=op.f("fk_handoff_drafted_by_id_user")),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_handoff_engagement_id_engagement"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["introduced_by_id"], ["user.id"], name=op.f("fk_handoff_introduced_by_id_user")),
        sa.ForeignKeyConstraint(["offered_by_id"], ["user.id"], name=op.f("fk_handoff_offered_by_id_user")),
        sa.ForeignKeyConstraint(["owner_id"], ["user.id"], name=op.f("fk_handoff_owner_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handoff")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_handoff_client_id"), "handoff", ["client_id"], unique=False)
    op.create_index("ix_handoff_decided_at", "handoff", ["decided_at"], unique=False)
    op.create_index(op.f("ix_handoff_engagement_id"), "handoff", ["engagement_id"], unique=False)
    op.create_index("ix_handoff_giver_state", "handoff", ["giver", "state"], unique=False)
    op.create_index("ix_handoff_receiver_state_due_at", "handoff", ["receiver", "state", "due_at"], unique=False)
    op.create_index(
        "uq_handoff_pending",
        "handoff",
        ["client_id"],
        unique=True,
        sqlite_where=sa.text("state in ('drafted', 'offered', 'returned')"),
        postgresql_where=sa.text("state in ('drafted', 'offered', 'returned')"),
    )
    op.create_table(
        "interaction",
        sa.Column("client_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("contact_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("purpose_reached", sa.Boolean(), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["client.id"], name=op.f("fk_interaction_client_id_client"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name=op.f("fk_interaction_contact_id_contact"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_interaction_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interaction")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_interaction_client_id_at", "interaction", ["client_id", "at"], unique=False)
    op.create_index(op.f("ix_interaction_contact_id"), "interaction", ["contact_id"], unique=False)
    op.create_index(op.f("ix_interaction_user_id"), "interaction", ["user_id"], unique=False)
    op.create_table(
        "task",
        sa.Column("client_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("engagement_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("owner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("due_time", sa.Time(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["client.id"], name=op.f("fk_task_client_id_client"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_task_engagement_id_engagement"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["user.id"], name=op.f("fk_task_owner_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_task_client_id"), "task", ["client_id"], unique=False)
    op.create_index(op.f("ix_task_engagement_id"), "task", ["engagement_id"], unique=False)
    op.create_index(
        "ix_task_open_by_engagement",
        "task",
        ["engagement_id", "due_on"],
        unique=False,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_index(
        "ix_task_open_by_owner",
        "task",
        ["owner_id", "due_on"],
        unique=False,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "deal_line",
        sa.Column("deal_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("product_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("quantity", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("price_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("billing", sa.String(length=24), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_deal_line_quantity_positive")),
        sa.ForeignKeyConstraint(["deal_id"], ["deal.id"], name=op.f("fk_deal_line_deal_id_deal"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_deal_line_product_id_product")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deal_line")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_deal_line_deal_id"), "deal_line", ["deal_id"], unique=False)
    op.create_index(op.f("ix_deal_line_product_id"), "deal_line", ["product_id"], unique=False)
    op.create_table(
        "proposal",
        sa.Column("deal_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("prefix", sa.String(length=8), nullable=False),
        sa.Column("year", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["deal_id"], ["deal.id"], name=op.f("fk_proposal_deal_id_deal")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal")),
        sa.UniqueConstraint("year", "number", name=op.f("uq_proposal_year_number")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_proposal_deal_id"), "proposal", ["deal_id"], unique=False)
    op.create_table(
        "proposal_version",
        sa.Column("proposal_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("prices_include_tax", sa.Boolean(), nullable=False),
        sa.Column("dated_on", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("contact_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.Column("printed", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("made_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sent_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failures", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("file_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "(state = 'sent') = (file_id is not null and sent_at is not null)",
            name=op.f("ck_proposal_version_sent_has_its_file"),
        ),
        sa.CheckConstraint(
            "state = 'draft' or (printed is not null and frozen_at is not null)",
            name=op.f("ck_proposal_version_frozen_content"),
        ),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_proposal_version_contact_id_contact")),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name=op.f("fk_proposal_version_file_id_stored_file")),
        sa.ForeignKeyConstraint(["made_by_id"], ["user.id"], name=op.f("fk_proposal_version_made_by_id_user")),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["proposal.id"], name=op.f("fk_proposal_version_proposal_id_proposal"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["sent_by_id"], ["user.id"], name=op.f("fk_proposal_version_sent_by_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal_version")),
        sa.UniqueConstraint("proposal_id", "number", name=op.f("uq_proposal_version_proposal_id_number")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_proposal_version_state", "proposal_version", ["state"], unique=False)


def downgrade() -> None:

    op.drop_index("ix_proposal_version_state", table_name="proposal_version")
    op.drop_table("proposal_version")
    op.drop_index(op.f("ix_proposal_deal_id"), table_name="proposal")
    op.drop_table("proposal")
    op.drop_index(op.f("ix_deal_line_product_id"), table_name="deal_line")
    op.drop_index(op.f("ix_deal_line_deal_id"), table_name="deal_line")
    op.drop_table("deal_line")
    op.drop_index(
        "ix_task_open_by_owner",
        table_name="task",
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.drop_index(
        "ix_task_open_by_engagement",
        table_name="task",
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.drop_index(op.f("ix_task_engagement_id"), table_name="task")
    op.drop_index(op.f("ix_task_client_id"), table_name="task")
    op.drop_table("task")
    op.drop_index(op.f("ix_interaction_user_id"), table_name="interaction")
    op.drop_index(op.f("ix_interaction_contact_id"), table_name="interaction")
    op.drop_index("ix_interaction_client_id_at", table_name="interaction")
    op.drop_table("interaction")
    op.drop_index(
        "uq_handoff_pending",
        table_name="handoff",
        sqlite_where=sa.text("state in ('drafted', 'offered', 'returned')"),
        postgresql_where=sa.text("state in ('drafted', 'offered', 'returned')"),
    )
    op.drop_index("ix_handoff_receiver_state_due_at", table_name="handoff")
    op.drop_index("ix_handoff_giver_state", table_name="handoff")
    op.drop_index(op.f("ix_handoff_engagement_id"), table_name="handoff")
    op.drop_index("ix_handoff_decided_at", table_name="handoff")
    op.drop_index(op.f("ix_handoff_client_id"), table_name="handoff")
    op.drop_table("handoff")
    op.drop_index("ix_deal_status_expected", table_name="deal")
    op.drop_index(op.f("ix_deal_owner_id"), table_name="deal")
    op.drop_index(
        "ix_deal_open_by_engagement",
        table_name="deal",
        sqlite_where=sa.text("status = 'open'"),
        postgresql_where=sa.text("status = 'open'"),
    )
    op.drop_index("ix_deal_client_id_status", table_name="deal")
    op.drop_table("deal")
    op.drop_index(op.f("ix_promise_owner_id"), table_name="promise")
    op.drop_index(op.f("ix_promise_client_id"), table_name="promise")
    op.drop_table("promise")
    op.drop_index("ix_imported_record_source_kind_key", table_name="imported_record")
    op.drop_index("ix_imported_record_kind_record_id", table_name="imported_record")
    op.drop_index("ix_imported_record_import_id_kind", table_name="imported_record")
    op.drop_table("imported_record")
    op.drop_index(op.f("ix_import_file_import_id"), table_name="import_file")
    op.drop_table("import_file")
    op.drop_index("ix_held_row_state_problem_id", table_name="held_row")
    op.drop_index(op.f("ix_held_row_product"), table_name="held_row")
    op.drop_index(op.f("ix_held_row_person"), table_name="held_row")
    op.drop_index(op.f("ix_held_row_import_id"), table_name="held_row")
    op.drop_table("held_row")
    op.drop_index(
        "uq_engagement_open",
        table_name="engagement",
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.drop_index(
        "ix_engagement_owner",
        table_name="engagement",
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.drop_index(op.f("ix_engagement_client_id"), table_name="engagement")
    op.drop_index(
        "ix_engagement_board",
        table_name="engagement",
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.drop_table("engagement")
    op.drop_index(op.f("ix_contact_phone"), table_name="contact")
    op.drop_index(op.f("ix_contact_email"), table_name="contact")
    op.drop_index(op.f("ix_contact_client_id"), table_name="contact")
    op.drop_table("contact")
    op.drop_index(op.f("ix_submission_user_id"), table_name="submission")
    op.drop_index(op.f("ix_submission_at"), table_name="submission")
    op.drop_table("submission")
    op.drop_index("ix_import_state", table_name="import")
    op.drop_table("import")
    op.drop_index("ix_event_kind_id", table_name="event")
    op.drop_index("ix_event_client_id_id", table_name="event")
    op.drop_table("event")
    op.drop_index(
        "uq_client_inn", table_name="client", sqlite_where=sa.text("inn <> ''"), postgresql_where=sa.text("inn <> ''")
    )
    op.drop_index(op.f("ix_client_parent_id"), table_name="client")
    op.drop_index("ix_client_name_key", table_name="client")
    op.drop_index("ix_client_name", table_name="client")
    op.drop_index(op.f("ix_client_attracted_by_id"), table_name="client")
    op.drop_table("client")
    op.drop_index(op.f("ix_access_link_user_id"), table_name="access_link")
    op.drop_table("access_link")
    op.drop_index(op.f("ix_user_head_id"), table_name="user")
    op.drop_table("user")
    op.drop_table("stored_file")
    op.drop_index("ix_stage_department_position", table_name="stage")
    op.drop_table("stage")
    op.drop_index(op.f("ix_product_name_key"), table_name="product")
    op.drop_table("product")
    op.drop_table("company")
