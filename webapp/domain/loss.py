"""Losses: a client is ours no more. Why, to whom, and what ended with it; and coming back."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, delete, ForeignKey, Index, or_, select, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship, Session

from webapp.domain.attack import Attack
from webapp.domain.attack_state import LOST_CAUSES
from webapp.domain.base import Base
from webapp.domain.client import Client
from webapp.domain.competitor import Competitor
from webapp.domain.contract import Contract
from webapp.domain.engagement import can_own, Engagement
from webapp.domain.errors import Refused
from webapp.domain.event import Event, event
from webapp.domain.handoff import HandOff
from webapp.domain.product import Billing
from webapp.domain.stage import Stage
from webapp.domain.user import User
from webapp.domain.vip_place import VipPlace
from webapp.domain.white_space import WhiteSpace
from webapp.domain.words import N_

LOSS_CAUSES: dict[str, str] = {
    **{cause: why for cause, why in LOST_CAUSES.items() if cause != "other"},
    "no_need": N_("No need any more"),
    "unpaid": N_("It did not pay"),
    "closed": N_("The firm closed"),
    "other": N_("Other"),
}
"""Why a client was lost: as an attack is, or without any rival."""

DEAL_REASONS = {"price": "price", "our_mistake": "our_mistake", "no_need": "no_need", "unpaid": "no_money"}
"""What that makes the reason of its open deals; where a rival is named it is the competitor."""

REASON = N_("The client is lost")
LOST = text("won_back_at IS NULL")


class Loss(Base):
    """One time that a client was lost. A client may come back, and be lost again.

    It ends all work with the client in one transaction: engagements, a pending hand-off, tasks, deals, promises,
    attacks, the place in the VIP programme. Contracts end on the day that is named, or run on and are invoiced; what
    is owed stays owed.
    """

    __tablename__ = "loss"
    __table_args__ = (
        Index("uq_loss_current", "client_id", unique=True, sqlite_where=LOST, postgresql_where=LOST),
        Index("ix_loss_lost_on", "lost_on", "id"),
        CheckConstraint("cause <> ''", name="has_cause"),
        CheckConstraint("not mistaken or won_back_at is not null", name="mistaken_is_over"),
        {"sqlite_autoincrement": True},
    )

    client_id: Mapped[int] = mapped_column(ForeignKey("client.id", ondelete="CASCADE"), index=True)
    cause: Mapped[str] = mapped_column(String(24))
    """One of LOSS_CAUSES."""
    competitor_id: Mapped[int | None] = mapped_column(ForeignKey("competitor.id"), index=True)
    note: Mapped[str] = mapped_column(Text, default="")
    lost_on: Mapped[date]
    """Since when it was no client, as far as we know."""
    lost_at: Mapped[datetime]
    """When it was recorded."""
    lost_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    won_back_at: Mapped[datetime | None]
    won_back_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    mistaken: Mapped[bool] = mapped_column(default=False)
    """It was recorded by mistake: it counts nowhere."""

    client: Mapped[Client] = relationship()
    competitor: Mapped[Competitor | None] = relationship()
    lost_by: Mapped[User] = relationship(foreign_keys=lost_by_id)

    @classmethod
    def record(
        cls,
        session: Session,
        client: Client,
        cause: str,
        lost_on: date,
        *,
        by: User,
        at: datetime,
        competitor: Competitor | None = None,
        note: str = "",
        ends_on: date | None = None,
    ) -> "Loss":
        """The client is lost: all work with it ends. ``ends_on`` is the last day of its running contracts; without
        one they run on."""
        if cause not in LOSS_CAUSES:
            raise Refused(N_("Please choose"), field="cause")
        if lost_on > by.today(at):
            raise Refused(N_("This day is to come"), field="lost_on")
        client.hold(session)
        session.refresh(client, ["lost_at"])
        if client.lost_at is not None:
            raise Refused(N_("This client is lost already"))
        if client.open_engagements:
            client.open_engagements[0]._hold_all()
        ended = _end_contracts(session, client, ends_on, by=by, at=at) if ends_on is not None else 0
        _end_attacks(session, client, cause, competitor, note.strip(), by=by, at=at)
        stages = _end_work(session, client, cause, competitor, by=by, at=at)
        session.flush()
        client.lost_at = at
        session.execute(delete(WhiteSpace).where(WhiteSpace.client_id == client.id))
        loss = cls(
            client=client,
            cause=cause,
            competitor=competitor,
            note=note.strip(),
            lost_on=lost_on,
            lost_at=at,
            lost_by=by,
        )
        session.add(loss)
        session.flush()
        rival = competitor.name if competitor is not None else None
        details = {"cause": cause, "name": rival, "on": lost_on.isoformat(), "note": note.strip()[:500]}
        told = loss._event("client:lost", by=by, at=at, stages=stages, contracts=ended, **details)
        session.add(told)
        return loss

    @classmethod
    def current(cls, session: Session, client: Client) -> "Loss | None":
        """Why the client is lost now; None of one that is not."""
        return session.scalar(select(cls).where(cls.client_id == client.id, cls.won_back_at.is_(None)))

    def win_back(
        self, session: Session, owner: User, stage: Stage, *, by: User, at: datetime, mistaken: bool = False
    ) -> Engagement:
        """The client is ours again, or always was where the loss was a mistake: somebody answers for it in a stage.

        What ended with the loss stays ended."""
        if self.won_back_at is not None:
            raise Refused(N_("This client is not lost"))
        if not can_own(owner, stage.department):
            raise Refused(N_("%(name)s does not work in this department"), field="owner_id", name=owner.name)
        self.won_back_at, self.won_back_by_id, self.mistaken = at, by.id, mistaken
        self.client.lost_at = None
        session.flush()
        session.add(self._event("client:wonback", by=by, at=at, owner=owner.name, mistaken=mistaken))
        return Engagement.open(session, self.client, stage, owner, by=by, at=at)

    def _event(self, kind: str, *, by: User, at: datetime, stages: tuple[int, ...] = (), **details: object) -> Event:
        return event(
            kind, by=by, at=at, client_id=self.client_id, subject_id=self.client_id, stages=stages, details=details
        )


def running_contracts(session: Session, client: Client, on: date) -> list[Contract]:
    """The monthly contracts that are still to be invoiced after a day."""
    still = or_(Contract.ends_on.is_(None), Contract.ends_on > on)
    mine = (Contract.client_id == client.id, Contract.billing == Billing.MONTHLY, still)
    return list(session.scalars(select(Contract).where(*mine).order_by(Contract.id)))


def _end_contracts(session: Session, client: Client, ends_on: date, *, by: User, at: datetime) -> int:
    """How many were ended. One that has not begun ends on its first day: nothing earlier can be said of it."""
    running = running_contracts(session, client, ends_on)
    for contract in running:
        last = max(ends_on, contract.starts_on)
        session.add(contract.end(last, REASON, by=by, at=at, seen=contract.version))
    return len(running)


def _end_attacks(
    session: Session, client: Client, cause: str, rival: Competitor | None, note: str, *, by: User, at: datetime
) -> None:
    """The rival who has the client now won its attack; those of others are nobody's loss and nobody's defence."""
    mine = select(Attack).where(Attack.client_id == client.id, Attack.closed_at.is_(None)).order_by(Attack.id)
    for attack in session.scalars(mine).all():
        if rival is not None and attack.competitor_id == rival.id:
            why = cause if cause in LOST_CAUSES else "other"
            session.add(attack.lose(why, note or REASON, by=by, at=at, seen=attack.version))
        else:
            session.add(attack.dismiss(REASON, by=by, at=at, seen=attack.version))


def _end_work(
    session: Session, client: Client, cause: str, rival: Competitor | None, *, by: User, at: datetime
) -> tuple[int, ...]:
    """Hand-off, tasks, deals, promises, the place in the VIP programme, and the engagements themselves; the answer is
    the stages in which they stood."""
    pending = HandOff.pending(session, client)
    if pending is not None:
        session.add(pending.withdraw(by=by, at=at, seen=pending.version))
    for task in client.tasks:
        if task.is_open:
            session.add(task.cancel(by=by, at=at))
    reason = DEAL_REASONS.get(cause, "competitor" if rival is not None else "other")
    for deal in client.deals:
        if deal.is_open:
            name = rival.name if rival is not None else ""
            session.add(deal.lose(reason, by=by, at=at, seen=deal.version, competitor=name))
    for promise in client.promises:
        if promise.is_open:
            session.add(promise.break_off(by=by, at=at, reason=REASON))
    place = VipPlace.held(session, client)
    if place is not None:
        session.add(place.leave(REASON, by=by, at=at, on=by.today(at)))
    closing = client.open_engagements
    for engagement in closing:
        session.add(engagement._end(by=by, at=at, reason=REASON))
    return tuple(engagement.stage_id for engagement in closing)
