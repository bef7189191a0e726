"""Letters about many invoices: choose, look at the preview, and only then they are written."""

from collections.abc import Sequence

from flask import abort, Blueprint, request, Response, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from webapp.db import db
from webapp.domain.company import Company
from webapp.domain.letter_state import LetterKind
from webapp.domain.permissions import Permission
from webapp.mailing import ask_for_letters
from webapp.queries.letter_batch import batch, BatchRow, letters_of, MOST
from webapp.web.access import actor, LARGEST_ID, requires
from webapp.web.answers import page, see
from webapp.web.clock import now

bp = Blueprint("letter_batches", __name__)

KINDS = {kind.value: kind for kind in (LetterKind.INVOICE, LetterKind.REMINDER)}


@bp.post("/invoices/letters/preview")
@requires(Permission.INVOICE_EDIT)
def preview() -> Response:
    """What would go out, and what would not and why. Writes nothing."""
    kind, ids = asked_kind(), _ids()
    if not ids:
        return see(url_for("invoices.show_all"), _("Choose at least one invoice."), "bad")
    if not db.session.get_one(Company, 1).sends_mail:
        message = _("E-mail is not set up yet: an administrator does that in the settings")
        return see(url_for("invoices.show_all"), message, "bad")
    return previewed(kind, ids, back=(url_for("invoices.show_all"), _("Invoices")))


@bp.post("/invoices/letters")
@requires(Permission.INVOICE_EDIT)
def send() -> Response:
    """A worker writes them, printing what is not printed yet. Sent twice, this form writes nothing twice."""
    kind = asked_kind()
    good = [row for row in _rows(kind, _ids()) if not row.obstacle]
    if good:
        ask_for_letters(kind, [row.id for row in good], actor().id)
    count = len(letters_of(good, remind=kind is LetterKind.REMINDER))
    said = ngettext("%(num)s letter goes out now.", "%(num)s letters go out now.", count)
    return see(url_for("letters.show_all"), said)


def asked_kind() -> LetterKind:
    """What the button says: bring the invoices, or remind of them."""
    return KINDS.get(request.form.get("kind", "")) or abort(400)


def previewed(kind: LetterKind, asked: Sequence[int], *, back: tuple[str, str], idle: Sequence[str] = ()) -> Response:
    """The page that says what would go out; ``idle`` names the clients who were chosen and owe nothing of the kind."""
    rows = _rows(kind, asked)
    good, left_out = [row for row in rows if not row.obstacle], [row for row in rows if row.obstacle]
    letters, ids = letters_of(good, remind=kind is LetterKind.REMINDER), [row.id for row in good]
    return page("letter_batch.html", kind=kind, letters=letters, ids=ids, left_out=left_out, idle=idle, back=back)


def _rows(kind: LetterKind, ids: Sequence[int]) -> tuple[BatchRow, ...]:
    return batch(db.session(), actor(), ids, remind=kind is LetterKind.REMINDER, at=now())


def _ids() -> list[int]:
    typed = dict.fromkeys(text for text in request.form.getlist("invoice") if text.isascii() and text.isdigit())
    return [number for number in map(int, list(typed)[:MOST]) if number < LARGEST_ID]
