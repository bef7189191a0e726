"""What launches keep of their clients, written anew in the transaction that changes what it stands on: what became of
each contact, through what a client heard, and how far it came."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime

from sqlalchemy import and_, ColumnElement, or_, select
from sqlalchemy.orm import joinedload, Session

from webapp.domain.awareness import Awareness
from webapp.domain.awareness_state import AwarenessState
from webapp.domain.interaction import Interaction, InteractionKind
from webapp.domain.invoice import Invoice
from webapp.domain.launch import Launch
from webapp.domain.launch_figures import keep_figures
from webapp.domain.launch_state import Channel, COUNTING, Heard, HEARD_BY, Missed, Step, TouchState
from webapp.domain.launch_touch import LaunchClient, LaunchTouch
from webapp.domain.letter import Letter
from webapp.domain.letter_state import LetterState
from webapp.domain.task import Task
from webapp.domain.visit import Visit

STANDS_ON: frozenset[str] = frozenset(
    "awareness:changed interaction:added invoice:printed letter:arrived letter:bounced letter:failed letter:sent "
    "letter:cancelled task:cancelled task:done visit:held".split()
)
"""The events after which a launch may stand otherwise. (Who is told what tells of an interaction, too: one that was
offered a product before somebody spoke of it stays offered.)"""

STEPS: dict[AwarenessState, Step] = {
    AwarenessState.TOLD: Step.TOLD,
    AwarenessState.INTERESTED: Step.INTERESTED,
    AwarenessState.OFFERED: Step.OFFERED,
    AwarenessState.OWNED: Step.BOUGHT,
}

AT_ONCE = 400


def keep_after(session: Session, told: Mapping[tuple[str, int], datetime], *, at: datetime) -> None:
    """After events (kind and client): contacts are carried out or missed, and the funnel follows. Only launches of
    whose clients something is different now are counted anew."""
    clients = sorted({client for kind, client in told if kind in STANDS_ON})
    for start in range(0, len(clients), AT_ONCE):
        part = clients[start : start + AT_ONCE]
        meant = select(LaunchClient.id).join(Launch).where(LaunchClient.client_id.in_(part), _counting(at)).limit(1)
        if session.scalar(meant) is not None:
            changed = _follow(session, part, at=at)
            session.flush()
            keep_figures(session, changed | keep_clients(session, part, at=at))


def keep_clients(session: Session, clients: Collection[int], *, at: datetime) -> set[int]:
    """The funnel of these clients, in every launch that still counts; in which of those somebody stands elsewhere now.
    Two statements, and one where somebody refuses no more."""
    found = session.execute(
        select(LaunchClient, Awareness, Launch, Interaction.kind)
        .join(Launch, Launch.id == LaunchClient.launch_id)
        .join(Awareness, and_(Awareness.client_id == LaunchClient.client_id, Awareness.product_id == Launch.product_id))
        .outerjoin(Interaction, Interaction.id == Awareness.told_interaction_id)
        .where(LaunchClient.client_id.in_(clients), _counting(at))
    ).all()
    sent = _sent(session, [row.id for row, *_ in found if row.heard is None])
    changed: set[int] = set()
    back: list[LaunchClient] = []
    for row, known, launch, kind in found:
        before, refused = row.place, row.refused
        step = _step(known, launch.started_at)
        if launch.counts:
            row.step = max(row.step, step, Step.TOLD if known.told_at is not None else Step.NONE)
            row.refused = known.state in (AwarenessState.REFUSED, AwarenessState.NOT_ELIGIBLE)
            if row.heard is None and row.step:
                row.heard = _heard(known, kind, launch.started_at, sent.get(row.id, frozenset()))
        elif step >= Step.OFFERED:
            row.step, row.heard = max(row.step, step), row.heard or Heard.OTHER
        row.offered = row.offered or known.state is AwarenessState.OFFERED or row.step >= Step.OFFERED
        if row.place != before:
            changed.add(row.launch_id)
            back += [row] if launch.counts and refused and not row.refused else []
    _plan_anew(session, back)
    session.flush()
    return changed


def _plan_anew(session: Session, rows: Collection[LaunchClient]) -> None:
    """Whoever was needless when the spreading came to it has no contact: it comes to it once more."""
    if not rows:
        return
    found = select(LaunchTouch.launch_client_id).where(LaunchTouch.launch_client_id.in_([row.id for row in rows]))
    planned = set(session.scalars(found))
    for row in rows:
        if row.id not in planned:
            row.planned_at = None


def _counting(at: datetime) -> ColumnElement[bool]:
    """The launches for which something may count at that moment."""
    return or_(Launch.state.in_(COUNTING), Launch.counts_until > at)


def _step(known: Awareness, started: datetime | None) -> Step:
    """How far the client came; an offer that nobody asked for is a sending like others, and what was bought before the
    launch began is no sale of it."""
    step = STEPS.get(known.state, Step.NONE)
    if step is Step.BOUGHT and (started is None or known.since < started):
        return Step.NONE
    return Step.NONE if step is Step.OFFERED and known.told_at is None else step


def _heard(known: Awareness, kind: InteractionKind | None, started: datetime | None, sent: frozenset[Channel]) -> Heard:
    """Through what the client heard first: by the kind of the interaction that told it; where it answered by itself, by
    what was sent to it. What it knew before the launch began, or bought untold, is none of its channels'."""
    if known.told_at is None or started is None or known.told_at < started:
        return Heard.OTHER
    if known.told_by_id is not None:
        return HEARD_BY.get(kind, Heard.OTHER) if kind is not None else Heard.OTHER
    return next((Heard(channel.value) for channel in (Channel.EMAIL, Channel.LEAFLET) if channel in sent), Heard.OTHER)


