"""Keeping health: reckoned anew when something happened to a client, and each night for all.

A client has a health from the day it is served after a hand-off, or has a contract. Once it is lost its health stays
what it was on that day.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, cast

from sqlalchemy import and_, bindparam, case, delete, exists, insert, or_, select, Table, union, update
from sqlalchemy.orm import Session

from webapp.domain import keeping
from webapp.domain.among import among
from webapp.domain.client import Client
from webapp.domain.company import Company
from webapp.domain.contract import Contract
from webapp.domain.coverage import AFTER_HANDOFF
from webapp.domain.engagement import Engagement
from webapp.domain.health import reckon
from webapp.domain.health_facts import Facts
from webapp.domain.health_kept import drawn, HealthDay, HealthOverride, KeptHealth
from webapp.domain.health_model import terms_in_force
from webapp.domain.health_reading import AT_ONCE, facts_of
from webapp.domain.health_terms import Terms
from webapp.domain.queue_facts import in_parts
from webapp.domain.words import Department

STANDS_ON: frozenset[str] = frozenset(
    "attack:defended attack:dismissed attack:joined attack:lost attack:raised client:changed client:lost "
    "client:wonback contact:changed contact:erased contact:left contact:merged contact:removed "
    "contact:returned contract:added contract:ended deal:added deal:lost deal:reopened deal:won "
    "engagement:closed engagement:opened engagement:reassigned handoff:accepted health:overridden "
    "health:reckonedagain interaction:added invoice:agreed invoice:credited invoice:disputed payment:allocated "
    "payment:freed promise:added promise:broken promise:kept promisetopay:broken vip:entered vip:left "
    "vip:moved".split()
)
"""The events after which a client's health may be another. What the calendar does, and who of ours left, the night
sees; an invoice that is issued is not due yet. An import, and its undoing, keep the health of whom they concern
themselves: their events are written in bulk, or name no client."""

TREND_DAYS = 28
MONTH_DAYS = 31

HEALTH, DAY = cast("Table", KeptHealth.__table__), cast("Table", HealthDay.__table__)


@dataclass(frozen=True, slots=True)
class Standing:
    """What is kept of a client so far, and what stands beside its facts."""

    client_id: int
    lost: bool
    wanted: bool
    owner_id: int | None
    said: Any
    """The band that somebody said instead; None where nobody did."""
    before: int | None
    """The level four weeks ago."""
    kept: dict[str, Any] | None


def keep(session: Session, clients: Iterable[int], *, at: datetime) -> None:
    """Reckon these clients anew, and write what changed."""
    company = session.get(Company, 1)
    if company is None:
        return
    wanted = sorted(set(clients))
    if not wanted:
        return
    keeping.hold(session, keeping.HEALTH, wanted)  # before anything is read
    terms = terms_in_force(session)
    for part in in_parts(wanted, AT_ONCE):
        session.flush()
        _keep(session, part, terms, company.today(at), company.currency)


def keep_after(session: Session, told: Collection[tuple[str, int]], *, at: datetime) -> None:
    """After events (kind and client): the clients' health follows."""
    keep(session, {client for kind, client in told if kind in STANDS_ON}, at=at)


def everybody(session: Session) -> list[int]:
    """All clients that have a health, or ought to have one; of those who are lost nothing changes any more."""
    served = select(Engagement.client_id).where(
        Engagement.department.in_(AFTER_HANDOFF), Engagement.closed_at.is_(None)
    )
    kept = select(KeptHealth.client_id).where(KeptHealth.frozen_on.is_(None))
    return sorted(session.scalars(union(served, select(Contract.client_id), kept)))


def _keep(session: Session, clients: list[int], terms: Terms, today: date, currency: str) -> None:
    standings = _standings(session, clients, today)
    asked = [each.client_id for each in standings if each.wanted and not each.lost]
    facts = facts_of(session, asked, day=today)
    begun, changed, days = [], [], []
    for each in standings:
        if each.client_id not in facts:
            continue
        row = _row(each, facts[each.client_id], terms, today, currency)
        if each.kept is None:
            begun.append({**row, "client_id": each.client_id, "task_id": None, "task_band": None})
        elif any(each.kept[name] != value for name, value in row.items()):
            changed.append({f"to_{name}": value for name, value in row.items()} | {"of": each.client_id})
        if each.kept is None or any(each.kept[name] != row[name] for name in ("level", "band", "points")):
            told = {name: row[name] for name in ("level", "band", "points")}
            days.append({"client_id": each.client_id, "day": today, **told})
    _write(session, begun, changed, days, today)
    _freeze(session, standings, today)


