"""A named cast, so that a test reads like the trade: who of which department does what to whose client.

Ask for the fixture ``cast``. Everybody's password is PASSWORD; the former clerk left and is deactivated.
"""

from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta, UTC
from zoneinfo import ZoneInfo

from argon2 import PasswordHasher
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.domain.company import Company
from webapp.domain.default_stages import default_stages
from webapp.domain.stage import Stage
from webapp.domain.user import Actor, User
from webapp.domain.words import Department, Role

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""A Monday, noon in Moscow: the moment at which the tests' world begins."""
TODAY = AT.date()

PASSWORD = "correct horse baton"
PASSWORD_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
"""Cheap on purpose: a test waits for no hash."""

MOSCOW = "Europe/Moscow"

PEOPLE: dict[str, tuple[str, Role, Department | None]] = {
    "head_of_sales": ("Galina Head-Sales", Role.HEAD, Department.SALES),
    "head_of_client": ("Kira Head-Client", Role.HEAD, Department.CLIENT),
    "head_of_vip": ("Vera Head-Vip", Role.HEAD, Department.VIP),
    "hunter": ("Harry Hunter", Role.MEMBER, Department.SALES),
    "other_hunter": ("Olga Otherhunter", Role.MEMBER, Department.SALES),
    "clerk": ("Clara Clerk", Role.MEMBER, Department.CLIENT),
    "other_clerk": ("Otto Otherclerk", Role.MEMBER, Department.CLIENT),
    "vip": ("Victor Vip", Role.MEMBER, Department.VIP),
    "director": ("Dina Director", Role.DIRECTOR, None),
    "administrator": ("Adam Administrator", Role.ADMINISTRATOR, None),
    "former": ("Fyodor Former", Role.MEMBER, Department.CLIENT),
}
"""Who they are by part: name, role and department."""


def seat_day() -> date:
    """Today at the company's seat: from nine in the evening in Greenwich it is the next day."""
    return datetime.now(ZoneInfo(MOSCOW)).date()


@dataclass(frozen=True)
class Cast:
    """The company's people, by what they are in the story."""

    company: Company
    hunter: User
    other_hunter: User
    head_of_sales: User
    clerk: User
    other_clerk: User
    head_of_client: User
    vip: User
    head_of_vip: User
    director: User
    administrator: User
    former: User

    @classmethod
    def gather(cls, session: Session) -> "Cast":
        """The company with its default stages and its people, flushed, without events."""
        session.add(Company(id=1, name="Baton Ltd", currency="RUB", language="en", timezone=MOSCOW))
        session.flush()
        heads = [person(*about) for about in PEOPLE.values() if about[1] is Role.HEAD]
        session.bulk_save_objects([*default_stages(), *heads])  # by far faster than one by one
        head = {user.department: user for user in session.scalars(select(User))}
        others = {
            part: person(name, role, department, head.get(department))
            for part, (name, role, department) in PEOPLE.items()
            if role is not Role.HEAD
        }
        others["former"].deactivated_at = AT
        session.bulk_save_objects(others.values())
        return cls.found(session)

    @classmethod
    def found(cls, session: Session) -> "Cast":
        """The same where they were gathered before."""
        known = {user.name: user for user in session.scalars(select(User))}
        return cls(session.get_one(Company, 1), **{part: known[name] for part, (name, *_) in PEOPLE.items()})

    @property
    def users(self) -> dict[str, User]:
        """Everybody by part, those who left included."""
        return {field.name: getattr(self, field.name) for field in fields(self) if field.name != "company"}

    @property
    def actors(self) -> dict[str, Actor | None]:
        """Everybody who can ask for something, by part; the stranger has not logged in."""
        return {part: user.actor for part, user in self.users.items() if user.active} | {"stranger": None}


def person(
    name: str, role: Role, department: Department | None = None, head: User | None = None, **fields: object
) -> User:
    """A user who can log in as ``<first name>@baton.test`` with PASSWORD; English, Moscow time."""
    given: dict[str, object] = {
        "email": f"{name.split(maxsplit=1)[0].lower()}@baton.test",
        "password_hash": PASSWORD_HASH,
        "language": "en",
        "timezone": MOSCOW,
        "head_id": head.id if head else None,
        "last_seen_at": datetime.now(UTC) + timedelta(hours=1),  # nobody is noted as present while the tests run
    }
    return User(name=name, role=role, department=department, **(given | fields))


def stages(session: Session, department: Department) -> list[Stage]:
    """The lane's stages in order."""
    found = session.query(Stage).filter(Stage.department == department, Stage.removed_at.is_(None))
    return found.order_by(Stage.position).all()
