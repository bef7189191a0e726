"""How deals ended in a period: why they were lost, how many were won, and how long that took. Two statements."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median, quantiles
from typing import NamedTuple, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.domain.deal import Deal, DealLine, DealStatus
from webapp.domain.engagement import Engagement
from webapp.domain.product import Product
from webapp.domain.share import Share
from webapp.domain.user import Actor, User
from webapp.domain.words import Department

K = TypeVar("K")

MOST = 20_000
"""Deals that are read, the newest; ``left_out`` says that there were more."""

FEWEST_DAYS = 4
"""Of fewer deals no spread of days is given."""


class Ended(NamedTuple):
    """A deal that was won or lost."""

    id: int
    status: DealStatus
    opened_on: date | None
    closed_on: date
    currency: str
    one_off_minor: int
    monthly_minor: int
    reason: str
    competitor: str
    owner_id: int
    owner: str
    department: Department | None
    """Unknown of an imported one."""

    @property
    def won(self) -> bool:
        return self.status is DealStatus.WON


@dataclass(frozen=True, slots=True)
class Sums:
    """So many deals of one currency."""

    currency: str
    count: int
    one_off_minor: int
    monthly_minor: int


@dataclass(frozen=True, slots=True)
class Tally:
    """Some deals: the share that was won, what they brought, and how many days that took."""

    rate: Share
    won: tuple[Sums, ...]
    days: float | None
    """From the day they were opened to the day they were won: the median of those whose first day is known."""
    middle: tuple[int, int] | None
    """Between these days the middle half of them lies."""
    timed: int
    """Won deals whose days are known."""


@dataclass(frozen=True, slots=True)
class Loss:
    """Deals that were lost for a reason, or to a competitor."""

    key: str
    count: int
    sums: tuple[Sums, ...]


@dataclass(frozen=True, slots=True)
class Outcomes:
    whole: Tally
    reasons: tuple[Loss, ...]
    """By keys of LOST_REASONS, the most frequent first."""
    rivals: tuple[Loss, ...]
    products: tuple[tuple[str, Tally], ...]
    """The most deals first; "" for lines of nobody's catalogue. A deal counts with each product that it holds."""
    departments: tuple[tuple[Department | None, Tally], ...]
    people: tuple[tuple[int, str, Tally], ...]
    left_out: bool


def deal_outcomes(session: Session, actor: Actor, since: date, until: date) -> Outcomes:
    """Of the deals that were closed from one day to another, both included."""
    period = (Deal.status != DealStatus.OPEN, Deal.closed_on.between(since, until))
    found = session.execute(
        select(
            Deal.id,
            Deal.status,
            Deal.opened_on,
            Deal.closed_on,
            Deal.currency,
            Deal.one_off_minor,
            Deal.monthly_minor,
            Deal.lost_reason,
            Deal.competitor,
            Deal.owner_id,
            User.name,
            Engagement.department,
        )
        .join(User, User.id == Deal.owner_id)
        .outerjoin(Engagement, Engagement.id == Deal.engagement_id)
        .where(*period)
        .order_by(Deal.closed_on.desc(), Deal.id.desc())
        .limit(MOST + 1)
    ).all()
    deals = [Ended._make(row) for row in found[:MOST]]
    sold = session.execute(
        select(DealLine.deal_id, Product.name)
        .join(Deal, Deal.id == DealLine.deal_id)
        .outerjoin(Product, Product.id == DealLine.product_id)
        .where(*period)
        .distinct()
        .order_by(DealLine.deal_id.desc())
        .limit(MOST * 2)
    ).all()
    by_id = {deal.id: deal for deal in deals}
    lost = [deal for deal in deals if not deal.won]
    departments = _grouped((deal.department, deal) for deal in deals)
    return Outcomes(
        tally(deals),
        _losses((deal.reason or "unknown", deal) for deal in lost),
        _losses((deal.competitor, deal) for deal in lost if deal.competitor),
        _tallies(_grouped((name or "", by_id[deal]) for deal, name in sold if deal in by_id)),
        tuple((each, tally(departments[each])) for each in (*Department, None) if each in departments),
        tuple((*who, of) for who, of in _tallies(_grouped(((deal.owner_id, deal.owner), deal) for deal in deals))),
        len(found) > MOST,
    )


def tally(deals: Sequence[Ended]) -> Tally:
    won = [deal for deal in deals if deal.won]
    days = sorted((deal.closed_on - deal.opened_on).days for deal in won if deal.opened_on is not None)
    spread = quantiles(days, n=4, method="inclusive") if len(days) >= FEWEST_DAYS else None
    return Tally(
        Share(len(won), len(deals)),
        added_up(won),
        median(days) if days else None,
        (round(spread[0]), round(spread[2])) if spread else None,
        len(days),
    )


def added_up(deals: Iterable[Ended]) -> tuple[Sums, ...]:
    """Per currency: sums of different ones are never added."""
    found: dict[str, tuple[int, int, int]] = {}
    for deal in deals:
        count, one_off, monthly = found.get(deal.currency, (0, 0, 0))
        found[deal.currency] = (count + 1, one_off + deal.one_off_minor, monthly + deal.monthly_minor)
    return tuple(Sums(currency, *sums) for currency, sums in sorted(found.items()))


def _losses(keyed: Iterable[tuple[str, Ended]]) -> tuple[Loss, ...]:
    return tuple(Loss(key, len(deals), added_up(deals)) for key, deals in _most_first(_grouped(keyed)))


def _tallies(groups: dict[K, list[Ended]]) -> tuple[tuple[K, Tally], ...]:
    return tuple((key, tally(deals)) for key, deals in _most_first(groups))


def _most_first(groups: dict[K, list[Ended]]) -> list[tuple[K, list[Ended]]]:
    return sorted(groups.items(), key=lambda group: (-len(group[1]), str(group[0])))


def _grouped(keyed: Iterable[tuple[K, Ended]]) -> dict[K, list[Ended]]:
    groups = defaultdict[K, list[Ended]](list)
    for key, deal in keyed:
        groups[key].append(deal)
    return dict(groups)
