"""What is written on the board's cards."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import NamedTuple, Protocol
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, exists, func, select, String, type_coerce
from sqlalchemy.orm import aliased, Session

from webapp.domain.among import among
from webapp.domain.attack_state import STILL_OPEN
from webapp.domain.handoff_state import HandOffState
from webapp.domain.health_kept import KeptHealth
from webapp.domain.model import Attack, AttractionPeriod, Client, Deal, Engagement, HandOff, User
from webapp.domain.permissions import allows, Permission
from webapp.domain.user import Actor
from webapp.domain.words import Department
from webapp.queries.board_heads import OPEN_DEAL, Sum, sums
from webapp.queries.card_proposals import CardProposal, PROPOSALS, speaking
from webapp.queries.together import Together

FACTS = (
    select(
        Engagement.id,
        Engagement.version,
        Engagement.client_id,
        Client.name,
        Engagement.owner_id,
        User.name,
        Engagement.next_touch_on,
        Engagement.stage_since,
        exists().where(Attack.client_id == Engagement.client_id, STILL_OPEN),
        KeptHealth.level,
        type_coerce(KeptHealth.band, String),
        KeptHealth.line,
        KeptHealth.line_on,
        exists().where(
            Engagement.department == Department.SALES,
            AttractionPeriod.client_id == Engagement.client_id,
            AttractionPeriod.ended_on <= bindparam("today"),
        ),
    )
    .join(Client, Client.id == Engagement.client_id)
    .join(User, User.id == Engagement.owner_id)
    .outerjoin(KeptHealth, KeptHealth.client_id == Engagement.client_id)
    .where(among(Engagement.id, "ids"))
)
WAITS = select(HandOff.engagement_id, HandOff.state, HandOff.receiver).where(
    among(HandOff.engagement_id, "ids"), HandOff.state.in_([HandOffState.OFFERED, HandOffState.RETURNED])
)
_SHOWN = aliased(Engagement)
LANES = select(Engagement.client_id, Engagement.department).where(
    Engagement.client_id.in_(select(_SHOWN.client_id).where(among(_SHOWN.id, "ids"))), Engagement.closed_at.is_(None)
)
DEALS = (
    select(Deal.engagement_id, Deal.currency, func.sum(Deal.one_off_minor), func.sum(Deal.monthly_minor))
    .where(OPEN_DEAL, among(Deal.engagement_id, "ids"))
    .group_by(Deal.engagement_id, Deal.currency)
)
CARDS = Together(FACTS, DEALS, WAITS, LANES, PROPOSALS)


class StageFacts(Protocol):
    """What a card needs to know of its stage: a row or the entity."""

    @property
    def id(self) -> int: ...
    @property
    def department(self) -> Department: ...
    @property
    def name(self) -> str: ...
    @property
    def limit_days(self) -> int | None: ...


class Card(NamedTuple):
    """One client in one department's lane. A tuple: a board makes hundreds, five times as fast as a dataclass."""

    id: int
    version: int
    client_id: int
    client: str
    owner_id: int
    owner: str
    next_touch_on: date | None
    days: int
    """Whole days in this stage, by the reader's calendar."""
    over_limit: bool
    waiting: tuple[HandOffState, Department] | None
    """A hand-off that was offered or returned, and its receiver."""
    lanes: tuple[Department, ...]
    """The other lanes in which the client stands."""
    money: tuple[Sum, ...]
    movable: bool
    attacked: bool
    """A competitor is after the client."""
    ripe: bool
    """Its period of initial attraction is over, and nobody hands it off to the Client department yet."""
    level: int | None
    """Of its health; None where it has none yet."""
    band: str | None
    line: str | None
    line_on: date | None
    """How its health went, for ``health_kept.drawn``."""
    proposal: CardProposal | None
    """What was proposed to the client last, by whichever department."""


def cards(session: Session, actor: Actor, at: datetime, stages: Mapping[int, StageFacts]) -> dict[int, Card]:
    """The cards of these engagements by id, in one statement; ``stages``: department and limit, by engagement."""
    today = actor.today(at)
    facts, deals, offers, there, proposed = CARDS.read(session.connection(), {"ids": list(stages), "today": today})
    money = sums(deals)
    waits = {engagement_id: (state, to) for engagement_id, state, to in offers}
    lanes: dict[int, tuple[Department, ...]] = defaultdict(tuple)
    for client_id, department in there:
        lanes[client_id] += (department,)
    proposals = speaking(proposed, today) if allows(actor, Permission.PROPOSAL_VIEW) else {}
    zone, movable = ZoneInfo(actor.timezone), _movable(actor)
    found = {}
    for (id_, version, client_id, client, owner_id, owner, touch, since, attacked, level, band, line, line_on,
         over) in facts:  # fmt: skip
        department, limit = stages[id_].department, stages[id_].limit_days
        days = (today - since.astimezone(zone).date()).days
        found[id_] = Card(
            id_,
            version,
            client_id,
            client,
            owner_id,
            owner,
            touch,
            days,
            limit is not None and days > limit,
            waits.get(id_),
            tuple(lane for lane in lanes[client_id] if lane is not department) if len(lanes[client_id]) > 1 else (),
            money.get(id_, ()),
            movable[owner_id == actor.id, department],
            attacked,
            over and id_ not in waits and Department.CLIENT not in lanes[client_id],
            level,
            band,
            line,
            line_on,
            proposals.get(client_id),
        )
    return found


@lru_cache(1024)
def _movable(actor: Actor) -> dict[tuple[bool, Department], bool]:
    """Whether the actor may move a card, by what the permission asks: is it their own, and of which department."""
    return {
        (own, department): allows(
            actor, Permission.ENGAGEMENT_MOVE, Engagement(owner_id=actor.id if own else 0, department=department)
        )
        for own in (True, False)
        for department in Department
    }
