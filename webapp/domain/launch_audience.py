"""Whom a launch is for: a rule as data, and the one statement that finds who fits it, however many that are.

What the client is and owns is asked by the evaluator of the catalogue; here stands what only a launch asks.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, exists, false, func, insert, literal, or_, Select, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import ColumnElement

from webapp.domain.awareness import Awareness
from webapp.domain.awareness_state import NO_MORE
from webapp.domain.client import Client
from webapp.domain.company import Company
from webapp.domain.eligibility import Eligibility, EligibilityRule
from webapp.domain.eligible import conditions, suited
from webapp.domain.engagement import Engagement
from webapp.domain.interaction import CONTACTS, Interaction
from webapp.domain.launch import Launch
from webapp.domain.launch_figures import keep_figures
from webapp.domain.launch_state import Step
from webapp.domain.launch_touch import LaunchClient
from webapp.domain.product import Product
from webapp.domain.sales_class import SalesClass
from webapp.domain.vip_line import VipLine
from webapp.domain.vip_place import VipPlace
from webapp.domain.vip_review import VipReview


@dataclass(frozen=True, slots=True)
class AudienceRule:
    """Who is meant; what is empty does not matter. Lost clients, those who own the product or refused it, and those
    whom it does not suit by the catalogue's conditions or by somebody's word, are never meant."""

    suits: Eligibility = field(default_factory=Eligibility)
    """What the client is and owns."""
    classes: tuple[SalesClass, ...] = ()
    """Its best class by the newest review of the VIP list; class C whom that did not look at."""
    tiers: tuple[int, ...] = ()
    owner_id: int | None = None
    quiet_days: int = 0
    """Nobody was in contact with it for so many days."""
    told_too: bool = False
    """Also those who know of the product already, and said nothing against it."""

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> "AudienceRule":
        """The rule as JSON keeps it."""
        return cls(
            Eligibility.of_json(told.get("suits", {})),
            tuple(SalesClass(each) for each in told.get("classes", ())),
            tuple(told.get("tiers", ())),
            told.get("owner_id"),
            told.get("quiet_days", 0),
            told.get("told_too", False),
        )

    def told(self) -> dict[str, Any]:
        """What is said, as JSON keeps it."""
        said = {
            "suits": self.suits.as_json(),
            "classes": list(self.classes),
            "tiers": list(self.tiers),
            "owner_id": self.owner_id,
            "quiet_days": self.quiet_days,
            "told_too": self.told_too,
        }
        return {key: value for key, value in said.items() if value}


def audience(session: Session, rule: AudienceRule, product: Product, *, at: datetime) -> Select[int]:
    """The ids of the clients who fit the rule."""
    day = session.get_one(Company, 1).today(at)
    lacking = Eligibility(lacks=frozenset({product.id}))
    wanted = [suited(EligibilityRule.of_json(product.eligibility), day)]
    wanted += [*conditions(rule.suits, day), *conditions(lacking, day)]
    wanted += [*_who(rule), *_knowing(rule, product.id)]
    if rule.quiet_days:
        spoken = (Interaction.client_id == Client.id, Interaction.kind.in_(CONTACTS))
        wanted.append(~exists().where(*spoken, Interaction.at >= at - timedelta(days=rule.quiet_days)))
    if product.retired_at is not None:
        wanted.append(false())
    return select(Client.id).where(*wanted)


def count(session: Session, rule: AudienceRule, product: Product, *, at: datetime) -> int:
    """How many fit. One statement."""
    found = audience(session, rule, product, at=at).subquery()
    return session.scalar(select(func.count()).select_from(found)) or 0


def freeze(session: Session, launch: Launch, rule: AudienceRule, *, at: datetime) -> int:
    """Write down who fits now, in one statement; how many those are."""
    found = audience(session, rule, launch.product, at=at).subquery()
    begins = literal(int(Step.NONE)), literal(False), literal(False)
    rows = select(literal(launch.id), found.c.id, *begins).order_by(found.c.id)
    session.execute(insert(LaunchClient).from_select(["launch_id", "client_id", "step", "refused", "offered"], rows))
    keep_figures(session, [launch.id])
    held = select(func.count()).where(LaunchClient.launch_id == launch.id)
    return session.scalar(held) or 0


def forget(session: Session, launch: Launch) -> None:
    """Nobody is in the audience of a launch that has not started."""
    session.execute(delete(LaunchClient).where(LaunchClient.launch_id == launch.id))
    keep_figures(session, [launch.id])


def _who(rule: AudienceRule) -> list[ColumnElement[bool]]:
    at_work = (Engagement.client_id == Client.id, Engagement.closed_at.is_(None))
    found: list[ColumnElement[bool]] = [exists().where(*at_work)]
    if rule.owner_id is not None:
        found.append(exists().where(*at_work, Engagement.owner_id == rule.owner_id))
    if rule.tiers:
        held = (VipPlace.client_id == Client.id, VipPlace.until.is_(None))
        found.append(exists().where(*held, VipPlace.tier_id.in_(rule.tiers)))
    if rule.classes:
        found.append(_classed(rule.classes))
    return found


def _classed(classes: Collection[SalesClass]) -> ColumnElement[bool]:
    newest = select(func.max(VipReview.id)).scalar_subquery()
    looked = (VipLine.client_id == Client.id, VipLine.review_id == newest, VipLine.best.is_not(None))
    named = exists().where(*looked, VipLine.best.in_(classes))
    return or_(named, ~exists().where(*looked)) if SalesClass.C in classes else named


def _knowing(rule: AudienceRule, product_id: int) -> list[ColumnElement[bool]]:
    known = (Awareness.client_id == Client.id, Awareness.product_id == product_id)
    out = Awareness.state.in_(sorted(NO_MORE))
    return [~exists().where(*known, out if rule.told_too else or_(out, Awareness.told_at.is_not(None)))]
