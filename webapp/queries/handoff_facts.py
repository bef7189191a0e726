"""What is known of a client that helps to fill a hand-off's checklist. The person confirms it by saving."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.domain.contact import Contact, DecisionRole
from webapp.domain.deal import Deal, DealLine, DealStatus
from webapp.domain.handoff import HandOff
from webapp.domain.interaction import Interaction, InteractionKind
from webapp.domain.promise import Promise


@dataclass(frozen=True, slots=True)
class Facts:
    """``people``: name and position by their part in decisions. ``earlier``: answers of the client's last hand-offs."""

    people: dict[DecisionRole, tuple[tuple[str, str], ...]]
    promises: tuple[tuple[str, date | None], ...]
    products: tuple[str, ...]
    rivals: tuple[str, ...]
    meetings: tuple[tuple[datetime, str], ...]
    earlier: dict[str, str]


def facts_for(session: Session, handoff: HandOff) -> Facts:
    """Six statements."""
    client_id = handoff.client_id
    people: dict[DecisionRole, list[tuple[str, str]]] = {}
    for name, position, role in session.execute(
        select(Contact.name, Contact.position, Contact.decision_role)
        .where(Contact.client_id == client_id, Contact.removed_at.is_(None), Contact.left_at.is_(None))
        .order_by(Contact.id)
        .limit(30)
    ):
        people.setdefault(role, []).append((name, position))
    promises = session.execute(
        select(Promise.text, Promise.due_on)
        .where(Promise.client_id == client_id, Promise.kept_at.is_(None), Promise.broken_at.is_(None))
        .order_by(Promise.id)
        .limit(20)
    )
    products = session.scalars(
        select(DealLine.name)
        .join(Deal)
        .where(Deal.client_id == client_id, Deal.status == DealStatus.WON)
        .distinct()
        .order_by(DealLine.name)
        .limit(20)
    )
    rivals = session.scalars(
        select(Deal.competitor)
        .where(Deal.client_id == client_id, Deal.competitor != "")
        .distinct()
        .order_by(Deal.competitor)
        .limit(10)
    )
    meetings = session.execute(
        select(Interaction.at, Interaction.outcome)
        .where(Interaction.client_id == client_id, Interaction.kind == InteractionKind.MEETING)
        .order_by(Interaction.at.desc())
        .limit(5)
    )
    earlier: dict[str, str] = {}
    for answers in session.scalars(
        select(HandOff.answers)
        .where(HandOff.client_id == client_id, HandOff.id != handoff.id)
        .order_by(HandOff.id.desc())
        .limit(5)
    ):
        earlier = {**answers, **earlier}
    return Facts(
        {role: tuple(found) for role, found in people.items()},
        tuple((row.text, row.due_on) for row in promises),
        tuple(products),
        tuple(rivals),
        tuple((row.at, row.outcome) for row in meetings),
        earlier,
    )
