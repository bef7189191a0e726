"""Clients: the firms we serve, and who brought them."""

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, ForeignKey, Index, select, String, Text, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column, object_session, relationship, Session

from webapp.domain.base import Base
from webapp.domain.errors import Refused, Stale
from webapp.domain.event import Event, event
from webapp.domain.user import User
from webapp.domain.words import Department, N_, Role

if TYPE_CHECKING:
    from webapp.domain.contact import Contact
    from webapp.domain.deal import Deal
    from webapp.domain.engagement import Engagement
    from webapp.domain.interaction import Interaction
    from webapp.domain.promise import Promise
    from webapp.domain.task import Task

LEGAL_FORMS = frozenset(
    "ооо оао зао пао ао ип нко ано тоо чп llc ltd limited inc incorporated corp corporation co company gmbh plc".split()
)


def name_key(name: str) -> str:
    """A name without case, punctuation and legal form, for search and duplicates: ``ООО «Ромашка»`` is ``ромашка``."""
    kept = "".join(letter if letter.isalnum() else " " for letter in name.casefold().replace("ё", "е"))
    words = kept.split()
    return " ".join(word for word in words if word not in LEGAL_FORMS) or " ".join(words)


KEY = String(200).with_variant(String(200, collation="C"), "postgresql")
"""Sorted by code point in both databases, so that “begins with” is a range of the index."""


LOST = text("lost_at IS NOT NULL")


