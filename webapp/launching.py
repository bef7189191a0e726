"""The jobs that spread a launch's work: they plan, give out what this week brings, and take back what an end left over.

Each round goes on where the last one stopped; a worker that is killed in the middle loses nothing and makes nothing
twice. Every minute a sweep looks whether something is to be done.
"""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from time import monotonic

from sqlalchemy import exists, or_, Select, select

from webapp.db import db, transaction
from webapp.domain.company import Company
from webapp.domain.launch import Launch
from webapp.domain.launch_diary import monday
from webapp.domain.launch_spreading import again, Give, give_call, give_out, give_visit, held, plan, take_back
from webapp.domain.launch_state import Channel, CONTACTS, COUNTING, LaunchState, TouchState
from webapp.domain.launch_touch import LaunchClient, LaunchTouch
from webapp.domain.product import Product
from webapp.exchange import launch_letters
from webapp.jobs import later, limited, queue, sweep
from webapp.posting import post_letters
from webapp.web.clock import now

ROUND = 30
"""Seconds after which a round makes room for other jobs; the next one goes on."""

TIME_LIMIT = 300

PLANNED_AT_ONCE, GIVEN_AT_ONCE = 200, 25
"""Clients in a transaction: others wait for the write lock no longer than a fraction of a second."""


@limited(TIME_LIMIT)
def spread_launch(launch_id: int) -> None:
    """Plan for everybody, then give out what is due this week. Stops where the launch pauses or ends."""
    _rounds(launch_id, spread_launch, (_plan, _again, _give))
    later(post_letters)


@limited(TIME_LIMIT)
def close_launch(launch_id: int) -> None:
    """Take back what a launch that ended left undone."""
    _rounds(launch_id, close_launch, (_take_back,))


@sweep
def look_after_launches() -> None:
    """End the launches whose last day is over, pause those whose product went off sale, and begin a round where there
    is work."""
    at, company = now(), db.session.get(Company, 1)
    if company is None:
        return
    today = company.today(at)
    over = db.session.scalars(select(Launch.id).where(Launch.state.in_(COUNTING), Launch.ends_on < today)).all()
    for launch_id in over:
        with transaction() as session:
            launch = session.get_one(Launch, launch_id, with_for_update=True)
            session.add_all([launch.end(by=None, at=at)] if launch.counts else [])
    for launch_id in db.session.scalars(_OFF_SALE).all():
        with transaction() as session:
            launch = session.get_one(Launch, launch_id, with_for_update=True)
            session.add_all([launch.pause(by=None, at=at)] if launch.state is LaunchState.RUNNING else [])
    spreading, closing = db.session.scalars(_with_work(company, at)).all(), db.session.scalars(_LEFT_OVER).all()
    db.session.rollback()
    for job, launches in ((spread_launch, spreading), (close_launch, closing)):
        for launch_id in launches:
            if not queue().holds(job, launch_id):
                later(job, launch_id)


_OFF_SALE = select(Launch.id).where(
    Launch.state == LaunchState.RUNNING, Launch.product.has(Product.retired_at.is_not(None))
)
_LEFT_OVER = select(Launch.id).where(
    Launch.state == LaunchState.ENDED,
    exists().where(LaunchTouch.launch_id == Launch.id, LaunchTouch.state.in_([TouchState.PLANNED, TouchState.GIVEN])),
)


def _with_work(company: Company, at: datetime) -> Select[int]:
    """The running launches with clients to plan for, or contacts to give out this week."""
    channels = CONTACTS if company.sends_mail else CONTACTS - {Channel.EMAIL}
    to_plan = exists().where(LaunchClient.launch_id == Launch.id, LaunchClient.planned_at.is_(None))
    due = exists().where(
        LaunchTouch.launch_id == Launch.id,
        LaunchTouch.state == TouchState.PLANNED,
        LaunchTouch.week <= monday(company.today(at)),
        LaunchTouch.channel.in_(channels),
        Launch.starts_on <= company.today(at),
    )
    return select(Launch.id).where(Launch.state == LaunchState.RUNNING, or_(to_plan, due))


def _rounds(launch_id: int, job: Callable[[int], None], steps: tuple[Callable[[int], int], ...]) -> None:
    """Each step until it finds nothing more, or until the time of the round is over."""
    ends = monotonic() + ROUND
    for step in steps:
        while step(launch_id):
            if monotonic() > ends:
                later(job, launch_id)
                return


def _plan(launch_id: int) -> int:
    with transaction() as session:
        launch = held(session, launch_id)
        return plan(session, launch, at=now(), most=PLANNED_AT_ONCE) if launch is not None else 0


def _again(launch_id: int) -> int:
    with transaction() as session:
        launch = held(session, launch_id)
        return again(session, launch, at=now(), most=PLANNED_AT_ONCE) if launch is not None else 0


def _give(launch_id: int) -> int:
    with transaction() as session:
        launch, at = held(session, launch_id), now()
        if launch is None:
            return 0
        givers = _givers(at, mails=session.get_one(Company, 1).sends_mail)
        return give_out(session, launch, givers, at=at, most=GIVEN_AT_ONCE)


def _givers(at: datetime, *, mails: bool) -> dict[Channel, Give]:
    """How a contact of each channel is given out; e-mails wait where none can be sent."""
    givers: dict[Channel, Give] = {Channel.VISIT: give_visit, Channel.CALL: partial(give_call, at=at)}
    return givers | ({Channel.EMAIL: partial(launch_letters.give, at=at)} if mails else {})


def _take_back(launch_id: int) -> int:
    with transaction() as session:
        return take_back(session, session.get_one(Launch, launch_id), at=now(), most=GIVEN_AT_ONCE)
