"""Batches: a personal proposal for each of many clients, made in the background; how far it is, pause and resume."""

from typing import Any

from flask import abort, Blueprint, request, Response, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session
from wtforms import SelectField, SelectMultipleField

from webapp.batching import begin
from webapp.db import db, transaction
from webapp.domain.company import Company
from webapp.domain.errors import Refused
from webapp.domain.launch import Launch
from webapp.domain.launch_offering import offer_to_audience
from webapp.domain.permissions import Permission
from webapp.domain.price_book import price_book
from webapp.domain.proposal_batch import BatchState, LONGEST_VALID, MOST_CLIENTS, Offer, ProposalBatch
from webapp.domain.proposal_check import LONGEST_TEXT, LONGEST_TITLE
from webapp.domain.proposal_state import VersionState
from webapp.domain.proposal_template import ProposalTemplate
from webapp.queries import products
from webapp.queries.proposal_batches import (
    batch_items,
    batch_row,
    batch_rows,
    Choosable,
    choosable,
    choosable_of_launch,
)
from webapp.queries.proposal_offered import offered_files
from webapp.queries.proposal_templates import offered_templates
from webapp.web import once
from webapp.web.access import actor, LARGEST_ID, requires
from webapp.web.answers import fragment, page, see
from webapp.web.attack_form import Seen
from webapp.web.client_list import Filters
from webapp.web.clock import now
from webapp.web.deal_form import DealForm, of_good
from webapp.web.errors import say
from webapp.web.forms import LongTextField, refuse, TextField, WholeField
from webapp.web.proposal_form import ScaledField
from webapp.web.queue_form import number_of
from webapp.web.session import me

bp = Blueprint("proposal_batches", __name__)


class BatchForm(DealForm):
    """What each client is offered; the lines as on a deal."""

    name = TextField(_l("Name of the batch"), description=_l("Also of the deals that it opens"))
    title = TextField(_l("Title"), longest=LONGEST_TITLE)
    language = SelectField(_l("Language"), choices={"ru": "Русский", "en": "English"})
    template_id = SelectField(_l("Look"), coerce=lambda value: int(value) if str(value).isdecimal() else None)
    valid_days = WholeField(_l("Valid for so many days"), least=1, most=LONGEST_VALID, default=30)
    discount = ScaledField(_l("Discount on everything, %"), digits=2, most=100_00)
    text = LongTextField(_l("The task, in the client's words"), required=False, longest=LONGEST_TEXT)
    terms = LongTextField(_l("Terms"), required=False, longest=LONGEST_TEXT)
    attached = SelectMultipleField(_l("Attached from the catalogue"), coerce=int, choices=[])

    def offer_all(self) -> "BatchForm":
        """What may be chosen."""
        today = actor().today(now())
        self.offer(products.offered(db.session(), actor()), price_book(db.session(), today), today)
        del self.expected_on
        templates = offered_templates(db.session())
        self.template_id.choices = {"": _("plain"), **{str(key): name for key, name in templates}}
        self.attached.choices = offered_files(db.session())
        return self

    def said(self) -> Offer:
        """What was typed. Only after the form was found valid."""
        return Offer(
            title=self.title.data or "",
            language=self.language.data,
            currency=self.currency.data,
            lines=tuple(self.typed),
            text=self.text.data or "",
            terms=self.terms.data or "",
            discount=self.discount.data,
            valid_days=self.valid_days.data,
            attached=tuple(self.attached.data or ()),
        )


@bp.get("/proposals/batches")
@requires(Permission.BATCH_RUN)
def show_all() -> Response:
    return page("proposal_batches.html", rows=batch_rows(db.session(), actor()))


@bp.route("/proposals/batches/new", methods=["GET", "POST"])
@requires(Permission.BATCH_RUN)
def add() -> Response:
    """For the clients that the list's filter finds, or for the audience of the launch that the address names; of them
    those that are ticked."""
    launch = _launch()
    if launch is not None:
        found = choosable_of_launch(db.session(), actor(), launch, MOST_CLIENTS)
    else:
        found = choosable(db.session(), actor(), Filters.asked().wanted, MOST_CLIENTS)
    if request.method == "GET":
        return _form(_begun(launch), found, {key for key, _name, _city in found.rows}, launch)
    form, ticked = BatchForm().offer_all(), _ticked()
    if form.validate():
        try:
            with transaction() as session:
                once.take(session)
                batch = _started(session, launch, form, ticked)
                url = once.leads_to(url_for(".show", id=batch.id))
            begin(batch.id)
            return see(url)
        except Refused as refusal:
            refuse(form, refusal)
    return _form(form, found, set(ticked), launch, 422)


