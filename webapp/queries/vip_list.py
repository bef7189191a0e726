"""The VIP list as it stands: who is in the programme, in which tier since when, who visits them; and its reviews."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, Select, select, tuple_
from sqlalchemy.orm import Session

from webapp.domain.client import Client
from webapp.domain.engagement import Engagement
from webapp.domain.user import Actor, User
from webapp.domain.vip_line import VipLine
from webapp.domain.vip_place import VipPlace
from webapp.domain.vip_review import ReviewState, VipReview
from webapp.domain.vip_rules import VipStep
from webapp.domain.vip_tier import VipTier
from webapp.domain.words import Department
from webapp.queries.vip_load import Carried, carried_by_owner

PAGE = 50


@dataclass(frozen=True, slots=True)
class WantedMembers:
    """What the list is narrowed to. ``after`` is the cursor: a client's name and number."""

    tier_id: int | None = None
    owner_id: int | None = None
    after: tuple[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Member:
    client_id: int
    client: str
    key: bool
    tier: str
    since: date
    because: str
    owner: str | None
    """Of the VIP department; None where it does not work with the client."""
    next_touch_on: date | None


@dataclass(frozen=True, slots=True)
class Team:
    """One who can visit, with what they carry."""

    user_id: int
    name: str
    carried: tuple[Carried, ...]


@dataclass(frozen=True, slots=True)
class VipList:
    rows: tuple[Member, ...]
    after: tuple[str, int] | None
    tiers: tuple[tuple[int, str, int], ...]
    """Number, name and how many clients."""
    team: tuple[Team, ...]


@dataclass(frozen=True, slots=True)
class ReviewRow:
    id: int
    quarter: date
    state: ReviewState
    approved_at: datetime | None
    approved_by: str | None
    entered: int
    moved: int
    left: int
    listed: int
    """Who is on the list: those who enter, stay or change the tier."""


def vip_list(session: Session, actor: Actor, wanted: WantedMembers) -> VipList:
    """A page of the programme. Four statements."""
    found = session.execute(_members(wanted).limit(PAGE + 1)).all()
    rows = tuple(Member(*row) for row in found[:PAGE])
    after = (rows[-1].client, rows[-1].client_id) if len(found) > PAGE else None
    tiers = session.execute(
        select(VipTier.id, VipTier.name, func.count(VipPlace.id))
        .outerjoin(VipPlace, (VipPlace.tier_id == VipTier.id) & VipPlace.until.is_(None))
        .group_by(VipTier.id, VipTier.name, VipTier.position, VipTier.retired_at)
        .having((VipTier.retired_at.is_(None)) | (func.count(VipPlace.id) > 0))
        .order_by(VipTier.position)
    )
    return VipList(rows, after, tuple((row[0], row[1], row[2]) for row in tiers), _team(session))


def review_rows(session: Session, actor: Actor) -> tuple[ReviewRow, ...]:
    """Every review, the newest first: four a year. Two statements."""
    counts: dict[int, dict[str, int]] = {}
    step = func.coalesce(VipLine.decision, VipLine.proposed)
    for review_id, what, count in session.execute(
        select(VipLine.review_id, step, func.count()).group_by(VipLine.review_id, step)
    ):
        counts.setdefault(review_id, {})[VipStep(what)] = count
    found = session.execute(
        select(VipReview.id, VipReview.quarter, VipReview.state, VipReview.approved_at, User.name)
        .outerjoin(User, User.id == VipReview.approved_by_id)
        .order_by(VipReview.quarter.desc())
        .limit(200)
    )
    return tuple(_review_row(row, counts.get(row.id, {})) for row in found)


def _review_row(row: Any, of: dict[str, int]) -> ReviewRow:
    entered, moved, left = (of.get(step, 0) for step in (VipStep.ENTER, VipStep.MOVE, VipStep.LEAVE))
    listed = entered + moved + of.get(VipStep.STAY, 0)
    return ReviewRow(row.id, row.quarter, row.state, row.approved_at, row.name, entered, moved, left, listed)


def _team(session: Session) -> tuple[Team, ...]:
    carried = carried_by_owner(session)
    people = session.execute(
        select(User.id, User.name)
        .where(User.department == Department.VIP, User.deactivated_at.is_(None))
        .order_by(User.name)
    )
    return tuple(Team(number, name, carried.get(number, ())) for number, name in people)


def _members(wanted: WantedMembers) -> Select[*tuple[Any, ...]]:
    """The programme by name, narrowed."""
    page: Select[*tuple[Any, ...]] = (
        select(
            Client.id,
            Client.name,
            Client.key,
            VipTier.name,
            VipPlace.since,
            VipPlace.entered_because,
            User.name,
            Engagement.next_touch_on,
        )
        .join(VipPlace, VipPlace.client_id == Client.id)
        .join(VipTier, VipTier.id == VipPlace.tier_id)
        .outerjoin(
            Engagement,
            (Engagement.client_id == Client.id)
            & (Engagement.department == Department.VIP)
            & Engagement.closed_at.is_(None),
        )
        .outerjoin(User, User.id == Engagement.owner_id)
        .where(VipPlace.until.is_(None))
        .order_by(Client.name, Client.id)
    )
    if wanted.tier_id is not None:
        page = page.where(VipPlace.tier_id == wanted.tier_id)
    if wanted.owner_id is not None:
        page = page.where(Engagement.owner_id == wanted.owner_id)
    if wanted.after is not None:
        page = page.where(tuple_(Client.name, Client.id) > wanted.after)
    return page
