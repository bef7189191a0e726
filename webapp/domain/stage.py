"""Stages: the columns of a department's lane, named by what the client did, and the criteria for leaving them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TYPE_CHECKING

from sqlalchemy import Index, JSON, select, String
from sqlalchemy.orm import Mapped, mapped_column, Session

from webapp.domain.base import alone, Base, Choice
from webapp.domain.errors import Refused
from webapp.domain.event import Event, event
from webapp.domain.interaction import CONTACTS
from webapp.domain.money import WHOLE
from webapp.domain.user import User
from webapp.domain.words import Department, N_

if TYPE_CHECKING:
    from webapp.domain.engagement import Engagement


class Stage(Base):
    """A column. A default stage carries its English name as ``name`` and is translated where it is shown."""

    __tablename__ = "stage"
    __table_args__ = (Index("ix_stage_department_position", "department", "position"), {"sqlite_autoincrement": True})

    department: Mapped[Department] = mapped_column(Choice(Department))
    position: Mapped[int]
    name: Mapped[str] = mapped_column(String(80))
    limit_days: Mapped[int | None]
    """Days after which a client has stood here too long."""
    criteria: Mapped[list[str]] = mapped_column(JSON, default=list)
    """Keys of EXIT_CRITERIA that must hold before the client moves forward from here."""
    chance: Mapped[int | None]
    """In basis points, how likely a deal of a client that stands here is won, as the head says; None: nobody said."""
    removed_at: Mapped[datetime | None]

    MOST = 12
    """Stages of one lane: more do not fit before anybody's eyes."""
    LONGEST_LIMIT = 1000

    @classmethod
    def add(
        cls,
        session: Session,
        department: Department,
        name: str,
        *,
        by: User,
        at: datetime,
        limit_days: int | None = None,
        criteria: Sequence[str] = (),
        chance: int | None = None,
    ) -> "Stage":
        """A new last stage of the department's lane, with its event."""
        lane = lane_of(session, department)
        if len(lane) >= cls.MOST:
            raise Refused(N_("A lane has at most %(most)s stages"), most=cls.MOST)
        stage = cls(department=department, position=len(lane), name=name, limit_days=limit_days, criteria=[*criteria])
        stage.chance = chance
        stage._check(lane)
        for position, other in enumerate(lane):
            other.position = position
        session.add(stage)
        session.flush()
        session.add(stage._event("stage:added", by=by, at=at))
        return stage

    def hold(self, session: Session, *, shared: bool = False) -> None:
        """Before clients enter (``shared``), or the stage is removed: wait for who does the other, and look again."""
        if not alone(session):
            session.refresh(self, with_for_update={"read": shared, "key_share": shared})
        if self.removed_at is not None:
            raise Refused(N_("This stage was removed"))

    def change(
        self,
        session: Session,
        *,
        name: str,
        limit_days: int | None,
        criteria: Sequence[str],
        chance: int | None,
        by: User,
        at: datetime,
    ) -> Event:
        """Rename the stage, or change what it asks for and how its deals are weighed."""
        before, weighed = self.name, self.chance
        self.name, self.limit_days, self.criteria, self.chance = name, limit_days, [*criteria], chance
        self._check(lane_of(session, self.department))
        was: dict[str, object] = {"was": before} if before != name else {}
        if chance != weighed:
            was |= {"chance": chance, "chance_was": weighed}
        return self._event("stage:changed", by=by, at=at, **was)

    def move(self, session: Session, position: int, *, by: User, at: datetime) -> Event:
        """Put the stage at another place of its lane; the others close ranks. Beyond an end means at the end."""
        lane = [stage for stage in lane_of(session, self.department) if stage.id != self.id]
        if self.removed_at is not None:
            raise Refused(N_("This stage was removed"))
        lane.insert(max(0, min(position, len(lane))), self)
        for place, stage in enumerate(lane):
            stage.position = place
        stages = tuple(stage.id for stage in lane)
        return event(
            "stage:changed",
            by=by,
            at=at,
            subject_id=self.id,
            stages=stages,
            details={"name": self.name, "department": self.department, "position": self.position + 1},
        )

    def remove(
        self, session: Session, standing: Sequence["Engagement"], to: "Stage | None", *, by: User, at: datetime
    ) -> list[Event]:
        """Take the stage away. Clients that stand in it move to another stage of the lane, whatever is missing:
        ``standing`` are all their open engagements, read after ``hold``."""
        lane = lane_of(session, self.department)
        if self.removed_at is not None:
            raise Refused(N_("This stage was removed"))
        if len(lane) == 1:
            raise Refused(N_("A lane needs at least one stage"))
        if standing and (to is None or to.id == self.id or to not in lane):
            raise Refused(N_("Choose the stage that its clients move to"), field="to_id")
        events = [self._resettle(engagement, to, by=by, at=at) for engagement in standing if to is not None]
        self.removed_at = at
        for position, stage in enumerate(stage for stage in lane if stage.id != self.id):
            stage.position = position
        return [*events, self._event("stage:removed", by=by, at=at, to=to.name if standing and to else None)]

    def _resettle(self, engagement: "Engagement", to: "Stage", *, by: User, at: datetime) -> Event:
        engagement.stage, engagement.stage_since = to, at
        return event(
            "engagement:moved",
            by=by,
            at=at,
            client_id=engagement.client_id,
            subject_id=engagement.id,
            stages=(self.id, to.id),
            details={"department": self.department, "from": self.name, "to": to.name, "because": "stage removed"},
        )

    def _check(self, lane: Sequence["Stage"]) -> None:
        if self.removed_at is not None:
            raise Refused(N_("This stage was removed"))
        if any(other.name.casefold() == self.name.casefold() for other in lane if other is not self):
            raise Refused(N_("This lane has a stage of that name"), field="name")
        if not set(self.criteria) <= set(EXIT_CRITERIA):
            raise Refused(N_("There is no such exit criterion"), field="criteria")
        if self.limit_days is not None and not 0 < self.limit_days <= self.LONGEST_LIMIT:
            raise Refused(N_("Between 1 and %(most)s days, please"), field="limit_days", most=self.LONGEST_LIMIT)
        if self.chance is not None and not 0 <= self.chance <= WHOLE:
            raise Refused(N_("A percent lies between 0 and 100"), field="chance")

    def _event(self, kind: str, *, by: User, at: datetime, **details: object) -> Event:
        return event(
            kind,
            by=by,
            at=at,
            subject_id=self.id,
            stages=(self.id,),
            details={"name": self.name, "department": self.department, **details},
        )


