"""Awareness: what a client knows of a product, who told it in person and when. A mailing tells nobody."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, cast

from sqlalchemy import CheckConstraint, ForeignKey, Index, select, String, UniqueConstraint
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column, object_session, relationship, Session

from webapp.domain.awareness_state import AwarenessState, BECOMES, Happening, IN_PERSON, TELLING
from webapp.domain.base import alone, Base, Choice
from webapp.domain.client import Client
from webapp.domain.errors import Refused
from webapp.domain.event import Event, event
from webapp.domain.interaction import Interaction
from webapp.domain.product import Product
from webapp.domain.user import User
from webapp.domain.words import N_


class Awareness(Base):
    """How far one client came with one product; without a row nobody told it, and nothing was sent.

    ``told_at`` is the first time that it was told in person (or answered by itself): no later change takes it back.
    """

    __tablename__ = "awareness"
    __table_args__ = (
        UniqueConstraint("client_id", "product_id"),
        Index("ix_awareness_product_id_state", "product_id", "state"),
        CheckConstraint("told_by_id is null or told_at is not null", name="teller_has_day"),
        {"sqlite_autoincrement": True},
    )

    client_id: Mapped[int] = mapped_column(ForeignKey("client.id", ondelete="CASCADE"))
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"))
    state: Mapped[AwarenessState] = mapped_column(Choice(AwarenessState), default=AwarenessState.NOT_TOLD)
    since: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    """When something about it was sent for the first time."""
    told_at: Mapped[datetime | None]
    told_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), index=True)
    """None where the client answered by itself."""
    told_interaction_id: Mapped[int | None] = mapped_column(
        ForeignKey("interaction.id", ondelete="SET NULL"), index=True
    )
    reason: Mapped[str] = mapped_column(String(300), default="")
    """Why it refused, or is not eligible."""

    client: Mapped[Client] = relationship()
    product: Mapped[Product] = relationship()
    told_by: Mapped[User | None] = relationship()
    told_in: Mapped[Interaction | None] = relationship()

    @classmethod
    def of(cls, session: Session, client_id: int, product_id: int, *, at: datetime) -> "Awareness":
        """The client's awareness of the product, made where nothing is known yet; held until the transaction ends."""
        known = select(cls).where(cls.client_id == client_id, cls.product_id == product_id)
        new = {"client_id": client_id, "product_id": product_id, "state": AwarenessState.NOT_TOLD, "since": at}
        if not alone(session):
            session.execute(insert(cls).values(**new, reason="").on_conflict_do_nothing())
            return session.scalars(known.with_for_update(), execution_options={"populate_existing": True}).one()
        unsaved = (each for each in session.new if isinstance(each, cls))
        same = (each for each in unsaved if (each.client_id, each.product_id) == (client_id, product_id))
        found = next(same, None) or session.scalar(known)
        if found is None:
            found = cls(**new)
            session.add(found)
            session.flush()
        return found

    def send(self, *, by: User | None, at: datetime) -> Event | None:
        """Something about the product was sent to the client. That tells nobody."""
        self.sent_at = self.sent_at or at
        return self._become(Happening.SENT, by=by, at=at)

    def tell(
        self, interaction: Interaction, said: Happening = Happening.TOLD, *, by: User, at: datetime, reason: str = ""
    ) -> Event | None:
        """Somebody told the client of the product in that interaction; ``said``: how the client took it."""
        if said not in TELLING or interaction.client_id != self.client_id:
            raise ValueError("told by another client's interaction, or not told at all")
        if interaction.kind not in IN_PERSON:
            raise Refused(N_("A letter tells nobody: only a meeting, a call or an event does"), field="kind")
        first = self.told_at is None and (self.state is not AwarenessState.OWNED or interaction.at < self.since)
        if first:
            self.told_at, self.told_by, self.told_in = interaction.at, interaction.user, interaction
        return self._become(said, by=by, at=at, reason=reason, first=first)

    def answer(self, said: Happening, *, at: datetime, reason: str = "") -> Event | None:
        """The client itself answered to something sent: it knows of the product now, though nobody told it."""
        if said not in TELLING:
            raise ValueError(f"{said} is no answer")
        first = self.told_at is None
        self.told_at = self.told_at or at
        return self._become(said, by=None, at=at, reason=reason, first=first)

    def offer(self, *, by: User | None, at: datetime, within: Collection[int] = ()) -> Event | None:
        """A proposal with the product went to the client; ``within``: the products that only a bundle of it holds."""
        happened = Happening.OFFERED_WITHIN if self.product_id in within else Happening.OFFERED
        return self._become(happened, by=by, at=at)

    def buy(self, *, by: User | None, at: datetime, since: datetime | None = None) -> Event | None:
        """A contract over the product was concluded; ``since``: where that is noted later than it was."""
        return self._become(Happening.BOUGHT, by=by, at=at, since=since)

    def end(self, *, at: datetime) -> Event | None:
        """The last contract over the product ended: the client knows it, and owns it no more."""
        return self._become(Happening.ENDED, by=None, at=at)

    def exclude(self, reason: str, *, by: User, at: datetime) -> Event | None:
        """The product does not suit this client."""
        if not reason.strip():
            raise Refused(N_("Say why"), field="reason")
        if self.state not in BECOMES[Happening.EXCLUDED] and self.state is not AwarenessState.NOT_ELIGIBLE:
            raise Refused(N_("The client owns this product, or has an offer for it"))
        return self._become(Happening.EXCLUDED, by=by, at=at, reason=reason)

    def readmit(self, *, by: User, at: datetime) -> Event | None:
        """The product may suit this client after all: back to what is known of it."""
        return self._become(Happening.READMITTED, by=by, at=at)

    @classmethod
    def note_all(
        cls,
        session: Session,
        client_id: int,
        product_ids: Iterable[int | None],
        verb: str,
        *,
        at: datetime,
        **said: Any,
    ) -> None:
        """The same of several products; ``verb`` is one of this class's, ``said`` what it takes beside ``at``. What is
        none of the catalogue's (None) is passed over."""
        for product_id in sorted(
            filter(None, product_ids)
        ):  # in one order, so that two writers never wait for each other
            told = getattr(cls.of(session, client_id, product_id, at=at), verb)(at=at, **said)
            session.add_all([told] if told is not None else [])

    def _become(
        self,
        happening: Happening,
        *,
        by: User | None,
        at: datetime,
        reason: str = "",
        first: bool = False,
        since: datetime | None = None,
    ) -> Event | None:
        """The state that follows, with its event; None where nothing changes. ``first``: it was told just now. The
        event says the reason that was given with it, and no older one."""
        was, becomes = self.state, BECOMES[happening].get(self.state, self.state)
        if happening is Happening.READMITTED and becomes is not was:
            becomes = self._known()
        if becomes is was and not first:
            return None
        why = reason.strip()[:300]
        if becomes is not was:
            self.state, self.since, self.reason = becomes, since or at, why
        product = cast("Session", object_session(self)).get_one(Product, self.product_id)
        details: dict[str, Any] = {"was": was, "state": becomes, "product": product.name, "reason": why}
        return event(
            "awareness:changed",
            by=by,
            at=at,
            client_id=self.client_id,
            subject_id=self.product_id,
            details={key: value for key, value in details.items() if value},
        )

    def _known(self) -> AwarenessState:
        """What follows from what happened so far."""
        if self.told_at is not None:
            return AwarenessState.TOLD
        return AwarenessState.SENT if self.sent_at is not None else AwarenessState.NOT_TOLD
