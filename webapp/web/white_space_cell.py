"""A cell of the matrix, opened, with what can be done from there."""

from typing import Any
from urllib.parse import urlsplit

from flask import abort, Blueprint, Response, url_for
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from wtforms import SelectField
from wtforms.validators import InputRequired

from webapp.db import db, transaction
from webapp.domain.awareness import Awareness
from webapp.domain.client import Client
from webapp.domain.company import Company
from webapp.domain.competitor import Competitor
from webapp.domain.deal import Deal, Line
from webapp.domain.errors import Refused
from webapp.domain.permissions import Permission
from webapp.domain.price_book import price_book
from webapp.domain.product import Product
from webapp.domain.product_family import ProductFamily
from webapp.domain.proposal import Proposal
from webapp.domain.rival_supply import RivalSupply
from webapp.domain.white_space import exclude_family, products_sold
from webapp.queries.prices import currency_of
from webapp.queries.white_space_cell import opened
from webapp.web import once
from webapp.web.access import actor, can, load, need, requires
from webapp.web.answers import by_htmx, current_page, page, regions, see, toast
from webapp.web.clock import now
from webapp.web.forms import refuse, TextField
from webapp.web.session import me
from webapp.web.touch_forms import lane_for
from webapp.web.white_space_words import like_this, why

bp = Blueprint("white_space_cell", __name__)


class RivalForm(FlaskForm):
    competitor_id = SelectField(validators=[InputRequired()], coerce=int, validate_choice=False)


class UnsuitedForm(FlaskForm):
    """Why a product, or all of the family, does not suit the client."""

    reason = TextField(longest=300)


@bp.get("/clients/<int:id>/whitespace/<int:family>")
@requires(Permission.CLIENT_VIEW, Client)
def show(client: Client, family: int) -> Response:
    return _shown(client, load(ProductFamily, family))


@bp.post("/clients/<int:id>/whitespace/<int:family>/rival")
@requires(Permission.WHITE_SPACE_EDIT, Client)
def note_rival(client: Client, family: int) -> Response:
    """It is bought at this competitor's."""
    of, form = load(ProductFamily, family), RivalForm()
    if not form.validate_on_submit():
        return _shown(client, of, 422)
    with transaction() as session:
        rival = load(Competitor, form.competitor_id.data)
        RivalSupply.note(session, client, of, rival, by=me(), at=now())
    return _changed(client, of, _("%(family)s: bought at %(rival)s", family=of.name, rival=rival.name))


@bp.post("/clients/<int:id>/whitespace/<int:family>/rival/end")
@requires(Permission.WHITE_SPACE_EDIT, Client)
def end_rival(client: Client, family: int) -> Response:
    """It is bought there no more."""
    of = load(ProductFamily, family)
    with transaction() as session:
        supply = RivalSupply.current(session, client.id, of.id) or abort(404)
        session.add(supply.end(by=me(), at=now()))
    return _changed(client, of, _("Recorded."))


@bp.post("/clients/<int:id>/whitespace/<int:family>/unsuited")
@requires(Permission.WHITE_SPACE_EDIT, Client)
def exclude(client: Client, family: int) -> Response:
    """No product of the family suits the client, but for those that it owns or has an offer for."""
    of, form = load(ProductFamily, family), UnsuitedForm()
    if not form.validate_on_submit():
        return _shown(client, of, 422, form)
    try:
        with transaction() as session:
            exclude_family(session, client.id, of.id, form.reason.data, by=me(), at=now())
        return _changed(client, of, _("%(family)s does not suit %(client)s", family=of.name, client=client.name))
    except Refused as refusal:
        refuse(form, refusal)
        return _shown(client, of, 422, form)


@bp.post("/clients/<int:id>/whitespace/<int:family>/suited")
@requires(Permission.WHITE_SPACE_EDIT, Client)
def readmit(client: Client, family: int) -> Response:
    """It may suit the client after all."""
    of = load(ProductFamily, family)
    with transaction() as session:
        Awareness.note_all(session, client.id, products_sold(session, of.id), "readmit", by=me(), at=now())
    return _changed(client, of, _("%(family)s may suit %(client)s after all", family=of.name, client=client.name))


@bp.post("/clients/<int:id>/whitespace/products/<int:product>/proposal")
@requires(Permission.CLIENT_VIEW, Client)
def propose(client: Client, product: int) -> Response:
    """A deal with the product as its line, and a draft of a proposal, in one go."""
    good, by, at = load(Product, product), me(), now()
    if good.retired_at is not None:
        abort(404)
    with transaction() as session:
        once.take(session)
        lane = lane_for(client, by.id, actor())
        need(Permission.DEAL_EDIT, lane)
        today = by.today(at)
        price, currency = price_book(session, today).price_near(good.id, today, currency_of(session, client.id))
        line = Line(good.name, 1000, price and price.minor, good.billing, good.id)
        deal = Deal.add(session, lane, good.name, currency, by=by, at=at, lines=[line])
        proposal = Proposal.draft(session, deal, by=by, at=at)
        url = once.leads_to(url_for("proposals.edit", id=proposal.last.id))
    return see(url)


def _shown(client: Client, family: ProductFamily, status: int = 200, form: UnsuitedForm | None = None) -> Response:
    cell = opened(db.session(), actor(), client, family, actor().today(now()))
    prize: dict[str, Any] = {"why": why(cell.prize), "percent": None, "like": ""}
    if cell.prize is not None:
        prize |= {"percent": cell.prize.percent, "like": like_this(cell.prize, cell.held)}
    lane = None if client.lost_at is not None else lane_for(client, actor().id, actor())
    return page(
        "white_space_cell.html",
        status,
        client=client,
        family=family,
        cell=cell,
        prize=prize,
        form=form or UnsuitedForm(formdata=None),
        currency=db.session.get_one(Company, 1).currency,
        may_edit=can(Permission.WHITE_SPACE_EDIT, client),
        may_plan=lane is not None and can(Permission.TASK_ADD, client),
        may_deal=lane is not None and can(Permission.DEAL_EDIT, lane),
    )


def _changed(client: Client, family: ProductFamily, told: str) -> Response:
    """Over the matrix only the message: its script asks for the row again. Elsewhere the cell's page."""
    if by_htmx() and urlsplit(current_page()).path == url_for("white_space.show"):
        return regions(toast(told))
    return see(url_for(".show", id=client.id, family=family.id), told)
