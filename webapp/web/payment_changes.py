"""What one does with a payment: match, spread, free, set aside, ask again, give back. Each is undone by a new entry."""

from flask import abort, Blueprint, request, Response, url_for
from flask_babel import gettext as _
from flask_wtf import FlaskForm

from webapp.db import db, transaction
from webapp.domain.allocation import Allocation
from webapp.domain.client import Client
from webapp.domain.company import Company
from webapp.domain.covering import assign, hold, use_credit
from webapp.domain.errors import Refused, Stale
from webapp.domain.matching import REASONS
from webapp.domain.payer import Payer
from webapp.domain.payment import Payment
from webapp.domain.permissions import Permission
from webapp.queries.payment_page import open_invoices
from webapp.web import once
from webapp.web.access import actor, load, requires
from webapp.web.answers import by_htmx, fragment, page, see, toast
from webapp.web.clock import now
from webapp.web.errors import say
from webapp.web.forms import refuse
from webapp.web.i18n import money
from webapp.web.payment_forms import AsideForm, ReturnForm, sent_parts, typed_parts, whole
from webapp.web.payment_list import context
from webapp.web.payment_screen import chosen_client, payment_context
from webapp.web.session import me

bp = Blueprint("payment_changes", __name__)


@bp.post("/payments/<int:id>/match")
@requires(Permission.PAYMENT_ENTER, Payment)
def match(payment: Payment) -> Response:
    """A suggestion is confirmed; the payer is remembered where that is ticked."""
    reason, parts = request.form.get("reason", ""), sent_parts()
    number = whole(request.form.get("client"))
    if reason not in REASONS or number is None:
        abort(400)
    client = load(Client, number)
    try:
        with transaction() as session:
            held = hold(session, payment.id, _seen())
            assign(session, held, client, parts, reason=reason, by=me(), at=now())
            if request.form.get("remember"):
                _remember(held, client)
    except Refused as refusal:
        return _refused(payment, refusal)
    return _done(
        payment, _("%(client)s: %(sum)s", client=client.name, sum=money(payment.amount_minor, payment.currency))
    )


@bp.post("/payments/<int:id>/spread")
@requires(Permission.PAYMENT_ENTER, Payment)
def spread(payment: Payment) -> Response:
    """The payment covers several invoices of one client, each with its sum; with none it is the client's credit."""
    client = chosen_client(payment) or abort(400)
    invoices = open_invoices(db.session(), actor(), client.id, payment.currency)
    typed = typed_parts(invoices, payment.currency, payment.free_minor)
    if typed.errors:
        return page("payment.html", 422, **payment_context(payment, typed))
    try:
        with transaction() as session:
            held = hold(session, payment.id, _seen())
            assign(session, held, client, typed.parts, by=me(), at=now())
            if request.form.get("remember"):
                _remember(held, client)
    except Refused as refusal:
        return _refused(payment, refusal)
    return _done(payment, _("Noted."))


@bp.post("/payments/<int:id>/free")
@requires(Permission.PAYMENT_ENTER, Payment)
def free(payment: Payment) -> Response:
    """Take the payment off an invoice again."""
    entry = load(Allocation, whole(request.form.get("entry")) or 0)
    if entry.payment_id != payment.id:
        abort(404)
    try:
        with transaction() as session:
            on = session.get_one(Company, 1).today(now())
            hold(session, payment.id, _seen()).free(session, entry, by=me(), at=now(), on=on)
    except Refused as refusal:
        return _refused(payment, refusal)
    return _done(payment, _("Taken off the invoice. The sum is free again."))


@bp.post("/payments/<int:id>/credit")
@requires(Permission.PAYMENT_ENTER, Payment)
def credit(payment: Payment) -> Response:
    """What is free covers what the client owes, the oldest first."""
    try:
        with transaction() as session:
            covered = use_credit(session, hold(session, payment.id, _seen()), by=me(), at=now())
    except Refused as refusal:
        return _refused(payment, refusal)
    return _done(payment, _("%(sum)s covers invoices now.", sum=money(covered, payment.currency)))


