"""Proposals: numbered, versioned documents made from a deal. A sent version never changes."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    cast,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    func,
    Index,
    JSON,
    select,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, object_session, relationship, Session

from webapp.domain.base import Base, Choice
from webapp.domain.company import Company
from webapp.domain.contact import Contact, who_decides
from webapp.domain.deal import Deal
from webapp.domain.discount import check_discount, make_void
from webapp.domain.errors import Incomplete, Refused, Stale
from webapp.domain.event import Event, event
from webapp.domain.file import StoredFile
from webapp.domain.product_file import check_attached
from webapp.domain.proposal_check import check, Draft, gaps
from webapp.domain.proposal_lines import lines_of
from webapp.domain.proposal_products import check_products, note_offer, taxed_on, with_products
from webapp.domain.proposal_state import COPIED, MOST_FAILURES, ON_THE_BOARD, PREFIXES, VALID_DAYS, VersionState
from webapp.domain.proposal_template import ProposalTemplate
from webapp.domain.user import User
from webapp.domain.words import N_


class Proposal(Base):
    """A proposal to a client, numbered per year without gaps: a number once taken is never given up."""

    __tablename__ = "proposal"
    __table_args__ = (UniqueConstraint("year", "number"), {"sqlite_autoincrement": True})

    deal_id: Mapped[int] = mapped_column(ForeignKey("deal.id"), index=True)
    prefix: Mapped[str] = mapped_column(String(8))
    year: Mapped[int]
    number: Mapped[int]
    reminded: Mapped[int] = mapped_column(default=0)
    """The last version of whose end its owner was reminded; 0 for none."""

    deal: Mapped[Deal] = relationship(back_populates="proposals")
    versions: Mapped[list["ProposalVersion"]] = relationship(
        back_populates="proposal", order_by="ProposalVersion.number", cascade="all, delete-orphan"
    )

    @hybrid_property
    def label(self) -> str:
        """The number that stands on the document: ``КП-2026-17``."""
        return f"{self.prefix}-{self.year}-{self.number}"

    @label.inplace.expression
    @classmethod
    def _label(cls) -> ColumnElement[str]:
        return cls.prefix + "-" + cast(cls.year, String) + "-" + cast(cls.number, String)

    @property
    def last(self) -> "ProposalVersion":
        return self.versions[-1]

    @classmethod
    def draft(cls, session: Session, deal: Deal, *, by: User, at: datetime) -> "Proposal":
        """A new proposal with a draft of its first version, lines as the deal has them."""
        deal.check_open()
        company = session.scalars(select(Company).with_for_update()).one()  # one number at a time
        day = by.today(at)
        taken = session.scalar(select(func.max(cls.number)).where(cls.year == day.year)) or 0
        language = company.language if company.language in PREFIXES else "en"
        version = ProposalVersion(
            number=1,
            language=language,
            currency=deal.currency,
            dated_on=day,
            valid_until=day + timedelta(days=VALID_DAYS),
            title=deal.name,
            contact=who_decides(deal.client),
            lines=lines_of(deal, day),
            template=ProposalTemplate.usual_one(session),
            made_by=by,
        )
        proposal = cls(deal=deal, prefix=PREFIXES[language], year=day.year, number=taken + 1, versions=[version])
        session.add(proposal)
        session.flush()
        session.add(version.tell("proposal:drafted", by=by, at=at))
        return proposal

    def next_version(self, session: Session, *, by: User, at: datetime) -> "ProposalVersion":
        """A new draft copied from the last version, dated and taxed as of today, valid as long as that one was."""
        session.refresh(self, ["year"], with_for_update=True)  # one next version at a time
        self.deal.check_open()
        last = self.last
        if last.state is not VersionState.SENT:
            raise Refused(N_("Version %(number)s is not sent yet"), number=last.number)
        day = by.today(at)
        version = ProposalVersion(
            proposal=self,
            number=last.number + 1,
            dated_on=day,
            valid_until=day + (last.valid_until - last.dated_on),
            contact=last.contact if last.contact is not None and last.contact.there else None,
            made_by=by,
            **{name: getattr(last, name) for name in COPIED},
            lines=taxed_on(session, with_products(session, self.deal, last.lines), last.currency, last.dated_on, day),
        )
        session.add(version)
        session.flush()
        session.add(version.tell("proposal:drafted", by=by, at=at))
        return version


class ProposalVersion(Base):
    """One version. While a draft it changes freely; sending freezes it, and the stored PDF has the hash recorded then.
    ``printing`` is the time between: frozen, its PDF not yet stored. The database refuses to change it then."""

    __tablename__ = "proposal_version"
    __table_args__ = (
        UniqueConstraint("proposal_id", "number"),
        Index("ix_proposal_version_state", "state"),
        CheckConstraint("state = 'draft' or (printed is not null and frozen_at is not null)", name="frozen_content"),
        CheckConstraint("(state = 'sent') = (file_id is not null and sent_at is not null)", name="sent_has_its_file"),
        {"sqlite_autoincrement": True},
    )

    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id", ondelete="CASCADE"))
    number: Mapped[int]
    state: Mapped[VersionState] = mapped_column(Choice(VersionState), default=VersionState.DRAFT)
    language: Mapped[str] = mapped_column(String(5))
    currency: Mapped[str] = mapped_column(String(3))
    prices_include_tax: Mapped[bool] = mapped_column(default=True)
    dated_on: Mapped[date]
    valid_until: Mapped[date]
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id"))
    title: Mapped[str] = mapped_column(String(200), default="")
    text: Mapped[str] = mapped_column(Text, default="")
    """The task in the client's words, in the few marks of ``webapp.pdf.markup``."""
    terms: Mapped[str] = mapped_column(Text, default="")
    lines: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    """As ``ProposalLine.keep`` says."""
    discount: Mapped[int] = mapped_column(default=0)
    """On everything, after the discounts of lines; basis points."""
    template_id: Mapped[int | None] = mapped_column(ForeignKey("proposal_template.id"))
    """The look; None: the plain one. Sending freezes what is printed of it."""
    attached: Mapped[list[int]] = mapped_column(JSON, default=list)
    """Ids of the product files that go out with it."""
    printed: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """Everything that was printed, as it stood at sending: see ``webapp.domain.proposal_content``."""
    made_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    sent_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    frozen_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(default=0)
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))
    version: Mapped[int] = mapped_column(default=1)

    proposal: Mapped[Proposal] = relationship(back_populates="versions")
    contact: Mapped[Contact | None] = relationship()
    template: Mapped[ProposalTemplate | None] = relationship()
    made_by: Mapped[User] = relationship(foreign_keys=made_by_id)
    sent_by: Mapped[User | None] = relationship(foreign_keys=sent_by_id)
    file: Mapped[StoredFile | None] = relationship()

    __mapper_args__ = {"version_id_col": version}

    @property
    def is_draft(self) -> bool:
        return self.state is VersionState.DRAFT

    @property
    def stuck(self) -> bool:
        """Whether printing failed so often that it is not begun again by itself."""
        return self.state is VersionState.PRINTING and self.failures >= MOST_FAILURES

    def change(self, draft: Draft, *, by: User, at: datetime, seen: int) -> Event | None:
        """Write the draft anew; None when nothing is different."""
        self._check(seen)
        check(draft, self.proposal.deal.client, by.today(at))
        check_attached(object_session(self), draft.attached)
        check_products(object_session(self), draft.lines)
        fields = {**draft.fields(), "lines": [line.keep() for line in draft.lines]}
        changed = sorted(name for name, value in fields.items() if getattr(self, name) != value)
        for name in changed:
            setattr(self, name, fields[name])
        if {"lines", "discount", "currency", "prices_include_tax"} & set(changed):
            make_void(self, by=by, at=at)
        return self.tell("proposal:changed", by=by, at=at, fields=changed) if changed else None

    def discard(self, session: Session, *, by: User, at: datetime, seen: int) -> Event:
        """Throw a later draft away. The first version stays: its number must not leave a gap."""
        self._check(seen)
        if self.number == 1:
            raise Refused(N_("The first version keeps the proposal's number: change it instead"))
        told = self.tell("proposal:discarded", by=by, at=at)
        session.delete(self)
        return told

    def send(self, content: dict[str, Any], *, by: User, at: datetime, seen: int) -> Event:
        """Freeze the version with everything that will be printed (``proposal_content``). The PDF is printed next."""
        self._check(seen)
        self.proposal.deal.check_open()
        if missing := gaps(self, by.today(at)):
            raise Incomplete(N_("Before sending:"), missing)
        check_discount(self, by)
        self.state, self.printed, self.sent_by, self.frozen_at = VersionState.PRINTING, content, by, at
        note_offer(self, by=by, at=at)
        totals = {f"{billing}_minor": sums["total_minor"] for billing, sums in content["totals"].items()}
        return self.tell("proposal:sent", by=by, at=at, currency=self.currency, **totals)

    def store(self, file: StoredFile, *, at: datetime) -> Event:
        """The PDF is printed: the version is sent, and its file's hash is what proves it from now on (rule 9)."""
        if self.state is not VersionState.PRINTING:
            raise Refused(N_("This version is not being printed"))
        self.state, self.file, self.sent_at = VersionState.SENT, file, at
        return self.tell("proposal:printed", by=None, at=at, sha256=file.sha256)

    def fail(self, because: str, *, at: datetime) -> Event:
        """Printing did not succeed. The version stays frozen; somebody may ask again when it is stuck."""
        self.failures += 1
        return self.tell("proposal:unprinted", by=None, at=at, because=because, failures=self.failures)

    def lasts(self, day: date) -> bool:
        """Whether a client may still accept it. A later version does not end an earlier one."""
        return self.state is VersionState.SENT and self.valid_until >= day

    def tell(self, kind: str, *, by: User | None, at: datetime, **details: Any) -> Event:
        return event(
            kind,
            by=by,
            at=at,
            client_id=self.proposal.deal.client_id,
            subject_id=self.proposal_id,
            stages=self.proposal.deal.client.stage_ids if kind in ON_THE_BOARD else (),
            details={"name": self.proposal.label, "number": self.number, **details},
        )

    def _check(self, seen: int) -> None:
        if not self.is_draft:
            raise Refused(N_("A sent version never changes: make a new version"))
        if seen != self.version:
            raise Stale
