"""Tiers of the VIP programme: how often a client of the tier is visited, and how many of them one owner can carry.

The method gives no number for either: whoever runs the company sets them, and nothing here is a standard.
"""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, func, select, String
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column, Session

from webapp.domain.base import Base, Choice
from webapp.domain.errors import Refused, Stale
from webapp.domain.event import Event, event
from webapp.domain.sales_class import SalesClass
from webapp.domain.user import User
from webapp.domain.words import N_

QUARTER_DAYS = 91
"""Days of a quarter, where a norm in visits is said in days or the other way round."""


class NormKind(StrEnum):
    """How a tier says its visit norm."""

    A_QUARTER = "a_quarter"
    DAYS_BETWEEN = "days_between"

    @property
    def label(self) -> str:
        return {"a_quarter": N_("Visits a quarter"), "days_between": N_("Days between visits")}[self.value]


class VipTier(Base):
    """A tier. ``position`` orders them, the highest first. One that is retired takes nobody in any more."""

    __tablename__ = "vip_tier"
    __table_args__ = (
        CheckConstraint("name <> ''", name="named"),
        CheckConstraint("norm_size > 0 and capacity > 0", name="sizes_positive"),
        {"sqlite_autoincrement": True},
    )

    name: Mapped[str] = mapped_column(String(80), unique=True)
    position: Mapped[int]
    norm_kind: Mapped[NormKind] = mapped_column(Choice(NormKind))
    norm_size: Mapped[int]
    """Visits a quarter, or days between two visits."""
    capacity: Mapped[int]
    """How many clients of this tier one owner can carry when they carry no others."""
    suits: Mapped[SalesClass] = mapped_column(Choice(SalesClass))
    """The class of sales for which the quarterly review suggests this tier."""
    retired_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}

    EDITABLE = frozenset("name norm_kind norm_size capacity suits".split())
    MOST_VISITS = 91
    """A quarter: a visit a day."""
    LONGEST_GAP = 365
    MOST_CLIENTS = 1000

    @property
    def norm_days(self) -> int:
        """Days from one visit to the next, rounded down; at least 1."""
        return self.norm_size if self.norm_kind is NormKind.DAYS_BETWEEN else max(1, QUARTER_DAYS // self.norm_size)

    @classmethod
    def add(
        cls,
        session: Session,
        name: str,
        norm_kind: NormKind,
        norm_size: int,
        capacity: int,
        suits: SalesClass,
        *,
        by: User | None,
        at: datetime,
    ) -> "VipTier":
        """A new tier, the lowest so far."""
        last = session.scalar(select(func.max(cls.position))) or 0
        tier = cls(
            name=name.strip(),
            position=last + 1,
            norm_kind=norm_kind,
            norm_size=norm_size,
            capacity=capacity,
            suits=suits,
        )
        tier._check(session)
        session.add(tier)
        try:
            session.flush()
        except IntegrityError as error:
            raise Refused(N_("There is a tier of this name already"), field="name") from error
        session.add(tier._event("viptier:added", by=by, at=at))
        return tier

    def change(self, session: Session, *, by: User, at: datetime, seen: int, **fields: object) -> Event:
        """Change what the tier says; it holds from now on for everybody in it."""
        self._check_seen(seen)
        if set(fields) - self.EDITABLE:
            raise KeyError(f"not editable: {set(fields) - self.EDITABLE}")
        for field, value in fields.items():
            setattr(self, field, value.strip() if isinstance(value, str) and field == "name" else value)
        self._check(session)
        return self._event("viptier:changed", by=by, at=at)

    def raise_above(self, session: Session, *, by: User, at: datetime, seen: int) -> Event:
        """Change places with the tier above."""
        self._check_seen(seen)
        above = session.scalar(
            select(VipTier).where(VipTier.position < self.position).order_by(VipTier.position.desc()).limit(1)
        )
        if above is None:
            raise Refused(N_("This is the highest tier"))
        self.position, above.position = above.position, self.position
        return self._event("viptier:changed", by=by, at=at)

    def retire(self, *, by: User, at: datetime, seen: int) -> Event:
        """Nobody enters it any more. Who is in it stays until a review decides."""
        self._check_seen(seen)
        if self.retired_at is not None:
            raise Refused(N_("This tier is retired already"))
        self.retired_at = at
        return self._event("viptier:retired", by=by, at=at)

    def restore(self, *, by: User, at: datetime, seen: int) -> Event:
        self._check_seen(seen)
        if self.retired_at is None:
            raise Refused(N_("This tier is in use already"))
        self.retired_at = None
        return self._event("viptier:restored", by=by, at=at)

    @classmethod
    def offered(cls, session: Session) -> list["VipTier"]:
        """Those that clients may enter, the highest first."""
        return list(session.scalars(select(cls).where(cls.retired_at.is_(None)).order_by(cls.position)))

    def _check(self, session: Session) -> None:
        if not self.name:
            raise Refused(N_("Please fill this in"), field="name")
        with session.no_autoflush:
            if session.scalar(select(VipTier.id).where(VipTier.name == self.name, VipTier.id != (self.id or 0))):
                raise Refused(N_("There is a tier of this name already"), field="name")
        most = self.MOST_VISITS if self.norm_kind is NormKind.A_QUARTER else self.LONGEST_GAP
        if not 1 <= self.norm_size <= most:
            raise Refused(N_("Between 1 and %(most)s, please"), field="norm_size", most=most)
        if not 1 <= self.capacity <= self.MOST_CLIENTS:
            raise Refused(N_("Between 1 and %(most)s, please"), field="capacity", most=self.MOST_CLIENTS)

    def _check_seen(self, seen: int) -> None:
        if seen != self.version:
            raise Stale

    def _event(self, kind: str, *, by: User | None, at: datetime) -> Event:
        return event(kind, by=by, at=at, subject_id=self.id, details={"name": self.name})
