"""Deals: the list with its filters and totals, and one deal's proposals."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, func, select, tuple_
from sqlalchemy.orm import Session

from webapp.domain.client import Client
from webapp.domain.deal import Deal, DealStatus
from webapp.domain.engagement import Engagement
from webapp.domain.proposal import Proposal, ProposalVersion
from webapp.domain.proposal_state import Standing, standing
from webapp.domain.user import Actor, User
from webapp.domain.words import Department
from webapp.queries.shares import LAST_ANSWER, OPENINGS

PAGE = 50
NEVER, LONG_AGO = date(9999, 12, 31), date(1, 1, 1)


@dataclass(frozen=True, slots=True)
class WantedDeals:
    """What the list is narrowed to; ``after`` is the cursor of the page: a day and an id."""

    status: DealStatus | None = DealStatus.OPEN
    owner_id: int | None = None
    department: Department | None = None
    client_id: int | None = None
    stage_id: int | None = None
    """Deals of running work whose client stands there."""
    after: tuple[date, int] | None = None


@dataclass(frozen=True, slots=True)
class DealListRow:
    """A deal; ``day`` is when it is expected to close, or when it closed."""

    id: int
    name: str
    status: DealStatus
    currency: str
    one_off_minor: int
    monthly_minor: int
    day: date | None
    client_id: int
    client: str
    owner: str


@dataclass(frozen=True, slots=True)
class CurrencySum:
    """Over all deals that match: how many, and what they amount to in one currency."""

    status: DealStatus
    currency: str
    count: int
    one_off_minor: int
    monthly_minor: int


@dataclass(frozen=True, slots=True)
class FoundDeals:
    rows: tuple[DealListRow, ...]
    sums: tuple[CurrencySum, ...]
    after: tuple[date, int] | None
    """The next page's cursor; None at the end."""


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One version of a proposal of the deal."""

    proposal_id: int
    label: str
    version: int
    dated_on: date
    valid_until: date
    title: str
    openings: int
    standing: Standing


def list_deals(session: Session, actor: Actor, wanted: WantedDeals) -> FoundDeals:
    """A page of deals: open ones by the day they are expected, closed ones by the day they closed, newest first."""
    where = _conditions(wanted)
    rows = _page(session, wanted, where)
    more = len(rows) > PAGE
    last = rows[PAGE - 1] if more else None
    return FoundDeals(
        tuple(rows[:PAGE]),
        _sums(session, where, by_work=_by_work(wanted)),
        ((last.day or (NEVER if _by_expectation(wanted) else LONG_AGO)), last.id) if last is not None else None,
    )


def versions(session: Session, actor: Actor, deal_id: int, today: date) -> tuple[VersionRow, ...]:
    """Every version of the deal's proposals, newest first, and how far each came with the client."""
    wanted = (
        select(
            Proposal.id,
            Proposal.label,
            ProposalVersion.number,
            ProposalVersion.dated_on,
            ProposalVersion.valid_until,
            ProposalVersion.title,
            OPENINGS.label("openings"),
            ProposalVersion.state,
            LAST_ANSWER.label("answer"),
        )
        .join(ProposalVersion, ProposalVersion.proposal_id == Proposal.id)
        .where(Proposal.deal_id == deal_id)
        .order_by(Proposal.id.desc(), ProposalVersion.number.desc())
    )
    return tuple(
        VersionRow(
            row.id,
            row.label,
            row.number,
            row.dated_on,
            row.valid_until,
            row.title,
            int(row.openings),
            standing(row.state, row.valid_until, today, row.openings, row.answer),
        )
        for row in session.execute(wanted)
    )


def _by_expectation(wanted: WantedDeals) -> bool:
    return wanted.status is DealStatus.OPEN


def _conditions(wanted: WantedDeals) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.status is not None:
        found.append(Deal.status == wanted.status)
    if wanted.owner_id is not None:
        found.append(Deal.owner_id == wanted.owner_id)
    if wanted.client_id is not None:
        found.append(Deal.client_id == wanted.client_id)
    if wanted.department is not None:
        found.append(Engagement.department == wanted.department)
    if wanted.stage_id is not None:
        found += [Engagement.stage_id == wanted.stage_id, Engagement.closed_at.is_(None)]
    return found


def _by_work(wanted: WantedDeals) -> bool:
    """Whether it is asked in whose work deals are."""
    return wanted.department is not None or wanted.stage_id is not None


def _page(session: Session, wanted: WantedDeals, where: list[ColumnElement[bool]]) -> list[DealListRow]:
    expected = _by_expectation(wanted)
    shown = Deal.expected_on if expected else Deal.closed_on
    key = tuple_(func.coalesce(shown, NEVER if expected else LONG_AGO), Deal.id)
    page = (
        select(
            Deal.id,
            Deal.name,
            Deal.status,
            Deal.currency,
            Deal.one_off_minor,
            Deal.monthly_minor,
            func.coalesce(Deal.closed_on, Deal.expected_on).label("day"),
            Deal.client_id,
            Client.name.label("client"),
            User.name.label("owner"),
        )
        .join(Client, Client.id == Deal.client_id)
        .join(User, User.id == Deal.owner_id)
        .where(*where)
        .limit(PAGE + 1)
    )
    if _by_work(wanted):
        page = page.join(Engagement, Engagement.id == Deal.engagement_id)
    if wanted.after is not None:
        page = page.where(key > wanted.after if expected else key < wanted.after)
    first = func.coalesce(shown, NEVER if expected else LONG_AGO)
    page = page.order_by(first, Deal.id) if expected else page.order_by(first.desc(), Deal.id.desc())
    return [DealListRow(**row._mapping) for row in session.execute(page)]


def _sums(session: Session, where: list[ColumnElement[bool]], *, by_work: bool) -> tuple[CurrencySum, ...]:
    totals = (
        select(Deal.status, Deal.currency, func.count(), func.sum(Deal.one_off_minor), func.sum(Deal.monthly_minor))
        .where(*where)
        .group_by(Deal.status, Deal.currency)
        .order_by(Deal.status, Deal.currency)
    )
    if by_work:
        totals = totals.join(Engagement, Engagement.id == Deal.engagement_id)
    return tuple(
        CurrencySum(status, currency, count, int(one_off), int(monthly))
        for status, currency, count, one_off, monthly in session.execute(totals)
    )
