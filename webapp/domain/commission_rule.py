"""Commission rules: what a hunter earns, in dated versions that never change once they have started."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, JSON, select, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship, Session

from webapp.domain.base import Base
from webapp.domain.commission_terms import Terms
from webapp.domain.commission_world import InForce
from webapp.domain.errors import Refused
from webapp.domain.event import Event, event
from webapp.domain.user import User
from webapp.domain.words import N_


class CommissionRule(Base):
    """A rule by its name. What it pays stands in its versions; from ``ends_on`` on it pays nothing new."""

    __tablename__ = "commission_rule"

    name: Mapped[str] = mapped_column(String(120), unique=True)
    ends_on: Mapped[date | None]
    """The first day on which it is no longer in force."""

    versions: Mapped[list["CommissionVersion"]] = relationship(
        back_populates="rule", order_by="CommissionVersion.number", cascade="all, delete-orphan"
    )

    @classmethod
    def add(
        cls,
        session: Session,
        name: str,
        starts_on: date,
        terms: Terms,
        *,
        by: User,
        at: datetime,
        closed_through: date | None,
    ) -> "CommissionRule":
        """A new rule with its first version. It may begin in a month that is still open, in no closed one."""
        if not name.strip():
            raise Refused(N_("Give the rule a name"), field="name")
        with session.no_autoflush:
            if session.scalar(select(cls.id).where(cls.name == name.strip())) is not None:
                raise Refused(N_("There is a rule of this name already"), field="name")
        if closed_through is not None and starts_on.replace(day=1) <= closed_through:
            raise Refused(N_("That month is closed: nothing in it changes any more"), field="starts_on")
        rule = cls(name=name.strip())
        rule.versions.append(CommissionVersion(number=1, starts_on=starts_on, terms=terms.as_json()))
        session.add(rule)
        session.flush()
        session.add(rule._event("rule:added", by=by, at=at, number=1, starts=starts_on.isoformat()))
        return rule

    def revise(self, starts_on: date, terms: Terms, *, by: User, at: datetime) -> Event:
        """The next version, from a later day on: what has started never changes."""
        self._check_running()
        last = self.versions[-1]
        if starts_on <= max(by.today(at), last.starts_on):
            raise Refused(N_("A new version starts after today, and after the version before it"), field="starts_on")
        number = last.number + 1
        self.versions.append(CommissionVersion(number=number, starts_on=starts_on, terms=terms.as_json()))
        return self._event("rule:revised", by=by, at=at, number=number, starts=starts_on.isoformat())

    def withdraw(self, session: Session, *, by: User, at: datetime) -> Event:
        """Take back the last version, while it has not started."""
        last = self.versions[-1]
        if last.starts_on <= by.today(at):
            raise Refused(N_("This version has started: it stays"))
        told = self._event("rule:withdrawn", by=by, at=at, number=last.number, starts=last.starts_on.isoformat())
        self.versions.remove(last)
        if not self.versions:
            session.delete(self)
        return told

    def end(self, ends_on: date, *, by: User, at: datetime) -> Event:
        """From that day on the rule is no longer in force; not in the past."""
        self._check_running()
        if ends_on <= by.today(at):
            raise Refused(N_("A rule ends after today"), field="ends_on")
        self.ends_on = ends_on
        return self._event("rule:ended", by=by, at=at, ends=ends_on.isoformat())

    def in_force(self) -> list[InForce]:
        """Its versions with the days on which each holds."""
        starts = [version.starts_on for version in self.versions[1:]]
        ends = [min(filter(None, (day, self.ends_on)), default=None) for day in (*starts, None)]
        return [
            InForce(version.id, version.starts_on, until, version.conditions)
            for version, until in zip(self.versions, ends, strict=True)
        ]

    def _check_running(self) -> None:
        if self.ends_on is not None:
            raise Refused(N_("This rule has an end: add a new rule"))

    def _event(self, kind: str, *, by: User, at: datetime, **details: object) -> Event:
        return event(kind, by=by, at=at, subject_id=self.id, details={"name": self.name, **details})


class CommissionVersion(Base):
    """What a rule pays from a day on. Never changed: a database trigger refuses it."""

    __tablename__ = "commission_version"
    __table_args__ = (UniqueConstraint("rule_id", "number"), {"sqlite_autoincrement": True})

    rule_id: Mapped[int] = mapped_column(ForeignKey("commission_rule.id"))
    number: Mapped[int]
    starts_on: Mapped[date]
    terms: Mapped[dict[str, Any]] = mapped_column(JSON)

    rule: Mapped[CommissionRule] = relationship(back_populates="versions")

    @property
    def conditions(self) -> Terms:
        return Terms.of_json(self.terms)
