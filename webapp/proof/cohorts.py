"""Cohorts: how long clients stay, by the month in which they were attracted, by hunter, by product, and by whether they
were in the VIP programme. The figures of ``survival`` and ``retention`` for each group, as JSON for its page.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from math import ceil
from typing import Any

from sqlalchemy import func, select, union_all
from sqlalchemy.orm import Session

from webapp.domain.calendar import month_of
from webapp.domain.client import Client
from webapp.domain.company import Company
from webapp.domain.contract import Contract
from webapp.domain.deal import Deal, DealLine, DealStatus
from webapp.domain.giving import GIVEN, GIVEN_BY_LINE
from webapp.domain.loss import Loss
from webapp.domain.product import Product
from webapp.domain.user import User
from webapp.domain.vip_place import VipPlace
from webapp.proof.retention import fit, LEAST_LOST
from webapp.proof.survival import A_MONTH, at, curve, last_day, LEAST_AT_RISK, least_share, Life, still_observed

MARKS = (3, 6, 12, 18, 24, 36)
"""Months of age at which the table says how many are left."""

LONGEST = 60
"""Months that a curve is drawn for."""

AHEAD = 12
"""Months that are forecast."""

MONTHS = 36
"""So many months of attraction are shown, the newest."""

IN, OUT = "in", "out"
"""Keys of the groups by the VIP programme."""


@dataclass(frozen=True, slots=True)
class Known:
    """A client since it was attracted: until today, or until it was lost for the first time."""

    began: date
    ended: date
    lost: bool
    hunter: int | None

    @property
    def life(self) -> Life:
        return Life(0, (self.ended - self.began).days, self.lost)

    def since(self, day: date) -> Life | None:
        """Its life observed from a day on; None where it had ended by then."""
        entered = max((day - self.began).days, 0)
        return Life(entered, self.life.left, self.lost) if entered < self.life.left else None


def cohorts(session: Session, today: date) -> dict[str, list[dict[str, Any]]]:
    """By way of grouping, the groups: the largest first, months in their order."""
    known = _known(session, today)
    by_month: dict[date, list[Known]] = defaultdict(list)
    by_hunter: dict[int, list[Life]] = defaultdict(list)
    for each in known.values():
        by_month[month_of(each.began)].append(each)
        if each.hunter is not None:
            by_hunter[each.hunter].append(each.life)
    hunters = _pairs(session, select(User.id, User.name))
    products = _pairs(session, select(Product.id, Product.name))
    return {
        "all": [_group("all", "", [each.life for each in known.values()], forecast=True)],
        "programme": [_group(key, key, lives) for key, lives in _by_programme(session, known).items()],
        "hunter": _largest(_group(str(key), hunters[key], lives, forecast=True) for key, lives in by_hunter.items()),
        "product": _largest(_group(str(k), products[k], lives) for k, lives in _by_product(session, known).items()),
        "month": [_month(month, by_month[month], today) for month in sorted(by_month)[-MONTHS:]],
    }


def _group(key: str, name: str, lives: Sequence[Life], *, forecast: bool = False) -> dict[str, Any]:
    steps, lost = curve(lives), sum(life.lost for life in lives)
    until = int(min(last_day(lives) / A_MONTH, LONGEST))
    points = []
    for month in range(until + 1) if until else ():
        step, observed = at(steps, round(month * A_MONTH)), still_observed(lives, round(month * A_MONTH))
        low = least_share(observed) if month and step.ours == 1 else step.low
        points.append([month, round(step.ours, 4), round(low, 4), round(step.high, 4), observed])
    for after, point in pairwise(reversed(points)):  # whoever is still ours later was ours before
        point[2] = max(point[2], after[2])
    return {
        "key": key,
        "name": name,
        "clients": len(lives),
        "lost": lost,
        "few": len(lives) < LEAST_AT_RISK,
        "points": points,
        "forecast": _forecast(lives, points) if forecast and lost >= LEAST_LOST and until else None,
    }


def _month(month: date, known: Sequence[Known], today: date) -> dict[str, Any]:
    """A month's clients. They are of one age: how many of them are left is simply counted."""
    marks = {str(mark): _left(known, mark, today) for mark in MARKS}
    return _group(month.isoformat(), month.isoformat(), [each.life for each in known]) | {"marks": marks}


def _left(known: Sequence[Known], month: int, today: date) -> list[int] | None:
    """Of those who would be so old today: how many are left, and how many they are. None where nobody would be."""
    day = round(month * A_MONTH)
    old_enough = [each for each in known if (today - each.began).days >= day]
    return [sum(each.life.left >= day for each in old_enough), len(old_enough)] if old_enough else None


