"""Why a client's health is what it is: each part's points with the facts behind them, and what changed in a week."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, UTC
from itertools import accumulate, pairwise
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, false, literal, or_, select, union_all
from sqlalchemy.orm import Session

from webapp.domain.client import Client
from webapp.domain.company import Company
from webapp.domain.contact import Contact
from webapp.domain.contract import Contract
from webapp.domain.deal import Deal
from webapp.domain.event import Event
from webapp.domain.health import Health, Lift, Part, PARTS, reckon, share
from webapp.domain.health_facts import Source
from webapp.domain.health_kept import HealthOverride, KeptHealth
from webapp.domain.health_model import HealthModel, SHIPPED_NUMBER
from webapp.domain.health_reading import facts_of
from webapp.domain.health_rules import Finding
from webapp.domain.health_terms import SHIPPED, Terms
from webapp.domain.interaction import CONTACTS, Interaction
from webapp.domain.invoice import Invoice
from webapp.domain.task import Task
from webapp.domain.user import Actor, User
from webapp.queries.health_marks import history

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class FindingRow:
    """What a rule found; ``name`` is that of its source: a person, an invoice, a deal."""

    text: str
    values: dict[str, Any]
    points: int
    """What it adds to those above it, so that they come to the points of a part that is not cut to its weight."""
    on: date
    source: Source
    name: str
    told: int | None
    """The timeline's entry of the interaction, where the source is one."""
    new: bool
    """It was another a week ago."""


@dataclass(frozen=True, slots=True)
class PartRow:
    """A part: its points now and a week ago, between what it can take and what it can add."""

    part: Part
    points: int
    was: int | None
    least: int
    most: int
    findings: tuple[FindingRow, ...]


@dataclass(frozen=True, slots=True)
class Why:
    """``health`` is reckoned now; ``kept`` is what the lists show, frozen where the client is lost."""

    kept: KeptHealth
    health: Health | None
    terms: Terms
    number: int
    """Of the model's version."""
    parts: tuple[PartRow, ...]
    lifts: tuple[Lift, ...]
    was: int | None
    """The level a week ago."""
    levels: tuple[int, ...]
    override: HealthOverride | None
    task: Task | None


def why(session: Session, actor: Actor, client: Client, today: date) -> Why | None:
    """None of a client that has no health yet."""
    kept = session.scalar(select(KeptHealth).where(KeptHealth.client_id == client.id))
    if kept is None:
        return None
    model = HealthModel.running(session)
    terms = SHIPPED if model is None else Terms.of_json(model.terms)
    day = kept.frozen_on - timedelta(days=1) if kept.frozen_on is not None else today
    now = facts_of(session, [client.id], day=day).get(client.id)
    before = facts_of(session, [client.id], day=day - WEEK).get(client.id)
    health = None if now is None else reckon(now, terms)
    earlier = None if before is None else reckon(before, terms)
    written = Written(_names(session, health), _entries(session, client, health))
    return Why(
        kept,
        health,
        terms,
        SHIPPED_NUMBER if model is None else model.number,
        () if health is None else tuple(_part(part, health, earlier, terms, written) for part in PARTS),
        () if health is None else tuple(health.lifts(terms)),
        None if earlier is None else earlier.level,
        history(session, [client.id], today).get(client.id, ()),
        HealthOverride.current(session, client.id),
        None if kept.task_id is None else session.get(Task, kept.task_id),
    )


class Written(NamedTuple):
    """What the sources are called; and by one of ours and a day, the timeline's entry of their interaction."""

    names: dict[Source, str]
    entries: dict[tuple[int, date], int]


def _part(part: Part, health: Health, earlier: Health | None, terms: Terms, written: Written) -> PartRow:
    weight = terms.weights[part.key]
    known = [] if earlier is None else [(each.rule, each.percent, each.text) for each in earlier.findings[part.key]]
    found = health.findings[part.key]
    reached = [share(weight, percent) for percent in accumulate((each.percent for each in found), initial=0)]
    findings = tuple(
        FindingRow(
            each.text,
            each.values,
            after - before,
            each.on,
            each.source,
            written.names.get(each.source, ""),
            written.entries.get((each.source.id, each.on)) if each.source.kind == "user" else None,
            earlier is not None and (each.rule, each.percent, each.text) not in known,
        )
        for each, (before, after) in zip(found, pairwise(reached), strict=True)
    )
    was = None if earlier is None else earlier.points[part.key]
    return PartRow(part, health.points[part.key], was, *part.reach(weight), findings)


NAMED = {
    "contact": (Contact, Contact.name),
    "user": (User, User.name),
    "deal": (Deal, Deal.name),
    "contract": (Contract, Contract.name),
}


def _found(health: Health | None) -> list[Finding]:
    return [] if health is None else [each for some in health.findings.values() for each in some]


def _names(session: Session, health: Health | None) -> dict[Source, str]:
    """What the sources are called, in two statements."""
    wanted: dict[str, set[int]] = {}
    for each in _found(health):
        wanted.setdefault(each.source.kind, set()).add(each.source.id)
    asked = [
        select(literal(kind), entity.id, name).where(entity.id.in_(wanted.get(kind, ())))
        for kind, (entity, name) in NAMED.items()
    ]
    names = {Source(kind, id_): name for kind, id_, name in session.execute(union_all(*asked))}
    invoices = select(Invoice.id, Invoice.number, Invoice.year).where(Invoice.id.in_(wanted.get("invoice", ())))
    return names | {Source("invoice", row[0]): f"{row[1]}/{row[2]}" for row in session.execute(invoices)}


def _entries(session: Session, client: Client, health: Health | None) -> dict[tuple[int, date], int]:
    """The newest entry of the timeline for each of ours and each day that a fact names, in one statement."""
    zone = ZoneInfo(session.get_one(Company, 1).timezone)
    spoken = {(each.source.id, each.on) for each in _found(health) if each.source.kind == "user"}
    rows = session.execute(
        select(Interaction.user_id, Interaction.at, Event.id)
        .join(Event, (Event.client_id == Interaction.client_id) & (Event.subject_id == Interaction.id))
        .where(Interaction.client_id == client.id, Interaction.user_id.in_({user for user, _ in spoken}))
        .where(Event.kind == "interaction:added", Interaction.kind.in_(CONTACTS))
        .where(or_(false(), *(_during(day, zone) for day in {on for _, on in spoken})))
        .order_by(Interaction.at, Event.id)
    )
    return {(user, at.astimezone(zone).date()): entry for user, at, entry in rows}


def _during(day: date, zone: ZoneInfo) -> ColumnElement[bool]:
    begin = datetime.combine(day, time(), zone)
    return Interaction.at.between(begin.astimezone(UTC), (begin + timedelta(days=1)).astimezone(UTC))
