"""The radar: clients by their health, with who answers for them and what they pay. A fixed number of statements."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, Select, select, tuple_
from sqlalchemy.orm import Session

from webapp.domain.client import Client
from webapp.domain.engagement import Engagement
from webapp.domain.health_kept import KeptHealth
from webapp.domain.health_terms import Band
from webapp.domain.money import Money
from webapp.domain.task import Task
from webapp.domain.user import Actor, User
from webapp.queries.health_marks import history, Mark

PAGE = 30


@dataclass(frozen=True, slots=True)
class WantedHealth:
    """What the list is narrowed to. ``falling``: of all bands, those that lost most in four weeks. ``after`` is the
    number and the client at which the last page ended."""

    band: Band = Band.CRITICAL
    owner_id: int | None = None
    falling: bool = False
    after: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class RadarRow:
    """``due_on``: until when the owner acts, where the band's task waits; a critical client without one stands in line.
    ``next_on``: the next touch by any department."""

    client_id: int
    client: str
    mark: Mark
    since: date
    owner: str
    monthly: Money
    due_on: date | None
    next_on: date | None


@dataclass(frozen=True, slots=True)
class Radar:
    rows: tuple[RadarRow, ...]
    counts: dict[Band, int]
    """Clients in each band, of the owner where one is chosen."""
    after: tuple[int, int] | None


def radar(session: Session, actor: Actor, wanted: WantedHealth, today: date) -> Radar:
    """A page of the clients, the ones that pay most first, or the ones that fall fastest."""
    counted = select(KeptHealth.band, func.count()).where(KeptHealth.frozen_on.is_(None)).group_by(KeptHealth.band)
    if wanted.owner_id is not None:
        counted = counted.where(KeptHealth.owner_id == wanted.owner_id)
    counts = {row[0]: row[1] for row in session.execute(counted)}
    found = session.execute(_page(wanted)).all()
    lines = history(session, [row.client_id for row in found[:PAGE]], today)
    rows = tuple(
        RadarRow(
            row.client_id,
            row.client,
            Mark(row.level, row.band, row.trend, lines.get(row.client_id, ())),
            row.since,
            row.owner or "",
            Money(row.monthly_minor, row.currency),
            row.due_on,
            row.next_on,
        )
        for row in found[:PAGE]
    )
    last = found[PAGE - 1] if len(found) > PAGE else None
    after = None if last is None else (last.trend if wanted.falling else last.monthly_minor, last.client_id)
    return Radar(rows, {band: counts.get(band, 0) for band in Band}, after)


def _page(wanted: WantedHealth) -> Select[*tuple[Any, ...]]:
    page: Select[*tuple[Any, ...]]
    running = (Engagement.client_id == KeptHealth.client_id) & Engagement.closed_at.is_(None)
    touch = select(func.min(Engagement.next_touch_on)).where(running).scalar_subquery()
    page = (
        select(
            KeptHealth.client_id,
            Client.name.label("client"),
            KeptHealth.level,
            KeptHealth.band,
            KeptHealth.trend,
            KeptHealth.since,
            User.name.label("owner"),
            KeptHealth.currency,
            KeptHealth.monthly_minor,
            Task.due_on,
            touch.label("next_on"),
        )
        .join(Client, Client.id == KeptHealth.client_id)
        .outerjoin(User, User.id == KeptHealth.owner_id)
        .outerjoin(Task, (Task.id == KeptHealth.task_id) & Task.closed_at.is_(None))
        .where(KeptHealth.frozen_on.is_(None))
        .limit(PAGE + 1)
    )
    if wanted.owner_id is not None:
        page = page.where(KeptHealth.owner_id == wanted.owner_id)
    if wanted.falling:
        page = page.where(KeptHealth.trend < 0).order_by(KeptHealth.trend, KeptHealth.client_id)
        place = tuple_(KeptHealth.trend, KeptHealth.client_id)
        return page if wanted.after is None else page.where(place > wanted.after)
    page = page.where(KeptHealth.band == wanted.band)
    page = page.order_by(KeptHealth.monthly_minor.desc(), KeptHealth.client_id.desc())
    place = tuple_(KeptHealth.monthly_minor, KeptHealth.client_id)
    return page if wanted.after is None else page.where(place < wanted.after)
