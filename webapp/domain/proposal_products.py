"""Which products of the catalogue a proposal is about, and that the client was offered them or answered."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, cast, TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import object_session, Session

from webapp.domain.awareness import Awareness
from webapp.domain.deal import Deal
from webapp.domain.product import Product

if TYPE_CHECKING:
    from webapp.domain.proposal import ProposalVersion


def products_of(session: Session, deal: Deal, lines: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """The products of the lines by their names: as the deal has them, and as the catalogue does."""
    names = {line["name"] for line in lines}
    listed = session.execute(select(Product.name, Product.id).where(Product.name.in_(names)))
    return {row.name: row.id for row in listed} | {
        line.name: line.product_id for line in deal.lines if line.product_id and line.name in names
    }


def note(version: "ProposalVersion", verb: str, *, at: datetime, **said: Any) -> None:
    """Say of each product of the version what became of it, by a verb of Awareness."""
    deal, session = version.proposal.deal, cast("Session", object_session(version))
    products = products_of(session, deal, version.lines)
    Awareness.note_all(session, deal.client_id, set(products.values()), verb, at=at, **said)
