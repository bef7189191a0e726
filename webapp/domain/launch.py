"""Launches: bringing a new product to existing clients, counted by whom somebody told in person, not by what was
sent."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, cast

from sqlalchemy import CheckConstraint, ForeignKey, Index, JSON, String, Text
from sqlalchemy.orm import Mapped, mapped_column, object_session, relationship, Session

from webapp.domain.base import Base, Choice
from webapp.domain.company import Company
from webapp.domain.errors import Refused, Stale
from webapp.domain.event import Event, event
from webapp.domain.launch_state import Channel, COUNTING, LaunchState, TRANSITIONS
from webapp.domain.money import CURRENCIES
from webapp.domain.product import Product
from webapp.domain.user import User
from webapp.domain.words import N_

LONGEST = 370
"""Days from the first to the last."""


class Launch(Base):
    """A product is brought to an audience between two days. Everything but its state is settled before it starts."""

    __tablename__ = "launch"
    __table_args__ = (
        Index("ix_launch_state", "state", "id"),
        CheckConstraint("ends_on >= starts_on", name="ends_after_start"),
        CheckConstraint("state = 'draft' or (started_at is not null and size > 0)", name="started_with_audience"),
        CheckConstraint("(state = 'ended') = (ended_at is not null)", name="ended_has_day"),
        {"sqlite_autoincrement": True},
    )

    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"), index=True)
    name: Mapped[str] = mapped_column(String(160))
    owner_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    """Who answers for it: asks the colleagues to call, and gets the answers to its e-mails."""
    state: Mapped[LaunchState] = mapped_column(Choice(LaunchState), default=LaunchState.DRAFT)
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    message: Mapped[str] = mapped_column(Text, default="")
    """What the product gives the client, in plain words: the heart of the e-mail and of its page."""
    leaflet: Mapped[str] = mapped_column(Text, default="")
    """The page that lies with the invoice, with the few marks of a proposal's texts."""
    told_goal: Mapped[int] = mapped_column(default=0)
    interested_goal: Mapped[int] = mapped_column(default=0)
    sold_goal: Mapped[int] = mapped_column(default=0)
    currency: Mapped[str] = mapped_column(String(3))
    """Of the costs of its channels."""
    rule: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """``AudienceRule`` as it was when the audience was frozen, or last looked at."""
    size: Mapped[int] = mapped_column(default=0)
    """Clients of the frozen audience; 0 while it is open."""
    site: Mapped[str] = mapped_column(String(200), default="")
    """The address of Baton as whoever started it saw it: links in e-mails begin with it."""
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    counts_until: Mapped[datetime | None]
    """Settled when it ends: until then the offers and sales that follow from it still count."""
    version: Mapped[int] = mapped_column(default=1)

    product: Mapped[Product] = relationship()
    owner: Mapped[User] = relationship()
    channels: Mapped[list["LaunchChannel"]] = relationship(
        back_populates="launch", order_by="LaunchChannel.id", cascade="all, delete-orphan"
    )

    __mapper_args__ = {"version_id_col": version}

    EDITABLE = frozenset(
        "product name owner starts_on ends_on message leaflet told_goal interested_goal sold_goal currency".split()
    )

    @classmethod
    def draft(
        cls, session: Session, channels: Mapping[Channel, "Terms"], *, by: User, at: datetime, **fields: Any
    ) -> "Launch":
        """A new launch, still to be given its audience."""
        unknown = set(fields) - cls.EDITABLE
        if unknown:
            raise KeyError(f"not editable: {unknown}")
        launch = cls(**fields)
        launch._use(channels)
        launch._check()
        session.add(launch)
        session.flush()
        session.add(launch._event("launch:drafted", by=by, at=at))
        return launch

    def change(self, channels: Mapping[Channel, "Terms"], *, by: User, at: datetime, seen: int, **fields: Any) -> Event:
        """Other terms, by somebody who saw that version; only before it starts."""
        self.check_open(seen)
        unknown = set(fields) - self.EDITABLE
        if unknown:
            raise KeyError(f"not editable: {unknown}")
        if self.size and fields.get("product", self.product) is not self.product:
            raise Refused(N_("The audience is frozen for this product: open it again first"), field="product_id")
        self._use(channels)  # first: reading the channels would write what is not checked yet
        for field, value in fields.items():
            setattr(self, field, value)
        self._check()
        return self._event("launch:changed", by=by, at=at)

    def look(self, rule: Mapping[str, Any]) -> None:
        """Remember by which rule the audience was looked at last."""
        self.rule = dict(rule)

    def freeze(self, size: int, *, by: User, at: datetime, seen: int) -> Event:
        """The audience is these clients from now on, whoever fits the rule later. The caller writes them down."""
        self.check_open(seen)
        if self.size:
            raise Refused(N_("The audience is frozen already"))
        if not size:
            raise Refused(N_("No client fits this rule"))
        self.size = size
        return self._event("launch:frozen", by=by, at=at, clients=size)

    def thaw(self, *, by: User, at: datetime, seen: int) -> Event:
        """Choose the audience anew; only before it starts. The caller forgets who was in it."""
        self.check_open(seen)
        self.size = 0
        return self._event("launch:thawed", by=by, at=at)

    def start(self, site: str, *, by: User, at: datetime, today: date, seen: int) -> Event:
        """From now on the work is spread. Everything it needs must be there."""
        if seen != self.version:
            raise Stale
        if not self.size:
            raise Refused(N_("Freeze the audience first"))
        if not self.channels:
            raise Refused(N_("Choose at least one channel"))
        if self.ends_on < today:
            raise Refused(N_("This launch would be over already: choose a later last day"), field="ends_on")
        self._check_on_sale()
        self._become(LaunchState.RUNNING)
        self.started_at, self.site = at, site
        return self._event("launch:started", by=by, at=at, clients=self.size)

    def pause(self, *, by: User | None, at: datetime, seen: int | None = None) -> Event:
        """Nothing more is given out until it goes on; what was given stays. ``by`` is None where its product went off
        sale."""
        if seen not in (None, self.version):
            raise Stale
        self._become(LaunchState.PAUSED)
        return self._event("launch:paused", by=by, at=at)

    def resume(self, *, by: User, at: datetime, seen: int) -> Event:
        """It goes on where it stood."""
        if seen != self.version:
            raise Stale
        self._check_on_sale()
        self._become(LaunchState.RUNNING)
        return self._event("launch:resumed", by=by, at=at)

    def end(self, *, by: User | None, at: datetime, seen: int | None = None) -> Event:
        """It is over: what is not done yet is taken back, and nobody counts as told any more. Offers and sales do, for
        as many days as the company's settings say today. ``by`` is None on its last day."""
        if seen not in (None, self.version):
            raise Stale
        days = cast("Session", object_session(self)).get_one(Company, 1).launch_days
        self._become(LaunchState.ENDED)
        self.ended_at, self.counts_until = at, at + timedelta(days=days)
        return self._event("launch:ended", by=by, at=at)

    @property
    def counts(self) -> bool:
        return self.state in COUNTING

    def terms(self, channel: Channel) -> "LaunchChannel | None":
        """The terms of a channel; None where it is not used."""
        return next((each for each in self.channels if each.channel is channel), None)

    def check_open(self, seen: int) -> None:
        """Before anything but the state changes."""
        if seen != self.version:
            raise Stale
        if self.state is not LaunchState.DRAFT:
            raise Refused(N_("This launch has started: its terms and its audience stand"))

    def _use(self, channels: Mapping[Channel, "Terms"]) -> None:
        known = {each.channel: each for each in self.channels}
        self.channels[:] = [each for each in self.channels if each.channel in channels]
        for channel, (cost_minor, a_week) in channels.items():
            row = known.get(channel) or LaunchChannel(channel=channel)
            row.cost_minor, row.a_week = cost_minor, a_week
            if row not in self.channels:
                self.channels.append(row)

    def _check_on_sale(self) -> None:
        if self.product.retired_at is not None:
            raise Refused(N_("This product is off sale"), field="product_id")

    def _check(self) -> None:
        if not self.name.strip():
            raise Refused(N_("Give it a name"), field="name")
        if self.ends_on < self.starts_on:
            raise Refused(N_("It ends before it begins"), field="ends_on")
        if (self.ends_on - self.starts_on).days > LONGEST:
            raise Refused(N_("At most %(most)s days, please"), field="ends_on", most=LONGEST)
        if self.currency not in CURRENCIES:
            raise Refused(N_("Choose a currency"), field="currency")
        if self.terms(Channel.EMAIL) is not None and not self.message.strip():
            raise Refused(N_("What does the e-mail say?"), field="message")
        if self.terms(Channel.LEAFLET) is not None and not self.leaflet.strip():
            raise Refused(N_("What does the leaflet say?"), field="leaflet")

    def _become(self, state: LaunchState) -> None:
        if state not in TRANSITIONS[self.state]:
            raise Refused(N_("This launch is “%(state)s” by now"), state=self.state.label)
        self.state = state

    def _event(self, kind: str, *, by: User | None, at: datetime, **details: Any) -> Event:
        told = {"name": self.name, "product": self.product.name, **details}
        return event(kind, by=by, at=at, subject_id=self.id, details=told)


Terms = tuple[int, int]
"""Of a channel: what one contact costs in minor units, and how many one person is given in a week (0: no limit)."""


class LaunchChannel(Base):
    """How a launch uses one channel."""

    __tablename__ = "launch_channel"
    __table_args__ = (
        Index("uq_launch_channel", "launch_id", "channel", unique=True),
        CheckConstraint("cost_minor >= 0 and a_week >= 0", name="not_below_zero"),
        {"sqlite_autoincrement": True},
    )

    launch_id: Mapped[int] = mapped_column(ForeignKey("launch.id", ondelete="CASCADE"))
    channel: Mapped[Channel] = mapped_column(Choice(Channel))
    cost_minor: Mapped[int] = mapped_column(default=0)
    a_week: Mapped[int] = mapped_column(default=0)

    launch: Mapped[Launch] = relationship(back_populates="channels")
