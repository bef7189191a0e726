"""Attacks: the list with what is due first, one client's, one attack's evidence, and how many alarm the actor."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, case, ColumnElement, exists, func, literal, select, tuple_
from sqlalchemy.orm import aliased, Session

from webapp.domain.attack import Attack, DEFENDERS, Signal
from webapp.domain.attack_state import AttackState, Severity, SignalKind
from webapp.domain.base import Moment
from webapp.domain.client import Client
from webapp.domain.competitor import Competitor
from webapp.domain.engagement import Engagement
from webapp.domain.interaction import Interaction, InteractionKind
from webapp.domain.rival_thread import RivalThread
from webapp.domain.user import Actor, User

PAGE = 50
SHOWN = 5
"""So many stand on the client's page."""
MOST_SIGNALS = 100
MOST_RIVALS = 500
RIVALS_OFFERED = 24
"""So many boxes stand in the form of a contact."""


@dataclass(frozen=True, slots=True)
class WantedAttacks:
    """What the list is narrowed to; ``after`` is the cursor of the page: a moment and an id."""

    ended: bool = False
    mine: bool = False
    competitor_id: int | None = None
    after: tuple[datetime, int] | None = None


@dataclass(frozen=True, slots=True)
class AttackRow:
    id: int
    state: AttackState
    severity: Severity
    raised_at: datetime
    due_at: datetime
    closed_at: datetime | None
    client_id: int
    client: str
    competitor: str
    owner: str | None
    """Who defends the client now."""
    visited_at: datetime | None
    """The first meeting in person between the first signal and the end."""


@dataclass(frozen=True, slots=True)
class FoundAttacks:
    rows: tuple[AttackRow, ...]
    after: tuple[datetime, int] | None
    """The next page's cursor; None at the end."""


@dataclass(frozen=True, slots=True)
class SignalRow:
    id: int
    kind: SignalKind
    evidence: str
    severity: Severity
    at: datetime
    author: str


@dataclass(frozen=True, slots=True)
class CompetitorRow:
    """A rival, and how often it attacked."""

    id: int
    name: str
    note: str
    retired_at: datetime | None
    version: int
    open: int
    attacks: int


_HELD = aliased(Engagement)
_owner = (
    select(_HELD.owner_id)
    .where(_HELD.client_id == Attack.client_id, _HELD.closed_at.is_(None))
    .order_by(case({department: place for place, department in enumerate(DEFENDERS)}, value=_HELD.department))
    .limit(1)
    .correlate(Attack)
    .scalar_subquery()
)
"""Who defends, as ``attack.defending`` says it."""

VISITED = (
    select(func.min(Interaction.at))
    .where(
        Interaction.client_id == Attack.client_id,
        Interaction.kind == InteractionKind.MEETING,
        Interaction.at >= Attack.raised_at,
        Interaction.at <= func.coalesce(Attack.closed_at, Interaction.at),
    )
    .correlate(Attack)
    .scalar_subquery()
)
"""When the client was first met in person between the first signal and the end."""

_ROWS = (
    select(
        Attack.id,
        Attack.state,
        Attack.severity,
        Attack.raised_at,
        Attack.due_at,
        Attack.closed_at,
        Attack.client_id,
        Client.name.label("client"),
        Competitor.name.label("competitor"),
        User.name.label("owner"),
        VISITED.label("visited_at"),
    )
    .join(Client, Client.id == Attack.client_id)
    .join(Competitor, Competitor.id == Attack.competitor_id)
    .outerjoin(User, User.id == _owner)
)
OPEN = Attack.state.in_((literal("raised", literal_execute=True), literal("defending", literal_execute=True)))
"""Written out, so that both databases take the index of open attacks."""

_OF_CLIENT = _ROWS.where(Attack.client_id == bindparam("client"), OPEN).order_by(Attack.due_at, Attack.id).limit(SHOWN)
_ONE = _ROWS.where(Attack.id == bindparam("id"))


