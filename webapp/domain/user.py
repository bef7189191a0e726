"""Users: the people of the company, their department and role, how they come, change and leave."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from zoneinfo import ZoneInfo

from sqlalchemy import CheckConstraint, ForeignKey, JSON, select, String
from sqlalchemy.orm import Mapped, mapped_column, Session

from webapp.domain.base import Base, Choice
from webapp.domain.errors import Refused
from webapp.domain.event import Event, event
from webapp.domain.words import Department, N_, Role

APPOINTS: dict[Role, frozenset[Role]] = {
    Role.DIRECTOR: frozenset(Role),
    Role.ADMINISTRATOR: frozenset(Role) - {Role.DIRECTOR},
}
"""Who invites, changes and deactivates people of which roles. An administrator sees no client, and would see them all
as a director whom he appoints, or whose password he resets: so only directors administer directors."""

IN_A_DEPARTMENT = frozenset({Role.MEMBER, Role.HEAD})


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks: a plain copy of the user that queries and permissions look at, apart from the database."""

    id: int
    name: str
    role: Role
    department: Department | None
    timezone: str
    language: str | None

    @property
    def is_member(self) -> bool:
        return self.role is Role.MEMBER

    @property
    def is_head(self) -> bool:
        return self.role is Role.HEAD

    @property
    def is_director(self) -> bool:
        return self.role is Role.DIRECTOR

    @property
    def is_administrator(self) -> bool:
        return self.role is Role.ADMINISTRATOR

    def today(self, at: datetime) -> date:
        """The date that this person's calendar shows at that moment."""
        return at.astimezone(ZoneInfo(self.timezone)).date()


