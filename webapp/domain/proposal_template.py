"""Templates of proposals: the company's look and its own words. A sent version keeps what it was printed with."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, JSON, select, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship, Session

from webapp.domain.base import Base
from webapp.domain.errors import Refused, Stale
from webapp.domain.event import Event, event
from webapp.domain.file import StoredFile
from webapp.domain.proposal_look import Blocks, Look, PLAIN, REQUISITES
from webapp.domain.user import User
from webapp.domain.words import N_

USUAL = text("usual")


class ProposalTemplate(Base):
    """One look with words in every language of proposals. New drafts begin with the usual one; one at most is."""

    __tablename__ = "proposal_template"
    __table_args__ = (
        Index("uq_proposal_template_usual", "usual", unique=True, sqlite_where=USUAL, postgresql_where=USUAL),
        {"sqlite_autoincrement": True},
    )

    name: Mapped[str] = mapped_column(String(80), unique=True)
    usual: Mapped[bool] = mapped_column(default=False)
    retired_at: Mapped[datetime | None]
    accent: Mapped[str] = mapped_column(String(7), default=PLAIN)
    cover: Mapped[bool] = mapped_column(default=False)
    cover_colour: Mapped[str] = mapped_column(String(7), default=PLAIN)
    requisites: Mapped[list[str]] = mapped_column(JSON, default=lambda: list(REQUISITES))
    blocks: Mapped[dict[str, dict[str, str]]] = mapped_column(JSON, default=dict)
    """By language, as ``Blocks.keep`` says."""
    logo_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))
    version: Mapped[int] = mapped_column(default=1)

    logo: Mapped[StoredFile | None] = relationship()

    __mapper_args__ = {"version_id_col": version}

    @property
    def look(self) -> Look:
        blocks = {language: Blocks(**kept) for language, kept in self.blocks.items()}
        return Look(self.name, self.accent, self.cover, self.cover_colour, tuple(self.requisites), blocks)

    @classmethod
    def add(
        cls, session: Session, look: Look, logo: StoredFile | None = None, *, by: User | None, at: datetime
    ) -> "ProposalTemplate":
        """A new template. The first one is the usual one at once."""
        template = cls(usual=cls.usual_one(session) is None)
        template._wear(session, look, logo)
        session.add(template)
        session.flush()
        session.add(template._tell("template:added", by=by, at=at))
        return template

    @classmethod
    def usual_one(cls, session: Session) -> "ProposalTemplate | None":
        """What new drafts begin with; None: the plain look."""
        return session.scalars(select(cls).where(cls.usual)).one_or_none()

    def change(
        self, session: Session, look: Look, logo: StoredFile | None, *, by: User, at: datetime, seen: int
    ) -> Event | None:
        """Another look for drafts and what comes; None when nothing is different."""
        self._check(seen)
        before = (self.look, self.logo_id)
        self._wear(session, look, logo)
        return self._tell("template:changed", by=by, at=at) if (self.look, self.logo_id) != before else None

    def use(self, session: Session, *, by: User, at: datetime, seen: int) -> Event:
        """From now on new drafts begin with it."""
        self._check(seen)
        if self.retired_at is not None:
            raise Refused(N_("Take it back first"))
        before = self.usual_one(session)
        if before is not None:
            before.usual = False
            session.flush()
        self.usual = True
        return self._tell("template:used", by=by, at=at)

    def retire(self, *, by: User, at: datetime, seen: int) -> Event:
        """Offer it no more. What was made with it stays as it is."""
        self._check(seen)
        self.retired_at, self.usual = at, False
        return self._tell("template:retired", by=by, at=at)

    def restore(self, *, by: User, at: datetime, seen: int) -> Event:
        self._check(seen)
        self.retired_at = None
        return self._tell("template:restored", by=by, at=at)

    def content(self, language: str) -> dict[str, Any]:
        """What a proposal in this language is printed with, as plain JSON; frozen with the version."""
        return {
            "template": {"name": self.name, "version": self.version},
            "logo": logo_content(self.logo),
            **self.look.content(language),
        }

    def _wear(self, session: Session, look: Look, logo: StoredFile | None) -> None:
        look.check()
        with session.no_autoflush:
            other = session.scalar(select(ProposalTemplate.id).where(ProposalTemplate.name == look.name))
        if other not in (None, self.id):
            raise Refused(N_("There is a template of this name already"), field="name")
        self.name, self.accent, self.cover, self.cover_colour = look.name, look.accent, look.cover, look.cover_colour
        self.requisites = list(look.requisites)
        self.blocks = {language: blocks.keep() for language, blocks in look.blocks.items()}
        self.logo, self.logo_id = logo, logo.id if logo is not None else None

    def _check(self, seen: int) -> None:
        if seen != self.version:
            raise Stale

    def _tell(self, kind: str, *, by: User | None, at: datetime) -> Event:
        return event(kind, by=by, at=at, subject_id=self.id, details={"name": self.name})


def logo_content(logo: StoredFile | None) -> dict[str, str] | None:
    """The logo by its hash: the bytes stand in the stored file, which never changes."""
    return None if logo is None else {"sha256": logo.sha256, "media_type": logo.media_type}


def logo_of(session: Session, printed: dict[str, Any]) -> tuple[bytes, str] | None:
    """The bytes and media type of the logo that a content names."""
    named = (printed.get("look") or {}).get("logo")
    if named is None:
        return None
    file = session.scalars(select(StoredFile).where(StoredFile.sha256 == named["sha256"])).one()
    return file.content, file.media_type