def _row(each: Standing, facts: Facts, terms: Terms, today: date, currency: str) -> dict[str, Any]:
    health = reckon(facts, terms)
    band = health.band if each.said is None else each.said
    paid_in, minor = _monthly(facts, currency)
    line, line_on = _line(each.kept, health.level, today)
    return {
        "level": health.level,
        "band": band,
        "reckoned": health.band,
        "points": health.points,
        "trend": 0 if each.before is None else health.level - each.before,
        "since": each.kept["since"] if each.kept is not None and each.kept["band"] is band else today,
        "owner_id": each.owner_id,
        "currency": paid_in,
        "monthly_minor": minor,
        "frozen_on": None,
        "line": line,
        "line_on": line_on,
    }


def _line(kept: dict[str, Any] | None, level: int, today: date) -> tuple[str, date]:
    """The kept line with the level of this week; a level that did not change leaves it as it is."""
    if kept is None or kept["line_on"] is None:
        return str(level), today
    if kept["level"] == level:
        return kept["line"], kept["line_on"]
    levels = [*drawn(kept["line"], kept["line_on"], today)[:-1], level]
    return ",".join(map(str, levels)), today


def _monthly(facts: Facts, currency: str) -> tuple[str, int]:
    """What was invoiced monthly, in the currency of the most of it."""
    sums: dict[str, int] = {}
    for bill in facts.bills:
        if bill.monthly and 0 <= facts.ago(bill.issued_on) < MONTH_DAYS:
            sums[bill.currency] = sums.get(bill.currency, 0) + bill.minor
    return max(sums.items(), key=lambda each: (each[1], each[0]), default=(currency, 0))


def _write(
    session: Session,
    begun: list[dict[str, Any]],
    changed: list[dict[str, Any]],
    days: list[dict[str, Any]],
    today: date,
) -> None:
    if begun:
        session.execute(insert(HEALTH), begun)
    if changed:
        names = [name.removeprefix("to_") for name in changed[0] if name != "of"]
        values = {name: bindparam(f"to_{name}", type_=HEALTH.c[name].type) for name in names}
        statement = update(HEALTH).where(HEALTH.c.client_id == bindparam("of")).values(values)
        session.connection().execute(statement, changed)
    if days:
        again = [each["client_id"] for each in days]
        session.execute(delete(DAY).where(among(DAY.c.client_id, again), DAY.c.day == today))
        session.execute(insert(DAY), days)


def _freeze(session: Session, standings: list[Standing], today: date) -> None:
    """Of a client that is lost the health stays as it was; of one that never was served there is none."""
    lost = [each.client_id for each in standings if each.lost and each.kept and each.kept["frozen_on"] is None]
    if lost:
        session.execute(update(HEALTH).where(HEALTH.c.client_id.in_(lost)).values(frozen_on=today, owner_id=None))
    strange = [each.client_id for each in standings if each.kept and not each.wanted and not each.lost]
    if strange:
        session.execute(delete(HEALTH).where(HEALTH.c.client_id.in_(strange)))


def _standings(session: Session, clients: list[int], today: date) -> list[Standing]:
    working = (Engagement.client_id == Client.id, Engagement.closed_at.is_(None))
    first = case({Department.VIP.value: 0, Department.CLIENT.value: 1}, value=Engagement.department, else_=2)
    owner = select(Engagement.owner_id).where(*working).order_by(first).limit(1).scalar_subquery()
    served = exists().where(*working, Engagement.department.in_(AFTER_HANDOFF))
    before = (
        select(HealthDay.level)
        .where(HealthDay.client_id == Client.id, HealthDay.day <= today - timedelta(days=TREND_DAYS))
        .order_by(HealthDay.day.desc())
        .limit(1)
        .scalar_subquery()
    )
    said = and_(HealthOverride.client_id == Client.id, HealthOverride.ended_at.is_(None), HealthOverride.until >= today)
    columns = [column for column in HEALTH.c if column.name not in ("id", "client_id", "task_id", "task_band")]
    rows = session.connection().execute(
        select(
            Client.id,
            Client.lost_at,
            or_(served, exists().where(Contract.client_id == Client.id)),
            owner,
            HealthOverride.band,
            before,
            KeptHealth.id,
            *columns,
        )
        .join(KeptHealth, KeptHealth.client_id == Client.id, isouter=True)
        .join(HealthOverride, said, isouter=True)
        .where(among(Client.id, clients))
    )
    names = [column.name for column in columns]
    return [
        Standing(
            row[0],
            row[1] is not None,
            row[2],
            row[3],
            row[4],
            row[5],
            None if row[6] is None else dict(zip(names, row[7:], strict=True)),
        )
        for row in rows.all()
    ]
