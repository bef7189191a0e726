"""Batches: one offer, and a personal proposal of it for each of many clients. No client gets two from one batch."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, JSON, or_, select, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship, Session

from webapp.domain.base import Base, Choice
from webapp.domain.client import Client
from webapp.domain.deal import Line
from webapp.domain.discount import limit_of, percent
from webapp.domain.discount_depth import depth, Priced
from webapp.domain.engagement import Engagement
from webapp.domain.errors import Refused, Stale
from webapp.domain.event import Event, event
from webapp.domain.launch import Launch
from webapp.domain.product import Billing
from webapp.domain.product_file import check_attached
from webapp.domain.proposal import ProposalVersion
from webapp.domain.proposal_check import LANGUAGES
from webapp.domain.proposal_template import ProposalTemplate
from webapp.domain.tax import tax_of
from webapp.domain.user import User
from webapp.domain.words import Department, N_

MOST_CLIENTS = 500
LONGEST_VALID = 366
"""Days."""

LEFT = timedelta(minutes=2)
"""Work on a client that was begun so long ago was left by a crash; it takes a second."""

MOST_ATTEMPTS = 3
GIVEN_UP = N_("It could not be made in several attempts")
NOT_SERVED = N_("Nobody of the department serves this client")

ORDER = (Department.VIP, Department.CLIENT, Department.SALES)
"""Whose deal the proposal is, where a director has it made: who develops the client, serves it, or wins it."""


class BatchState(StrEnum):
    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"

    @property
    def label(self) -> str:
        return {"running": N_("Running"), "paused": N_("Paused"), "done": N_("Done")}[self.value]


@dataclass(frozen=True, slots=True)
class Offer:
    """What each client is offered. ``{client}`` and ``{contact}`` in the texts become theirs."""

    title: str
    language: str
    currency: str
    lines: tuple[Line, ...]
    text: str = ""
    terms: str = ""
    prices_include_tax: bool = True
    discount: int = 0
    """On everything; basis points."""
    valid_days: int = 30
    attached: tuple[int, ...] = ()

    def keep(self) -> dict[str, Any]:
        """As plain JSON."""
        lines = [{**asdict(line), "billing": line.billing.value} for line in self.lines]
        return {**asdict(self), "lines": lines, "attached": list(self.attached)}

    def depth(self, session: Session, day: date) -> int:
        """How deep its discount is off what the catalogue asks that day; basis points."""
        common = {"discount": 0, "tax": tax_of("", self.currency, day)}
        lines = [{**common, **asdict(line)} for line in self.lines]
        return depth(session, lines, self.discount, Priced(self.currency, day, self.prices_include_tax))

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> "Offer":
        lines = tuple(Line(**{**line, "billing": Billing(line["billing"])}) for line in kept["lines"])
        return cls(**{**kept, "lines": lines, "attached": tuple(kept["attached"])})


class ProposalBatch(Base):
    """What is made, in which look, and by whom. Workers make one client's proposal after another while it runs."""

    __tablename__ = "proposal_batch"
    __table_args__ = (Index("ix_proposal_batch_state", "state"), {"sqlite_autoincrement": True})

    name: Mapped[str] = mapped_column(String(200))
    """Also of the deals that it opens."""
    state: Mapped[BatchState] = mapped_column(Choice(BatchState), default=BatchState.RUNNING)
    template_id: Mapped[int | None] = mapped_column(ForeignKey("proposal_template.id"))
    launch_id: Mapped[int | None] = mapped_column(ForeignKey("launch.id"), index=True)
    """To whose audience it offers the product; ``launch_offering`` starts it."""
    kept: Mapped[dict[str, Any]] = mapped_column("offer", JSON)
    made_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    made_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    template: Mapped[ProposalTemplate | None] = relationship()
    launch: Mapped[Launch | None] = relationship()
    made_by: Mapped[User] = relationship()
    items: Mapped[list["BatchItem"]] = relationship(back_populates="batch", order_by="BatchItem.id")

    __mapper_args__ = {"version_id_col": version}

    @property
    def offer(self) -> Offer:
        return Offer.read(self.kept)

    @classmethod
    def start(
        cls,
        session: Session,
        name: str,
        client_ids: Iterable[int],
        offer: Offer,
        template: ProposalTemplate | None = None,
        *,
        by: User,
        at: datetime,
        launch: Launch | None = None,
    ) -> "ProposalBatch":
        """Have it made for each of these clients, once. Queue ``webapp.batching.make_proposals`` after the commit."""
        wanted = list(dict.fromkeys(client_ids))
        _check(session, name, wanted, offer, by, at)
        known = set(session.scalars(select(Client.id).where(Client.id.in_(wanted))))
        batch = cls(name=name.strip(), template=template, launch=launch, kept=offer.keep(), made_by=by, made_at=at)
        batch.items = [BatchItem(client_id=key, attempts=0, left_out="") for key in wanted if key in known]
        session.add(batch)
        session.flush()
        session.add(batch._tell("batch:started", by=by, at=at, clients=len(batch.items)))
        return batch

    def pause(self, *, by: User, at: datetime, seen: int) -> Event:
        """The proposals in hand are finished, others are not begun."""
        self._check(seen, BatchState.RUNNING)
        self.state = BatchState.PAUSED
        return self._tell("batch:paused", by=by, at=at)

    def resume(self, *, by: User, at: datetime, seen: int) -> Event:
        self._check(seen, BatchState.PAUSED)
        self.state = BatchState.RUNNING
        return self._tell("batch:resumed", by=by, at=at)

    def finish(self, *, at: datetime) -> Event:
        """Every client has a proposal, or a reason why not."""
        self.state, self.done_at = BatchState.DONE, at
        return self._tell("batch:finished", by=None, at=at)

    def lane(self, client: Client) -> Engagement | None:
        """Whose work with the client the deal becomes: a head's own department's, a director's choice by ORDER."""
        if client.lost_at is not None:
            return None
        open_now = {engagement.department: engagement for engagement in client.open_engagements}
        by = self.made_by
        wanted = ORDER if by.department is None else (by.department,)
        return next((open_now[department] for department in wanted if department in open_now), None)

    def _check(self, seen: int, state: BatchState) -> None:
        if seen != self.version:
            raise Stale
        if self.state is not state:
            raise Refused(N_("The batch is in another state by now"))

    def _tell(self, kind: str, *, by: User | None, at: datetime, **details: Any) -> Event:
        return event(kind, by=by, at=at, subject_id=self.id, details={"name": self.name, **details})


