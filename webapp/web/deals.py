"""Deals: the list, one deal, its lines, and how it ended."""

from datetime import date
from typing import Any

from flask import abort, Blueprint, request, Response, url_for
from flask_babel import gettext as _

from webapp.db import db, transaction
from webapp.domain.client import Client
from webapp.domain.company import Company
from webapp.domain.deal import Deal, DealStatus, LOST_REASONS
from webapp.domain.engagement import Engagement
from webapp.domain.errors import Refused, Stale
from webapp.domain.permissions import Permission
from webapp.domain.price_book import price_book
from webapp.domain.pricing import PriceBook
from webapp.domain.stage import Stage
from webapp.queries import attacks, contracts, deals, eligible, prices, products, shares
from webapp.web import deal_sums, once
from webapp.web.access import actor, can, need, requires
from webapp.web.answers import fragment, page, see
from webapp.web.clock import now
from webapp.web.deal_form import DealForm, LostForm, MOST_LINES, of_deal, of_good
from webapp.web.deal_list import choices, wanted
from webapp.web.eligibility_words import why_not
from webapp.web.forms import refuse
from webapp.web.from_catalogue import asked_to_put, put, row_of, why, with_rows
from webapp.web.session import me

bp = Blueprint("deals", __name__)
bp.add_app_template_global(deal_sums.deal_sums)
bp.add_app_template_global(deal_sums.sums_of)


@bp.get("/deals")
@requires(Permission.CLIENT_VIEW)
def show_all() -> Response:
    asked = wanted()
    found, answers = deals.list_deals(db.session, actor(), asked), shares.waiting(db.session(), actor())
    stage = db.session.get(Stage, asked.stage_id) if asked.stage_id else None
    name = stage.name if stage is not None else None
    return page("deals.html", asked=asked, found=found, answers=answers, stage=name, **choices(asked))


@bp.get("/deals/<int:id>")
@requires(Permission.CLIENT_VIEW, Deal)
def show(deal: Deal) -> Response:
    may = can(Permission.DEAL_EDIT, deal)
    today = actor().today(now())
    versions = deals.versions(db.session, actor(), deal.id, today)
    sold = contracts.contracts_from(db.session(), actor(), deal.id, today)
    offered = {line.product_id for line in deal.lines if line.product_id} if deal.is_open else ()
    unfit = eligible.unsuited(db.session(), actor(), offered, deal.client_id, today) if offered else []
    return page(
        "deal.html",
        deal=deal,
        may_edit=may,
        versions=versions,
        lost_reasons=LOST_REASONS,
        contracts=sold,
        unfit=[(each, why_not(db.session(), each.failures)) for each in unfit],
        may_conclude=deal.status is DealStatus.WON and can(Permission.CONTRACT_EDIT, deal),
    )


@bp.post("/deals/totals")
@requires(Permission.CLIENT_VIEW)
def totals() -> Response:
    """What the lines that are being typed amount to."""
    form = _form(None)
    form.validate()
    shown = {"totals": form.totals, "whys": _whys(form)}
    return fragment("deal_form.html", "totals", "said", **shown)


@bp.route("/clients/<int:id>/deals/new", methods=["GET", "POST"])
@requires(Permission.CLIENT_VIEW, Client)
def add(client: Client) -> Response:
    lanes = [lane for lane in client.open_engagements if can(Permission.DEAL_EDIT, lane)]
    if not lanes:
        abort(403)
    form = _form(None, client, [(lane.id, _(lane.department.label)) for lane in lanes])
    if not asked_to_put(request.form) and form.validate_on_submit():
        try:
            return see(_add(client, form), _("The deal is added."))
        except Refused as refusal:
            refuse(form, refusal)
    return _show_form(
        form, client, _("New deal with %(name)s", name=client.name), url_for("clients.show", id=client.id)
    )


def _add(client: Client, form: DealForm) -> str:
    with transaction() as session:
        once.take(session)
        lane = session.get_one(Engagement, form.lane_id.data)
        need(Permission.DEAL_EDIT, lane)
        deal = Deal.add(
            session,
            lane,
            form.name.data,
            form.currency.data,
            by=me(),
            at=now(),
            lines=form.typed,
            expected_on=form.expected_on.data,
        )
        return once.leads_to(url_for("deals.show", id=deal.id))