@bp.post("/payments/<int:id>/reopen")
@requires(Permission.PAYMENT_ENTER, Payment)
def reopen(payment: Payment) -> Response:
    """It waits in the queue again."""
    try:
        with transaction() as session:
            session.add(hold(session, payment.id, _seen()).reopen(by=me(), at=now()))
    except Refused as refusal:
        return _refused(payment, refusal)
    return _done(payment, _("The payment waits for its client again."))


@bp.route("/payments/<int:id>/aside", methods=["GET", "POST"])
@requires(Permission.PAYMENT_ENTER, Payment)
def set_aside(payment: Payment) -> Response:
    form, status = AsideForm(version=str(payment.version)), 200
    if form.validate_on_submit():
        try:
            with transaction() as session:
                session.add(hold(session, payment.id, form.seen).set_aside(form.reason.data, by=me(), at=now()))
            return see(url_for("payments.show_all"), _("Set aside. It stands in its own list."))
        except Refused as refusal:
            status = _again(form, payment, refusal)
    elif form.is_submitted():
        status = 422
    back, note = (
        url_for("payments.show", id=payment.id),
        _("For what is no client's payment: an own transfer, interest."),
    )
    return page("form.html", status, form=form, title=_("Set the payment aside"), back=back, note=note)


@bp.route("/payments/<int:id>/return", methods=["GET", "POST"])
@requires(Permission.PAYMENT_ENTER, Payment)
def give_back(payment: Payment) -> Response:
    rest = payment.amount_minor - payment.returned_minor
    form, status = ReturnForm(version=str(payment.version), amount_minor=rest), 200
    form.amount_minor.currency = payment.currency
    back = url_for("payments.show", id=payment.id)
    if form.validate_on_submit():
        minor, kind, reason = form.amount_minor.data, form.kind.data, form.reason.data
        try:
            with transaction() as session:
                once.take(session)
                on, held = session.get_one(Company, 1).today(now()), hold(session, payment.id, form.seen)
                held.give_back(session, minor, kind, reason, by=me(), at=now(), on=on)
                once.leads_to(back)
            return see(back, _("Noted. What it covered beyond the rest is owed again."))
        except Refused as refusal:
            status = _again(form, payment, refusal)
    elif form.is_submitted():
        status = 422
    note = _("What covers no invoice goes first; then the newest invoices are owed again.")
    return page("form.html", status, form=form, title=_("Money went back"), back=back, note=note)


def _remember(payment: Payment, client: Client) -> None:
    if payment.payer_inn or payment.payer_account:
        known = {"inn": payment.payer_inn, "account": payment.payer_account, "name": payment.payer_name}
        Payer.remember(db.session(), client, **known, by=me(), at=now())


def _seen() -> int:
    return whole(request.form.get("seen")) or 0


def _again(form: FlaskForm, payment: Payment, refusal: Refused) -> int:
    """Show the refusal at the form; the person sees the new state now."""
    refuse(form, refusal)
    form.version.data = str(payment.version)
    return 409 if isinstance(refusal, Stale) else 422


def _done(payment: Payment, told: str) -> Response:
    """On to the next one of the queue, or back to the payment's page."""
    if request.form.get("back") != "queue":
        return see(url_for("payments.show", id=payment.id), told)
    found = context()
    rows = found["found"].rows
    place = (payment.received_on, payment.id)
    found["next"] = next((row.id for row in rows if (row.received_on, row.id) > place), rows[0].id if rows else 0)
    if not by_htmx():
        anchor = f"payment-{found['next']}" if found["next"] else None
        return see(url_for("payments.show_all", **request.args, _anchor=anchor), told)
    answer = fragment("payments.html", "queue", **found)
    answer.data += toast(told).encode()
    return answer


def _refused(payment: Payment, refusal: Refused) -> Response:
    """The rule's sentence where the person acted, with the new state."""
    db.session.rollback()
    db.session.refresh(payment)
    status = 409 if isinstance(refusal, Stale) else 422
    if request.form.get("back") != "queue":
        return page("payment.html", status, **payment_context(payment, wrong=say(refusal)))
    found = context() | {"wrong": say(refusal), "wrong_id": payment.id, "next": payment.id}
    return (
        fragment("payments.html", "queue", status=status, **found)
        if by_htmx()
        else page("payments.html", status, **found)
    )
