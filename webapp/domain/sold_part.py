"""What a bundle held when it was sold. Its parts in the catalogue may change at any time; what was sold stays."""

from datetime import date
from typing import cast, TYPE_CHECKING

from sqlalchemy import CheckConstraint, ForeignKey, Index, select
from sqlalchemy.orm import Mapped, mapped_column, object_session, relationship, Session

from webapp.domain.base import Base
from webapp.domain.price_book import price_book
from webapp.domain.product import BundlePart, Product

if TYPE_CHECKING:
    from webapp.domain.contract import Contract
    from webapp.domain.deal import Deal


class SoldPart(Base):
    """So much of a product in a bundle, of a won deal's line or of a contract."""

    __tablename__ = "sold_part"
    __table_args__ = (
        Index("uq_sold_part_contract_product", "contract_id", "product_id", unique=True),
        Index("uq_sold_part_line_product", "line_id", "product_id", unique=True),
        Index("ix_sold_part_product_id", "product_id"),
        CheckConstraint("(contract_id is null) <> (line_id is null)", name="one_sale"),
        CheckConstraint("quantity > 0 and weight >= 0", name="something"),
        {"sqlite_autoincrement": True},
    )

    contract_id: Mapped[int | None] = mapped_column(ForeignKey("contract.id", ondelete="CASCADE"))
    line_id: Mapped[int | None] = mapped_column(ForeignKey("deal_line.id", ondelete="CASCADE"))
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"))
    quantity: Mapped[int]
    """In thousandths of the unit, for one bundle."""
    weight: Mapped[int]
    """What so much cost alone on the day of the sale, in minor units of the sale: by this a payment is shared."""

    product: Mapped[Product] = relationship()


def parts_on_sale(session: Session, product_id: int | None, currency: str, day: date) -> list[SoldPart]:
    """The parts of a product as the catalogue has them now, to be kept with its sale of that day; none where it is no
    bundle."""
    held = select(BundlePart).where(BundlePart.bundle_id == product_id).order_by(BundlePart.position)
    parts = session.scalars(held).all() if product_id is not None else []
    if product_id is None or not parts:
        return []
    book = price_book(session, day, only=[product_id, *(part.product_id for part in parts)])
    weights = book.weights(product_id, day, currency)
    return [
        SoldPart(product_id=part.product_id, quantity=part.quantity, weight=weight)
        for part, weight in zip(parts, weights, strict=True)
    ]


def keep_parts(deal: "Deal") -> None:
    """Keep with each line of a won deal what it holds; one that is no longer won sold nothing."""
    session, won_on = cast("Session", object_session(deal)), deal.closed_on
    for line in deal.lines:
        line.parts = parts_on_sale(session, line.product_id, deal.currency, won_on) if won_on is not None else []


def parts_of_contract(session: Session, contract: "Contract") -> list[SoldPart]:
    """What a contract's product held when it was sold: with a deal, as the deal's line kept it when that was won."""
    deal, product_id = contract.deal, contract.product_id
    lines = (line for line in deal.lines if line.product_id == product_id and line.parts) if deal is not None else ()
    won = next(iter(lines), None)
    if won is not None:
        return [SoldPart(product_id=each.product_id, quantity=each.quantity, weight=each.weight) for each in won.parts]
    sold_on = deal.closed_on if deal is not None else None
    return parts_on_sale(session, product_id, contract.currency, sold_on or contract.starts_on)
