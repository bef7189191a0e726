"""What a product gives to whoever buys it: itself and, where it is a bundle, each of its parts. Whoever asks what a
client owns asks here."""

from sqlalchemy import select, union_all
from sqlalchemy.orm import Session

from webapp.domain.product import BundlePart, Product

GIVEN = union_all(
    select(Product.id.label("sold_id"), Product.id.label("product_id")),
    select(BundlePart.bundle_id, BundlePart.product_id),
).subquery("given")
"""As a table to join: ``sold_id``, what a contract or a deal names, and ``product_id``, what that gives."""


def given_by(session: Session, sold_id: int | None) -> list[int]:
    """The same for one product; nothing where a contract names none of the catalogue."""
    if sold_id is None:
        return []
    return list(session.scalars(select(GIVEN.c.product_id).where(GIVEN.c.sold_id == sold_id)))
