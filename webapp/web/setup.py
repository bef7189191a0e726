"""The first run: create the company and its first director, or load the demo company. Closed once that is done."""

from flask import abort, Blueprint, g, make_response, redirect, request, Response, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy.exc import IntegrityError
from wtforms import SelectField

from webapp.db import db, transaction
from webapp.domain.company import Company
from webapp.domain.errors import Refused
from webapp.domain.founding import found_company, found_director, somebody_administers
from webapp.domain.user import User
from webapp.jobs import job, later
from webapp.web import passwords
from webapp.web.access import public
from webapp.web.answers import by_htmx, page, see
from webapp.web.clock import now
from webapp.web.entering import begin
from webapp.web.forms import EmailField, InnField, refuse, TextField, ZoneField
from webapp.web.i18n import LANGUAGES
from webapp.web.profile_form import NewPassword
from webapp.web.security import limiter
from webapp.web.settings_form import currencies

bp = Blueprint("setup", __name__)

OPEN = {"setup", "healthz"}
"""Blueprints that answer before there is a company."""
USUAL = {"ru": ("RUB", "Europe/Moscow"), "en": ("USD", "UTC")}
"""Currency and time zone to begin with, by language."""


class SetupForm(NewPassword, FlaskForm):
    """The company and its first director."""

    company = TextField(_l("Company"), longest=200)
    inn = InnField("ИНН")
    language = SelectField(_l("Language"), choices=lambda: list(LANGUAGES.items()))
    currency = SelectField(_l("Currency"), choices=currencies)
    timezone = ZoneField(_l("Time zone"))
    name = TextField(_l("Your name"), longest=120)
    email = EmailField(_l("Your e-mail"))


@bp.before_app_request
def open_the_first_run() -> Response | None:
    """Until somebody can administer, every page leads to the first run."""
    if g.actor is not None or request.endpoint in {None, "static"} or request.blueprint in OPEN:
        return None
    return None if somebody_administers(db.session()) else redirect(url_for("setup.show"), 303)  # type: ignore[return-value]


@bp.get("/setup")
@public
def show() -> Response:
    only_first()
    language = str(get_locale())
    currency, timezone = USUAL.get(language, USUAL["en"])
    form = SetupForm(formdata=None, data={"language": language, "currency": currency, "timezone": timezone})
    return screen(form)


def screen(form: SetupForm, status: int = 200) -> Response:
    empty = db.session.get(Company, 1) is None
    return page("setup.html", status, form=form, demo_possible=empty)


def only_first() -> None:
    """404 as soon as somebody can administer."""
    if somebody_administers(db.session()):
        abort(404)


@bp.post("/setup")
@public
@limiter.limit("30/minute")
def create() -> Response:
    only_first()
    form = SetupForm()
    if not (form.validate_on_submit() and form.check_for(form.name.data, form.email.data, form.company.data)):
        return screen(form, 422)
    password_hash = passwords.make(form.password.data)
    try:
        user = found(form, password_hash)
    except Refused as refusal:
        refuse(form, refusal)
        return screen(form, 422)
    except IntegrityError:
        return see(url_for("login.show"), _("The company was created a moment ago. Please log in."), "warning")
    return begin(user, greeting=_("Welcome! Now invite your colleagues, or import your clients."))


def found(form: SetupForm, password_hash: str) -> User:
    """The company with its first director in one transaction; of two people at once, one succeeds."""
    settings = {name: form[name].data for name in ("inn", "language", "currency", "timezone")}
    with transaction() as written:
        at = now()
        company = written.get(Company, 1, with_for_update=True)
        director = found_director(
            written, form.name.data, form.email.data, password_hash, at=at, timezone=form.timezone.data
        )
        if company is None:
            found_company(written, form.company.data, by=director, at=at, **settings)
        else:
            written.add(company.change(by=director, at=at, name=form.company.data, **settings))
        return director


@bp.post("/setup/demo")
@public
@limiter.limit("30/minute")
def ask_for_demo() -> Response:
    only_first()
    language = request.form.get("language", "")
    if language not in LANGUAGES:
        abort(400)
    later(load_demo, language)
    return see(url_for(".wait"))


@bp.get("/setup/demo")
@public
def wait() -> Response:
    """Looks again every few seconds until the demo company is there, and then says who can enter it, and how."""
    from webapp import demo

    if not somebody_administers(db.session()):
        return make_response("", 204) if by_htmx() else page("setup_wait.html")
    logins = demo.loaded(db.session())
    if not logins:
        return see(url_for("login.show"))
    return see(url_for(".wait")) if by_htmx() else page("setup_demo.html", logins=logins)


@job
def load_demo(language: str) -> None:
    """The demo company, unless somebody was faster."""
    from webapp import demo

    with transaction() as written:
        if written.get(Company, 1) is None:
            demo.load(written, language, now())