def _sent(session: Session, rows: Collection[int]) -> dict[int, frozenset[Channel]]:
    """What was sent, by client of a launch."""
    if not rows:
        return {}
    found = select(LaunchTouch.launch_client_id, LaunchTouch.channel).where(
        LaunchTouch.launch_client_id.in_(rows), LaunchTouch.state == TouchState.DONE
    )
    sent: dict[int, frozenset[Channel]] = {}
    for row, channel in session.execute(found):
        sent[row] = sent.get(row, frozenset()) | {channel}
    return sent


def _follow(session: Session, clients: Collection[int], *, at: datetime) -> set[int]:
    """What became of the contacts that were given out, or of letters that came back; of which launches those are."""
    found = session.execute(
        select(LaunchTouch, Task.outcome, Letter.state, Invoice.file_id)
        .outerjoin(Task, Task.id == LaunchTouch.task_id)
        .outerjoin(Letter, Letter.id == LaunchTouch.letter_id)
        .outerjoin(Invoice, Invoice.id == LaunchTouch.invoice_id)
        .where(LaunchTouch.client_id.in_(clients))
        .where(or_(LaunchTouch.state == TouchState.GIVEN, LaunchTouch.letter_id.is_not(None)))
        .options(joinedload(LaunchTouch.launch))
        .order_by(LaunchTouch.id)
    ).all()
    visited = _visited(session, [touch for touch, *_ in found if touch.channel is Channel.VISIT])
    changed: set[int] = set()
    for touch, outcome, letter, file_id in found:
        was = touch.state
        became = (
            _of_letter(letter)
            if touch.channel is Channel.EMAIL
            else next(_of_work(touch, outcome, file_id, visited), None)
        )
        if became is TouchState.DONE and touch.state is not TouchState.DONE:
            touch.carry_out(at=at)
            if touch.channel in (Channel.EMAIL, Channel.LEAFLET):
                session.flush()
                Awareness.note_all(session, touch.client_id, [touch.launch.product_id], "send", by=None, at=at)
        elif became is TouchState.MISSED and touch.state is not TouchState.MISSED:
            touch.miss(Missed.FAILED if touch.channel is Channel.EMAIL else Missed.CANCELLED)
        if touch.state is not was:
            changed.add(touch.launch_id)
    return changed


def _of_letter(state: LetterState | None) -> TouchState | None:
    if state is LetterState.SENT:
        return TouchState.DONE
    lost = (LetterState.FAILED, LetterState.BOUNCED, LetterState.CANCELLED)
    return TouchState.MISSED if state in lost else None


def _of_work(
    touch: LaunchTouch, outcome: str | None, file_id: int | None, visited: Collection[int]
) -> Iterator[TouchState]:
    if touch.channel is Channel.CALL and outcome:
        yield TouchState.DONE if outcome == "done" else TouchState.MISSED
    if touch.channel is Channel.LEAFLET and file_id is not None:
        yield TouchState.DONE
    if touch.channel is Channel.VISIT and touch.id in visited:
        yield TouchState.DONE


def _visited(session: Session, touches: Collection[LaunchTouch]) -> set[int]:
    """The suggested visits whose clients were visited since their week began. Whoever was there earlier that week,
    before the launch started, could not tell of it."""
    if not touches:
        return set()
    held = select(Visit.client_id, Visit.held_on, Visit.held_at).where(
        Visit.client_id.in_([touch.client_id for touch in touches]), Visit.held_on.is_not(None)
    )
    visits: dict[int, list[tuple[date, datetime]]] = {}
    for client, day, moment in session.execute(held):
        if day is not None and moment is not None:
            visits.setdefault(client, []).append((day, moment))
    return {
        touch.id
        for touch in touches
        for day, moment in visits.get(touch.client_id, ())
        if touch.week is not None and day >= touch.week
        if touch.launch.started_at is not None and moment >= touch.launch.started_at
    }
