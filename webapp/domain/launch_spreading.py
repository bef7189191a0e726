"""Spreading the work of a launch: first each client's contacts find their weeks, then they are given out week by week.

Each step takes some clients in one transaction that holds the launch. Whoever is killed leaves nothing half done, and
nothing is ever made twice: what is planned is unique per client and channel, what is given points at what it became.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import count

from sqlalchemy import select
from sqlalchemy.orm import joinedload, Session

from webapp.domain.awareness import Awareness
from webapp.domain.awareness_state import NO_MORE
from webapp.domain.company import Company
from webapp.domain.launch import Launch
from webapp.domain.launch_diary import day_for, Diary, monday
from webapp.domain.launch_figures import keep_figures
from webapp.domain.launch_keeping import keep_clients
from webapp.domain.launch_room import diary_of, lanes_of, reachable_of, turns_of
from webapp.domain.launch_state import Channel, CONTACTS, LaunchState, Missed, TouchState
from webapp.domain.launch_touch import LaunchClient, LaunchTouch
from webapp.domain.letter_state import LetterState
from webapp.domain.task import Task, TaskKind
from webapp.domain.words import Department

Give = Callable[[Session, LaunchTouch, date], None]
"""Gives a contact out, on that day of its week."""


def held(session: Session, launch_id: int) -> Launch | None:
    """The launch while it runs, held until the transaction ends: two workers never spread the same one at a time."""
    found = select(Launch).where(Launch.id == launch_id).with_for_update()
    launch = session.scalars(found, execution_options={"populate_existing": True}).one()
    return launch if launch.state is LaunchState.RUNNING else None


def plan(session: Session, launch: Launch, *, at: datetime, most: int) -> int:
    """Decide for up to ``most`` clients how and in which weeks they are told; how many those were. Nothing is planned
    for those who refused it, or whom it turned out not to suit, since the audience was frozen; who bought it is told
    no more."""
    company = _planner(session)
    found = (
        select(LaunchClient)
        .where(LaunchClient.launch_id == launch.id, LaunchClient.planned_at.is_(None))
        .order_by(LaunchClient.id)
        .limit(most)
    )
    rows = session.scalars(found).all()
    if not rows:
        return 0
    clients = [row.client_id for row in rows]
    diary = diary_of(session, launch, clients, company, at)
    lanes, reachable = lanes_of(session, clients), reachable_of(session, clients)
    needless = _needless(session, launch, clients)
    for row in rows:
        row.planned_at, why = at, needless.get(row.client_id)
        if why in (None, Missed.OWNED):
            for channel, person, missed in _ways(launch, row.client_id, lanes, reachable):
                session.add(_planned(diary, row, launch, channel, person, why or missed))
    session.flush()
    keep_clients(session, clients, at=at)
    keep_figures(session, [launch.id])
    return len(rows)


def again(session: Session, launch: Launch, *, at: datetime, most: int) -> int:
    """Find new weeks for what was not given out in its own, because the launch paused or a worker slept."""
    company, touches = _planner(session), _waiting(session, launch, at, most, passed=True)
    if not touches:
        return 0
    diary = diary_of(session, launch, [touch.client_id for touch in touches], company, at)
    for touch in touches:
        week, late = _room(diary, launch, touch.client_id, touch.channel, touch.person_id)
        if week is None:
            touch.miss(Missed.NO_ROOM)
        else:
            touch.week, touch.late = week, touch.late or late
    keep_figures(session, [launch.id] if touches else [])
    return len(touches)


def give_out(session: Session, launch: Launch, give: Mapping[Channel, Give], *, at: datetime, most: int) -> int:
    """Give out up to ``most`` contacts of this week by the channels of ``give``; how many those were. Who bought,
    refused or turned out not to be eligible since they were planned is left out."""
    company = session.get_one(Company, 1)
    today = company.today(at)
    if today < launch.starts_on:
        return 0
    turns = turns_of(session, launch, monday(today))
    touches = _waiting(session, launch, at, most, channels=list(give))
    needless = _needless(session, launch, [touch.client_id for touch in touches])
    for touch in touches:
        if touch.client_id in needless:
            touch.miss(needless[touch.client_id])
            continue
        turn = turns.setdefault((touch.person_id, touch.channel), count())
        day = day_for(monday(today), today, next(turn), company.workdays)
        give[touch.channel](session, touch, min(day, launch.ends_on))
    keep_figures(session, [launch.id] if touches else [])
    return len(touches)


def _planner(session: Session) -> Company:
    """The company, held: two launches never look for room at a time, else both would take the last of a week."""
    return session.scalars(select(Company).with_for_update()).one()


def _waiting(
    session: Session,
    launch: Launch,
    at: datetime,
    most: int,
    *,
    passed: bool = False,
    channels: Collection[Channel] = tuple(CONTACTS),
) -> Sequence[LaunchTouch]:
    """What waits to be given out this week, or what should have been before."""
    this = monday(session.get_one(Company, 1).today(at))
    due = LaunchTouch.week < this if passed else LaunchTouch.week == this
    found = (
        select(LaunchTouch)
        .where(LaunchTouch.launch_id == launch.id, LaunchTouch.state == TouchState.PLANNED, due)
        .where(LaunchTouch.channel.in_(channels))
        .options(joinedload(LaunchTouch.client))
        .order_by(LaunchTouch.id)
        .limit(most)
    )
    return session.scalars(found).all()


def _needless(session: Session, launch: Launch, clients: Collection[int]) -> dict[int, Missed]:
    """Of these clients, whom nobody tells of the product any more, and why. One statement."""
    known = select(Awareness.client_id, Awareness.state).where(
        Awareness.product_id == launch.product_id, Awareness.client_id.in_(clients), Awareness.state.in_(NO_MORE)
    )
    return {client: Missed(state.value) for client, state in session.execute(known)}


def give_call(session: Session, touch: LaunchTouch, day: date, *, at: datetime) -> None:
    """A task for the clerk who serves the client now; it stands in the queue on its day."""
    lane = touch.client.open_engagement(Department.CLIENT)
    if lane is None or touch.client.lost_at is not None:
        touch.miss(Missed.NOBODY)
        return
    launch = touch.launch
    touch.task = Task.plan(session, lane, TaskKind.CALL, launch.name, day, by=launch.owner, at=at)
    touch.give()


def give_visit(session: Session, touch: LaunchTouch, day: date) -> None:
    """The planner suggests the client, or names the product beside the visit that is planned already."""
    lane = touch.client.open_engagement(Department.VIP)
    if lane is None or touch.client.lost_at is not None:
        touch.miss(Missed.NOBODY)
        return
    touch.give()


def take_back(session: Session, launch: Launch, *, at: datetime, most: int) -> int:
    """Nothing more comes of up to ``most`` contacts of a launch that ended: open tasks are cancelled, letters that wait
    stay unsent."""
    if launch.state is not LaunchState.ENDED:
        return 0
    open_still = (TouchState.PLANNED, TouchState.GIVEN)
    found = (
        select(LaunchTouch)
        .where(LaunchTouch.launch_id == launch.id, LaunchTouch.state.in_(open_still))
        .order_by(LaunchTouch.id)
        .limit(most)
    )
    touches = session.scalars(found).all()
    for touch in touches:
        if touch.task is not None and touch.task.is_open:
            session.add(touch.task.cancel(by=launch.owner, at=at))
        if touch.letter is not None and touch.letter.state is LetterState.WAITING:
            session.add(touch.letter.cancel(by=launch.owner, at=at))
        touch.miss(Missed.ENDED)
    keep_figures(session, [launch.id] if touches else [])
    return len(touches)


def _ways(
    launch: Launch, client: int, lanes: Mapping[tuple[int, Department], int], reachable: Mapping[int, bool]
) -> Iterator[tuple[Channel, int | None, Missed | None]]:
    """By which channels the client is told, by whom, and what makes one impossible. A client of the VIP department is
    visited; whoever is not visited is called."""
    used = {each.channel for each in launch.channels}
    vip, clerk = lanes.get((client, Department.VIP)), lanes.get((client, Department.CLIENT))
    if Channel.VISIT in used and vip is not None:
        yield Channel.VISIT, vip, None
    elif Channel.CALL in used:
        yield Channel.CALL, clerk, None if clerk is not None else Missed.NOBODY
    if Channel.EMAIL in used:
        known = reachable.get(client)
        yield Channel.EMAIL, None, None if known else Missed.OPTED_OUT if known is False else Missed.NO_ADDRESS
    if Channel.LEAFLET in used:
        yield Channel.LEAFLET, None, None


def _planned(
    diary: Diary, row: LaunchClient, launch: Launch, channel: Channel, person: int | None, missed: Missed | None
) -> LaunchTouch:
    touch = LaunchTouch(
        launch_id=launch.id,
        launch_client_id=row.id,
        client_id=row.client_id,
        channel=channel,
        person_id=person,
        state=TouchState.PLANNED,
    )
    if missed is None and channel in CONTACTS:
        touch.week, touch.late = _room(diary, launch, row.client_id, channel, person)
        missed = Missed.NO_ROOM if touch.week is None else None
    if missed is not None:
        touch.miss(missed)
    return touch


def _room(diary: Diary, launch: Launch, client: int, channel: Channel, person: int | None) -> tuple[date | None, bool]:
    terms = launch.terms(channel)
    return diary.place(client, channel, person, terms.a_week if terms else 0)
