"""What a draft of a proposal may choose from: to whom, in which look, with which files."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.domain.contact import Contact
from webapp.domain.product import Product
from webapp.domain.product_file import ProductFile
from webapp.domain.proposal import ProposalVersion
from webapp.queries.proposal_templates import offered_templates

MOST_ROWS = 200

Named = Sequence[tuple[int, str]]
"""Ids with their names."""


@dataclass(frozen=True, slots=True)
class Offered:
    recipients: Named
    templates: Named
    files: Named


NOTHING = Offered((), (), ())


def offered_to(session: Session, version: ProposalVersion) -> Offered:
    """Three statements."""
    return Offered(
        recipients(session, version.proposal.deal.client_id),
        offered_templates(session, beside=version.template_id),
        offered_files(session),
    )


def recipients(session: Session, client_id: int) -> list[tuple[int, str]]:
    """The client's contacts whom a proposal may address: id and name with position."""
    found = session.execute(
        select(Contact.id, Contact.name, Contact.position)
        .where(Contact.client_id == client_id, Contact.removed_at.is_(None), Contact.left_at.is_(None))
        .order_by(Contact.name)
        .limit(MOST_ROWS)
    )
    return [(row.id, f"{row.name}, {row.position}" if row.position else row.name) for row in found]


def offered_files(session: Session) -> list[tuple[int, str]]:
    """The files of products on sale, by product."""
    found = session.execute(
        select(ProductFile.id, Product.name.label("product"), ProductFile.name)
        .join(Product, Product.id == ProductFile.product_id)
        .where(ProductFile.removed_at.is_(None), Product.retired_at.is_(None))
        .order_by(Product.name_key, ProductFile.name)
        .limit(MOST_ROWS)
    )
    return [(row.id, f"{row.product}: {row.name}") for row in found]
