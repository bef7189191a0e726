"""Batches of proposals: how far each is, and one with its clients."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, Select, select
from sqlalchemy.orm import Session

from webapp.domain.client import Client
from webapp.domain.launch import Launch
from webapp.domain.launch_offering import Apart, audience
from webapp.domain.proposal import Proposal, ProposalVersion
from webapp.domain.proposal_batch import BatchItem, BatchState, ProposalBatch
from webapp.domain.proposal_state import VersionState
from webapp.domain.user import Actor, User
from webapp.queries.clients import conditions, Wanted

MOST_ROWS = 100
GROUPED = "id version name state made_at done_at launch_id".split()


@dataclass(frozen=True, slots=True)
class BatchRow:
    """``printed`` of ``whole`` clients have their PDF; ``left_out`` get none."""

    id: int
    version: int
    name: str
    state: BatchState
    made_by: str
    made_at: datetime
    done_at: datetime | None
    whole: int
    printed: int
    left_out: int
    launch_id: int | None
    launch: str | None


@dataclass(frozen=True, slots=True)
class ItemRow:
    """A client of the batch with its proposal, or why it has none."""

    client_id: int
    client: str
    proposal_id: int | None
    label: str | None
    state: VersionState | None
    left_out: str


@dataclass(frozen=True, slots=True)
class Choosable:
    """The clients among whom a batch may be made, and how many match in all. Of a launch, also the first of those who
    get none with the reason, and how many those are by reason."""

    rows: tuple[tuple[int, str, str], ...]
    count: int
    apart: tuple[tuple[int, str, Apart], ...] = ()
    counts: tuple[tuple[Apart, int], ...] = ()


def batch_rows(session: Session, actor: Actor) -> tuple[BatchRow, ...]:
    """The newest first. One statement."""
    return tuple(BatchRow(*row) for row in session.execute(_counted().limit(MOST_ROWS)))


def batch_row(session: Session, actor: Actor, batch_id: int) -> BatchRow:
    """One statement."""
    return BatchRow(*session.execute(_counted().where(ProposalBatch.id == batch_id)).one())


def batch_items(session: Session, actor: Actor, batch_id: int) -> tuple[ItemRow, ...]:
    """Every client of a batch, those that are left out first. One statement."""
    found = session.execute(
        select(Client.id, Client.name, Proposal.id, Proposal.label, ProposalVersion.state, BatchItem.left_out)
        .join(Client, Client.id == BatchItem.client_id)
        .outerjoin(ProposalVersion, ProposalVersion.id == BatchItem.version_id)
        .outerjoin(Proposal, Proposal.id == ProposalVersion.proposal_id)
        .where(BatchItem.batch_id == batch_id)
        .order_by(BatchItem.left_out == "", Client.name_key, Client.id)
    )
    return tuple(ItemRow(*row) for row in found)


def choosable(session: Session, actor: Actor, wanted: Wanted, most: int) -> Choosable:
    """The clients that the list's filter finds. Two statements."""
    where = conditions(session, wanted)
    count = session.scalar(select(func.count()).select_from(Client).where(*where)) or 0
    rows = session.execute(
        select(Client.id, Client.name, Client.city).where(*where).order_by(Client.name_key, Client.id).limit(most)
    )
    return Choosable(tuple((row.id, row.name, row.city) for row in rows), count)


def choosable_of_launch(session: Session, actor: Actor, launch: Launch, most: int) -> Choosable:
    """The clients of its frozen audience who may still get a proposal. Three statements."""
    found = audience(launch, actor.department).subquery()
    counted = session.execute(select(found.c.why, func.count()).group_by(found.c.why))
    counts: dict[str | None, int] = {row[0]: row[1] for row in counted}
    named = select(Client.id, Client.name, Client.city, found.c.why).join(found, found.c.client_id == Client.id)
    named = named.order_by(Client.name_key, Client.id)
    rows = session.execute(named.where(found.c.why.is_(None)).limit(most))
    apart = session.execute(named.where(found.c.why.is_not(None)).limit(MOST_ROWS))
    return Choosable(
        tuple((row.id, row.name, row.city) for row in rows),
        counts.get(None, 0),
        tuple((row.id, row.name, Apart(row.why)) for row in apart),
        tuple((why, counts[why]) for why in Apart if why in counts),
    )


def batches_of_launch(session: Session, actor: Actor, launch: Launch) -> tuple[BatchRow, ...]:
    """The newest first. One statement."""
    own = _counted().where(ProposalBatch.launch_id == launch.id).limit(MOST_ROWS)
    return tuple(BatchRow(*row) for row in session.execute(own))


def _counted() -> Select[*tuple[Any, ...]]:
    printed = case((ProposalVersion.state == VersionState.SENT, 1), else_=0)
    own = ProposalBatch
    return (
        select(
            own.id,
            own.version,
            own.name,
            own.state,
            User.name,
            own.made_at,
            own.done_at,
            func.count(BatchItem.id),
            func.coalesce(func.sum(printed), 0),
            func.coalesce(func.sum(case((BatchItem.left_out != "", 1), else_=0)), 0),
            own.launch_id,
            Launch.name,
        )
        .outerjoin(Launch, Launch.id == own.launch_id)
        .join(User, User.id == own.made_by_id)
        .outerjoin(BatchItem, BatchItem.batch_id == own.id)
        .outerjoin(ProposalVersion, ProposalVersion.id == BatchItem.version_id)
        .group_by(*(getattr(own, name) for name in GROUPED), User.name, Launch.name)
        .order_by(own.id.desc())
    )
