"""A named cast, so that a test reads like the trade: who of which department does what to whose client.

Ask for the fixture ``cast``. Everybody's password is PASSWORD; the former clerk left and is deactivated.
"""

from dataclasses import dataclass, fields
from datetime import date, datetime, UTC
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
        company = Company(id=1, name="Baton Ltd", currency="RUB", language="en", timezone=MOSCOW)
        session.add(company)
        session.flush()
        sales, client, vip = Department
        heads = {
            "head_of_sales": person("Galina Head-Sales", Role.HEAD, sales),
            "head_of_client": person("Kira Head-Client", Role.HEAD, client),
            "head_of_vip": person("Vera Head-Vip", Role.HEAD, vip),
        }
        session.bulk_save_objects([*default_stages(), *heads.values()])  # by far faster than one by one
        head = {user.department: user for user in session.scalars(select(User))}
        others = {
            "hunter": person("Harry Hunter", Role.MEMBER, sales, head[sales]),
            "other_hunter": person("Olga Otherhunter", Role.MEMBER, sales, head[sales]),
            "clerk": person("Clara Clerk", Role.MEMBER, client, head[client]),
            "other_clerk": person("Otto Otherclerk", Role.MEMBER, client, head[client]),
            "vip": person("Victor Vip", Role.MEMBER, vip, head[vip]),
            "director": person("Dina Director", Role.DIRECTOR),
            "administrator": person("Adam Administrator", Role.ADMINISTRATOR),
            "former": person("Fyodor Former", Role.MEMBER, client, head[client], deactivated_at=AT),
        }
        session.bulk_save_objects(others.values())
        known = {user.email: user for user in session.scalars(select(User))}
        return cls(company, **{part: known[user.email] for part, user in (heads | others).items()})

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
        "last_seen_at": datetime.now(UTC),
    }
    return User(name=name, role=role, department=department, **(given | fields))


def stages(session: Session, department: Department) -> list[Stage]:
    """The lane's stages in order."""
    found = session.query(Stage).filter(Stage.department == department, Stage.removed_at.is_(None))
    return found.order_by(Stage.position).all()
