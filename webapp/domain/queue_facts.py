"""Why clients stand in the queue: what is found out about many of them at once, in a fixed number of statements."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import aliased, Session

from webapp.domain.aging import age_of
from webapp.domain.allocation import Allocation
from webapp.domain.contract import Contract, LONGEST_NOTICE
from webapp.domain.engagement import Engagement
from webapp.domain.handoff import HandOff
from webapp.domain.handoff_state import HandOffState
from webapp.domain.invoice import Invoice
from webapp.domain.launch import Launch
from webapp.domain.launch_touch import LaunchTouch
from webapp.domain.product import Product
from webapp.domain.promise_to_pay import came_since, PromiseToPay, PromiseToPayState
from webapp.domain.proposal_answer import ProposalAnswer
from webapp.domain.queue import (
    BROKEN_DAYS,
    habit_of,
    LATE_DAYS,
    LOOK_BACK_DAYS,
    NEW_CLIENT_DAYS,
    PLACE,
    Reason,
    RENEWAL_AHEAD_DAYS,
)
from webapp.domain.queue_return import let_rest
from webapp.domain.task import Task
from webapp.domain.user import User
from webapp.domain.words import Department

CLIENT = Department.CLIENT


@dataclass
class Facts:
    """What is known of one client. ``found``: place in the rank, and facts, by reason; ``rests``: until when."""

    clerk_id: int | None
    new: bool
    found: dict[Reason, tuple[int, dict[str, Any]]] = field(default_factory=dict)
    rests: dict[Reason, datetime] = field(default_factory=dict)

    def awake(self, at: datetime) -> list[Reason]:
        """The reasons that hold now, the strongest first."""
        return sorted((reason for reason in self.found if self.rests.get(reason, at) <= at), key=PLACE.__getitem__)

    def has_newer(self, reason: Reason, at: datetime, on: date) -> bool:
        """Whether work came after the reason was dealt with: a client's answer, or a task of a later day."""
        tasks = self.found[reason][1].get("tasks", ()) if reason in self.found else ()
        answers = (datetime.fromisoformat(task["answered"]) for task in tasks if "answered" in task)
        return any(date.fromisoformat(task["since"]) > on for task in tasks) or any(answer > at for answer in answers)

    def wakes_at(self, at: datetime) -> datetime | None:
        return min((until for reason, until in self.rests.items() if reason in self.found and until > at), default=None)


def find_out(session: Session, clients: Collection[int], today: date, *, at: datetime) -> dict[int, Facts]:
    """The facts of those of these clients whom the Client department serves, or is asked to take over."""
    known = {
        client: Facts(owner, (at - opened).days < NEW_CLIENT_DAYS)
        for client, owner, opened in session.execute(
            select(Engagement.client_id, Engagement.owner_id, Engagement.opened_at).where(
                Engagement.client_id.in_(clients), Engagement.department == CLIENT, Engagement.closed_at.is_(None)
            )
        )
    }
    served = list(known)
    _offered(session, clients, known)
    if served:
        _owed(session, served, known, today)
        _renewals(session, served, known, today)
        _tasks(session, served, known, today)
    if known:
        let_rest(session, known, at)
    return known


def _offered(session: Session, clients: Collection[int], known: dict[int, Facts]) -> None:
    """Hand-offs to the department that nobody has answered."""
    offers = session.execute(
        select(HandOff.client_id, HandOff.id, HandOff.giver, HandOff.offered_at, HandOff.due_at).where(
            HandOff.client_id.in_(clients), HandOff.receiver == CLIENT, HandOff.state == HandOffState.OFFERED
        )
    )
    for client, number, giver, offered, due in offers:
        if offered is None or due is None:
            continue
        facts = known.setdefault(client, Facts(None, False))
        details = {"id": number, "giver": giver, "since": offered.isoformat(), "due": due.isoformat()}
        facts.found[Reason.HANDOFF] = (int(due.timestamp()), details)


def _owed(session: Session, clients: list[int], known: dict[int, Facts], today: date) -> None:
    """What is past its day and not disputed; and, of those who owe, the habit and the promises that were broken."""
    owed: dict[int, list[tuple[date, int, str]]] = {}
    for client, due, minor, currency in session.execute(
        select(Invoice.client_id, Invoice.due_on, Invoice.outstanding_minor, Invoice.currency)
        .where(Invoice.client_id.in_(clients), Invoice.outstanding_minor > 0, Invoice.due_on < today)
        .where(Invoice.disputed_at.is_(None))
        .order_by(Invoice.client_id, Invoice.due_on, Invoice.id)
    ):
        owed.setdefault(client, []).append((due, minor, currency))
    if not owed:
        return
    late = _late(session, list(owed), today)
    for client, invoices in owed.items():
        times = late.get(client, 0)
        scores, sums = dict[str, int](), dict[str, int]()
        for due, minor, currency in invoices:
            weighed = minor * age_of((today - due).days).weight // 100
            sums[currency] = sums.get(currency, 0) + minor
            scores[currency] = scores.get(currency, 0) + weighed * habit_of(times)[1] // 100
        details = {"sums": sums, "since": invoices[0][0].isoformat(), "count": len(invoices), "late": times}
        known[client].found[Reason.OVERDUE] = (-max(scores.values()), details)
    _promised(session, list(owed), known, today)


