"""Whom the norm asks to visit: clients of the VIP department, by when their last held visit with a purpose was."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from sqlalchemy import bindparam, case, exists, func, Integer, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import ColumnElement

from webapp.domain.attack import Attack
from webapp.domain.client import Client
from webapp.domain.company import Company
from webapp.domain.engagement import Engagement
from webapp.domain.launch import Launch
from webapp.domain.launch_state import Channel, LaunchState, TouchState
from webapp.domain.launch_touch import LaunchTouch
from webapp.domain.product import Product
from webapp.domain.task import Task, TaskKind
from webapp.domain.vip_place import VipPlace
from webapp.domain.vip_tier import NormKind, QUARTER_DAYS, VipTier
from webapp.domain.visit import Visit
from webapp.domain.visit_state import Purpose
from webapp.domain.words import Department
from webapp.queries.attacks import OPEN as STILL_OPEN

MOST_DUE = 400
"""Clients of one person that are looked at: the longest not visited."""
SHOWN_DUE = 60
AHEAD = timedelta(days=14)
"""A client whom the norm asks for within two weeks is offered already: routes are planned by district."""

NORM_DAYS: ColumnElement[int] = case(
    (VipTier.norm_kind == NormKind.DAYS_BETWEEN, VipTier.norm_size),
    (VipTier.norm_size > QUARTER_DAYS, 1),
    else_=QUARTER_DAYS // VipTier.norm_size,
)
"""``VipTier.norm_days`` in the database."""

BETWEEN = "\n"
TO_TELL = (
    select(func.aggregate_strings(Product.name, BETWEEN))
    .join(Launch, Launch.product_id == Product.id)
    .join(LaunchTouch, LaunchTouch.launch_id == Launch.id)
    .where(LaunchTouch.client_id == Client.id, LaunchTouch.channel == Channel.VISIT)
    .where(LaunchTouch.state == TouchState.GIVEN, Launch.state == LaunchState.RUNNING)
    .correlate(Client)
    .scalar_subquery()
)
"""The new products of which launches ask to tell the client at a visit, for ``named``; None where none does."""

ATTACKED = exists().where(Attack.client_id == Client.id, STILL_OPEN)

LAST = (
    select(func.max(Visit.held_on))
    .where(Visit.client_id == Client.id, Visit.held_on.is_not(None), Visit.purpose.is_not(None))
    .correlate(Client)
    .scalar_subquery()
)
PLANNED = exists().where(Task.client_id == Client.id, Task.kind == TaskKind.MEETING, Task.closed_at.is_(None))
DUE = (
    select(
        Client.id,
        Client.name,
        Client.city,
        Client.district,
        LAST.label("last_on"),
        Engagement.opened_at,
        func.coalesce(NORM_DAYS, bindparam("usual", type_=Integer)).label("days"),
        ATTACKED.label("attacked"),
        TO_TELL.label("tell"),
    )
    .join(Engagement, Engagement.client_id == Client.id)
    .outerjoin(VipPlace, (VipPlace.client_id == Client.id) & VipPlace.until.is_(None))
    .outerjoin(VipTier, VipTier.id == VipPlace.tier_id)
    .where(Engagement.owner_id == bindparam("person"), Engagement.closed_at.is_(None))
    .where(Engagement.department == Department.VIP, ~PLANNED)
    .order_by(ATTACKED.desc(), TO_TELL.is_(None), LAST.is_not(None), LAST, Client.id)
    .limit(MOST_DUE)
)
"""Clients of a person whom nobody plans to visit, with the days that the norm gives. Written once."""


@dataclass(frozen=True, slots=True)
class DueClient:
    """A client of mine whom nobody plans to visit. ``last_on``: the last held visit with a purpose."""

    client_id: int
    client: str
    city: str
    district: str
    due_on: date
    last_on: date | None
    attacked: bool
    tell: tuple[str, ...] = ()
    """The new products that launches ask to tell of."""

    @property
    def purpose(self) -> Purpose:
        """What a visit to it is most likely for."""
        if self.attacked:
            return Purpose.ATTACK
        if self.tell:
            return Purpose.PRODUCT
        return Purpose.INTRODUCTION if self.last_on is None else Purpose.REVIEW


def named(told: str | None) -> tuple[str, ...]:
    """The products that ``TO_TELL`` found, each once."""
    return tuple(sorted(set(told.split(BETWEEN)))) if told else ()


def due_clients(session: Session, person_id: int, company: Company, today: date) -> tuple[list[DueClient], int]:
    """My clients of the VIP department without a planned visit, whom the norm asks for soon."""
    whose = {"person": person_id, "usual": company.visit_days}
    found = [
        DueClient(
            *(row.id, row.name, row.city, row.district),
            (row.last_on or company.today(row.opened_at)) + timedelta(days=int(row.days)),
            *(row.last_on, bool(row.attacked), named(row.tell)),
        )
        for row in session.execute(DUE, whose)
    ]
    due = [each for each in found if each.attacked or each.tell or each.due_on <= today + AHEAD]
    return sorted(due, key=_urgency)[:SHOWN_DUE], len(due)


def _urgency(each: DueClient) -> tuple[bool, date, int]:
    return not each.attacked, each.due_on, each.client_id


def by_district(due: Iterable[DueClient]) -> tuple[tuple[str, tuple[DueClient, ...]], ...]:
    """Clients under attack first, whatever their district; then the districts by their most urgent client."""
    ordered = sorted(due, key=_urgency)
    first: dict[str, int] = {}
    for place, each in enumerate(ordered):
        first.setdefault(_where(each), place)
    grouped = groupby(sorted(ordered, key=lambda each: (first[_where(each)], _urgency(each))), key=_where)
    return tuple((where, tuple(clients)) for where, clients in grouped)


def _where(each: DueClient) -> str:
    return "" if each.attacked else each.district or each.city or "–"