class Client(Base):
    """A firm we serve. *Attracted by* is the hunter who brought it: no hand-off changes it."""

    __tablename__ = "client"
    __table_args__ = (
        Index("uq_client_inn", "inn", unique=True, sqlite_where=text("inn <> ''"), postgresql_where=text("inn <> ''")),
        Index("ix_client_name_key", "name_key"),
        Index("ix_client_name", "name"),
        Index("ix_client_lost", "name_key", "id", sqlite_where=LOST, postgresql_where=LOST),
        CheckConstraint("name <> ''", name="named"),
        {"sqlite_autoincrement": True},
    )

    name: Mapped[str] = mapped_column(String(200))
    name_key: Mapped[str] = mapped_column(KEY)
    inn: Mapped[str] = mapped_column(String(12), default="")
    kpp: Mapped[str] = mapped_column(String(9), default="")
    ogrn: Mapped[str] = mapped_column(String(15), default="")
    sector: Mapped[str] = mapped_column(String(80), default="")
    city: Mapped[str] = mapped_column(String(120), default="")
    district: Mapped[str] = mapped_column(String(80), default="")
    """The part of the city that visits are planned by."""
    address: Mapped[str] = mapped_column(Text, default="")
    website: Mapped[str] = mapped_column(String(200), default="")
    founded: Mapped[int | None]
    """Year."""
    revenue_minor: Mapped[int | None]
    """Yearly revenue in minor units of ``revenue_currency``."""
    revenue_currency: Mapped[str | None] = mapped_column(String(3))
    employees: Mapped[int | None]
    note: Mapped[str] = mapped_column(Text, default="")
    key: Mapped[bool] = mapped_column(default=False)
    """A key client, whom at least three of ours know, a head among them. People say so; nothing computes it."""
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("client.id"), index=True)
    attracted_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), index=True)
    attracted_at: Mapped[datetime | None]
    added_at: Mapped[datetime]
    lost_at: Mapped[datetime | None]
    """Since when the client is lost; ``Loss`` says why. None of one that is ours."""
    version: Mapped[int] = mapped_column(default=1)

    parent: Mapped["Client | None"] = relationship(remote_side="Client.id")
    attracted_by: Mapped[User | None] = relationship(foreign_keys=attracted_by_id)
    contacts: Mapped[list["Contact"]] = relationship(back_populates="client", order_by="Contact.id")
    engagements: Mapped[list["Engagement"]] = relationship(back_populates="client", order_by="Engagement.id")
    deals: Mapped[list["Deal"]] = relationship(back_populates="client", order_by="Deal.id")
    tasks: Mapped[list["Task"]] = relationship(back_populates="client", order_by="Task.id")
    promises: Mapped[list["Promise"]] = relationship(back_populates="client", order_by="Promise.id")
    interactions: Mapped[list["Interaction"]] = relationship(back_populates="client", order_by="Interaction.id")

    __mapper_args__ = {"version_id_col": version}

    EDITABLE = frozenset(
        "name inn kpp ogrn sector city district address website founded revenue_minor revenue_currency employees "
        "note key".split()
    )

    @classmethod
    def add(
        cls, session: Session, name: str, *, by: User | None, at: datetime, kind: str = "client:added", **fields: object
    ) -> "Client":
        """A new client with its event. It needs an engagement in the same transaction (rule 1)."""
        refuse_known_inn(session, str(fields.get("inn") or ""))
        client = cls(name=name, name_key=name_key(name), added_at=at, **fields)
        session.add(client)
        try:
            session.flush()
        except IntegrityError as error:
            raise Refused(N_("Somebody added a client with this ИНН just now"), field="inn") from error
        session.add(event(kind, by=by, at=at, client_id=client.id, subject_id=client.id, details={"name": name}))
        return client

    def open_engagement(self, department: Department) -> "Engagement | None":
        """The department's current work with this client."""
        return next((e for e in self.engagements if e.closed_at is None and e.department is department), None)

    @property
    def open_engagements(self) -> list["Engagement"]:
        return [engagement for engagement in self.engagements if engagement.closed_at is None]

    @property
    def stage_ids(self) -> tuple[int, ...]:
        """The board's columns in which it stands."""
        return tuple(engagement.stage_id for engagement in self.open_engagements)

    def hold(self, session: Session) -> None:
        """Two who change what is at most once at a client wait for each other (SQLite writes one at a time anyway)."""
        session.execute(select(Client.id).where(Client.id == self.id).with_for_update(key_share=True))

    def check_ours(self) -> None:
        """Before work with the client begins: a lost one is won back first."""
        if self.lost_at is not None:
            raise Refused(N_("This client is lost: win it back first"))

    def change(self, *, by: User, at: datetime, seen: int, **fields: object) -> Event:
        """Change what is known of the client. ``seen`` is the version the person had before their eyes."""
        if seen != self.version:
            raise Stale
        unknown = set(fields) - self.EDITABLE
        if unknown:
            raise KeyError(f"not editable: {unknown}")
        changed = sorted(field for field, value in fields.items() if getattr(self, field) != value)
        session = object_session(self)
        if session is not None and "inn" in changed:
            refuse_known_inn(session, str(fields["inn"]))
        for field in changed:
            setattr(self, field, fields[field])
        self.name_key = name_key(self.name)
        if session is not None and "inn" in changed:
            try:
                session.flush()
            except IntegrityError as error:
                raise Refused(N_("Somebody gave this ИНН to another client just now"), field="inn") from error
        stages = self.stage_ids if "name" in changed else ()
        return event(
            "client:changed",
            by=by,
            at=at,
            client_id=self.id,
            subject_id=self.id,
            stages=stages,
            details={"fields": changed},
        )

    def attract(self, hunter: User, *, by: User, at: datetime, reason: str) -> Event:
        """Correct who attracted the client. Only a director does, with a reason (rule 3)."""
        if by.role is not Role.DIRECTOR:
            raise Refused(N_("Only a director changes who attracted a client"))
        if not reason.strip():
            raise Refused(N_("Say why"), field="reason")
        if hunter.id == self.attracted_by_id:
            raise Refused(N_("%(name)s attracted this client already"), field="hunter_id", name=hunter.name)
        before = self.attracted_by.name if self.attracted_by else None
        self.attracted_by, self.attracted_at = hunter, self.attracted_at or at
        return event(
            "client:reattributed",
            by=by,
            at=at,
            client_id=self.id,
            subject_id=self.id,
            details={"from": before, "to": hunter.name, "reason": reason.strip()},
        )


def refuse_known_inn(session: Session, inn: str) -> None:
    """One firm is one client: an ИНН that another client has is refused, with that client's name."""
    if inn:
        with session.no_autoflush:
            known = session.scalar(select(Client.name).where(Client.inn == inn, Client.inn != ""))
        if known is not None:
            raise Refused(N_("%(name)s has this ИНН already"), field="inn", name=known)
