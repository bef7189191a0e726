"""What each outcome of a queue's item writes: an interaction, a promise to pay, a dispute, another owner, a new day."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.domain.client import Client
from webapp.domain.company import Company
from webapp.domain.contact import Contact
from webapp.domain.errors import Refused
from webapp.domain.interaction import Interaction, InteractionKind
from webapp.domain.invoice import Invoice
from webapp.domain.operation import Operation
from webapp.domain.promise_to_pay import PromiseToPay
from webapp.domain.queue import HANDING_REASONS, NO_ANSWER_DAYS, Outcome, Reason, RESULTS
from webapp.domain.queue_item import QueueItem
from webapp.domain.queue_return import back_when_done, back_without_answer, morning
from webapp.domain.task import Task
from webapp.domain.telling import told_of
from webapp.domain.user import User
from webapp.domain.words import Department, N_
from webapp.web.i18n import day, money
from webapp.web.queue_form import OutcomeForm


class Work(NamedTuple):
    """An item in hand: whose, by whom, when, and how it ended."""

    session: Session
    client: Client
    form: OutcomeForm
    reasons: list[Reason]
    company: Company
    by: User
    at: datetime


class Ended(NamedTuple):
    """When the item comes back, and what the timeline keeps of it: a contact, or a note that there was none."""

    back_at: datetime | None
    interaction: Interaction | None = None


def record(session: Session, client: Client, form: OutcomeForm, *, by: User, at: datetime) -> None:
    """Write an outcome. An item that somebody dealt with meanwhile is refused."""
    item = session.scalar(select(QueueItem).where(QueueItem.client_id == client.id).with_for_update())
    if item is None or not item.reasons:
        raise Refused(N_("This item was dealt with already"))
    company = session.get_one(Company, 1)
    reasons = [Reason(facts["reason"]) for facts in item.reasons]
    ended = OUTCOMES[form.outcome.data](Work(session, client, form, reasons, company, by, at))
    session.add(
        Operation.record(
            session,
            client,
            form.outcome.data,
            reasons,
            by=by,
            at=at,
            on=company.today(at),
            opened_at=form.opened_at,
            back_at=ended.back_at,
            interaction=ended.interaction,
            note=form.note.data or "",
        )
    )


def _done(work: Work) -> Ended:
    words = _(RESULTS[work.form.result.data]) if work.form.result.data in RESULTS else ""
    spoken = _spoke(work, words, reached=True)
    _finish(work)
    return Ended(back_when_done(work.company, work.reasons, work.at), spoken)


def _promised(work: Work) -> Ended:
    form = work.form
    if form.amount_minor.data is None:
        raise Refused(N_("How much did they promise?"), field="amount_minor")
    if form.due_on.data is None:
        raise Refused(N_("By when?"), field="due_on")
    sum_minor, currency, due = form.amount_minor.data, form.currency.data, form.due_on.data
    PromiseToPay.make(
        work.session, work.client, sum_minor, currency, due, by=work.by, at=work.at, contact=_contact(work)
    )
    words = _("Promised to pay %(sum)s by %(day)s", sum=money(sum_minor, currency), day=day(due))
    spoken = _spoke(work, words, reached=True)
    _finish(work)
    return Ended(morning(work.company, due + timedelta(days=1)), spoken)


def _postponed(work: Work) -> Ended:
    until = work.form.back_on.data
    if until is None or until <= work.company.today(work.at):
        raise Refused(N_("Choose a day to come"), field="back_on")
    for task in _tasks(work):
        work.session.add(task.postpone(until, by=work.by, at=work.at, due_time=task.due_time))
    noted = _noted(work, _("Put off to %(day)s", day=day(until)), work.form.note.data or "")
    return Ended(morning(work.company, until), noted)


def _handed(work: Work) -> Ended:
    colleague = work.session.get(User, work.form.colleague_id.data) if work.form.colleague_id.data else None
    if colleague is None:
        raise Refused(N_("Choose a colleague"), field="colleague_id")
    engagement = work.client.open_engagement(Department.CLIENT)
    if engagement is None:
        raise Refused(N_("This engagement is closed"))
    own, ready = work.form.note.data or "", HANDING_REASONS.get(work.form.handing.data or "", "")
    event = engagement.reassign(colleague, by=work.by, at=work.at, reason=own or ready, seen=engagement.version)
    work.session.add(event)
    return Ended(None, _noted(work, _("Given to %(name)s", name=colleague.name), own or _(ready)))


def _disputed(work: Work) -> Ended:
    chosen = [number for number in work.form.invoice.data or [] if number]
    found = select(Invoice).where(Invoice.id.in_(chosen), Invoice.client_id == work.client.id).order_by(Invoice.id)
    invoices = work.session.scalars(found).all()
    if not invoices:
        raise Refused(N_("Choose the invoices that are disputed"), field="invoice")
    reason, note = work.form.dispute.data or "", work.form.note.data or ""
    for invoice in invoices:
        work.session.add(invoice.dispute(reason, note, by=work.by, at=work.at))
    words = _("Disputed: %(numbers)s", numbers=", ".join(invoice.label for invoice in invoices))
    spoken = _spoke(work, words, reached=False)
    return Ended(back_when_done(work.company, work.reasons, work.at), spoken)


def _no_answer(work: Work) -> Ended:
    vain = Operation.vain(work.session, work.client, work.at - timedelta(days=NO_ANSWER_DAYS))
    spoken = _spoke(work, _("No answer"), reached=False)
    return Ended(back_without_answer(work.company, vain, work.at), spoken)


OUTCOMES: dict[Outcome, Callable[[Work], Ended]] = {
    Outcome.DONE: _done,
    Outcome.PROMISED: _promised,
    Outcome.POSTPONED: _postponed,
    Outcome.HANDED: _handed,
    Outcome.DISPUTED: _disputed,
    Outcome.NO_ANSWER: _no_answer,
}


def _spoke(work: Work, words: str, *, reached: bool) -> Interaction:
    """The call, as the timeline keeps it."""
    note = work.form.note.data or ""
    outcome = _sentence(words, note) or _("Done")
    spoken = Interaction.record(
        work.session,
        work.client,
        InteractionKind.CALL,
        outcome,
        by=work.by,
        at=work.at,
        contact=_contact(work),
        purpose_reached=reached,
    )
    if reached:  # nobody is told of anything by a call that nobody answered
        told_of(work.session, spoken, work.form.told.data, by=work.by, at=work.at)
    return spoken


def _noted(work: Work, words: str, note: str) -> Interaction:
    """What was decided without a word with the client: a note, which no count of contacts sees."""
    told = _sentence(words, note)
    return Interaction.record(work.session, work.client, InteractionKind.NOTE, told, by=work.by, at=work.at)


def _sentence(words: str, note: str) -> str:
    return f"{words}. {note}" if words and note else words or note


def _contact(work: Work) -> Contact | None:
    number = work.form.contact_id.data
    contact = work.session.get(Contact, number) if number else None
    return contact if contact is not None and contact.client_id == work.client.id else None


def _tasks(work: Work) -> list[Task]:
    """The planned touches of this client that the person left ticked."""
    chosen = [number for number in work.form.task.data or [] if number]
    open_ones = select(Task).where(Task.id.in_(chosen), Task.client_id == work.client.id, Task.closed_at.is_(None))
    return list(work.session.scalars(open_ones.order_by(Task.id)))


def _finish(work: Work) -> None:
    for task in _tasks(work):
        work.session.add(task.finish(by=work.by, at=work.at))