def _forecast(lives: Sequence[Life], points: Sequence[Sequence[Any]]) -> dict[str, Any]:
    """The shifted-beta-geometric model of whole months: what it expects of those who are left at the curve's end, and
    whether it runs within the band in four of five months, which it cannot where clients leave more as they age."""
    lost = Counter(max(1, ceil(life.left / A_MONTH)) for life in lives if life.lost)
    staying = Counter(int(life.left / A_MONTH) for life in lives if not life.lost)
    model = fit(lost, staying)
    until, left = points[-1][0], points[-1][1]
    ours = model.ours_after(until + AHEAD)
    ahead = [[month, round(left * ours[month] / ours[until], 4)] for month in range(until, until + AHEAD + 1)]
    within = sum(low <= ours[month] <= high for month, _, low, high, _ in points)
    fits = within * 5 >= len(points) * 4
    return {"alpha": round(model.alpha, 3), "beta": round(model.beta, 3), "points": ahead, "fits": fits}


def _largest(groups: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(groups, key=lambda group: (-group["clients"], group["name"]))


def _known(session: Session, today: date) -> dict[int, Known]:
    company = session.get_one(Company, 1)
    losses = select(Loss.client_id, func.min(Loss.lost_on)).where(~Loss.mistaken).group_by(Loss.client_id)
    first_loss: dict[int, date] = _pairs(session, losses)
    found: dict[int, Known] = {}
    attracted = select(Client.id, Client.attracted_at, Client.attracted_by_id).where(Client.attracted_at.is_not(None))
    rows: Iterable[Any] = session.execute(attracted)
    for client, moment, hunter in rows:
        began, lost_on = company.today(moment), first_loss.get(client)
        if lost_on is not None and lost_on <= began:
            continue
        found[client] = Known(began, lost_on or today, lost_on is not None, hunter)
    return found


def _by_product(session: Session, known: dict[int, Known]) -> dict[int, list[Life]]:
    """A client counts for a product from the day on which it first bought it, or a bundle that held it then."""
    won = (
        select(GIVEN_BY_LINE.c.product_id, Deal.client_id, Deal.closed_on.label("day"))
        .join(DealLine, DealLine.id == GIVEN_BY_LINE.c.line_id)
        .join(Deal, Deal.id == DealLine.deal_id)
        .where(Deal.status == DealStatus.WON)
    )
    begun = select(GIVEN.c.product_id, Contract.client_id, Contract.starts_on.label("day")).join(
        Contract, Contract.id == GIVEN.c.contract_id
    )
    both = union_all(won, begun).subquery()
    first = select(both.c.product_id, both.c.client_id, func.min(both.c.day)).group_by(
        both.c.product_id, both.c.client_id
    )
    found: dict[int, list[Life]] = defaultdict(list)
    for product, client, day in session.execute(first):
        life = known[client].since(_day(day)) if client in known else None
        if life is not None:
            found[product].append(life)
    return found


def _by_programme(session: Session, known: dict[int, Known]) -> dict[str, list[Life]]:
    """The time in the programme and the time outside it: who enters in the fifth month was outside for four."""
    places: dict[int, list[tuple[date, date | None]]] = defaultdict(list)
    rows = session.execute(select(VipPlace.client_id, VipPlace.since, VipPlace.until).order_by(VipPlace.since))
    for client, since, until in rows:
        places[client].append((since, until))
    found: dict[str, list[Life]] = {IN: [], OUT: []}
    for client, each in known.items():
        outside_since = each.began
        for since, until in places[client]:
            _observe(found[OUT], each, outside_since, since)
            _observe(found[IN], each, since, until)
            outside_since = until or each.ended
        _observe(found[OUT], each, outside_since, None)
    return found


def _observe(lives: list[Life], each: Known, since: date, until: date | None) -> None:
    """The part of a life between two days; its loss belongs to the part in which it happened."""
    entered, end = max((since - each.began).days, 0), each.life.left
    left = end if until is None or until >= each.ended else (until - each.began).days
    if entered < left:
        lives.append(Life(entered, left, each.lost and left == end))


def _pairs(session: Session, asked: Any) -> dict[int, Any]:
    rows: Iterable[Any] = session.execute(asked).all()
    return {row[0]: row[1] for row in rows}


def _day(value: date | str) -> date:
    """SQLite gives the date of a compound as text."""
    return date.fromisoformat(value) if isinstance(value, str) else value
