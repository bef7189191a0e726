"""One client's page: where it stands, who answers for it, and what is to be done. A fixed number of statements."""

from datetime import date

from sqlalchemy import bindparam, Connection, func, select
from sqlalchemy.orm import joinedload, Session
from sqlalchemy.orm.attributes import set_committed_value

from webapp.domain.client import Client
from webapp.domain.commission import AttractionPeriod
from webapp.domain.company import Company
from webapp.domain.competitor import Competitor
from webapp.domain.contact import Contact
from webapp.domain.deal import Deal, DealStatus
from webapp.domain.engagement import Engagement
from webapp.domain.handoff import HandOff
from webapp.domain.health_kept import KeptHealth
from webapp.domain.loss import Loss
from webapp.domain.permissions import allows, Permission
from webapp.domain.promise import Promise
from webapp.domain.proposal import Proposal, ProposalVersion
from webapp.domain.proposal_state import standing
from webapp.domain.route import ROUTES
from webapp.domain.task import Task
from webapp.domain.user import Actor, User
from webapp.queries.client_rows import (
    ClientPage,
    CONTACT,
    contact_row,
    DealRow,
    HandOffRow,
    Lane,
    LossRow,
    PromiseRow,
    ProposalRow,
    TaskRow,
)
from webapp.queries.shares import OPENINGS, PROPOSAL_ANSWER

DEALS_SHOWN = 30

_ENGAGEMENTS = (
    select(Engagement)
    .where(Engagement.client_id == bindparam("client"))
    .options(joinedload(Engagement.stage), joinedload(Engagement.owner))
    .order_by(Engagement.id)
)
_CONTACTS = (
    select(*CONTACT).where(Contact.client_id == bindparam("client"), Contact.removed_at.is_(None)).order_by(Contact.id)
)
_TASKS = (
    select(Task)
    .where(Task.client_id == bindparam("client"), Task.closed_at.is_(None))
    .options(joinedload(Task.owner))
    .order_by(Task.due_on, Task.id)
)
_PROMISES = (
    select(Promise)
    .where(Promise.client_id == bindparam("client"), Promise.kept_at.is_(None), Promise.broken_at.is_(None))
    .options(joinedload(Promise.owner))
    .order_by(Promise.due_on.is_(None), Promise.due_on, Promise.id)
)
_LAST_VERSION = (
    select(ProposalVersion.proposal_id, func.max(ProposalVersion.number).label("number"))
    .join(Proposal)
    .join(Deal)
    .where(Deal.client_id == bindparam("client"))
    .group_by(ProposalVersion.proposal_id)
    .subquery()
)
_PROPOSALS = (
    select(
        Proposal.deal_id,
        Proposal.id,
        Proposal.label,
        ProposalVersion.number.label("version"),
        ProposalVersion.state,
        ProposalVersion.valid_until,
        OPENINGS.label("openings"),
        PROPOSAL_ANSWER.label("answer"),
    )
    .join(_LAST_VERSION, _LAST_VERSION.c.proposal_id == Proposal.id)
    .join(
        ProposalVersion,
        (ProposalVersion.proposal_id == Proposal.id) & (ProposalVersion.number == _LAST_VERSION.c.number),
    )
    .order_by(Proposal.id)
)
_DEALS = (
    select(
        Deal.id,
        Deal.name,
        Deal.status,
        Deal.currency,
        Deal.one_off_minor,
        Deal.monthly_minor,
        Deal.expected_on,
        Deal.closed_on,
        User.name.label("owner"),
        func.count().over().label("shown_of"),
    )
    .join(User, User.id == Deal.owner_id)
    .where(Deal.client_id == bindparam("client"))
    .order_by(Deal.status != DealStatus.OPEN, Deal.id.desc())
    .limit(DEALS_SHOWN)
)
_HANDOFF = (
    select(HandOff.id, HandOff.giver, HandOff.receiver, HandOff.state, HandOff.due_at)
    .where(HandOff.client_id == bindparam("client"))
    .order_by(HandOff.id.desc())
    .limit(5)
)
_ABOUT = (
    select(
        Company.mask_contacts,
        User.name.label("attracted_by"),
        select(func.min(AttractionPeriod.ended_on))
        .where(AttractionPeriod.client_id == Client.id, AttractionPeriod.ended_on <= bindparam("today"))
        .scalar_subquery()
        .label("attraction_over"),
        Loss.cause,
        func.coalesce(Competitor.name, "").label("rival"),
        Loss.note,
        Loss.lost_on,
        KeptHealth.level,
        KeptHealth.band,
        KeptHealth.trend,
    )
    .select_from(Client)
    .join(Company, Company.id == 1)
    .outerjoin(User, User.id == Client.attracted_by_id)
    .outerjoin(Loss, (Loss.client_id == Client.id) & Loss.won_back_at.is_(None))
    .outerjoin(Competitor, Competitor.id == Loss.competitor_id)
    .outerjoin(KeptHealth, KeptHealth.client_id == Client.id)
    .where(Client.id == bindparam("client"))
)


