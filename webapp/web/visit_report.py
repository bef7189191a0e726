"""A visit that a person tells of: everything that the form says becomes one transaction."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath
from typing import Self

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from webapp.domain.attack import Attack
from webapp.domain.attack_state import SignalKind
from webapp.domain.client import Client
from webapp.domain.company import Company
from webapp.domain.competitor import Competitor
from webapp.domain.file import StoredFile
from webapp.domain.product import Product
from webapp.domain.task import Task, TaskKind
from webapp.domain.user import User
from webapp.domain.visit import Visit
from webapp.domain.visit_state import Purpose
from webapp.exchange import picture
from webapp.web.access import actor, load
from webapp.web.alarms import alarm
from webapp.web.checks import clean
from webapp.web.clock import now
from webapp.web.session import me
from webapp.web.touch_forms import lane_for, REACHED
from webapp.web.visit_form import MissedForm, NextForm, VisitForm


@dataclass(frozen=True, slots=True)
class Report:
    """A form that was filled in, and its file as it is kept."""

    form: VisitForm
    file: tuple[str, bytes, str] | None

    @classmethod
    def of(cls, form: VisitForm) -> Self:
        """Pictures are drawn anew here, before the transaction begins: it takes a while."""
        sent = form.file.data
        if not sent or not sent.filename:
            return cls(form, None)
        content, kind = picture.cleaned(sent.read(picture.LARGEST + 1))
        stem = clean(PurePath(sent.filename.replace("\\", "/")).stem)[:150] or "file"
        return cls(form, (stem + (".pdf" if kind == picture.PAPER else ".jpg"), content, kind))


def report_held(
    session: Session, client: Client, visit: Visit | None, report: Report, *, by: User, at: datetime
) -> Visit:
    """The visit with its interactions, the signal of a rival, the file and the next touch."""
    form = report.form
    words = form.words.data or _(form.chosen.label)
    told = visit or Visit.unplanned(session, client, form.purpose.data)
    company = session.get_one(Company, 1)
    then = _next(session, client, told, form, by=by, at=at)
    attack = _signal(session, client, form, words, company, by=by, at=at)
    if report.file is not None:
        name, content, kind = report.file
        told.attach(StoredFile.store(session, content, kind), name)
    event = told.hold(
        session,
        form.chosen,
        words,
        by=by,
        at=at,
        company=company,
        then=then,
        purpose=form.purpose.data,
        met=[contact for contact in client.contacts if contact.id in (form.met.data or ())],
        happened_at=form.held_at(at),
        reached=REACHED.get(form.reached.data or ""),
        mood=form.felt,
        product=load(Product, form.wanted) if form.wanted is not None else None,
        told=form.told.data,
        attack_id=attack and attack.id,
    )
    session.add(event)
    return told


def report_missed(session: Session, visit: Visit, form: MissedForm) -> None:
    by, at = me(), now()
    then = _next(session, visit.client, visit, form, by=by, at=at)
    session.add(visit.miss(session, form.reason.data, by=by, at=at, then=then))


def _next(session: Session, client: Client, visit: Visit, form: NextForm, *, by: User, at: datetime) -> Task:
    """A visit that was not held keeps its purpose; after one that was, the next is a review."""
    planned = visit.task
    lane = planned.engagement if planned is not None and planned.engagement.is_open else None
    lane = lane or lane_for(client, by.id, actor())
    kind = TaskKind(form.next_kind.data)
    purpose = visit.purpose if isinstance(form, MissedForm) else Purpose.REVIEW
    owner = planned.owner if planned is not None else by if actor().department is not None else lane.owner
    subject = purpose.label if purpose is not None and kind is TaskKind.MEETING else kind.label
    return Task.plan(session, lane, kind, subject, form.next_on.data, by=by, at=at, owner=owner, purpose=purpose)


def _signal(
    session: Session, client: Client, form: VisitForm, words: str, company: Company, *, by: User, at: datetime
) -> Attack | None:
    if not form.competitor_id.data and not form.other.data:
        return None
    rival = (
        load(Competitor, form.competitor_id.data)
        if form.competitor_id.data
        else Competitor.named(session, form.other.data, by=by, at=at)
    )
    kind, severity = SignalKind.SEEN, form.severity.data
    attack = Attack.signal(session, client, rival, kind, words, severity, by=by, at=at, company=company)
    alarm(session, attack, words, by=by, at=at)
    return attack
