"""What a sale gives the client: the product, and what that held as a bundle when it was sold. Whoever asks what a
client owns asks here; what is *offered* gives what the catalogue says now."""

from collections.abc import Collection

from sqlalchemy import select, union_all
from sqlalchemy.orm import Session

from webapp.domain.contract import Contract
from webapp.domain.deal import DealLine
from webapp.domain.product import BundlePart
from webapp.domain.sold_part import SoldPart

GIVEN = union_all(
    select(Contract.id.label("contract_id"), Contract.product_id).where(Contract.product_id.is_not(None)),
    select(SoldPart.contract_id, SoldPart.product_id).where(SoldPart.contract_id.is_not(None)),
).subquery("given")
"""By contract, as a table to join; ``Contract.gives`` says the same of one."""

GIVEN_BY_LINE = union_all(
    select(DealLine.id.label("line_id"), DealLine.product_id).where(DealLine.product_id.is_not(None)),
    select(SoldPart.line_id, SoldPart.product_id).where(SoldPart.line_id.is_not(None)),
).subquery("given_by_line")
"""The same by a won deal's line."""


def parts_of(session: Session, product_ids: Collection[int]) -> set[int]:
    """What these products hold as bundles now."""
    return set(session.scalars(select(BundlePart.product_id).where(BundlePart.bundle_id.in_(product_ids))))
