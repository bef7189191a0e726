"""Reading what was known of clients on a day: a fixed number of statements for however many of them.

Known on a day is what was written down by its end at the company's seat. Where a record keeps only what holds now, it
is taken back: through the events after that day (who was there, what they decided, key client or not, who was a head),
or by reading what cannot change (invoices instead of contracts, entries of allocation instead of sums). An invoice or
deal bears the day it was given, so that a company's imported history counts. Policies, such as a tier's visit norm, are
no facts: today's hold. A debt is looked back for as long as LOOK_BACK. Of a person who was erased, attitude and part in
decisions are forgotten for every day; and one who was entered twice was always one.
"""

from collections.abc import Collection
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import and_, or_, select, union
from sqlalchemy.orm import Session

from webapp.domain import health_deeds, health_money, health_people
from webapp.domain.client import Client
from webapp.domain.company import Company
from webapp.domain.contract import Contract
from webapp.domain.coverage import AFTER_HANDOFF
from webapp.domain.engagement import Engagement
from webapp.domain.health_facts import Facts
from webapp.domain.health_known import Known
from webapp.domain.loss import Loss
from webapp.domain.vip_place import VipPlace
from webapp.domain.vip_tier import VipTier

AT_ONCE = 1000
"""Clients in one go: well below what a statement may name."""

LISTS = frozenset("threads bills pledges_broken promises disputes talks notices attacks leavers".split())


def facts_of(session: Session, clients: Collection[int], *, day: date) -> dict[int, Facts]:
    """What was known of these clients at the end of the day. Who was not known yet is left out."""
    company = session.get(Company, 1)
    if company is None or not clients:
        return {}
    known = Known(sorted(set(clients)), day, ZoneInfo(company.timezone))
    _clients(session, known)
    told = health_deeds.events(session, known)
    health_people.read(session, known, told)
    health_money.read(session, known)
    health_deeds.read(session, known, told)
    return {client: _facts(client, day, company.live_contact_days, found) for client, found in known.found.items()}


def _facts(client: int, day: date, live_days: int, found: dict[str, Any]) -> Facts:
    given: dict[str, Any] = {name: tuple(value) if name in LISTS else value for name, value in found.items()}
    return Facts(client_id=client, day=day, live_days=live_days, **given)


def _clients(session: Session, known: Known) -> None:
    """Who was a client then, in the programme or lost then."""
    held = and_(
        VipPlace.client_id == Client.id,
        VipPlace.since <= known.day,
        or_(VipPlace.until.is_(None), VipPlace.until > known.day),
    )
    gone = and_(
        Loss.client_id == Client.id,
        Loss.lost_at < known.end,
        or_(Loss.won_back_at.is_(None), Loss.won_back_at >= known.end),
    )
    rows = session.connection().execute(
        select(
            Client.id,
            Client.key,
            Client.added_at,
            Client.attracted_at,
            VipPlace.since,
            VipTier.norm_kind,
            VipTier.norm_size,
            Loss.lost_on,
        )
        .join(VipPlace, held, isouter=True)
        .join(VipTier, VipTier.id == VipPlace.tier_id, isouter=True)
        .join(Loss, gone, isouter=True)
        .where(known.whose(Client.id))
    )
    for client, key, added, attracted, entered, kind, size, lost_on in rows.all():
        since = min(added, attracted or added)
        if since < known.end:
            known.found[client] = {
                "since": known.on(since),
                "key": key,
                "programme_since": entered,
                "visit_norm": None if kind is None else VipTier(norm_kind=kind, norm_size=size).norm_days,
                "lost_on": lost_on,
            }


def served_on(session: Session, day: date) -> list[int]:
    """The clients that had a health on a day: served after a hand-off then, or with a contract begun by then."""
    company = session.get_one(Company, 1)
    end = Known([], day, ZoneInfo(company.timezone)).end
    served = select(Engagement.client_id).where(
        Engagement.department.in_(AFTER_HANDOFF),
        Engagement.opened_at < end,
        or_(Engagement.closed_at.is_(None), Engagement.closed_at >= end),
    )
    bound = select(Contract.client_id).where(Contract.starts_on <= day)
    return sorted(session.scalars(union(served, bound)))
