"""Spreading clients evenly over the clerks: with the fewest moves, and nobody moved in the middle of something."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import selectinload, Session

from webapp.domain.engagement import Engagement
from webapp.domain.errors import Refused
from webapp.domain.user import User
from webapp.domain.words import N_

RULE = N_(
    "Every clerk who is not away ends with as many clients as the others, give or take one, by the fewest moves. "
    "Clients with an open promise to pay, a promise of ours or a hand-off on its way, and those for whom somebody "
    "stands in during an absence, stay where they are; those with nothing to do go first."
)

MOST_MOVES = 200
"""In one go: nobody reads a longer preview."""


@dataclass(frozen=True, slots=True)
class Held:
    """A clerk's client. ``pinned``: in the middle of something; ``due``: stands in the queue now."""

    engagement_id: int
    client: str
    pinned: bool
    due: bool


@dataclass(frozen=True, slots=True)
class Move:
    engagement_id: int
    client: str
    from_id: int
    to_id: int


def targets(loads: Mapping[int, int]) -> dict[int, int]:
    """How many clients each ends with: those with the most keep the odd ones, so that fewest move."""
    if not loads:
        return {}
    even, odd = divmod(sum(loads.values()), len(loads))
    most_first = sorted(loads, key=lambda clerk: (-loads[clerk], clerk))
    return {clerk: even + (place < odd) for place, clerk in enumerate(most_first)}


def level(held: Mapping[int, Sequence[Held]], most: int = MOST_MOVES) -> list[Move]:
    """The moves that level the clerks, at most so many."""
    wanted = targets({clerk: len(clients) for clerk, clients in held.items()})
    room = [clerk for clerk in sorted(held) for _ in range(wanted[clerk] - len(held[clerk]))]
    leaving = [
        (clerk, client)
        for clerk in sorted(held, key=lambda each: (-len(held[each]), each))
        for client in _movable(held[clerk])[: max(0, len(held[clerk]) - wanted[clerk])]
    ]
    pairs = list(zip(leaving, room, strict=False))[:most]
    return [Move(client.engagement_id, client.client, giver, taker) for (giver, client), taker in pairs]


def _movable(clients: Sequence[Held]) -> list[Held]:
    return sorted((each for each in clients if not each.pinned), key=lambda each: (each.due, each.engagement_id))


def give(session: Session, moves: Sequence[tuple[int, int, int]], reason: str, *, by: User, at: datetime) -> int:
    """Reassign (engagement, from whom, to whom), each with the reason; how many. Whatever somebody changed since the
    preview refuses all of it."""
    if not moves:
        raise Refused(N_("Choose at least one client"))
    wanted = {number: (giver, taker) for number, giver, taker in moves}
    found = session.scalars(
        select(Engagement)
        .where(Engagement.id.in_(wanted), Engagement.closed_at.is_(None))
        .options(selectinload(Engagement.tasks), selectinload(Engagement.deals))
        .order_by(Engagement.id)
        .with_for_update()
    ).all()
    if len(found) != len(wanted) or any(each.owner_id != wanted[each.id][0] for each in found):
        raise Refused(N_("Somebody else answers for some of these clients by now: look at the preview again"))
    for engagement in found:
        taker = session.get_one(User, wanted[engagement.id][1])
        session.add(engagement.reassign(taker, by=by, at=at, reason=reason, seen=engagement.version))
    session.flush()
    return len(found)
