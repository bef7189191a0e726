"""Payments: the queue of those nobody has claimed, the lists, one payment, and entering one by hand."""

from typing import Any

from flask import Blueprint, request, Response, url_for
from flask_babel import gettext as _

from webapp.db import db, transaction
from webapp.domain.client import Client
from webapp.domain.company import Company
from webapp.domain.covering import assign, suggested
from webapp.domain.errors import Refused
from webapp.domain.payment import Payment
from webapp.domain.permissions import Permission
from webapp.queries.payments import waiting as count_waiting
from webapp.web import once
from webapp.web.access import actor, LARGEST_ID, load, requires
from webapp.web.answers import fragment, page, see
from webapp.web.clock import now
from webapp.web.forms import refuse
from webapp.web.payment_forms import ReceivedForm
from webapp.web.payment_list import context
from webapp.web.payment_screen import payment_context
from webapp.web.session import me

bp = Blueprint("payments", __name__)


@bp.get("/payments")
@requires(Permission.PAYMENT_ENTER)
def show_all() -> Response:
    return page("payments.html", **context())


@bp.get("/payments/waiting")
@requires(Permission.PAYMENT_ENTER)
def waiting() -> Response:
    """The number beside “Payments” in the menu, asked for by open pages."""
    return fragment("payments.html", "waiting", count=count_waiting(db.session(), actor()))


@bp.get("/clients/<int:id>/payments")
@requires(Permission.CLIENT_VIEW, Client)
def of_client(client: Client) -> Response:
    return page("payments.html", **context(client))


@bp.get("/payments/<int:id>")
@requires(Permission.PAYMENT_ENTER, Payment)
def show(payment: Payment) -> Response:
    return page("payment.html", **payment_context(payment))


@bp.route("/payments/new", methods=["GET", "POST"])
@requires(Permission.PAYMENT_ENTER)
def add() -> Response:
    """A payment by hand. What is certain is matched at once; the rest is for a person to say on its page."""
    company = db.session.get_one(Company, 1)
    number = request.args.get("client", type=int)
    client: Client | None = load(Client, number) if number is not None and 0 < number < LARGEST_ID else None
    known: dict[str, Any] = {"payer_name": client.name, "payer_inn": client.inn} if client is not None else {}
    form = ReceivedForm(data={"currency": company.currency, "received_on": company.today(now()), **known})
    form.latest = company.today(now())
    if form.validate_on_submit():
        try:
            with transaction() as session:
                once.take(session)
                payment = Payment.receive(session, **form.fields, by=me(), at=now(), client=client)
                matched = _match(session, payment)
                back = once.leads_to(url_for("payments.show", id=payment.id))
            return see(back, _("Entered and matched.") if matched else _("Entered. Say now what it covers."))
        except Refused as refusal:
            refuse(form, refusal)
    status = 422 if form.is_submitted() else 200
    title = _("Payment of %(client)s", client=client.name) if client is not None else _("New payment")
    back = url_for("payments.of_client", id=client.id) if client is not None else url_for("payments.show_all")
    return page("form.html", status, form=form, title=title, back=back, save=_("Enter"))


def _match(session: Any, payment: Payment) -> bool:
    """Cover what is certain, by the same rules as a statement's payments."""
    (matches,) = suggested(session, [payment])
    if not matches or not matches[0].certain:
        return False
    best = matches[0]
    client = session.get_one(Client, best.client_id)
    if best.parts or payment.client_id is None:
        assign(session, payment, client, best.parts, reason=best.reason, by=me(), at=now())
    return True
