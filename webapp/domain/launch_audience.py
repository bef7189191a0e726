"""Whom a launch is for: a rule as data, and the one statement that finds who fits it, however many that are."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, exists, func, insert, literal, or_, Select, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import ColumnElement

from webapp.domain.awareness import Awareness
from webapp.domain.awareness_state import AwarenessState
from webapp.domain.client import Client
from webapp.domain.contract import Contract
from webapp.domain.engagement import Engagement
from webapp.domain.interaction import Interaction
from webapp.domain.launch import Launch
from webapp.domain.launch_state import Step
from webapp.domain.launch_touch import LaunchClient
from webapp.domain.product import Product
from webapp.domain.sales_class import SalesClass
from webapp.domain.vip_line import VipLine
from webapp.domain.vip_place import VipPlace
from webapp.domain.vip_review import VipReview
from webapp.domain.words import Department


@dataclass(frozen=True, slots=True)
class AudienceRule:
    """Who is meant; what is empty does not matter. Lost clients, those who own the product and those for whom it does
    not suit are never meant."""

    departments: tuple[Department, ...] = ()
    """Any of these works with the client."""
    sectors: tuple[str, ...] = ()
    classes: tuple[SalesClass, ...] = ()
    """Its best class by the newest review of the VIP list."""
    tiers: tuple[int, ...] = ()
    owns: tuple[int, ...] = ()
    """It has a contract over one of these products."""
    owns_family: tuple[str, ...] = ()
    lacks_family: tuple[str, ...] = ()
    """It has no contract over any product of these families."""
    owner_id: int | None = None
    quiet_days: int = 0
    """Nobody was in contact with it for so many days."""
    told_too: bool = False
    """Also those who know of the product already."""

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> "AudienceRule":
        """The rule as JSON keeps it."""
        lists = {key: tuple(value) for key, value in told.items() if isinstance(value, list | tuple)}
        rule = {**told, **lists}
        if "departments" in rule:
            rule["departments"] = tuple(Department(each) for each in rule["departments"])
        if "classes" in rule:
            rule["classes"] = tuple(SalesClass(each) for each in rule["classes"])
        return cls(**rule)

    def told(self) -> dict[str, Any]:
        """What differs from no rule at all, as JSON keeps it."""
        plain = asdict(self)
        return {key: list(value) if isinstance(value, tuple) else value for key, value in plain.items() if value}


def audience(rule: AudienceRule, product_id: int, *, at: datetime) -> Select[int]:
    """The ids of the clients who fit the rule."""
    wanted = select(Client.id).where(Client.lost_at.is_(None), *_who(rule), *_knowing(rule, product_id))
    owned = [_owning(Contract.product_id == product_id, at)]
    if rule.owns:
        wanted = wanted.where(_owning(Contract.product_id.in_(rule.owns), at))
    if rule.owns_family:
        wanted = wanted.where(_owning(Product.family.in_(rule.owns_family), at))
    if rule.lacks_family:
        owned.append(_owning(Product.family.in_(rule.lacks_family), at))
    if rule.quiet_days:
        since = at - timedelta(days=rule.quiet_days)
        owned.append(exists().where(Interaction.client_id == Client.id, Interaction.at >= since))
    return wanted.where(*(~each for each in owned))


def count(session: Session, rule: AudienceRule, product_id: int, *, at: datetime) -> int:
    """How many fit. One statement."""
    found = audience(rule, product_id, at=at).subquery()
    return session.scalar(select(func.count()).select_from(found)) or 0


def freeze(session: Session, launch: Launch, rule: AudienceRule, *, at: datetime) -> int:
    """Write down who fits now, in one statement; how many those are. Who knows of the product stands told already."""
    found = audience(rule, launch.product_id, at=at).subquery()
    rows = select(literal(launch.id), found.c.id, literal(int(Step.NONE)), literal(False)).order_by(found.c.id)
    session.execute(insert(LaunchClient).from_select(["launch_id", "client_id", "step", "refused"], rows))
    held = select(func.count()).where(LaunchClient.launch_id == launch.id)
    return session.scalar(held) or 0


def forget(session: Session, launch: Launch) -> None:
    """Nobody is in the audience of a launch that has not started."""
    session.execute(delete(LaunchClient).where(LaunchClient.launch_id == launch.id))


def _who(rule: AudienceRule) -> list[ColumnElement[bool]]:
    at_work = (Engagement.client_id == Client.id, Engagement.closed_at.is_(None))
    found: list[ColumnElement[bool]] = [
        exists().where(*at_work, *([Engagement.department.in_(rule.departments)] if rule.departments else []))
    ]
    if rule.owner_id is not None:
        found.append(exists().where(*at_work, Engagement.owner_id == rule.owner_id))
    if rule.sectors:
        found.append(Client.sector.in_(rule.sectors))
    if rule.tiers:
        held = (VipPlace.client_id == Client.id, VipPlace.until.is_(None))
        found.append(exists().where(*held, VipPlace.tier_id.in_(rule.tiers)))
    if rule.classes:
        found.append(_classed(rule.classes))
    return found


def _classed(classes: Collection[SalesClass]) -> ColumnElement[bool]:
    """By the newest review. Whom it did not look at paid little, or nothing: class C."""
    newest = select(func.max(VipReview.id)).scalar_subquery()
    looked = (VipLine.client_id == Client.id, VipLine.review_id == newest, VipLine.best.is_not(None))
    named = exists().where(*looked, VipLine.best.in_(classes))
    return or_(named, ~exists().where(*looked)) if SalesClass.C in classes else named


def _knowing(rule: AudienceRule, product_id: int) -> list[ColumnElement[bool]]:
    known = (Awareness.client_id == Client.id, Awareness.product_id == product_id)
    out = Awareness.state.in_([AwarenessState.NOT_ELIGIBLE, AwarenessState.OWNED])
    return [~exists().where(*known, out if rule.told_too else or_(out, Awareness.told_at.is_not(None)))]


def _owning(what: ColumnElement[bool], at: datetime) -> ColumnElement[bool]:
    """It has a contract that has not run out. What was sold once is owned for good."""
    running = or_(Contract.ends_on.is_(None), Contract.ends_on >= at.date(), Contract.billing == "one_off")
    return exists().where(Contract.client_id == Client.id, Contract.product_id == Product.id, what, running)