class User(Base):
    """A person of ours. One without a password is known (imported, invited) but cannot log in yet.

    ``epoch`` is part of every session: raising it ends them all. A member or head belongs to one department;
    a director or administrator to none.
    """

    __tablename__ = "user"
    __table_args__ = (
        CheckConstraint("(role in ('member', 'head')) = (department is not null)", name="department_by_role"),
        {"sqlite_autoincrement": True},
    )

    name: Mapped[str] = mapped_column(String(120))
    email: Mapped[str | None] = mapped_column(String(254), unique=True)
    """In lower case."""
    role: Mapped[Role] = mapped_column(Choice(Role))
    department: Mapped[Department | None] = mapped_column(Choice(Department))
    head_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), index=True)
    office: Mapped[str] = mapped_column(String(120), default="")
    language: Mapped[str | None] = mapped_column(String(5))
    """None: the browser's."""
    timezone: Mapped[str] = mapped_column(String(64), default="UTC")
    alarmed_by_mail: Mapped[bool] = mapped_column(default=True)
    password_hash: Mapped[str | None] = mapped_column(String(200))
    totp_secret: Mapped[str | None] = mapped_column(String(64))
    totp_step: Mapped[int | None]
    """The 30-second step of the last code that was used: no code opens twice."""
    recovery_hashes: Mapped[list[str]] = mapped_column(JSON, default=list)
    """SHA-256 of the recovery codes not used yet. A code has 80 random bits, so that no slower hash is needed."""
    epoch: Mapped[int] = mapped_column(default=1)
    deactivated_at: Mapped[datetime | None]
    last_seen_at: Mapped[datetime | None]

    EDITABLE = frozenset("name email role department head_id office language timezone alarmed_by_mail".split())
    ADMINISTERED = frozenset("email role department head_id office".split())

    @property
    def active(self) -> bool:
        return self.deactivated_at is None

    @property
    def actor(self) -> Actor:
        return Actor(self.id, self.name, self.role, self.department, self.timezone, self.language)

    def today(self, at: datetime) -> date:
        return self.actor.today(at)

    @classmethod
    def invite(
        cls,
        session: Session,
        name: str,
        email: str,
        role: Role,
        department: Department | None,
        *,
        by: "User",
        at: datetime,
        **fields: object,
    ) -> "User":
        """A new user, who can log in after choosing a password by an access link."""
        _may_appoint(by, role)
        user = cls(name=name, email=email, role=role, department=department, **fields)
        user.check(session)
        session.add(user)
        session.flush()
        session.add(user._event("user:invited", by=by, at=at, role=role, department=department))
        return user

    def change(self, session: Session, *, by: "User", at: datetime, holds: int = 0, **fields: object) -> Event:
        """Change what is known of a user. A new role or department ends their sessions. ``holds`` counts the open work
        they answer for: whoever leaves a department hands it over before."""
        unknown = set(fields) - self.EDITABLE
        if unknown:
            raise KeyError(f"not editable: {unknown}")
        changed = sorted(field for field, value in fields.items() if getattr(self, field) != value)
        details = {"was": self.role, "role": fields["role"]} if "role" in changed else {}
        if not self.ADMINISTERED.isdisjoint(changed):
            _may_appoint(by, self.role)
            _may_appoint(by, Role(str(fields.get("role", self.role))))
        if "role" in changed or "department" in changed:
            self._check_move(session, by, holds, leaves="department" in changed)
            self.epoch += 1
        for field in changed:
            setattr(self, field, fields[field])
        self.check(session)
        return self._event("user:changed", by=by, at=at, fields=changed, **details)

    def deactivate(self, session: Session, *, by: "User", at: datetime, holds: int) -> Event:
        """The person left: no login any more, and nothing open may stay with them (``holds`` counts it)."""
        _may_appoint(by, self.role)
        if not self.active:
            raise Refused(N_("This user is deactivated already"))
        self._check_move(session, by, holds, leaves=True)
        self.deactivated_at, self.epoch = at, self.epoch + 1
        return self._event("user:deactivated", by=by, at=at)

    def reactivate(self, *, by: "User", at: datetime) -> Event:
        _may_appoint(by, self.role)
        if self.active:
            raise Refused(N_("This user is active already"))
        self.deactivated_at = None
        return self._event("user:reactivated", by=by, at=at)

    def choose_password(self, password_hash: str, *, at: datetime) -> Event:
        """The user's own new password. It ends every session, also the one that a thief may have."""
        kind = "user:activated" if self.password_hash is None else "user:passwordchanged"
        self.password_hash, self.epoch = password_hash, self.epoch + 1
        return self._event(kind, by=self, at=at)

    def enter(self, *, at: datetime) -> Event:
        self.last_seen_at = at
        return self._event("user:entered", by=self, at=at)

    def end_sessions(self, *, by: "User", at: datetime) -> Event:
        """Log this user out everywhere."""
        if by.id != self.id:
            _may_appoint(by, self.role)
        self.epoch += 1
        return self._event("user:sessionsended", by=by, at=at)

    def start_second_factor(self, secret: str, codes: Sequence[str], step: int, *, at: datetime) -> Event:
        """From now on a login asks for a code as well. ``codes`` are the new recovery codes, in clear."""
        self.totp_secret, self.totp_step = secret, step
        self.recovery_hashes = [hashed(code) for code in codes]
        return self._event("user:secondfactor", by=self, at=at, change="on")

    def stop_second_factor(self, *, by: "User | None", at: datetime, required: bool) -> Event:
        """One's own choice where the role allows it, or help for a lost phone (``by`` None: the operator's)."""
        own = by is not None and by.id == self.id
        if own and required:
            raise Refused(N_("Your role must use a second factor"))
        if by is not None and not own:
            _may_appoint(by, self.role)
        if not own:
            self.epoch += 1
        self.totp_secret, self.totp_step, self.recovery_hashes = None, None, []
        return self._event("user:secondfactor", by=by, at=at, change="off")

    def use_step(self, step: int) -> bool:
        """Spend the code of that 30-second step; False when it, or a later one, was used before."""
        fresh = self.totp_step is None or step > self.totp_step
        self.totp_step = step if fresh else self.totp_step
        return fresh

    def use_recovery_code(self, code: str, *, at: datetime) -> Event | None:
        """Spend a recovery code; None when it is none, or was used before."""
        if hashed(code) not in self.recovery_hashes:
            return None
        self.recovery_hashes = [kept for kept in self.recovery_hashes if kept != hashed(code)]
        return self._event("user:secondfactor", by=self, at=at, change="recovery", left=len(self.recovery_hashes))

    def check(self, session: Session) -> None:
        """Refuse a role that does not go with the department, an e-mail of somebody else, a head of elsewhere."""
        if (self.role in IN_A_DEPARTMENT) != (self.department is not None):
            raise Refused(
                N_("Members and heads belong to a department, directors and administrators to none"), field="department"
            )
        with session.no_autoflush:
            taken = select(User.name).where(User.email == self.email, User.id != (self.id or 0))
            name = session.scalar(taken) if self.email else None
            head = session.get(User, self.head_id) if self.head_id else None
        if name:
            raise Refused(N_("%(name)s has this e-mail already"), field="email", name=name)
        if head and (head.role is not Role.HEAD or head.department is not self.department or head.id == self.id):
            raise Refused(N_("%(name)s does not head this department"), field="head_id", name=head.name)

    def _check_move(self, session: Session, by: "User", holds: int, *, leaves: bool) -> None:
        """Nobody decides over themselves, the last director stays, and open work is handed over first."""
        if by.id == self.id:
            raise Refused(N_("Somebody else must do this: nobody changes their own role or deactivates themselves"))
        if self.role is Role.DIRECTOR:
            active = select(User.id).where(User.role == Role.DIRECTOR, User.deactivated_at.is_(None))
            directors = session.scalars(active.where(User.password_hash.is_not(None)).with_for_update()).all()
            if set(directors) <= {self.id}:
                raise Refused(N_("The company needs a director: appoint another one first"))
        if leaves and holds:
            raise Refused(N_("First give their open work to a colleague"), field="department")

    def _event(self, kind: str, *, by: "User | None", at: datetime, **details: object) -> Event:
        return event(kind, by=by, at=at, subject_id=self.id, details={"name": self.name, **details})


def hashed(code: str) -> str:
    """SHA-256 of a random code or token, as hex."""
    return sha256(code.encode()).hexdigest()


def _may_appoint(by: User, role: Role) -> None:
    if not by.active or role not in APPOINTS.get(by.role, frozenset()):
        raise Refused(N_("Only a director appoints, changes and deactivates directors"))
