"""One's own profile: name, language, time zone, password, second factor, sessions."""

from flask import abort, Blueprint, request, Response, session, url_for
from flask_babel import gettext as _

from webapp.db import db, transaction
from webapp.domain.calendar_feed import CalendarFeed
from webapp.domain.company import Company
from webapp.domain.errors import Refused
from webapp.web import codes, passwords
from webapp.web.access import actor, signed_in
from webapp.web.answers import page, see
from webapp.web.clock import now
from webapp.web.entering import admit, same_site
from webapp.web.forms import refuse
from webapp.web.i18n import LANGUAGES
from webapp.web.login import shown
from webapp.web.profile_form import ChangePasswordForm, CodeForm, PresentPasswordForm, ProfileForm
from webapp.web.security import limiter
from webapp.web.session import me

bp = Blueprint("profile", __name__)

guess = limiter.shared_limit(
    "10/15minutes", "profile", key_func=lambda: str(actor().id), deduct_when=lambda answer: answer.status_code == 422
)
"""A found, unlocked computer is no place to guess the password."""


def required() -> bool:
    """Whether my role must use a second factor."""
    company = db.session.get(Company, 1)
    return company is not None and company.needs_second_factor(actor().role)


def screen(status: int = 200, **forms: object) -> Response:
    user = me()
    untouched = {
        "profile": ProfileForm(formdata=None, obj=user),
        "password": ChangePasswordForm(formdata=None),
        "present": PresentPasswordForm(formdata=None),
    }
    feed = CalendarFeed.of(db.session(), user.id)
    return page("profile.html", status, user=user, required=required(), feed=feed, **(untouched | forms))


@bp.get("/profile")
@signed_in
def show() -> Response:
    return screen()


@bp.post("/profile")
@signed_in
def change() -> Response:
    form = ProfileForm()
    if actor().department is None:
        del form.alarmed_by_mail
    if not form.validate_on_submit():
        return screen(422, profile=form)
    with transaction() as written:
        user = me()
        said = {field.name: field.data for field in form if field.name != "csrf_token"}
        told = user.change(written, by=user, at=now(), **said)
        written.add(told)
    return see(url_for("profile.show"), _("Saved."))


@bp.post("/language")
@signed_in
def speak() -> Response:
    """The language of the menu, kept with the user."""
    language = request.form.get("language", "")
    if language not in LANGUAGES:
        abort(400)
    with transaction() as written:
        user = me()
        written.add(user.change(written, by=user, at=now(), language=language))
    return see(same_site(request.referrer or "") or url_for("profile.show"))


@bp.post("/profile/password")
@signed_in
@guess
def change_password() -> Response:
    """A new password ends every other session."""
    form = ChangePasswordForm()
    user = me()
    form.validate_on_submit()
    if form.old.data and not passwords.fits(user.password_hash, form.old.data):
        form.old.errors = [_("This is not your password")]
    if form.errors or not form.check_for(user.name, user.email or ""):
        return screen(422, password=form)
    password_hash = passwords.make(form.password.data)
    with transaction() as written:
        written.add(me().choose_password(password_hash, at=now()))
    admit(me())
    return see(url_for("profile.show"), _("The password is changed. Other devices are logged out."))


@bp.post("/profile/sessions")
@signed_in
def end_sessions() -> Response:
    with transaction() as written:
        user = me()
        written.add(user.end_sessions(by=user, at=now()))
    admit(me())
    return see(url_for("profile.show"), _("Other devices are logged out."))


@bp.route("/profile/second-factor", methods=["GET", "POST"])
@signed_in
@guess
def second_factor() -> Response:
    """Set up an authenticator app: scan, type the code it shows, keep the recovery codes."""
    user = me()
    if user.totp_secret:
        return see(url_for("profile.show"))
    secret = session.setdefault("new_secret", codes.new_secret())
    form = CodeForm()
    if form.validate_on_submit():
        step = codes.step_of(secret, form.code.data, now())
        if step is not None:
            del session["new_secret"]
            return keep_codes(secret, step)
        form.code.errors = [_("This code does not fit. Is the clock of your phone right?")]
    status = 422 if form.is_submitted() else 200
    return page("second_factor.html", status, form=form, action=url_for(".second_factor"), **shown(secret, user))


@bp.post("/profile/recovery-codes")
@signed_in
@guess
def renew_codes() -> Response:
    """New recovery codes; the old ones are void."""
    user = me()
    if not user.totp_secret or user.totp_step is None:
        abort(404)
    form = PresentPasswordForm()
    return wrong(form) or keep_codes(user.totp_secret, user.totp_step)


@bp.get("/profile/recovery-codes")
@signed_in
def recovery() -> Response:
    """The recovery codes, shown once."""
    shown_once = session.pop("recovery", None)
    return page("recovery.html", codes=shown_once) if shown_once else see(url_for("profile.show"))


@bp.post("/profile/second-factor/off")
@signed_in
@guess
def stop_second_factor() -> Response:
    form = PresentPasswordForm()
    found = wrong(form)
    if found:
        return found
    must = required()
    try:
        with transaction() as written:
            user = me()
            written.add(user.stop_second_factor(by=user, at=now(), required=must))
    except Refused as refusal:
        refuse(form, refusal)
        return screen(422, present=form)
    return see(url_for("profile.show"), _("The second factor is off."))


def wrong(form: PresentPasswordForm) -> Response | None:
    """The profile with a message where the present password is not right; None where it is."""
    if form.validate_on_submit() and passwords.fits(me().password_hash, form.present.data):
        return None
    if not form.errors:
        form.present.errors = [_("This is not your password")]
    return screen(422, present=form)


def keep_codes(secret: str, step: int) -> Response:
    """Switch the second factor on with new recovery codes, and show them."""
    recovery = codes.new_recovery_codes()
    with transaction() as written:
        written.add(me().start_second_factor(secret, recovery, step, at=now()))
    session["recovery"] = recovery
    return see(url_for("profile.recovery"))
