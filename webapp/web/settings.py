"""The company's settings, a form for each section."""

from typing import Any

from flask import abort, Blueprint, request, Response, url_for
from flask_babel import gettext as _

from webapp.db import db, transaction
from webapp.domain.company import Company
from webapp.domain.errors import Refused
from webapp.domain.permissions import Permission
from webapp.web.access import requires
from webapp.web.answers import page, see
from webapp.web.clock import now
from webapp.web.forms import refuse
from webapp.web.session import me
from webapp.web.settings_form import HoursForm, SECTIONS

bp = Blueprint("settings", __name__)


@bp.get("/settings")
@requires(Permission.SETTINGS_EDIT)
def show() -> Response:
    return screen()


def screen(status: int = 200, **forms: Any) -> Response:
    """All sections, with a refused one in its place."""
    company = db.session.get_one(Company, 1)
    untouched = {name: form.of(company) for name, form in SECTIONS.items()}
    return page("settings.html", status, forms=untouched | forms)


@bp.post("/settings/<section>")
@requires(Permission.SETTINGS_EDIT)
def change(section: str) -> Response:
    form = (SECTIONS.get(section) or abort(404))()
    valid = form.validate_on_submit()
    if isinstance(form, HoursForm) and "fill" in request.form and not form.holidays.errors:
        form.fill()
        return screen(**{section: form})
    if not valid:
        return screen(422, **{section: form})
    try:
        with transaction() as written:
            written.add(written.get_one(Company, 1).change(by=me(), at=now(), **form.said()))
    except Refused as refusal:
        refuse(form, refusal)
        return screen(422, **{section: form})
    return see(f"{url_for('.show')}#{section}", _("Saved."))