def _started(session: Session, launch: Launch | None, form: BatchForm, clients: list[int]) -> ProposalBatch:
    chosen = form.template_id.data
    template = session.get(ProposalTemplate, chosen) if chosen else None
    said = (form.name.data, clients, form.said(), template)
    if launch is not None:
        return offer_to_audience(session, launch, *said, by=me(), at=now())
    return ProposalBatch.start(session, *said, by=me(), at=now())


def _begun(launch: Launch | None) -> BatchForm:
    """The form as it opens: the company's ways, and the launch's product where there is one."""
    company, usual = db.session.get_one(Company, 1), ProposalTemplate.usual_one(db.session())
    usual_id = usual.id if usual is not None else None
    given = {"currency": company.currency, "language": company.language, "template_id": usual_id, "discount": 0}
    begun = _of_launch(launch) if launch is not None else {"lines": [{}]}
    return BatchForm(None, data=given | begun).offer_all()


@bp.get("/proposals/batches/<int:id>")
@requires(Permission.BATCH_RUN, ProposalBatch)
def show(batch: ProposalBatch) -> Response:
    return page("proposal_batch.html", **_shown(batch))


@bp.get("/proposals/batches/<int:id>/progress")
@requires(Permission.BATCH_RUN, ProposalBatch)
def progress(batch: ProposalBatch) -> Response:
    """What the page asks while workers print."""
    return fragment("proposal_batch.html", "standing", **_shown(batch))


@bp.post("/proposals/batches/<int:id>/<any(paused, resumed):what>")
@requires(Permission.BATCH_RUN, ProposalBatch)
def click(batch: ProposalBatch, what: str) -> Response:
    here, seen = url_for(".show", id=batch.id), Seen().seen
    try:
        with transaction() as session:
            session.add((batch.pause if what == "paused" else batch.resume)(by=me(), at=now(), seen=seen))
    except Refused as refusal:
        return see(here, say(refusal), "bad")
    if what == "resumed":
        begin(batch.id)
    return see(here)


def _shown(batch: ProposalBatch) -> dict[str, Any]:
    row = batch_row(db.session(), actor(), batch.id)
    items = batch_items(db.session(), actor(), batch.id)
    in_hand = any(item.state is VersionState.PRINTING for item in items)  # also after a pause they are finished
    return {
        "row": row,
        "busy": in_hand or row.state is BatchState.RUNNING,
        "items": items,
        "offer": batch.offer,
        "look": batch.template,
    }


def _ticked() -> list[int]:
    typed = dict.fromkeys(
        text for text in request.form.getlist("clients") if len(text) < 20 and text.isascii() and text.isdigit()
    )
    return [number for number in map(int, list(typed)[: MOST_CLIENTS + 1]) if number < LARGEST_ID]


def _launch() -> Launch | None:
    """The launch that the address names; one that does not count is none to offer for."""
    asked = request.args.get("launch")
    if asked is None:
        return None
    launch = db.session.get(Launch, number_of(asked) or 0)
    if launch is None or not launch.counts:
        abort(404)
    return launch


def _of_launch(launch: Launch) -> dict[str, Any]:
    """What the form begins with: the launch's product at the price of the day, and its message."""
    today = actor().today(now())
    book = price_book(db.session(), today)
    good = book.goods[launch.product_id]
    begun = of_good(good, *book.price_near(good.id, today, launch.currency))
    return begun | {"name": launch.name, "title": good.name, "text": launch.message}


def _form(form: BatchForm, found: Choosable, ticked: set[int], launch: Launch | None, status: int = 200) -> Response:
    context: dict[str, Any] = {"form": form, "found": found, "ticked": ticked, "most": MOST_CLIENTS, "launch": launch}
    return page("proposal_batch_form.html", status, **context, totals=form.totals)
