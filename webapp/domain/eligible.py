"""Whom a product suits, asked of all clients at once: a select of ids, and the facts of some clients."""

from collections.abc import Collection
from datetime import date
from typing import Any

from sqlalchemy import and_, ColumnElement, func, or_, Select, select
from sqlalchemy.orm import Session

from webapp.domain.client import Client
from webapp.domain.contract import Contract
from webapp.domain.eligibility import ClientFacts, Eligibility, EligibilityRule
from webapp.domain.engagement import Engagement
from webapp.domain.giving import GIVEN
from webapp.domain.product import Product
from webapp.domain.vip_place import VipPlace


def eligible_clients(rule: EligibilityRule, day: date) -> Select[int]:
    """The ids of the clients whom it suits on a day, to count, to join or to page through: one statement."""
    return select(Client.id).where(suited(rule, day))


def suited(rule: EligibilityRule, day: date) -> ColumnElement[bool]:
    """What ``EligibilityRule.suits`` asks, as a condition on Client."""
    return or_(*(and_(*conditions(each, day)) for each in rule.asked))


def conditions(eligibility: Eligibility, day: date) -> list[ColumnElement[bool]]:
    """What ``Eligibility.failures`` asks, as conditions on Client."""
    asked: list[ColumnElement[bool]] = [Client.lost_at.is_(None)]
    if eligibility.sectors:
        asked.append(Client.sector.in_(sorted(eligibility.sectors)))
    if eligibility.cities:
        asked.append(Client.city.in_(sorted(eligibility.cities)))
    if eligibility.lanes:
        worked = Engagement.closed_at.is_(None) & Engagement.department.in_(sorted(eligibility.lanes))
        asked.append(Client.id.in_(select(Engagement.client_id).where(worked)))
    if eligibility.employees_from is not None:
        asked.append(Client.employees >= eligibility.employees_from)
    if eligibility.employees_to is not None:
        asked.append(Client.employees <= eligibility.employees_to)
    if eligibility.key is not None:
        asked.append(Client.key.is_(eligibility.key))
    if eligibility.vip is not None:
        listed = Client.id.in_(select(VipPlace.client_id).where(_placed(day)))
        asked.append(listed if eligibility.vip else ~listed)
    return asked + _paying(eligibility, day) + _holding(eligibility, day)


def _paying(eligibility: Eligibility, day: date) -> list[ColumnElement[bool]]:
    """A client that pays nothing stands in no group: below the most it is all the same."""
    of_currency = Contract.currency == eligibility.currency
    paying = select(Contract.client_id).where(Contract.paid_monthly(day), of_currency).group_by(Contract.client_id)
    pays = func.sum(Contract.amount_minor)
    asked: list[ColumnElement[bool]] = []
    if eligibility.monthly_from:
        asked.append(Client.id.in_(paying.having(pays >= eligibility.monthly_from)))
    if eligibility.monthly_to is not None:
        asked.append(Client.id.not_in(paying.having(pays > eligibility.monthly_to)))
    return asked


def _holding(eligibility: Eligibility, day: date) -> list[ColumnElement[bool]]:
    lacked = [~owned for owned in _owned(eligibility.lacks, eligibility.lacks_families, day)]
    owned = _owned(eligibility.owns, eligibility.owns_families, day)
    return [or_(*owned), *lacked] if owned else lacked


def _owned(products: Collection[int], families: Collection[int], day: date) -> list[ColumnElement[bool]]:
    """Clients whom a contract in force gives one of the products, or one of the families."""
    held = select(Contract.client_id).join(GIVEN, GIVEN.c.contract_id == Contract.id).where(Contract.in_force(day))
    found: list[ColumnElement[bool]] = []
    if products:
        found.append(Client.id.in_(held.where(GIVEN.c.product_id.in_(products))))
    if families:
        of_families = select(Product.id).where(Product.family_id.in_(families))
        found.append(Client.id.in_(held.where(GIVEN.c.product_id.in_(of_families))))
    return found


def facts_of(session: Session, clients: Collection[int], day: date) -> dict[int, ClientFacts]:
    """What the conditions ask of some clients on a day. Five statements, however many they are."""
    columns = (Client.id, Client.lost_at, Client.sector, Client.city, Client.employees, Client.key)
    own = session.execute(select(*columns).where(Client.id.in_(clients))).all()
    vip = set(session.scalars(select(VipPlace.client_id).where(VipPlace.client_id.in_(clients), _placed(day))))
    lanes = _gathered(
        session,
        select(Engagement.client_id, Engagement.department).where(
            Engagement.client_id.in_(clients), Engagement.closed_at.is_(None)
        ),
    )
    monthly: dict[int, dict[str, int]] = {}
    for client, currency, minor in session.execute(
        select(Contract.client_id, Contract.currency, func.sum(Contract.amount_minor))
        .where(Contract.client_id.in_(clients), Contract.paid_monthly(day))
        .group_by(Contract.client_id, Contract.currency)
    ):
        monthly.setdefault(client, {})[currency] = int(minor)
    products: dict[int, set[int]] = {}
    families: dict[int, set[int]] = {}
    for client, product, family in session.execute(_held_by(clients, day)):
        products.setdefault(client, set()).add(product)
        families.setdefault(client, set()).update({family} - {None})
    return {
        row.id: ClientFacts(
            row.lost_at is not None, row.sector, row.city, row.employees, row.key, row.id in vip,
            frozenset(lanes.get(row.id, ())), monthly.get(row.id, {}),
            frozenset(products.get(row.id, ())), frozenset(families.get(row.id, ())),
        )
        for row in own
    }  # fmt: skip


def _held_by(clients: Collection[int], day: date) -> Select[*tuple[Any, ...]]:
    """Client, product and its family of what each contract in force gives."""
    return (
        select(Contract.client_id, Product.id, Product.family_id)
        .join(GIVEN, GIVEN.c.contract_id == Contract.id)
        .join(Product, Product.id == GIVEN.c.product_id)
        .where(Contract.client_id.in_(clients), Contract.in_force(day))
    )


def _gathered(session: Session, statement: Select[*tuple[Any, ...]]) -> dict[int, set[Any]]:
    found: dict[int, set[Any]] = {}
    for key, value in session.execute(statement):
        found.setdefault(key, set()).add(value)
    return found


def _placed(day: date) -> ColumnElement[bool]:
    return (VipPlace.since <= day) & (VipPlace.until.is_(None) | (VipPlace.until > day))
