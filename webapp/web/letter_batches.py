"""Letters about many invoices: choose, look at the preview, and only then they are written."""

from flask import abort, Blueprint, request, Response, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from webapp.db import db
from webapp.domain.company import Company
from webapp.domain.letter_state import LetterKind
from webapp.domain.permissions import Permission
from webapp.jobs import later
from webapp.mailing import mail_invoices
from webapp.queries.letter_batch import batch, BatchRow, MOST
from webapp.web.access import actor, LARGEST_ID, requires
from webapp.web.answers import page, see
from webapp.web.clock import now

bp = Blueprint("letter_batches", __name__)

KINDS = {kind.value: kind for kind in (LetterKind.INVOICE, LetterKind.REMINDER)}


@bp.post("/invoices/letters/preview")
@requires(Permission.INVOICE_EDIT)
def preview() -> Response:
    """What would go out, and what would not and why. Writes nothing."""
    kind, rows = _asked()
    if not rows:
        return see(url_for("invoices.show_all"), _("Choose at least one invoice."), "bad")
    if not db.session.get_one(Company, 1).sends_mail:
        message = _("E-mail is not set up yet: an administrator does that in the settings")
        return see(url_for("invoices.show_all"), message, "bad")
    good = [row for row in rows if not row.obstacle]
    return page("letter_batch.html", kind=kind, good=good, left_out=[row for row in rows if row.obstacle])


@bp.post("/invoices/letters")
@requires(Permission.INVOICE_EDIT)
def send() -> Response:
    """A worker writes them, printing what is not printed yet. Sent twice, this form writes nothing twice."""
    kind, rows = _asked()
    good = [row.id for row in rows if not row.obstacle]
    if good:
        later(mail_invoices, kind.value, good, actor().id)
    said = ngettext("%(num)s letter goes out now.", "%(num)s letters go out now.", len(good))
    return see(url_for("letters.show_all"), said)


def _asked() -> tuple[LetterKind, tuple[BatchRow, ...]]:
    kind = KINDS.get(request.form.get("kind", "")) or abort(400)
    typed = dict.fromkeys(text for text in request.form.getlist("invoice") if text.isascii() and text.isdigit())
    ids = [number for number in map(int, list(typed)[:MOST]) if number < LARGEST_ID]
    return kind, batch(db.session(), actor(), ids, remind=kind is LetterKind.REMINDER, at=now())
