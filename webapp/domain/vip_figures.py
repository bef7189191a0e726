"""The figures of a review, reckoned by the database over all payments at once: classes, levels, shares, standings.

Each currency is reckoned by itself: its payers are ordered by what they paid in the last 12 months. Class A ends with
the first ``a_clients`` percent of them or with those who together paid ``a_sales`` percent, whichever comes first;
class B goes on from there in the same way. Payments count on the day they came, less what was returned.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, UTC
from typing import Any

from sqlalchemy import case, exists, func, or_, Select, select, Subquery, union
from sqlalchemy.orm import Session

from webapp.domain.attack import Attack
from webapp.domain.attack_state import AttackState
from webapp.domain.calendar import years_on
from webapp.domain.client import Client
from webapp.domain.engagement import Engagement
from webapp.domain.payment import Payment
from webapp.domain.sales_class import SalesClass
from webapp.domain.vip_place import VipPlace
from webapp.domain.vip_rules import Standing, Sum
from webapp.domain.words import Department


@dataclass(frozen=True, slots=True)
class CurrencyFigures:
    """One currency of the whole company. Sums in minor units; ``level_minor`` is the least that class A paid."""

    currency: str
    clients: int
    paid_minor: int
    a_clients: int
    a_minor: int
    b_clients: int
    b_minor: int
    level_minor: int


def totals(session: Session, day: date, rules: Mapping[str, int]) -> list[CurrencyFigures]:
    """Each currency's classes. One statement."""
    ranked = _classed(day, rules)
    in_a, in_b = ranked.c.sales_class == "a", ranked.c.sales_class == "b"
    found = session.execute(
        select(
            ranked.c.currency,
            func.count(),
            func.sum(ranked.c.paid),
            func.count().filter(in_a),
            func.sum(ranked.c.paid).filter(in_a),
            func.count().filter(in_b),
            func.sum(ranked.c.paid).filter(in_b),
            func.min(ranked.c.paid).filter(in_a),
        )
        .group_by(ranked.c.currency)
        .order_by(ranked.c.currency)
    )
    return [CurrencyFigures(currency, *(int(number or 0) for number in rest)) for currency, *rest in found]


def standings(session: Session, day: date, rules: Mapping[str, int]) -> Iterator[tuple[int, Standing]]:
    """Everybody whom the rules may name, by client: the first ``looked_at`` payers of each currency, who is in the
    programme or called key, whom a competitor is after, whom the VIP department works with. Three statements."""
    named = _named(day, rules)
    sums: dict[int, list[Sum]] = {}
    ranked = _classed(day, rules)
    level = func.min(case((ranked.c.sales_class == "a", ranked.c.paid))).over(partition_by=ranked.c.currency)
    levelled = select(ranked, level.label("level")).subquery()
    rows = session.execute(
        select(levelled)
        .where(or_(levelled.c.place <= rules["looked_at"], levelled.c.client_id.in_(select(named.c.client_id))))
        .order_by(levelled.c.currency, levelled.c.place)
    )
    for row in rows:
        near = row.sales_class != "a" and row.paid * 100 >= row.level * (100 - rules["near"])
        one = Sum(row.currency, int(row.paid), int(row.before), SalesClass(row.sales_class), near)
        sums.setdefault(row.client_id, []).append(one)
    held = select(VipPlace.client_id, VipPlace.tier_id).where(VipPlace.until.is_(None)).subquery()
    known = session.execute(
        select(
            Client.id,
            Client.key,
            held.c.tier_id,
            _alarmed(Client.id, day, rules).label("rival"),
            _works(Department.VIP).label("served"),
            _works(None).label("active"),
        )
        .outerjoin(held, held.c.client_id == Client.id)
        .where(or_(Client.id.in_(select(named.c.client_id)), Client.id.in_(_payers(levelled, rules))))
        .order_by(Client.id)
    )
    flags = {row.id: row for row in known}
    for client_id in [*(key for key in sums if key in flags), *(key for key in flags if key not in sums)]:
        row = flags[client_id]
        yield (
            client_id,
            Standing(
                tuple(sums.get(client_id, ())),
                key=bool(row.key),
                rival=bool(row.rival),
                served=bool(row.served),
                active=bool(row.active),
                tier_id=row.tier_id,
            ),
        )