def client_page(session: Session, actor: Actor, client: Client, today: date) -> ClientPage:
    """The page of a client that the actor may read. Contact details are left out where they are masked."""
    key = {"client": client.id}
    set_committed_value(client, "engagements", session.scalars(_ENGAGEMENTS, key).all())
    asked = session.connection()  # columns only: no entity is made
    deals, count = _deals(asked, key, today)
    about = asked.execute(_ABOUT, {**key, "today": today}).one()
    shown = allows(actor, Permission.CONTACT_DETAILS, (about, client))
    handoffs = tuple(
        HandOffRow(row.id, row.giver, row.receiver, row.state, row.state.label, row.due_at)
        for row in asked.execute(_HANDOFF, key)
    )
    lanes = tuple(_lane(actor, engagement) for engagement in client.open_engagements)
    pending = next((row for row in handoffs if row.state in ("drafted", "offered", "returned")), None)
    return ClientPage(
        lanes=lanes,
        contacts=tuple(contact_row(row, shown=shown) for row in asked.execute(_CONTACTS, key)),
        deals=deals,
        deals_count=count,
        tasks=tuple(_task(actor, task) for task in session.scalars(_TASKS, key)),
        promises=tuple(_promise(actor, promise, today) for promise in session.scalars(_PROMISES, key)),
        handoff=pending,
        handoffs=handoffs,
        attracted_by=about.attracted_by,
        attraction_over=about.attraction_over,
        health=(about.level, about.band.value, about.trend) if about.band else None,
        loss=LossRow(about.cause, about.rival, about.note, about.lost_on) if about.cause else None,
        may_edit=allows(actor, Permission.CLIENT_EDIT, client),
        may_add_deal=any(allows(actor, Permission.DEAL_EDIT, e) for e in client.open_engagements),
        may_reveal=allows(actor, Permission.CONTACT_REVEAL),
    )


def _lane(actor: Actor, engagement: Engagement) -> Lane:
    offers = allows(actor, Permission.HANDOFF_OFFER, engagement)
    open_in = {other.department for other in engagement.client.open_engagements}
    return Lane(
        engagement.id,
        engagement.department,
        engagement.stage.name,
        engagement.stage.limit_days,
        engagement.owner_id,
        engagement.owner.name,
        engagement.stage_since,
        engagement.next_touch_on,
        tuple(
            route.receiver
            for route in ROUTES.values()
            if offers and route.giver is engagement.department and not (route.giver_stays and route.receiver in open_in)
        ),
        allows(actor, Permission.ENGAGEMENT_REASSIGN, engagement),
    )


def _deals(asked: Connection, key: dict[str, int], today: date) -> tuple[tuple[DealRow, ...], int]:
    proposals: dict[int, list[ProposalRow]] = {}
    for row in asked.execute(_PROPOSALS, key):
        how = standing(row.state, row.valid_until, today, row.openings, row.answer)
        proposals.setdefault(row.deal_id, []).append(ProposalRow(row.id, row.label, row.version, how))
    rows = asked.execute(_DEALS, key).all()
    shown = tuple(
        DealRow(
            row.id,
            row.name,
            row.status,
            row.currency,
            row.one_off_minor,
            row.monthly_minor,
            row.expected_on,
            row.closed_on,
            row.owner,
            tuple(proposals.get(row.id, ())),
        )
        for row in rows
    )
    return shown, rows[0].shown_of if rows else 0


def _task(actor: Actor, task: Task) -> TaskRow:
    return TaskRow(
        task.id,
        task.kind,
        task.subject,
        task.due_on,
        task.due_time,
        task.owner.name,
        task.owner_id == actor.id,
        allows(actor, Permission.TASK_CLOSE, task),
    )


def _promise(actor: Actor, promise: Promise, today: date) -> PromiseRow:
    return PromiseRow(
        promise.id,
        promise.text,
        promise.due_on,
        promise.owner.name,
        promise.overdue(today),
        allows(actor, Permission.PROMISE_CLOSE, promise),
    )
