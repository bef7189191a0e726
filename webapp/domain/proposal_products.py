"""Which products of the catalogue a proposal is about, and that the client was offered them or answered."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, cast, TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import object_session, Session

from webapp.domain.awareness import Awareness
from webapp.domain.awareness_state import AwarenessState, Happening
from webapp.domain.company import Company
from webapp.domain.deal import Deal
from webapp.domain.errors import Refused
from webapp.domain.giving import parts_of
from webapp.domain.product import Product
from webapp.domain.proposal_lines import ProposalLine
from webapp.domain.user import User
from webapp.domain.words import N_

if TYPE_CHECKING:
    from webapp.domain.proposal import ProposalVersion

Kept = Mapping[str, Any]
"""A line as a version keeps it, or as it was printed."""


def with_products(session: Session, deal: Deal, lines: Sequence[Kept]) -> list[dict[str, Any]]:
    """The lines, each with its ``product_id``. One that was frozen before lines had any never changes: its product is
    found by its name, as the deal has it or else the catalogue, and is none where the deal has two of that name."""
    older = {line["name"] for line in lines if "product_id" not in line}
    known: dict[str, int | None] = {}
    if older:
        listed = session.execute(select(Product.name, Product.id).where(Product.name.in_(older)))
        known = {row.name: row.id for row in listed}
        of_deal: dict[str, set[int]] = {}
        for line in deal.lines:
            if line.product_id is not None:
                of_deal.setdefault(line.name, set()).add(line.product_id)
        known |= {name: min(found) if len(found) == 1 else None for name, found in of_deal.items()}
    return [{"product_id": known.get(line["name"]), **line} for line in lines]


def taxed_on(session: Session, lines: Sequence[Kept], currency: str, was_on: date, day: date) -> list[dict[str, Any]]:
    """The lines of a document of one day as one of another day has them: at the rate of their products by then."""
    wanted = {line["product_id"] for line in lines} - {None}
    known = {product.id: product for product in session.scalars(select(Product).where(Product.id.in_(wanted)))}
    taxed = [dict(line) for line in lines]
    for line in taxed:
        if line["product_id"] in known:
            line["tax"] = known[line["product_id"]].tax_moved(line["tax"], currency, was_on, day)
    return taxed


def check_products(session: Session | None, lines: Sequence[ProposalLine]) -> None:
    """Refuse what is none of the catalogue's; names the field of the first line at fault."""
    wanted = {line.product_id for line in lines} - {None}
    if not wanted or session is None:
        return
    found = set(session.scalars(select(Product.id).where(Product.id.in_(wanted))))
    for position, line in enumerate(lines):
        if line.product_id is not None and line.product_id not in found:
            raise Refused(N_("Choose a product"), field=f"lines-{position}-product_id")


def note_answer(version: "ProposalVersion", said: Happening, *, at: datetime) -> None:
    """The client answered for itself to what was offered: the version's products, and of what they hold as bundles
    whatever stands offered. Of another part it said its word elsewhere, or none; and it refuses with a bundle no part
    that another proposal offers by itself."""
    session = cast("Session", object_session(version))
    products, client_id = _products(session, version), version.proposal.deal.client_id
    offered = select(Awareness.product_id).where(
        Awareness.client_id == client_id,
        Awareness.product_id.in_(parts_of(session, products)),
        Awareness.state == AwarenessState.OFFERED,
    )
    parts = set(session.scalars(offered)) - products
    if parts and said is Happening.REFUSED:
        parts -= _offered_elsewhere(session, version, at)
    Awareness.note_all(session, client_id, products | parts, "answer", at=at, said=said)


def _offered_elsewhere(session: Session, version: "ProposalVersion", at: datetime) -> set[int]:
    """What the client's other proposals offer by themselves that it may still accept."""
    today = session.get_one(Company, 1).today(at)
    deals = (deal for deal in version.proposal.deal.client.deals if deal.is_open)
    others = (each for deal in deals for each in deal.proposals if each is not version.proposal)
    waiting = (each for proposal in others for each in proposal.versions if each.lasts(today))
    return {product for each in waiting for product in _products(session, each)}


def note_offer(version: "ProposalVersion", *, by: User, at: datetime) -> None:
    """The version's products are offered, and with a bundle what it holds."""
    session = cast("Session", object_session(version))
    products = _products(session, version)
    within, client_id = parts_of(session, products) - products, version.proposal.deal.client_id
    Awareness.note_all(session, client_id, products | within, "offer", by=by, at=at, within=within)


def _products(session: Session, version: "ProposalVersion") -> set[int]:
    return {line["product_id"] for line in with_products(session, version.proposal.deal, version.lines)} - {None}