def list_attacks(session: Session, actor: Actor, wanted: WantedAttacks) -> FoundAttacks:
    """A page of attacks: open ones by deadline, or ended ones, the newest first. One statement."""
    page = _ROWS
    if wanted.competitor_id is not None:
        page = page.where(Attack.competitor_id == wanted.competitor_id)
    if wanted.mine:
        page = page.where(_own(actor))
    if wanted.ended:
        page = page.where(Attack.closed_at.is_not(None)).order_by(Attack.raised_at.desc(), Attack.id.desc())
    else:
        page = page.where(OPEN).order_by(Attack.due_at, Attack.id)
    if wanted.after is not None:
        cursor = tuple_(literal(wanted.after[0], Moment()), literal(wanted.after[1]))
        page = page.where(
            tuple_(Attack.raised_at, Attack.id) < cursor if wanted.ended else tuple_(Attack.due_at, Attack.id) > cursor
        )
    rows = [_row(row) for row in session.execute(page.limit(PAGE + 1))]
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    following = None if last is None else (last.raised_at if wanted.ended else last.due_at, last.id)
    return FoundAttacks(tuple(rows[:PAGE]), following)


def of_client(session: Session, actor: Actor, client_id: int) -> tuple[AttackRow, ...]:
    """The client's open attacks by deadline. One statement."""
    return tuple(_row(row) for row in session.connection().execute(_OF_CLIENT, {"client": client_id}))


def one(session: Session, actor: Actor, attack_id: int) -> AttackRow:
    return _row(session.execute(_ONE, {"id": attack_id}).one())


def alarming(session: Session, actor: Actor) -> tuple[AttackRow, ...]:
    """The open attacks that the actor is alarmed by, the first due ones: own clients'; of heads and directors, all."""
    mine = OPEN if actor.is_head or actor.is_director else OPEN & (_own(actor))
    found = session.execute(_ROWS.where(mine).order_by(Attack.due_at, Attack.id).limit(SHOWN))
    return tuple(_row(row) for row in found)


def waiting(session: Session, actor: Actor) -> int:
    """How many open attacks the actor is alarmed by."""
    mine = OPEN if actor.is_head or actor.is_director else OPEN & (_own(actor))
    return session.scalar(select(func.count(Attack.id)).where(mine)) or 0


def signals_of(session: Session, actor: Actor, attack_id: int) -> tuple[SignalRow, ...]:
    """The evidence, the newest first."""
    found = session.execute(
        select(Signal.id, Signal.kind, Signal.evidence, Signal.severity, Signal.at, User.name)
        .join(User, User.id == Signal.raised_by_id)
        .where(Signal.attack_id == attack_id)
        .order_by(Signal.id.desc())
        .limit(MOST_SIGNALS)
    )
    return tuple(SignalRow(*row) for row in found)


def offered(session: Session) -> list[tuple[int, str]]:
    """Rivals to choose from: id and name."""
    wanted = select(Competitor.id, Competitor.name).where(Competitor.retired_at.is_(None))
    return [(row.id, row.name) for row in session.execute(wanted.order_by(Competitor.name_key).limit(MOST_RIVALS))]


def talking(session: Session, client_id: int, contact_id: int) -> list[tuple[int, str, bool]]:
    """Rivals for the form of a contact: id, name, and whether they talk to the person. Those who do come first, then
    those who were after the client, then the rest of the registry."""
    talks = exists().where(
        RivalThread.contact_id == contact_id, RivalThread.competitor_id == Competitor.id, RivalThread.ended_at.is_(None)
    )
    came = exists().where(Attack.client_id == client_id, Attack.competitor_id == Competitor.id)
    found = session.execute(
        select(Competitor.id, Competitor.name, talks)
        .where(talks | Competitor.retired_at.is_(None))
        .order_by(case((talks, 0), (came, 1), else_=2), Competitor.name_key)
        .limit(RIVALS_OFFERED)
    )
    return [(row[0], row[1], bool(row[2])) for row in found]


def registry(session: Session, actor: Actor) -> tuple[CompetitorRow, ...]:
    """The registry by name, retired rivals last, with their attacks. One statement."""
    found = session.execute(
        select(
            Competitor.id,
            Competitor.name,
            Competitor.note,
            Competitor.retired_at,
            Competitor.version,
            func.count(Attack.id).filter(Attack.closed_at.is_(None)),
            func.count(Attack.id),
        )
        .outerjoin(Attack, Attack.competitor_id == Competitor.id)
        .group_by(Competitor.id)
        .order_by(Competitor.retired_at.is_not(None), Competitor.name_key)
        .limit(MOST_RIVALS)
    )
    return tuple(CompetitorRow(*row) for row in found)


def _own(actor: Actor) -> ColumnElement[bool]:
    return _owner == actor.id


def _row(row: Any) -> AttackRow:
    return AttackRow(**row._mapping)
