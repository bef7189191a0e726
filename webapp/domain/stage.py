"""Stages: the columns of a department's lane, named by what the client did, and the criteria for leaving them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TYPE_CHECKING

from sqlalchemy import Index, JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.domain.base import Base, Choice
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
    removed_at: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class Criterion:
    """One exit criterion: what it asks for, and the test on an engagement and the person's today."""

    label: str
    holds: Callable[["Engagement", date], bool]


def _any(things: Any) -> bool:
    return any(True for _ in things)


EXIT_CRITERIA: dict[str, Criterion] = {
    "contact": Criterion(
        N_("A contact at the client"), lambda e, today: _any(c for c in e.client.contacts if c.removed_at is None)
    ),
    "decider": Criterion(
        N_("Who decides is known"),
        lambda e, today: _any(c for c in e.client.contacts if c.removed_at is None and c.decision_role == "decides"),
    ),
    "inn": Criterion(N_("The client's ИНН"), lambda e, today: bool(e.client.inn)),
    "next_touch": Criterion(N_("The next touch is planned"), lambda e, today: e.next_touch_on is not None),
    "interaction": Criterion(N_("A recorded interaction"), lambda e, today: _any(e.client.interactions)),
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


DEFAULT_STAGES: dict[Department, tuple[tuple[str, int | None, tuple[str, ...]], ...]] = {
    Department.SALES: (
        (N_("Was found"), 14, ("contact",)),
        (N_("Talked to us"), 14, ("contact", "interaction")),
        (N_("Named the need"), 21, ("priced_deal",)),
        (N_("Got our proposal"), 21, ("sent_proposal",)),
        (N_("Agreed"), 14, ("won_deal",)),
        (N_("Made the first payment"), 7, ()),
    ),
    Department.CLIENT: (
        (N_("Came from Sales"), 7, ("interaction",)),
        (N_("Knows the clerk"), 30, ()),
        (N_("Pays on time"), None, ()),
        (N_("Pays late"), 30, ()),
        (N_("Wants to leave"), 14, ()),
    ),
    Department.VIP: (
        (N_("Entered the programme"), 14, ("contact",)),
        (N_("Met us in person"), 45, ("meeting",)),
        (N_("Shared the plans"), 60, ("decider",)),
        (N_("Tries the new"), 45, ("priced_deal",)),
        (N_("Buys more"), None, ()),
    ),
}
"""The stages a new company starts with: name, limit in days, exit criteria. Heads change them."""


def default_stages() -> list[Stage]:
    """New stages of all three lanes, in order."""
    return [
        Stage(department=department, position=position, name=name, limit_days=limit, criteria=list(criteria))
        for department, stages in DEFAULT_STAGES.items()
        for position, (name, limit, criteria) in enumerate(stages)
    ]


def missing(engagement: "Engagement", stage: Stage, today: date) -> list[str]:
    """The labels of the stage's exit criteria that the engagement does not meet."""
    return [
        EXIT_CRITERIA[key].label
        for key in stage.criteria
        if key in EXIT_CRITERIA and not EXIT_CRITERIA[key].holds(engagement, today)
    ]
