"""A statement of commission on paper: what stands on it, in the reader's language."""

from io import BytesIO
from typing import Any

from flask import Blueprint, Response, send_file, url_for
from flask_babel import get_locale
from flask_babel import gettext as _

from webapp.db import db
from webapp.domain.company import Company
from webapp.domain.permissions import Permission
from webapp.domain.proposal_content import OURS
from webapp.domain.user import User
from webapp.invoice_printing import Busy, printed
from webapp.pdf import document
from webapp.queries import commission
from webapp.web.access import actor, requires
from webapp.web.answers import see
from webapp.web.commission import asked_month
from webapp.web.commission_words import month_name, sentence

bp = Blueprint("commission_paper", __name__)

MOST = 400
"""Lines on paper, about twenty pages: a person waits for them. The workbook holds every line."""


@bp.get("/commission/people/<int:id>/<month>.pdf")
@requires(Permission.COMMISSION_SEE, User)
def download(person: User, month: str) -> Response:
    content = statement_content(person, month)
    db.session.rollback()
    try:
        pdf = printed(document.write_commission(content))
    except Busy:
        back = url_for("commission.statement", id=person.id, month=month)
        return see(back, _("Many documents are being printed. Try again in a moment."), "warning")
    name = _("Commission of %(name)s, %(month)s", name=content["person"], month=content["month"])
    return send_file(BytesIO(pdf), "application/pdf", as_attachment=True, download_name=f"{name}.pdf")


def statement_content(person: User, month: str) -> dict[str, Any]:
    """Everything that stands on it, as plain JSON. Sums in minor units."""
    view = commission.statement(db.session(), actor(), person.id, asked_month(month), 1, MOST)
    company = db.session.get_one(Company, 1)
    lines = [
        {"client": row.client, "sentence": sentence(row), "amount_minor": row.amount_minor, "currency": row.currency}
        for row in view.entries
    ]
    return {
        "language": str(get_locale() or "en"),
        "from": {name: getattr(company, name) for name in OURS},
        "person": person.name,
        "month": month_name(view.month),
        "closed": view.closed,
        "lines": lines,
        "left_out": view.count - len(lines),
        "sums": [{"currency": currency, "minor": minor} for currency, minor, _lines in view.sums],
    }
