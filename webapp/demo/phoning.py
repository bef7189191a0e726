"""What the demo company's clerks did lately: calls of the queue, promises to pay kept and broken; and the plan."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.demo.world import Telling, World
from webapp.domain.calendar import month_of, months_on
from webapp.domain.client import Client
from webapp.domain.collection_month import keep_month, reckon_month
from webapp.domain.collection_plan import CollectionPlan
from webapp.domain.company import Company
from webapp.domain.operation import Operation
from webapp.domain.promise_to_pay import break_due, keep_paid, PromiseToPay
from webapp.domain.queue import Outcome, Reason
from webapp.domain.queue_item import QueueItem
from webapp.domain.queue_keeping import everybody, keep
from webapp.domain.queue_return import morning
from webapp.domain.user import User
from webapp.domain.words import Role

PHONED = 28
"""Days before the end since when the clerks work by the queue."""

A_DAY = 2
"""Calls of a clerk on a day: a small company's."""

STOPS = 3
"""Days before the end on which they stop: somebody has to look at a full queue."""

MONTHS = 4
"""Months whose figures are kept, this one included."""


def phone(world: World) -> Telling:
    """Day after day the clerks take the first of their queues."""
    begins = world.until - timedelta(days=PHONED)
    yield world.on(begins.astimezone(world.zone).date())
    while world.now < world.until - timedelta(days=STOPS):
        world.pace.write()
        with world.pace.at_once():
            _work(world)
        yield world.on(world.today + timedelta(days=1))


def _work(world: World) -> None:
    keep_paid(world.session, None, at=world.now)
    world.session.flush()
    break_due(world.session, world.today, at=world.now, most=100)
    keep(world.session, everybody(world.session), at=world.now)
    for part in ("clerk", "second_clerk", "third_clerk"):
        for client in _first(world.session, world.users[part]):
            _call(world, world.users[part], client, world.now)


def _first(session: Session, clerk: User) -> list[Client]:
    overdue = (
        select(Client)
        .join(QueueItem, QueueItem.client_id == Client.id)
        .where(QueueItem.clerk_id == clerk.id, QueueItem.rank <= 1)
        .order_by(QueueItem.rank, QueueItem.place, QueueItem.client_id)
        .limit(A_DAY)
    )
    return list(session.scalars(overdue))


def _call(world: World, clerk: User, client: Client, at: datetime) -> None:
    """Most promise, some do not answer, some only say that they will look."""
    chance, today = world.habits, world.today
    outcome = chance.choices((Outcome.PROMISED, Outcome.NO_ANSWER, Outcome.DONE), (35, 30, 35))[0]
    back = today + timedelta(days=chance.randint(2, 6))
    item = world.session.scalars(select(QueueItem).where(QueueItem.client_id == client.id)).one()
    owed = next((facts["sums"] for facts in item.reasons if facts["reason"] == Reason.OVERDUE), {})
    if outcome is Outcome.PROMISED and owed:
        currency, minor = next(iter(owed.items()))
        PromiseToPay.make(world.session, client, minor, currency, back, by=clerk, at=at)
    told = Operation.record(
        world.session,
        client,
        outcome,
        [Reason(facts["reason"]) for facts in item.reasons],
        by=clerk,
        at=at,
        on=today,
        opened_at=at - timedelta(seconds=chance.randint(40, 160)),
        back_at=morning(world.company, back),
    )
    world.session.add(told)


def plan_months(session: Session, company: Company, head: User, at: datetime) -> None:
    """The head's plan of this month for each clerk, just below what is due; and the figures behind the page."""
    today = company.today(at)
    month = month_of(today)
    keep_paid(session, None, at=at)
    session.flush()
    break_due(session, today, at=at, most=100)
    clerks = {user.id: user for user in session.scalars(select(User).where(User.role == Role.MEMBER))}
    for (clerk, currency), figures in sorted(reckon_month(session, month, today).items()):
        if clerk in clerks and figures.expected and clerks[clerk].active and clerks[clerk].department == "client":
            planned = figures.expected // 1_000_000 * 1_000_000 or figures.expected
            CollectionPlan.set(session, clerks[clerk], month, planned, currency, by=head, at=at)
    for back in range(MONTHS):
        keep_month(session, months_on(month, -back), today, at=at)
    keep(session, everybody(session), at=at)
