"""Users: the list, one user's page, and who is who at the login."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import and_, ColumnElement, exists, func, or_, select
from sqlalchemy.orm import aliased, joinedload, Session

from webapp.domain.access_link import AccessLink
from webapp.domain.engagement import Engagement
from webapp.domain.event import Event
from webapp.domain.leaving import Holdings, holdings
from webapp.domain.user import Actor, User
from webapp.domain.words import Department, N_, Role

PAGE = 100
RECENT = 15


class UserState(StrEnum):
    """Whether a user can log in."""

    ACTIVE = "active"
    INVITED = "invited"
    KNOWN = "known"
    DEACTIVATED = "deactivated"

    @property
    def label(self) -> str:
        return {
            "active": N_("Active"),
            "invited": N_("Invited"),
            "known": N_("Cannot log in yet"),
            "deactivated": N_("Deactivated"),
        }[self.value]


@dataclass(frozen=True, slots=True)
class UserFilters:
    """What the list is asked for; None and empty mean everybody."""

    text: str = ""
    department: Department | None = None
    role: Role | None = None
    state: UserState | None = None


@dataclass(frozen=True, slots=True)
class UserRow:
    """One line of the list."""

    id: int
    name: str
    email: str | None
    role: Role
    department: Department | None
    head: str | None
    office: str
    state: UserState
    second_factor: bool
    last_seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class UserPage:
    """A page of the list; ``total`` counts all pages."""

    rows: list[UserRow]
    total: int
    first: int

    @property
    def last(self) -> int:
        return self.first + len(self.rows) - 1


@dataclass(frozen=True, slots=True)
class Told:
    """One event about a user."""

    kind: str
    at: datetime
    by: str | None
    details: dict[str, object]


@dataclass(frozen=True, slots=True)
class UserDetails:
    """What the page of one user shows beside the user."""

    state: UserState
    holds: Holdings
    colleagues: list[tuple[int, str, int]]
    """Id, name and number of clients of those who can take the work over."""
    told: list[Told]


def show_all(session: Session, actor: Actor, filters: UserFilters, *, at: datetime, page: int = 1) -> UserPage:
    """The users whom the filters leave, by department and name. For those who may administer users."""
    head, state = aliased(User), _state(at)
    found = [condition for condition in _conditions(session, filters, at) if condition is not None]
    total = session.scalar(select(func.count()).select_from(User).where(*found)) or 0
    page = max(1, min(page, -(-total // PAGE)))
    rows = session.execute(
        select(User, head.name, state)
        .outerjoin(head, head.id == User.head_id)
        .where(*found)
        .order_by(User.department.is_(None).desc(), User.department, User.name, User.id)
        .offset((page - 1) * PAGE)
        .limit(PAGE)
    )
    return UserPage([_row(*row) for row in rows], total, (page - 1) * PAGE + 1)


def show(session: Session, actor: Actor, user: User, *, at: datetime) -> UserDetails:
    """One user's page: three statements."""
    invited = session.scalar(select(_invited(at)).where(User.id == user.id))
    return UserDetails(
        _state_of(user, bool(invited)), holdings(session, user.id), _colleagues(session, user), _told(session, user)
    )


def heads(session: Session) -> list[tuple[int, str, Department | None]]:
    """Every active head with their department."""
    query = select(User.id, User.name, User.department).where(User.role == Role.HEAD, User.deactivated_at.is_(None))
    return [(key, name, department) for key, name, department in session.execute(query.order_by(User.name))]


def by_email(session: Session, email: str) -> User | None:
    """Who logs in under that e-mail, in lower case."""
    return session.scalar(select(User).where(User.email == email)) if email else None


def refusals(session: Session, user_id: int, since: datetime) -> int:
    """How many wrong passwords and codes came under a user's name since then."""
    wrong = select(func.count()).where(Event.kind == "user:refused", Event.subject_id == user_id, Event.at > since)
    return session.scalar(wrong) or 0


def _conditions(session: Session, filters: UserFilters, at: datetime) -> list[ColumnElement[bool] | None]:
    states: dict[UserState, ColumnElement[bool]] = {
        UserState.DEACTIVATED: User.deactivated_at.is_not(None),
        UserState.ACTIVE: User.deactivated_at.is_(None) & User.password_hash.is_not(None),
        UserState.INVITED: User.deactivated_at.is_(None) & User.password_hash.is_(None) & _invited(at),
        UserState.KNOWN: User.deactivated_at.is_(None) & User.password_hash.is_(None) & ~_invited(at),
    }
    return [
        User.id.in_(_named(session, filters.text)) if filters.text.strip() else None,
        User.department == filters.department if filters.department else None,
        User.role == filters.role if filters.role else None,
        states[filters.state] if filters.state else None,
    ]


def _named(session: Session, text: str) -> list[int]:
    """Ids of those whose name or e-mail holds the text in any case; SQLite folds the case of Latin letters only."""
    sought = text.strip().casefold()
    people = session.execute(select(User.id, User.name, User.email))
    return [key for key, name, email in people if sought in name.casefold() or sought in (email or "")]


def _invited(at: datetime) -> ColumnElement[bool]:
    link = AccessLink.user_id == User.id
    return exists().where(link, AccessLink.used_at.is_(None), AccessLink.expires_at > at).correlate(User)


def _state(at: datetime) -> ColumnElement[bool]:
    return _invited(at).label("invited")


def _state_of(user: User, invited: bool) -> UserState:
    if not user.active:
        return UserState.DEACTIVATED
    if user.password_hash is not None:
        return UserState.ACTIVE
    return UserState.INVITED if invited else UserState.KNOWN


def _row(user: User, head: str | None, invited: bool) -> UserRow:
    return UserRow(
        user.id,
        user.name,
        user.email,
        user.role,
        user.department,
        head,
        user.office,
        _state_of(user, bool(invited)),
        user.totp_secret is not None,
        user.last_seen_at,
    )


def _colleagues(session: Session, user: User) -> list[tuple[int, str, int]]:
    if user.department is None:
        return []
    owned = (
        select(func.count())
        .where(Engagement.owner_id == User.id, Engagement.closed_at.is_(None))
        .correlate(User)
        .scalar_subquery()
    )
    able = (User.department == user.department, User.deactivated_at.is_(None), User.id != user.id)
    rows = session.execute(select(User.id, User.name, owned).where(*able).order_by(User.name))
    return [(key, name, clients) for key, name, clients in rows]


EXPORTS = ("attack:exported", "catalogue:exported", "client:exported", "contact:exported", "contact:saved")
"""What a user took out of Baton: it stands with the user's own events, for those who answer for them."""


def _told(session: Session, user: User) -> list[Told]:
    own = and_(Event.kind.startswith("user:"), Event.subject_id == user.id)
    about = select(Event).where(or_(own, and_(Event.kind.in_(EXPORTS), Event.actor_id == user.id)))
    events = session.scalars(about.options(joinedload(Event.actor)).order_by(Event.id.desc()).limit(RECENT))
    return [Told(e.kind, e.at, e.actor.name if e.actor else None, e.details) for e in events]
