"""Who works in the demo company: everybody's part in the story, role and login."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.demo.texts import Texts
from webapp.domain.founding import found_director
from webapp.domain.user import User
from webapp.domain.words import Department, Role

PASSWORD = "baton-demo"  # noqa: S105 - it is printed beside the logins
"""Everybody's."""

SALES, CLIENT, VIP = Department

PARTS: dict[str, tuple[Role, Department | None]] = {
    "director": (Role.DIRECTOR, None),
    "administrator": (Role.ADMINISTRATOR, None),
    "head_of_sales": (Role.HEAD, SALES),
    "hunter": (Role.MEMBER, SALES),
    "second_hunter": (Role.MEMBER, SALES),
    "third_hunter": (Role.MEMBER, SALES),
    "former_hunter": (Role.MEMBER, SALES),
    "head_of_client": (Role.HEAD, CLIENT),
    "clerk": (Role.MEMBER, CLIENT),
    "second_clerk": (Role.MEMBER, CLIENT),
    "third_clerk": (Role.MEMBER, CLIENT),
    "head_of_vip": (Role.HEAD, VIP),
    "vip": (Role.MEMBER, VIP),
    "second_vip": (Role.MEMBER, VIP),
}
"""Everybody by part in the story; the former hunter left in the second year."""

HEADS = {SALES: "head_of_sales", CLIENT: "head_of_client", VIP: "head_of_vip"}


@dataclass(frozen=True, slots=True)
class Login:
    """How to enter as one of them."""

    part: str
    name: str
    role: Role
    department: Department | None
    email: str
    password: str

    def shown(self) -> dict[str, str]:
        """As the command prints it."""
        department = self.department.value if self.department else ""
        return {
            "email": self.email,
            "password": self.password,
            "role": self.role.value,
            "department": department,
            "name": self.name,
        }


def hire(session: Session, texts: Texts, password_hash: str, *, at: datetime) -> dict[str, User]:
    """Everybody by part, each with the event of joining."""
    zone, language = texts.company["timezone"], texts.company["language"]
    common = {"timezone": zone, "language": language}
    name, login = texts.people["director"]
    email = f"{login}@{texts.mail}"
    director = found_director(session, name, email, password_hash, at=at, **common)
    users = {"director": director}
    for part, (role, department) in PARTS.items():
        if part == "director":
            continue
        name, login = texts.people[part]
        head = users.get(HEADS[department]) if department else None
        user = User(
            name=name,
            email=f"{login}@{texts.mail}",
            role=role,
            department=department,
            head_id=head.id if head else None,
            **common,
        )
        session.add(user)
        session.flush()
        session.add(user.choose_password(password_hash, at=at))
        users[part] = user
    return users


def logins(session: Session, texts: Texts) -> list[Login]:
    """How to enter, in the order of PARTS, without those who left."""
    emails = {part: f"{login}@{texts.mail}" for part, (_, login) in texts.people.items()}
    known = {user.email: user for user in session.scalars(select(User).where(User.email.in_(emails.values())))}
    return [
        Login(part, user.name, user.role, user.department, emails[part], PASSWORD)
        for part in PARTS
        if (user := known.get(emails[part])) is not None and user.active
    ]