@bp.route("/deals/<int:id>/edit", methods=["GET", "POST"])
@requires(Permission.DEAL_EDIT, Deal)
def change(deal: Deal) -> Response:
    form, status, back = _form(deal), None, url_for("deals.show", id=deal.id)
    if not asked_to_put(request.form) and form.validate_on_submit():
        try:
            with transaction() as session:
                event = deal.change(
                    by=me(),
                    at=now(),
                    seen=form.seen,
                    name=form.name.data,
                    currency=form.currency.data,
                    expected_on=form.expected_on.data,
                    lines=form.typed,
                )
                session.add(event)
            return see(back, _("Changed."))
        except Refused as refusal:
            refuse(form, refusal)
            status = 409 if isinstance(refusal, Stale) else 422
            form.version.data = str(deal.version)
    return _show_form(form, deal.client, deal.name, back, status)


@bp.post("/deals/<int:id>/won")
@requires(Permission.DEAL_EDIT, Deal)
def win(deal: Deal) -> Response:
    with transaction() as session:
        session.add(deal.win(by=me(), at=now(), seen=_seen()))
    return see(url_for("deals.show", id=deal.id), _("Won. Congratulations!"))


@bp.route("/deals/<int:id>/lost", methods=["GET", "POST"])
@requires(Permission.DEAL_EDIT, Deal)
def lose(deal: Deal) -> Response:
    form, status, back = LostForm(version=str(deal.version)), 200, url_for("deals.show", id=deal.id)
    if form.validate_on_submit():
        try:
            with transaction() as session:
                lost = deal.lose(
                    form.reason.data, by=me(), at=now(), seen=form.seen, competitor=form.competitor.data or ""
                )
                session.add(lost)
            return see(back, _("Recorded as lost."))
        except Refused as refusal:
            refuse(form, refusal)
            status = 409 if isinstance(refusal, Stale) else 422
            form.version.data = str(deal.version)
    elif form.is_submitted():
        status = 422
    title, rivals = _("Why was “%(name)s” lost?", name=deal.name), attacks.offered(db.session())
    return page("deal_lost.html", status, form=form, title=title, back=back, rivals=rivals)


@bp.post("/deals/<int:id>/reopened")
@requires(Permission.DEAL_EDIT, Deal)
def reopen(deal: Deal) -> Response:
    with transaction() as session:
        session.add(deal.reopen(by=me(), at=now(), seen=_seen()))
    return see(url_for("deals.show", id=deal.id), _("The deal is open again."))


def _seen() -> int:
    return request.form.get("version", default=0, type=int)


def _form(deal: Deal | None, client: Client | None = None, lanes: list[tuple[int, str]] | None = None) -> DealForm:
    """The form as it was typed, or as the deal stands; with the lines of the product that was put on it just now. A new
    one with a client begins with the product that the address names."""
    company, today = db.session.get_one(Company, 1), actor().today(now())
    beside = frozenset(line.product_id for line in deal.lines if line.product_id) if deal is not None else frozenset()
    offered, book = products.offered(db.session, actor(), beside=beside), price_book(db.session(), today)
    begun = None if client is None else _of_product(client, book, frozenset(each.id for each in offered), today)
    known = of_deal(deal) if deal is not None else begun or {"currency": company.currency, "lines": [{}, {}]}
    sent, refusal = request.form, None
    if asked_to_put(sent):
        try:
            lines = put(sent, book, today, sent.get("currency", ""))
            rows = [row_of(line) for line in lines]
            sent = with_rows(sent, rows, MOST_LINES)
        except Refused as error:
            refusal = error
    form = DealForm(sent or None, data=known)
    if deal is not None and not form.is_submitted():
        form.lines.append_entry({})
    form.offer(offered, book, today, lanes or ())
    if asked_to_put(sent):
        form.lines.validate(form)
    if refusal is not None:
        refuse(form, refusal)
    return form


def _of_product(client: Client, book: PriceBook, offered: frozenset[int], today: date) -> dict[str, Any] | None:
    """A deal over the product that the address names, where it is still sold."""
    number = request.args.get("product", 0, type=int)
    if number not in offered:
        return None
    currency = prices.currency_of(db.session(), client.id)
    return of_good(book.goods[number], *book.price_near(number, today, currency))


def _show_form(form: DealForm, client: Client, title: str, back: str, status: int | None = None) -> Response:
    status = status or (422 if form.is_submitted() and (form.errors or form.form_errors) else 200)
    shown = {"form": form, "client": client, "title": title, "back": back, "totals": form.totals}
    return page("deal_form.html", status, whys=_whys(form), **shown)


def _whys(form: DealForm) -> list[str]:
    """What the catalogue says of each line's price, in words."""
    return ["" if found is None else why(found, form.currency.data) for found in form.found]