def lane_of(session: Session, department: Department) -> list[Stage]:
    """The stages of a department's lane in order."""
    lane = select(Stage).where(Stage.department == department, Stage.removed_at.is_(None))
    with session.no_autoflush:
        return list(session.scalars(lane.order_by(Stage.position, Stage.id)))


def first_stage(session: Session, department: Department) -> Stage:
    """Where a new client of the department enters."""
    return lane_of(session, department)[0]


@dataclass(frozen=True, slots=True)
class Criterion:
    """One exit criterion: what it asks for, and the test on an engagement and the person's today."""

    label: str
    holds: Callable[["Engagement", date], bool]


def _any(things: Any) -> bool:
    return any(True for _ in things)


EXIT_CRITERIA: dict[str, Criterion] = {
    "contact": Criterion(N_("A contact at the client"), lambda e, today: _any(c for c in e.client.contacts if c.there)),
    "decider": Criterion(
        N_("Who decides is known"),
        lambda e, today: _any(c for c in e.client.contacts if c.there and c.decision_role == "decides"),
    ),
    "inn": Criterion(N_("The client's ИНН"), lambda e, today: bool(e.client.inn)),
    "next_touch": Criterion(N_("The next touch is planned"), lambda e, today: e.next_touch_on is not None),
    "interaction": Criterion(
        N_("A recorded interaction"), lambda e, today: _any(i for i in e.client.interactions if i.kind in CONTACTS)
    ),
    "meeting": Criterion(
        N_("A meeting in person"), lambda e, today: _any(i for i in e.client.interactions if i.kind == "meeting")
    ),
    "priced_deal": Criterion(
        N_("An open deal with product lines"),
        lambda e, today: _any(d for d in e.client.deals if d.status == "open" and d.lines),
    ),
    "sent_proposal": Criterion(
        N_("A sent proposal"),
        lambda e, today: _any(
            v for d in e.client.deals for p in d.proposals for v in p.versions if v.sent_at is not None
        ),
    ),
    "won_deal": Criterion(N_("A won deal"), lambda e, today: _any(d for d in e.client.deals if d.status == "won")),
    "promises_kept": Criterion(
        N_("No overdue promise of ours"), lambda e, today: not _any(p for p in e.client.promises if p.overdue(today))
    ),
}
"""What a head can ask for before a client leaves a stage."""


def missing(engagement: "Engagement", stage: Stage, today: date) -> list[str]:
    """The labels of the stage's exit criteria that the engagement does not meet."""
    return [
        EXIT_CRITERIA[key].label
        for key in stage.criteria
        if key in EXIT_CRITERIA and not EXIT_CRITERIA[key].holds(engagement, today)
    ]
