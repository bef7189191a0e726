"""What a bundle held when it was sold is kept with the sale. What the catalogue says today counts as it always was."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
UNIT = 1000

SALES = sa.text(
    "SELECT contract.id AS contract_id, NULL AS line_id, contract.product_id AS bundle_id, contract.currency, "
    "coalesce(deal.closed_on, contract.starts_on) AS sold_on FROM contract "
    "LEFT JOIN deal ON deal.id = contract.deal_id "
    "WHERE contract.product_id IN (SELECT bundle_id FROM bundle_part) UNION ALL "
    "SELECT NULL, deal_line.id, deal_line.product_id, deal.currency, deal.closed_on FROM deal_line "
    "JOIN deal ON deal.id = deal_line.deal_id WHERE deal.status = 'won' "
    "AND deal_line.product_id IN (SELECT bundle_id FROM bundle_part)"
).columns(sold_on=sa.Date)
PARTS = sa.text(
    "SELECT bundle_part.bundle_id, bundle_part.product_id, bundle_part.quantity, product.price_minor, product.currency "
    "FROM bundle_part JOIN product ON product.id = bundle_part.product_id ORDER BY bundle_part.position"
)
LISTED = sa.text(
    "SELECT price_entry.product_id, price_entry.from_quantity, price_entry.price_minor, price_list.currency, "
    "price_list.starts_on, price_list.ends_on FROM price_entry "
    "JOIN price_list ON price_list.id = price_entry.price_list_id "
    "WHERE price_entry.product_id IN (SELECT product_id FROM bundle_part) "
    "ORDER BY price_list.starts_on, price_list.id, price_entry.from_quantity"
).columns(starts_on=sa.Date, ends_on=sa.Date)
SOLD = sa.table(
    "sold_part", *(sa.column(name) for name in ("contract_id", "line_id", "product_id", "quantity", "weight"))
)


def upgrade() -> None:
    op.create_table(
        "sold_part",
        sa.Column("contract_id", WHOLE, nullable=True),
        sa.Column("line_id", WHOLE, nullable=True),
        sa.Column("product_id", WHOLE, nullable=False),
        sa.Column("quantity", WHOLE, nullable=False),
        sa.Column("weight", WHOLE, nullable=False),
        sa.Column("id", WHOLE, nullable=False),
        sa.CheckConstraint("(contract_id is null) <> (line_id is null)", name=op.f("ck_sold_part_one_sale")),
        sa.CheckConstraint("quantity > 0 and weight >= 0", name=op.f("ck_sold_part_something")),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contract.id"], name=op.f("fk_sold_part_contract_id_contract"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["line_id"], ["deal_line.id"], name=op.f("fk_sold_part_line_id_deal_line"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_sold_part_product_id_product")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sold_part")),
        sqlite_autoincrement=True,
    )
    op.create_index("uq_sold_part_contract_product", "sold_part", ["contract_id", "product_id"], unique=True)
    op.create_index("uq_sold_part_line_product", "sold_part", ["line_id", "product_id"], unique=True)
    op.create_index("ix_sold_part_product_id", "sold_part", ["product_id"], unique=False)
    fill(op.get_bind())


def fill(connection: sa.Connection) -> None:
    """Every sale of a bundle held what the bundle holds now; what each part cost alone, the lists of its day say."""
    parts: dict[int, list[Any]] = {}
    for part in connection.execute(PARTS):
        parts.setdefault(part.bundle_id, []).append(part)
    listed = connection.execute(LISTED).all()
    rows = [
        {
            "contract_id": sale.contract_id,
            "line_id": sale.line_id,
            "product_id": part.product_id,
            "quantity": part.quantity,
            "weight": (part.quantity * price(part, listed, sale.currency, sale.sold_on) + UNIT // 2) // UNIT,
        }
        for sale in connection.execute(SALES).all()
        for part in parts[sale.bundle_id]
    ]
    for start in range(0, len(rows), UNIT):
        connection.execute(sa.insert(SOLD), rows[start : start + UNIT])


def price(part: Any, listed: Sequence[Any], currency: str, day: date) -> int:
    """Of a unit, as the list that began last of those in force says; else the product's own; 0 in no such currency."""
    said = [
        row.price_minor
        for row in listed
        if row.product_id == part.product_id
        and row.currency == currency
        and row.from_quantity <= part.quantity
        and row.starts_on <= day
        and (row.ends_on is None or day <= row.ends_on)
    ]
    own: int = part.price_minor if part.currency == currency else 0
    return said[-1] if said else own


def downgrade() -> None:
    op.drop_table("sold_part")
