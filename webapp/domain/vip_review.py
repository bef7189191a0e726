"""Quarterly reviews of the VIP list: proposed by rules, decided by the heads, approved by a director, kept for good."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import delete, ForeignKey, func, insert, JSON, select, String, update
from sqlalchemy.orm import Mapped, mapped_column, relationship, Session

from webapp.domain.base import Base, Choice
from webapp.domain.calendar import quarter_of
from webapp.domain.client import Client
from webapp.domain.company import Company
from webapp.domain.errors import Refused, Stale
from webapp.domain.event import Event, event
from webapp.domain.user import User
from webapp.domain.vip_figures import of_client, standings, totals
from webapp.domain.vip_line import VipLine, VipSum
from webapp.domain.vip_place import VipPlace
from webapp.domain.vip_rules import CHANGES, propose, Proposed, Standing, Suit, VipStep
from webapp.domain.vip_tier import VipTier
from webapp.domain.words import N_


class ReviewState(StrEnum):
    OPEN = "open"
    READY = "ready"
    APPROVED = "approved"

    @property
    def label(self) -> str:
        return {"open": N_("Being decided"), "ready": N_("Waits for the director"), "approved": N_("Approved")}[
            self.value
        ]


class VipReview(Base):
    """The list of one quarter. Approved, it never changes: a database trigger refuses it."""

    __tablename__ = "vip_review"

    quarter: Mapped[date] = mapped_column(unique=True)
    """Its first day."""
    state: Mapped[ReviewState] = mapped_column(Choice(ReviewState), default=ReviewState.OPEN)
    reckoned_on: Mapped[date]
    """The last day whose payments count."""
    rules: Mapped[dict[str, int]] = mapped_column(JSON)
    """The settings by which it was reckoned."""
    figures: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    """Each currency of the company: the fields of CurrencyFigures."""
    opened_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    opened_at: Mapped[datetime]
    note: Mapped[str] = mapped_column(String(500), default="")
    """Why the director gave it back."""
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    approved_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    lines: Mapped[list[VipLine]] = relationship(back_populates="review", order_by="VipLine.id", lazy="raise")
    approved_by: Mapped[User | None] = relationship(foreign_keys=approved_by_id)

    __mapper_args__ = {"version_id_col": version}

    @classmethod
    def begin(cls, session: Session, company: Company, *, by: User | None, at: datetime) -> "VipReview":
        """Open the review of the running quarter: reckon every client by the company's rules as of today."""
        today = company.today(at)
        if session.scalar(select(cls.id).where(cls.quarter == quarter_of(today))) is not None:
            raise Refused(N_("This quarter has its review already"))
        if session.scalar(select(cls.id).where(cls.state != ReviewState.APPROVED)) is not None:
            raise Refused(N_("First finish the review that is open"))
        review = cls(
            quarter=quarter_of(today), reckoned_on=today, rules={}, figures=[], opened_at=at, opened_by_id=by and by.id
        )
        session.add(review)
        session.flush()
        lines = review._reckon(session, company, today)
        session.add(review._event("vipreview:opened", by=by, at=at, count=lines))
        return review

    def reckon_anew(self, session: Session, company: Company, *, by: User, at: datetime, seen: int) -> Event:
        """Propose anew by today's payments and settings. What was decided stays."""
        self._check_seen(seen)
        self.check_open()
        undecided = select(VipLine.id).where(VipLine.review_id == self.id, VipLine.decision.is_(None))
        session.execute(delete(VipSum).where(VipSum.line_id.in_(undecided)))
        session.execute(delete(VipLine).where(VipLine.review_id == self.id, VipLine.decision.is_(None)))
        lines = self._reckon(session, company, company.today(at))
        return self._event("vipreview:reckoned", by=by, at=at, count=lines)

    def put_on(self, session: Session, client: Client, *, by: User, at: datetime) -> VipLine:
        """A client whom no rule names comes on the list by hand."""
        self.check_open()
        there = select(VipLine).where(VipLine.review_id == self.id, VipLine.client_id == client.id)
        if session.scalar(there) is not None:
            raise Refused(N_("This client is on the list already"), field="client")
        standing = of_client(session, client, self.reckoned_on, self.rules)
        proposed = Proposed(VipStep.WAIT if standing.tier_id is None else VipStep.STAY, standing.tier_id, ("by_hand",))
        self._write(session, [(client.id, standing, proposed)])
        session.add(self._event("vipreview:added", by=by, at=at, client=client.name))
        return session.scalars(there).one()

    def decide_rest(self, session: Session, reason: str, *, by: User, at: datetime, seen: int) -> Event:
        """Decide whatever is undecided as the rules propose it, with one reason."""
        self._check_seen(seen)
        self.check_open()
        if not reason.strip():
            raise Refused(N_("Say why"), field="reason")
        done = session.execute(
            update(VipLine)
            .where(VipLine.review_id == self.id, VipLine.decision.is_(None))
            .values(
                decision=VipLine.proposed,
                tier_id=VipLine.proposed_tier_id,
                reason=reason.strip()[:500],
                decided_by_id=by.id,
                decided_at=at,
                version=VipLine.version + 1,
            )
        )
        count = int(done.rowcount)  # type: ignore[attr-defined]
        return self._event("vipreview:decided", by=by, at=at, count=count, reason=reason.strip()[:500])

    def submit(self, session: Session, *, by: User, at: datetime, seen: int) -> Event:
        """Hand the list to the director. Every proposed change was decided on."""
        self._check_seen(seen)
        self.check_open()
        left = session.scalar(
            select(func.count())
            .select_from(VipLine)
            .where(VipLine.review_id == self.id, VipLine.decision.is_(None), VipLine.proposed.in_(CHANGES))
        )
        if left:
            raise Refused(N_("%(count)s proposals are not decided yet"), count=left)
        self.state = ReviewState.READY
        return self._event("vipreview:submitted", by=by, at=at)

    def give_back(self, note: str, *, by: User, at: datetime, seen: int) -> Event:
        """The director wants something decided otherwise."""
        self._check_seen(seen)
        if self.state is not ReviewState.READY:
            raise Refused(N_("This review does not wait for approval"))
        if not note.strip():
            raise Refused(N_("Say why"), field="note")
        self.state, self.note = ReviewState.OPEN, note.strip()[:500]
        return self._event("vipreview:returned", by=by, at=at, reason=self.note)

    def check_open(self) -> None:
        if self.state is not ReviewState.OPEN:
            raise Refused(N_("The decisions of this review are closed"))

    def check_ready(self, seen: int) -> None:
        self._check_seen(seen)
        if self.state is not ReviewState.READY:
            raise Refused(N_("This review does not wait for approval"))

    def _reckon(self, session: Session, company: Company, today: date) -> int:
        tiers = [Suit(tier.id, tier.suits) for tier in VipTier.offered(session)]
        if not tiers:
            raise Refused(N_("First set the tiers of the VIP programme, in the settings"))
        self.reckoned_on, self.rules = today, dict(company.vip_rules)
        self.figures = [asdict(figures) for figures in totals(session, today, self.rules)]
        known = set(session.scalars(select(VipLine.client_id).where(VipLine.review_id == self.id)))
        found = (
            (client_id, standing, propose(standing, tiers, self.rules))
            for client_id, standing in standings(session, today, self.rules)
            if client_id not in known
        )
        return self._write(session, ((number, one, what) for number, one, what in found if what is not None))

    def _write(self, session: Session, proposals: Iterable[tuple[int, Standing, Proposed]]) -> int:
        """New lines with their sums, in two statements."""
        kept = list(proposals)
        if not kept:
            return 0
        session.execute(
            insert(VipLine),
            [
                {
                    "review_id": self.id,
                    "client_id": client_id,
                    "was_tier_id": standing.tier_id,
                    "proposed": proposed.step,
                    "proposed_tier_id": proposed.tier_id,
                    "best": standing.best,
                    "reasons": list(proposed.reasons),
                    "reason": "",
                    "version": 1,
                }
                for client_id, standing, proposed in kept
            ],
        )
        ids = select(VipLine.client_id, VipLine.id).where(VipLine.review_id == self.id)
        lines = {row.client_id: row.id for row in session.execute(ids)}
        sums = [{"line_id": lines[number], **_as_row(one)} for number, standing, _ in kept for one in standing.sums]
        if sums:
            session.execute(insert(VipSum), sums)
        return len(kept)

    def _check_seen(self, seen: int) -> None:
        if seen != self.version:
            raise Stale

    def _event(self, kind: str, *, by: User | None, at: datetime, **details: object) -> Event:
        details = {"quarter": self.quarter.isoformat(), **details}
        return event(kind, by=by, at=at, subject_id=self.id, details=details)


def _as_row(one: Any) -> dict[str, Any]:
    return {key: value for key, value in asdict(one).items() if key != "near"}


def approved_entry(session: Session, client: Client) -> VipLine | None:
    """The line of the last approved review by which the client is to enter the programme, and has not yet."""
    last = (
        select(VipReview.id)
        .where(VipReview.state == ReviewState.APPROVED)
        .order_by(VipReview.quarter.desc())
        .limit(1)
        .scalar_subquery()
    )
    line = select(VipLine).where(
        VipLine.review_id == last, VipLine.client_id == client.id, VipLine.decision == VipStep.ENTER
    )
    found = session.scalar(line)
    return found if found is not None and VipPlace.held(session, client) is None else None
