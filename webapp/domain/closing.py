"""Closing: what follows from an accepted proposal. The deal is won at what was accepted, and becomes contracts."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.domain.calendar import month_of, months_on
from webapp.domain.contract import Contract
from webapp.domain.deal import Deal, DealStatus, Line
from webapp.domain.lane import answering_lane
from webapp.domain.money import line_total
from webapp.domain.product import Billing, Product
from webapp.domain.proposal import Proposal, ProposalVersion
from webapp.domain.proposal_products import with_products
from webapp.domain.proposal_state import EXPIRING_DAYS, VersionState
from webapp.domain.task import Task, TaskKind
from webapp.domain.words import Department, N_

ONE = 1000
"""A whole unit, in thousandths."""

EXPIRES = N_("The proposal expires in a few days: ask the client for an answer")
HAND_ON = N_("The deal is won: prepare the hand-off to the Client department")

Kept = Mapping[str, Any]
"""A line as ``proposal_content.line_content`` froze it, with its product."""

Sold = tuple[Billing, str, int | None]
"""How it recurs, its tax, its product."""


def remind(session: Session, version: ProposalVersion, *, at: datetime) -> None:
    """Plan the call before a proposal expires, once for each version, for whoever serves the client."""
    lane = answering_lane(version.proposal.deal)
    version.proposal.reminded = version.number
    session.add(version.tell("proposal:expiring", by=None, at=at, until=version.valid_until.isoformat()))
    if lane is not None:
        Task.plan(session, lane, TaskKind.CALL, EXPIRES, lane.owner.today(at), by=None, at=at)


def expiring(session: Session, today: date, *, most: int) -> Sequence[ProposalVersion]:
    """The newest sent versions of open deals that end within ``EXPIRING_DAYS`` and of which nobody was reminded."""
    newest = (
        select(func.max(ProposalVersion.number))
        .where(ProposalVersion.proposal_id == Proposal.id, ProposalVersion.state == VersionState.SENT)
        .correlate(Proposal)
        .scalar_subquery()
    )
    return session.scalars(
        select(ProposalVersion)
        .join(Proposal, Proposal.id == ProposalVersion.proposal_id)
        .join(Deal, Deal.id == Proposal.deal_id)
        .where(
            Deal.status == DealStatus.OPEN,
            ProposalVersion.state == VersionState.SENT,
            ProposalVersion.number == newest,
            ProposalVersion.number > Proposal.reminded,
            ProposalVersion.valid_until.between(today, today + timedelta(days=EXPIRING_DAYS)),
        )
        .order_by(ProposalVersion.valid_until, ProposalVersion.id)
        .limit(most)
        .with_for_update(of=ProposalVersion)
    ).all()


def close(session: Session, version: ProposalVersion, lines: Sequence[Kept], today: date, *, at: datetime) -> None:
    """Win the deal at the lines that the client accepted, conclude its contracts, and plan what the owner does next."""
    deal = version.proposal.deal
    lines = with_products(session, deal, lines)
    session.add(
        deal.change(
            by=None,
            at=at,
            seen=deal.version,
            name=deal.name,
            currency=version.currency,
            expected_on=deal.expected_on,
            lines=[sold(line) for line in lines],
        )
    )
    session.add(deal.win(by=None, at=at, seen=deal.version))
    lane = answering_lane(deal)
    if lane is not None and lane.department is Department.SALES and not deal.client.open_engagement(Department.CLIENT):
        Task.plan(session, lane, TaskKind.OTHER, HAND_ON, lane.owner.today(at), by=None, at=at)
    for (billing, tax, product_id), (name, amount_minor) in together(lines, version.title).items():
        starts_on = first_day(billing, max(today, version.dated_on))
        product = session.get(Product, product_id) if product_id is not None else None
        if product is not None:
            tax = product.tax_moved(tax, version.currency, version.dated_on, starts_on)
        Contract.conclude(
            session,
            deal.client,
            name,
            billing,
            amount_minor,
            version.currency,
            starts_on,
            by=None,
            at=at,
            deal=deal,
            product_id=product_id,
            tax=tax,
            number=version.proposal.label,
        )


def first_day(billing: Billing, agreed_on: date) -> date:
    """When a contract begins: what is paid once, at once; what is paid monthly, with the next month."""
    return agreed_on if billing is Billing.ONE_OFF else months_on(month_of(agreed_on), 1)


def sold(line: Kept) -> Line:
    """A line of the deal that comes to what was accepted, with its discount and its tax. Where no price of one unit
    comes to that exactly, the quantity stands in the name."""
    name, quantity, total = line["name"], line["quantity"], line["total_minor"]
    billing, product_id = Billing(line["billing"]), line["product_id"]
    price = total * ONE // quantity
    if line_total(quantity, price) == total:
        return Line(name, quantity, price, billing, product_id)
    number = f"{Decimal(quantity).scaleb(-3).normalize():f}"
    return Line(f"{name[:250]} × {number}", ONE, total, billing, product_id)


def together(lines: Sequence[Kept], title: str) -> dict[Sold, tuple[str, int]]:
    """What becomes a contract: each product by itself, and what is none of the catalogue's together under the
    proposal's title; the name and the sum with tax. What costs nothing needs none."""
    found: dict[Sold, list[Kept]] = {}
    for line in lines:
        if line["total_minor"]:
            found.setdefault((Billing(line["billing"]), line["tax"], line["product_id"]), []).append(line)
    return {
        key: (
            title if len({line["name"] for line in own}) > 1 else own[0]["name"],
            sum(line["total_minor"] for line in own),
        )
        for key, own in found.items()
    }
