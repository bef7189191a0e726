"""The clients of a launch whom nobody told yet, and what is to come for each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.domain.client import Client
from webapp.domain.launch import Launch
from webapp.domain.launch_state import Channel, Missed, Step, TouchState
from webapp.domain.launch_touch import LaunchClient, LaunchTouch
from webapp.domain.task import Task
from webapp.domain.user import User

SHOWN = 10


@dataclass(frozen=True, slots=True)
class Untold:
    """A client that nobody told yet, and what is to come: its contacts, the most personal first."""

    id: int
    client_id: int
    client: str
    refused: bool
    touches: tuple["Coming", ...]


@dataclass(frozen=True, slots=True)
class Coming:
    channel: Channel
    state: TouchState
    week: date | None
    late: bool
    missed: Missed | None
    person: str | None
    due_on: date | None


def untold_of(session: Session, launch: Launch, after: int) -> tuple[Untold, ...]:
    """From the cursor on; one more than is shown, where there are more. Two statements."""
    rows = (
        session.connection()
        .execute(
            select(LaunchClient.id, LaunchClient.client_id, Client.name, LaunchClient.refused)
            .join(Client, Client.id == LaunchClient.client_id)
            .where(LaunchClient.launch_id == launch.id, LaunchClient.step == Step.NONE)
            .where(LaunchClient.refused.is_(False), LaunchClient.id > after)
            .order_by(LaunchClient.id)
            .limit(SHOWN + 1)
        )
        .all()
    )
    coming = _coming(session, [row.id for row in rows])
    return tuple(Untold(*row, touches=coming.get(row.id, ())) for row in rows)


def _coming(session: Session, rows: Sequence[int]) -> dict[int, tuple[Coming, ...]]:
    found: dict[int, list[Coming]] = {}
    for each in session.connection().execute(
        select(
            LaunchTouch.launch_client_id,
            LaunchTouch.channel,
            LaunchTouch.state,
            LaunchTouch.week,
            LaunchTouch.late,
            LaunchTouch.missed,
            User.name,
            Task.due_on,
        )
        .outerjoin(Task, Task.id == LaunchTouch.task_id)
        .outerjoin(User, User.id == func.coalesce(Task.owner_id, LaunchTouch.person_id))
        .where(LaunchTouch.launch_client_id.in_(rows))
        .order_by(LaunchTouch.id)
    ):
        found.setdefault(each[0], []).append(Coming(*each[1:]))
    return {row: tuple(coming) for row, coming in found.items()}
