"""What was promised, disputed, talked about and fought over by a day; and the events that say what held then."""

from datetime import date
from typing import Any

from sqlalchemy import or_, select, text
from sqlalchemy.orm import Session

from webapp.domain.attack import Attack, Signal
from webapp.domain.attack_state import AttackState
from webapp.domain.deal import Deal
from webapp.domain.event import Event, TOLD_OF_THEN
from webapp.domain.health_facts import Assault, Dispute, Notice, Vow
from webapp.domain.health_known import Known
from webapp.domain.promise import Promise

Told = dict[int, dict[str, list[Any]]]
"""By client and kind, in order of time: rows of subject, moment and details."""


def events(session: Session, known: Known) -> Told:
    """The rare events that tell what a record held before it was changed, of the last year and of later days."""
    rows = session.connection().execute(
        select(Event.client_id, Event.kind, Event.subject_id, Event.at, Event.details)
        .where(text(TOLD_OF_THEN), known.whose(Event.client_id), Event.at >= known.start)
        .order_by(Event.at, Event.id)
    )
    told: Told = {}
    for row in rows.all():
        told.setdefault(row.client_id, {}).setdefault(row.kind, []).append(row)
    return told


def read(session: Session, known: Known, told: Told) -> None:
    """All of it."""
    _rewind_keys(known, told)
    _promises(session, known)
    _talks(session, known, told)
    _attacks(session, known)
    for client, kinds in told.items():
        _disputes(known, client, kinds)
        _notices(known, client, kinds)


def _rewind_keys(known: Known, told: Told) -> None:
    """Key client or not: each later change turned it round."""
    for client, kinds in told.items():
        later = [each for each in kinds.get("client:changed", ()) if each.at >= known.end]
        if client in known.found and sum("key" in each.details.get("fields", ()) for each in later) % 2:
            known.found[client]["key"] = not known.found[client]["key"]


def _promises(session: Session, known: Known) -> None:
    rows = session.connection().execute(
        select(
            Promise.client_id, Promise.id, Promise.due_on, Promise.made_at, Promise.kept_at, Promise.broken_at
        ).where(known.whose(Promise.client_id), Promise.made_at < known.end)
    )
    for client, number, due_on, _, kept_at, broken_at in rows.all():
        kept = known.on(kept_at) if kept_at is not None and kept_at < known.end else None
        broken = known.on(broken_at) if broken_at is not None and broken_at < known.end else None
        known.add(client, "promises", Vow(number, due_on, kept, broken))


def _talks(session: Session, known: Known, told: Told) -> None:
    """Deals that were open then. What was reopened since tells in its event when it had been closed."""
    closed: dict[int, date] = {}
    for kinds in told.values():
        for each in kinds.get("deal:reopened", ()):
            if each.at >= known.end and each.subject_id not in closed and "was_closed" in each.details:
                closed[each.subject_id] = date.fromisoformat(each.details["was_closed"])
    rows = session.connection().execute(
        select(Deal.client_id, Deal.id, Deal.opened_on, Deal.closed_on).where(
            known.whose(Deal.client_id),
            Deal.opened_on <= known.day,
            or_(Deal.closed_on.is_(None), Deal.closed_on > known.day),
        )
    )
    for client, number, opened_on, _ in rows.all():
        if not (number in closed and closed[number] <= known.day):
            known.add(client, "talks", (opened_on, number))


def _attacks(session: Session, known: Known) -> None:
    """As grave as the signals by then said."""
    rows = session.connection().execute(
        select(Attack.client_id, Attack.id, Attack.raised_at, Attack.closed_at, Attack.state, Signal.severity)
        .join(Signal, Signal.attack_id == Attack.id)
        .where(known.whose(Attack.client_id), Attack.raised_at < known.end, Signal.at < known.end)
        .where(or_(Attack.closed_at.is_(None), Attack.closed_at >= known.start))
    )
    worst: dict[tuple[int, int], Assault] = {}
    for client, number, raised_at, closed_at, state, severity in rows.all():
        graver = worst.get((client, number))
        if graver is None or severity.rank > graver.severity.rank:
            ended = known.on(closed_at) if closed_at is not None and closed_at < known.end else None
            worst[client, number] = Assault(
                number,
                severity,
                known.on(raised_at),
                ended,
                ended is not None and state is AttackState.LOST,
                ended is not None and state is AttackState.DEFENDED,
            )
    for (client, _), assault in worst.items():
        known.add(client, "attacks", assault)


def _disputes(known: Known, client: int, kinds: dict[str, list[Any]]) -> None:
    """A dispute ends when it is settled, or when the invoice is covered."""
    if client not in known.found:
        return
    paid = {bill.id: bill.paid_on for bill in known.found[client].get("bills", ())}
    settled = [(each.subject_id, each.at) for each in kinds.get("invoice:agreed", ()) if each.at < known.end]
    for each in kinds.get("invoice:disputed", ()):
        if each.at >= known.end:
            continue
        began = known.on(each.at)
        ends = [known.on(at) for number, at in settled if number == each.subject_id and at >= each.at]
        covered = paid.get(each.subject_id)
        if covered is not None:
            ends.append(max(covered, began))
        known.add(client, "disputes", Dispute(each.subject_id, began, min(ends, default=None)))


def _notices(known: Known, client: int, kinds: dict[str, list[Any]]) -> None:
    """The last word on each contract's end, by then."""
    last = {each.subject_id: each for each in kinds.get("contract:ended", ()) if each.at < known.end}
    for number, each in last.items():
        ends = date.fromisoformat(each.details["ends"])
        known.add(client, "notices", Notice(number, known.on(each.at), ends))
