"""The company's settings, a form for each section."""

from typing import Any

from flask import abort, Blueprint, current_app, request, Response, url_for
from flask_babel import gettext as _

from webapp.db import db, transaction
from webapp.domain.company import Company
from webapp.domain.errors import Refused
from webapp.domain.permissions import Permission
from webapp.posting import try_mail
from webapp.smtp import Known
from webapp.web.access import requires
from webapp.web.answers import page, see
from webapp.web.attraction_form import AttractionForm
from webapp.web.clock import now
from webapp.web.discounts import DiscountsForm
from webapp.web.forms import refuse
from webapp.web.session import me
from webapp.web.settings_form import HoursForm, TestMailForm
from webapp.web.settings_form import SECTIONS as OTHERS
from webapp.web.vip_forms import VipForm

bp = Blueprint("settings", __name__)

SECTIONS = OTHERS | {"attraction": AttractionForm, "discounts": DiscountsForm, "viplist": VipForm}


@bp.get("/settings")
@requires(Permission.SETTINGS_EDIT)
def show() -> Response:
    return screen()


def screen(status: int = 200, **forms: Any) -> Response:
    """All sections, with a refused one in its place."""
    company = db.session.get_one(Company, 1)
    untouched = {name: form.of(company) for name, form in SECTIONS.items()}
    return page(
        "settings.html",
        status,
        forms=untouched | forms,
        company=company,
        mail_password=mail_password(company.mail_host),
        to_myself=me().email or "",
    )


def mail_password(host: str) -> str:
    """Whether the environment holds a password for that server: ``set``, ``missing``, or ``other`` for another one."""
    baton = current_app.config["BATON"]
    if not baton.smtp_password:
        return "missing"
    return "set" if baton.password_for(host) else "other"


@bp.post("/settings/mail/test")
@requires(Permission.SETTINGS_EDIT)
def test_mail() -> Response:
    """Send a short letter with what is saved, now, and show what the server said."""
    form = TestMailForm()
    company = db.session.get_one(Company, 1)
    where = f"{url_for('.show')}#mail"
    if not company.sends_mail:
        return see(where, _("Save a server and an address first."), "bad")
    if not form.validate_on_submit():
        return see(where, form.address.errors[0] if form.address.errors else _("Please repeat that."), "bad")
    answer = try_mail(company, form.address.data, _("A test message of Baton"), _("If you read this, it works."))
    if answer.known is Known.TAKEN:
        return see(where, _("The server took the test message: %(answer)s", answer=answer.text))
    return see(where, _("The test message did not go out. %(answer)s", answer=answer.text), "bad")


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
