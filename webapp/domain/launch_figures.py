"""What a launch's page counts, kept: the page of a large one then reads a row, not its clients."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ForeignKey, func, JSON, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column, Session

from webapp.domain.base import Base
from webapp.domain.launch_touch import LaunchClient, LaunchTouch


class LaunchFigures(Base):
    """The counts of one launch, reckoned anew in the transaction that changes what they count."""

    __tablename__ = "launch_figures"

    launch_id: Mapped[int] = mapped_column(ForeignKey("launch.id", ondelete="CASCADE"), unique=True)
    clients: Mapped[list[Any]] = mapped_column(JSON, default=list)
    """``heard``, ``step``, ``refused``, ``offered`` and how many."""
    touches: Mapped[list[Any]] = mapped_column(JSON, default=list)
    """``channel``, ``state``, ``late``, ``missed`` and how many."""
    to_plan: Mapped[int] = mapped_column(default=0)
    """Clients to whom the spreading did not come yet."""


def keep_figures(session: Session, launches: Iterable[int]) -> None:
    """Count anew. Whoever changes the same launch at this moment waits, and counts what this transaction wrote too."""
    session.flush()
    for launch_id in sorted(set(launches)):
        figures = _held(session, launch_id)
        figures.clients = _counted(
            session,
            launch_id,
            LaunchClient,
            LaunchClient.heard,
            LaunchClient.step,
            LaunchClient.refused,
            LaunchClient.offered,
        )
        figures.touches = _counted(
            session,
            launch_id,
            LaunchTouch,
            LaunchTouch.channel,
            LaunchTouch.state,
            LaunchTouch.late,
            LaunchTouch.missed,
        )
        waiting = select(func.count()).where(LaunchClient.launch_id == launch_id, LaunchClient.planned_at.is_(None))
        figures.to_plan = session.scalar(waiting) or 0
    session.flush()


def _held(session: Session, launch_id: int) -> LaunchFigures:
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    new = {"launch_id": launch_id, "clients": [], "touches": [], "to_plan": 0}
    session.execute(insert(LaunchFigures).values(**new).on_conflict_do_nothing())
    found = select(LaunchFigures).where(LaunchFigures.launch_id == launch_id).with_for_update()
    return session.scalars(found, execution_options={"populate_existing": True}).one()


def _counted(session: Session, launch_id: int, entity: Any, *columns: Any) -> list[list[Any]]:
    """The groups and their sizes, in an order that the same figures always have."""
    found = session.execute(select(*columns, func.count()).where(entity.launch_id == launch_id).group_by(*columns))
    return sorted((list(row) for row in found), key=str)
