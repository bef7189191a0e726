"""Writing letters: a proposal, an invoice or a reminder, by e-mail to a contact."""

from collections.abc import Callable

from flask import Blueprint, Response, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from wtforms import SelectField
from wtforms.validators import InputRequired

from webapp.db import db, transaction
from webapp.domain.client import Client
from webapp.domain.company import Company
from webapp.domain.contact import Contact
from webapp.domain.errors import Refused
from webapp.domain.invoice import Invoice
from webapp.domain.permissions import Permission
from webapp.domain.proposal import ProposalVersion
from webapp.domain.share_link import ShareLink
from webapp.exchange import invoice_letters, letters
from webapp.exchange.letters import addressee, Draft
from webapp.invoice_printing import Busy, pdf_now
from webapp.jobs import later
from webapp.posting import post_letters
from webapp.queries.letters import recipients
from webapp.web import once
from webapp.web.access import requires
from webapp.web.address import outside, site
from webapp.web.answers import page, see
from webapp.web.clock import now
from webapp.web.errors import say
from webapp.web.forms import LongTextField, refuse, TextField
from webapp.web.proposal_file import file_name
from webapp.web.session import me
from webapp.web.users_form import chosen

bp = Blueprint("letter_writing", __name__)


class LetterForm(FlaskForm):
    """To whom, and in which words."""

    contact_id = SelectField(_l("To"), [InputRequired(_l("Please choose"))], coerce=chosen)
    subject = TextField(_l("Subject"), longest=200)
    body = LongTextField(
        _l("Text"), longest=10_000, description=_l("{contact} becomes the addressee's name."), render_kw={"rows": 14}
    )


@bp.route("/proposals/versions/<int:id>/letter", methods=["GET", "POST"])
@requires(Permission.PROPOSAL_EDIT, ProposalVersion)
def send_proposal(version: ProposalVersion) -> Response:
    client, back = (
        version.proposal.deal.client,
        url_for("proposals.show", id=version.proposal_id, version=version.number),
    )

    def link(session: Session) -> str:
        token = ShareLink.make(session, version, version.valid_until, by=me(), at=now())
        return outside("shared.show", token=token)

    def draft(session: Session, contact: Contact | None) -> Draft:
        return letters.about_proposal(session, version, file_name(version), contact, by=me(), at=now(), link=link)

    return _written(client, draft, _("Send %(label)s by e-mail", label=version.proposal.label), back, pays=False)


@bp.route("/invoices/<int:id>/letter", methods=["GET", "POST"])
@requires(Permission.INVOICE_EDIT, Invoice)
def send_invoice(invoice: Invoice) -> Response:
    def draft(session: Session, contact: Contact | None) -> Draft:
        return invoice_letters.about_invoice(session, invoice, by=me(), at=now())

    title = _("Send invoice %(number)s by e-mail", number=invoice.label)
    return _printed(invoice) or _written(invoice.client, draft, title, _home_of(invoice))


@bp.route("/invoices/<int:id>/reminder", methods=["GET", "POST"])
@requires(Permission.INVOICE_EDIT, Invoice)
def remind(invoice: Invoice) -> Response:
    def draft(session: Session, contact: Contact | None) -> Draft:
        return invoice_letters.reminder(session, [invoice], by=me(), at=now())

    title = _("Remind of invoice %(number)s", number=invoice.label)
    return _printed(invoice) or _written(invoice.client, draft, title, _home_of(invoice))


def _home_of(invoice: Invoice) -> str:
    return url_for("invoices.show", id=invoice.id)


def _printed(invoice: Invoice) -> Response | None:
    """The letter needs the invoice's PDF: it is printed now. An answer only where too many others print."""
    back = _home_of(invoice)
    try:
        pdf_now(invoice)
        db.session.expire(invoice)
    except Busy:
        return see(back, _("The PDF is being printed. Ask again in a moment."), "bad")
    return None


def _written(
    client: Client, draft: Callable[[Session, Contact | None], Draft], title: str, back: str, *, pays: bool = True
) -> Response:
    """The form with the words filled in; sent, the letter waits for the next round, which begins at once."""
    refused = _obstacle(client, draft)
    if refused:
        return see(back, refused, "bad")
    usual = addressee(client, pays=pays)
    first = draft(db.session(), usual)
    form = LetterForm(data={"contact_id": usual.id if usual else None, "subject": first.subject, "body": first.body})
    form.contact_id.choices = recipients(db.session(), client.id)
    if first.link is not None:
        form.body.description = _(
            "{contact} becomes the addressee's name, {link} the address of a page at %(site)s: there the client reads "
            "the proposal, asks and accepts it.",
            site=site(),
        )
    if form.validate_on_submit():
        try:
            with transaction() as session:
                once.take(session)
                contact = session.get_one(Contact, form.contact_id.data)
                draft(session, contact).send(
                    session, contact, by=me(), at=now(), subject=form.subject.data, body=form.body.data
                )
                once.leads_to(back)
        except Refused as refusal:
            refuse(form, refusal)
        else:
            later(post_letters)
            return see(back, _("The letter goes out now. The client's page shows what becomes of it."))
    status = 422 if form.is_submitted() else 200
    attached = ", ".join(name for _file, name in first.attachments)
    note = _("Attached: %(names)s", names=attached)
    return page("letter_form.html", status, form=form, title=title, back=back, note=note, save=_("Send"))


def _obstacle(client: Client, draft: Callable[[Session, Contact | None], Draft]) -> str:
    """Why no letter can be written now, before anybody types one; empty when it can."""
    if not db.session.get_one(Company, 1).sends_mail:
        return _("E-mail is not set up yet: an administrator does that in the settings")
    if addressee(client) is None:
        return _(letters.NOBODY)
    try:
        draft(db.session(), None)
    except Refused as refusal:
        return say(refusal)
    return ""