class BatchItem(Base):
    """One client of a batch: waits, has its version, or is left out with a reason."""

    __tablename__ = "batch_item"
    __table_args__ = (
        UniqueConstraint("batch_id", "client_id"),
        Index("ix_batch_item_waiting", "batch_id", "version_id", "left_out", "attempts", "id"),
        {"sqlite_autoincrement": True},
    )

    batch_id: Mapped[int] = mapped_column(ForeignKey("proposal_batch.id"))
    client_id: Mapped[int] = mapped_column(ForeignKey("client.id", ondelete="CASCADE"), index=True)
    version_id: Mapped[int | None] = mapped_column(ForeignKey("proposal_version.id"), unique=True)
    left_out: Mapped[str] = mapped_column(Text, default="")
    attempts: Mapped[int] = mapped_column(default=0)
    tried_at: Mapped[datetime | None]

    batch: Mapped[ProposalBatch] = relationship(back_populates="items")
    client: Mapped[Client] = relationship()
    made: Mapped[ProposalVersion | None] = relationship()

    @classmethod
    def take(cls, session: Session, batch_id: int, *, at: datetime) -> "BatchItem | None":
        """The next client, for this worker alone; None where none waits, or the batch does not run."""
        running = select(ProposalBatch.id).where(ProposalBatch.state == BatchState.RUNNING)
        free = or_(cls.tried_at.is_(None), cls.tried_at < at - LEFT)
        first = (
            select(cls)
            .where(cls.batch_id == batch_id, cls.batch_id.in_(running), cls.waits(), free)
            .order_by(cls.attempts, cls.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        found = session.scalars(first).one_or_none()
        if found is not None:
            found.attempts, found.tried_at = found.attempts + 1, at
        return found

    @classmethod
    def waits(cls) -> Any:
        return cls.version_id.is_(None) & (cls.left_out == "")


def _check(session: Session, name: str, client_ids: Sequence[int], offer: Offer, by: User, at: datetime) -> None:
    if not name.strip() or len(name) > 200:
        raise Refused(N_("Give it a name"), field="name")
    if not client_ids:
        raise Refused(N_("Choose at least one client"), field="clients")
    if len(client_ids) > MOST_CLIENTS:
        raise Refused(N_("At most %(most)s clients at once"), field="clients", most=MOST_CLIENTS)
    if not offer.title.strip():
        raise Refused(N_("Give it a title"), field="title")
    if offer.language not in LANGUAGES:
        raise Refused(N_("Choose a language"), field="language")
    if not offer.lines or any(line.price_minor is None for line in offer.lines):
        raise Refused(N_("Offer at least one product, and name the price of each"), field="lines")
    if not 0 < offer.valid_days <= LONGEST_VALID:
        raise Refused(N_("Between 1 and %(most)s days"), field="valid_days", most=LONGEST_VALID)
    limit, discount = limit_of(session, by), offer.depth(session, by.today(at))
    if discount > limit:
        raise Refused(
            N_("A discount of %(discount)s is above your limit of %(limit)s"),
            field="discount",
            discount=percent(discount),
            limit=percent(limit),
        )
    check_attached(session, offer.attached)