def _late(session: Session, clients: list[int], today: date) -> dict[int, int]:
    """How many invoices each of them paid late within a year."""
    begin = today - timedelta(days=LOOK_BACK_DAYS)
    paid = (
        select(Allocation.client_id, Allocation.entered_on, Invoice.due_on, Invoice.id)
        .join(Invoice, Invoice.id == Allocation.invoice_id)
        .where(Allocation.client_id.in_(clients), Allocation.entered_on >= begin, Allocation.amount_minor > 0)
        .where(Allocation.entered_on > Invoice.due_on)
    )
    late: dict[int, set[int]] = {}
    for client, entered, due, invoice in session.execute(paid):
        if (entered - due).days > LATE_DAYS:
            late.setdefault(client, set()).add(invoice)
    return {client: len(invoices) for client, invoices in late.items()}


def _promised(session: Session, clients: list[int], known: dict[int, Facts], today: date) -> None:
    """A promise that is open lets the overdue rest until its day is over; a broken one puts the client first, until its
    sum has come all the same."""
    begin = today - timedelta(days=LOOK_BACK_DAYS)
    promises = session.execute(
        select(
            PromiseToPay.client_id,
            PromiseToPay.id,
            PromiseToPay.state,
            PromiseToPay.due_on,
            PromiseToPay.amount_minor,
            PromiseToPay.currency,
            came_since(),
        )
        .where(PromiseToPay.client_id.in_(clients), PromiseToPay.state != PromiseToPayState.KEPT)
        .where(PromiseToPay.due_on >= begin)
        .order_by(PromiseToPay.client_id, PromiseToPay.due_on, PromiseToPay.id)
    )
    times: dict[int, int] = {}
    open_now: set[int] = set()
    for client, number, state, due, minor, currency, came in promises:
        if state is PromiseToPayState.OPEN:
            open_now.add(client)
            continue
        times[client] = times.get(client, 0) + 1
        if (today - due).days <= BROKEN_DAYS and came < minor:
            details = {"id": number, "sums": {currency: minor}, "since": due.isoformat(), "times": times[client]}
            came = int(came)  # PostgreSQL adds up whole numbers as decimals
            details |= {"came": {currency: came}} if came > 0 else {}
            known[client].found[Reason.BROKEN] = (came - minor, details)
    for client in open_now:  # the night after its day breaks it, or it was kept
        known[client].found.pop(Reason.OVERDUE, None)
        known[client].found.pop(Reason.BROKEN, None)


def _renewals(session: Session, clients: list[int], known: dict[int, Facts], today: date) -> None:
    """Contracts that run out by themselves, from a fortnight before notice is due."""
    last = today + timedelta(days=LONGEST_NOTICE + RENEWAL_AHEAD_DAYS)
    ending = session.execute(
        select(Contract.client_id, Contract.id, Contract.name, Contract.ends_on, Contract.notice_days)
        .where(Contract.client_id.in_(clients), Contract.ends_on.between(today, last))
        .where(Contract.billing == "monthly", Contract.end_reason == "")
        .order_by(Contract.client_id, Contract.ends_on, Contract.id)
    )
    for client, number, name, ends, notice in ending:
        if ends is None:
            continue
        by = ends - timedelta(days=notice)
        held = known[client].found.get(Reason.RENEWAL)
        if today < by - timedelta(days=RENEWAL_AHEAD_DAYS):
            continue
        if held is not None:
            held[1]["count"] += 1
            continue
        details = {"id": number, "name": name, "since": by.isoformat(), "ends": ends.isoformat(), "count": 1}
        known[client].found[Reason.RENEWAL] = (by.toordinal(), details)


def _tasks(session: Session, clients: list[int], known: dict[int, Facts], today: date) -> None:
    """Planned work that is due for whoever answers for the client: onboarding, what others asked for, and the rest."""
    author = aliased(User)
    due = session.execute(
        select(
            *(Task.client_id, Task.id, Task.kind, Task.subject, Task.due_on),
            *(author.name, author.department, Product.name, ProposalAnswer.at),
        )
        .join(Engagement, Engagement.id == Task.engagement_id)
        .outerjoin(author, author.id == Task.author_id)
        .outerjoin(ProposalAnswer, ProposalAnswer.task_id == Task.id)
        .outerjoin(LaunchTouch, LaunchTouch.task_id == Task.id)
        .outerjoin(Launch, Launch.id == LaunchTouch.launch_id)
        .outerjoin(Product, Product.id == Launch.product_id)
        .where(Task.client_id.in_(clients), Task.closed_at.is_(None), Task.due_on <= today)
        .where(Engagement.department == CLIENT, Engagement.closed_at.is_(None), Task.owner_id == Engagement.owner_id)
        .order_by(Task.client_id, Task.due_on, Task.id)
    )
    for client, number, kind, subject, day, name, department, product, answered in due:
        facts = known[client]
        asked = name is not None and department is not CLIENT
        reason = _reason(facts, asked=asked, launched=product is not None)
        task = {"id": number, "kind": kind, "subject": subject, "since": day.isoformat(), "by": name if asked else None}
        task |= {"product": product} if product is not None else {}
        task |= {"answered": answered.isoformat()} if answered is not None else {}
        held = facts.found.setdefault(reason, (day.toordinal(), {"since": day.isoformat(), "tasks": []}))
        held[1]["tasks"].append(task)


def _reason(facts: Facts, *, asked: bool, launched: bool) -> Reason:
    """Why a task stands in the queue."""
    if launched:
        return Reason.LAUNCH
    return Reason.ONBOARDING if facts.new else Reason.REQUEST if asked else Reason.ROUTINE


def in_parts(numbers: list[int], most: int) -> Iterator[list[int]]:
    """Some at a time, so that a statement names no more."""
    for start in range(0, len(numbers), most):
        yield numbers[start : start + most]
