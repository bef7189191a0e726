"""Invoices: the list, one invoice with what covers it, credit notes, disputes, and the documents."""

from hashlib import sha256
from io import BytesIO

from flask import abort, Blueprint, current_app, request, Response, send_file, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, SelectField

from webapp.db import db, transaction
from webapp.domain.client import Client
from webapp.domain.company import Company
from webapp.domain.errors import Refused, Stale
from webapp.domain.file import StoredFile
from webapp.domain.invoice import CreditNote, Invoice
from webapp.domain.invoice_state import DISPUTE_REASONS
from webapp.domain.permissions import Permission
from webapp.invoice_printing import Busy, credit_pdf, pdf_now
from webapp.queries.invoice_page import invoice_page
from webapp.queries.invoices import list_invoices
from webapp.web import once
from webapp.web.access import actor, can, load, requires
from webapp.web.answers import page, see
from webapp.web.clock import now
from webapp.web.forms import LongTextField, MoneyField, presence, refuse, TextField
from webapp.web.invoice_list import choices, wanted
from webapp.web.session import me
from webapp.web.touch_forms import today

bp = Blueprint("invoices", __name__)


class CreditForm(FlaskForm):
    """Taking back a part of what is owed, or all of it."""

    version = HiddenField()
    amount_minor = MoneyField(_l("How much is taken back"), least=1)
    reason = TextField(_l("Why"), longest=300)


class DisputeForm(FlaskForm):
    """What the client says against the invoice."""

    reason = SelectField(
        _l("Why"), presence(True), choices=lambda: [(key, _(why)) for key, why in DISPUTE_REASONS.items()]
    )
    note = LongTextField(_l("In their words"), required=False, longest=500)


@bp.get("/invoices")
@requires(Permission.CLIENT_VIEW)
def show_all() -> Response:
    asked = wanted()
    return page(
        "invoices.html",
        asked=asked,
        client=load(Client, asked.client_id) if asked.client_id else None,
        found=list_invoices(db.session(), actor(), asked, today()),
        may_send=can(Permission.INVOICE_EDIT),
        **choices(asked),
    )


@bp.get("/invoices/<int:id>")
@requires(Permission.CLIENT_VIEW, Invoice)
def show(invoice: Invoice) -> Response:
    return page(
        "invoice.html",
        invoice=invoice,
        view=invoice_page(db.session(), actor(), invoice),
        days_late=invoice.days_late(today()),
        reasons=DISPUTE_REASONS,
        may_edit=can(Permission.INVOICE_EDIT, invoice),
    )


@bp.get("/invoices/<int:id>/file")
@requires(Permission.CLIENT_VIEW, Invoice)
def download(invoice: Invoice) -> Response:
    """The stored bytes; printed now where nobody asked before."""
    back, label = url_for("invoices.show", id=invoice.id), invoice.label.replace("/", "-")
    try:
        file = pdf_now(invoice)
    except Busy:
        return _later(back)
    return _stored(file, _("Invoice %(number)s", number=label))


@bp.get("/credit-notes/<int:id>/file")
@requires(Permission.CLIENT_VIEW, CreditNote)
def download_credit(note: CreditNote) -> Response:
    back, label = url_for("invoices.show", id=note.invoice_id), note.label.replace("/", "-")
    try:
        file = credit_pdf(note)
    except Busy:
        return _later(back)
    return _stored(file, _("Credit note %(number)s", number=label))


@bp.route("/invoices/<int:id>/credit", methods=["GET", "POST"])
@requires(Permission.INVOICE_EDIT, Invoice)
def credit(invoice: Invoice) -> Response:
    form, status = CreditForm(version=str(invoice.version), amount_minor=invoice.outstanding_minor), 200
    form.amount_minor.currency = invoice.currency
    back = url_for("invoices.show", id=invoice.id)
    if form.validate_on_submit():
        try:
            with transaction() as session:
                once.take(session)
                on = session.get_one(Company, 1).today(now())
                seen = int(form.version.data) if (form.version.data or "").isdigit() else 0
                invoice.credit(session, form.amount_minor.data, form.reason.data, by=me(), at=now(), on=on, seen=seen)
                once.leads_to(back)
            return see(back, _("Taken back. The credit note can be printed below."))
        except Refused as refusal:
            refuse(form, refusal)
            status = 409 if isinstance(refusal, Stale) else 422
            form.version.data = str(invoice.version)
    elif form.is_submitted():
        status = 422
    title = _("Take back a part of invoice %(number)s", number=invoice.label)
    return page("form.html", status, form=form, title=title, back=back, save=_("Write the credit note"))


@bp.route("/invoices/<int:id>/dispute", methods=["GET", "POST"])
@requires(Permission.INVOICE_EDIT, Invoice)
def dispute(invoice: Invoice) -> Response:
    form, status, back = DisputeForm(), 200, url_for("invoices.show", id=invoice.id)
    if form.validate_on_submit():
        try:
            with transaction() as session:
                session.add(invoice.dispute(form.reason.data, form.note.data or "", by=me(), at=now()))
            return see(back, _("Noted. No reminder goes out until it is settled."))
        except Refused as refusal:
            refuse(form, refusal)
            status = 422
    elif form.is_submitted():
        status = 422
    title = _("What is disputed about invoice %(number)s?", number=invoice.label)
    return page("form.html", status, form=form, title=title, back=back)


@bp.post("/invoices/<int:id>/agree")
@requires(Permission.INVOICE_EDIT, Invoice)
def agree(invoice: Invoice) -> Response:
    """The dispute is settled."""
    with transaction() as session:
        session.add(invoice.agree(by=me(), at=now(), note=request.form.get("note", "")[:500]))
    return see(url_for("invoices.show", id=invoice.id), _("The dispute is settled."))


def _stored(file: StoredFile, name: str) -> Response:
    """The bytes as they were printed, or nothing where they are not those any more."""
    if sha256(file.content).hexdigest() != file.sha256:
        current_app.logger.critical("stored file %s does not have its recorded hash", file.id)
        abort(500)
    answer = send_file(BytesIO(file.content), "application/pdf", as_attachment=True, download_name=f"{name}.pdf")
    answer.set_etag(file.sha256)
    return answer


def _later(back: str) -> Response:
    return see(back, _("Many documents are being printed just now. Please ask again in a minute."), "warn")