def of_client(session: Session, client: Client, day: date, rules: Mapping[str, int]) -> Standing:
    """One client's standing, in the programme or not."""
    found = dict(standings(session, day, {**rules, "looked_at": 0}))
    if client.id in found:
        return found[client.id]
    ranked = _classed(day, rules)
    rows = session.execute(select(ranked).where(ranked.c.client_id == client.id).order_by(ranked.c.currency))
    sums = (Sum(row.currency, int(row.paid), int(row.before), SalesClass(row.sales_class), near=False) for row in rows)
    return Standing(tuple(sums), active=bool(client.open_engagements))


def classes(session: Session, day: date, rules: Mapping[str, int]) -> dict[int, SalesClass]:
    """Every payer's class, in its best currency. One statement."""
    ranked = _classed(day, rules)
    best = select(ranked.c.client_id, func.min(ranked.c.sales_class)).group_by(ranked.c.client_id)
    return {client_id: SalesClass(letter) for client_id, letter in session.execute(best)}


def _paid(day: date) -> Subquery:
    """What each client paid in each currency in the year that ends with the day, and in the year before."""
    year, two = years_on(day, -1), years_on(day, -2)
    kept = Payment.amount_minor - Payment.returned_minor
    return (
        select(
            Payment.client_id,
            Payment.currency,
            func.sum(case((Payment.received_on > year, kept), else_=0)).label("paid"),
            func.sum(case((Payment.received_on > year, 0), else_=kept)).label("before"),
        )
        .where(Payment.client_id.is_not(None), Payment.received_on > two, Payment.received_on <= day)
        .group_by(Payment.client_id, Payment.currency)
        .subquery()
    )


def _classed(day: date, rules: Mapping[str, int]) -> Subquery:
    """Every payer of the year with its place and class, by currency."""
    paid = _paid(day)
    order: dict[str, Any] = {"partition_by": paid.c.currency, "order_by": (paid.c.paid.desc(), paid.c.client_id)}
    whole: dict[str, Any] = {"partition_by": paid.c.currency}
    ranked = (
        select(
            paid,
            func.row_number().over(**order).label("place"),
            func.count().over(**whole).label("clients"),
            (func.sum(paid.c.paid).over(**order, rows=(None, 0)) - paid.c.paid).label("above"),
            func.sum(paid.c.paid).over(**whole).label("total"),
        )
        .where(paid.c.paid > 0)
        .subquery()
    )
    c = ranked.c

    def within(clients: int, sales: int) -> Any:
        return ((c.place - 1) * 100 < c.clients * clients) & (c.above * 100 < c.total * sales)

    sales_class = case(
        (within(rules["a_clients"], rules["a_sales"]), "a"),
        (within(rules["a_clients"] + rules["b_clients"], rules["a_sales"] + rules["b_sales"]), "b"),
        else_="c",
    )
    return select(c.client_id, c.currency, c.paid, c.before, c.place, sales_class.label("sales_class")).subquery()


def _payers(levelled: Subquery, rules: Mapping[str, int]) -> Select[Any]:
    return select(levelled.c.client_id).where(levelled.c.place <= rules["looked_at"])


def _named(day: date, rules: Mapping[str, int]) -> Subquery:
    """Clients that are named by something else than their payments."""
    return union(
        select(VipPlace.client_id).where(VipPlace.until.is_(None)),
        select(Client.id).where(Client.key),
        select(Attack.client_id).where(_lately(day, rules)),
        select(Engagement.client_id).where(Engagement.department == Department.VIP, Engagement.closed_at.is_(None)),
    ).subquery()


def _lately(day: date, rules: Mapping[str, int]) -> Any:
    since = datetime.combine(day - timedelta(days=rules["rival_days"]), time(), UTC)
    open_or_new = or_(Attack.closed_at.is_(None), Attack.raised_at >= since)
    return open_or_new & (Attack.state != AttackState.FALSE_ALARM)


def _alarmed(client_id: Any, day: date, rules: Mapping[str, int]) -> Any:
    return exists().where(Attack.client_id == client_id, _lately(day, rules))


def _works(department: Department | None) -> Any:
    here = (Engagement.client_id == Client.id, Engagement.closed_at.is_(None))
    return exists().where(*here, *(() if department is None else (Engagement.department == department,)))
