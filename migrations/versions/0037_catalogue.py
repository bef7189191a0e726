"""The catalogue: price lists with quantity breaks, bundles, the tax of a product, and whom it suits."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
COLUMNS = ("tax", "bundle_off", "eligibility")


def upgrade() -> None:
    op.add_column("product", sa.Column("tax", sa.String(length=20), nullable=False, server_default=""))
    op.add_column("product", sa.Column("bundle_off", WHOLE, nullable=True))
    op.add_column("product", sa.Column("eligibility", sa.JSON(), nullable=False, server_default="{}"))
    op.create_table(
        "price_list",
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("version", WHOLE, nullable=False),
        sa.Column("id", WHOLE, nullable=False),
        sa.CheckConstraint("name <> ''", name=op.f("ck_price_list_named")),
        sa.CheckConstraint("ends_on is null or ends_on >= starts_on", name=op.f("ck_price_list_ends_after_start")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price_list")),
        sa.UniqueConstraint("name", name=op.f("uq_price_list_name")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "price_entry",
        sa.Column("price_list_id", WHOLE, nullable=False),
        sa.Column("product_id", WHOLE, nullable=False),
        sa.Column("from_quantity", WHOLE, nullable=False),
        sa.Column("price_minor", WHOLE, nullable=False),
        sa.Column("id", WHOLE, nullable=False),
        sa.CheckConstraint("from_quantity >= 0 and price_minor >= 0", name=op.f("ck_price_entry_not_negative")),
        sa.ForeignKeyConstraint(
            ["price_list_id"],
            ["price_list.id"],
            name=op.f("fk_price_entry_price_list_id_price_list"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_price_entry_product_id_product")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price_entry")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "uq_price_entry_list_product_from", "price_entry", ["price_list_id", "product_id", "from_quantity"], unique=True
    )
    op.create_index("ix_price_entry_product_id", "price_entry", ["product_id"])
    op.create_table(
        "bundle_part",
        sa.Column("bundle_id", WHOLE, nullable=False),
        sa.Column("product_id", WHOLE, nullable=False),
        sa.Column("quantity", WHOLE, nullable=False),
        sa.Column("position", WHOLE, nullable=False),
        sa.Column("id", WHOLE, nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_bundle_part_quantity_positive")),
        sa.CheckConstraint("bundle_id <> product_id", name=op.f("ck_bundle_part_not_itself")),
        sa.ForeignKeyConstraint(
            ["bundle_id"], ["product.id"], name=op.f("fk_bundle_part_bundle_id_product"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_bundle_part_product_id_product")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bundle_part")),
        sqlite_autoincrement=True,
    )
    op.create_index("uq_bundle_part_bundle_product", "bundle_part", ["bundle_id", "product_id"], unique=True)
    op.create_index("ix_bundle_part_product_id", "bundle_part", ["product_id"])


def downgrade() -> None:
    for table in ("bundle_part", "price_entry", "price_list"):
        op.drop_table(table)
    for column in COLUMNS:
        op.drop_column("product", column)
