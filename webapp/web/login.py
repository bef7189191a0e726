"""Log in, the second factor, log out."""

from datetime import timedelta

from flask import Blueprint, g, request, Response, session, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user, logout_user
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Length

from webapp.db import db, transaction
from webapp.domain.event import event
from webapp.domain.user import User
from webapp.jobs import job, later
from webapp.queries import users
from webapp.web import codes, passwords
from webapp.web.access import public, signed_in
from webapp.web.answers import page, see
from webapp.web.clock import now
from webapp.web.entering import begin, enter, pending, same_site
from webapp.web.profile_form import CodeForm
from webapp.web.security import limiter
from webapp.web.session import me

bp = Blueprint("login", __name__)

TRIES, WITHIN = 10, timedelta(minutes=15)
"""After so many wrong tries within that time nobody gets in under this name, from wherever they try."""
PRESENCE = timedelta(minutes=15)
"""How exactly “last seen” is kept."""


class LoginForm(FlaskForm):
    email = StringField(
        _l("E-mail"),
        [InputRequired(_l("Please fill this in")), Length(max=254)],
        filters=[lambda text: (text or "").strip().lower()],
    )
    password = PasswordField(_l("Password"), [InputRequired(_l("Please fill this in")), Length(max=1000)])
    remember = BooleanField(_l("Stay logged in on this device for 30 days"))
    next = HiddenField()


def name_tried() -> str:
    return request.form.get("email", "").strip().lower()[:254] or "nobody"


def refused(answer: Response) -> bool:
    return answer.status_code == 422


@bp.get("/login")
@public
def show() -> Response:
    if g.actor is not None:
        return see(same_site(request.args.get("next", "")) or "/")
    form = LoginForm(next=same_site(request.args.get("next", "")))
    return page("login.html", form=form, ended="ended" in request.args)


@bp.post("/login")
@public
@limiter.limit("60/minute")
@limiter.limit("10/15minutes", key_func=name_tried, deduct_when=refused)
def take() -> Response:
    form = LoginForm()
    if not form.validate_on_submit():
        return page("login.html", 422, form=form, ended=False)
    user = users.by_email(db.session, form.email.data)
    fits = passwords.fits(user.password_hash if user else None, form.password.data)
    if user is None or not fits or not user.active or locked(user):
        refuse(user, "password")
        form.password.errors = [
            _("E-mail or password is wrong. After %(tries)s wrong tries wait a quarter of an hour.", tries=TRIES)
        ]
        return page("login.html", 422, form=form, ended=False)
    return begin(user, remember=form.remember.data, after=form.next.data or "")


def locked(user: User) -> bool:
    """Whether too many wrong passwords and codes came under this name, whichever process heard them."""
    return users.refusals(db.session, user.id, now() - WITHIN) >= TRIES


def refuse(user: User | None, what: str) -> None:
    """Remember a wrong try. What was typed is not kept: people type their password as the name."""
    with transaction() as written:
        written.add(event("user:refused", by=None, at=now(), subject_id=user and user.id, details={"what": what}))


@bp.route("/login/code", methods=["GET", "POST"])
@public
@limiter.limit("30/minute", methods=["POST"])
def ask_code() -> Response:
    """The second step of a login: a code of the app, or a recovery code."""
    found = pending()
    if found is None or not found[0].totp_secret:
        return see(url_for("login.show"), _("Please begin again."), "warning")
    user, kept = found
    form = CodeForm()
    if form.validate_on_submit():
        if not locked(user) and spend(user, form.code.data):
            return enter(user, remember=kept["remember"], after=kept["after"])
        refuse(user, "code")
        form.code.errors = [_("This code is wrong, too old, or was used already. Wait for the next one.")]
    return page("login_code.html", 422 if form.is_submitted() else 200, form=form)


def spend(user: User, code: str) -> bool:
    """Use up a code, if it is one. Locked, so that the same code sent twice at once opens once."""
    at = now()
    step = codes.step_of(user.totp_secret or "", code, at)
    with transaction() as written:
        user = written.get_one(User, user.id, with_for_update=True, populate_existing=True)
        if step is not None:
            return user.use_step(step)
        told = user.use_recovery_code(codes.as_recovery_code(code), at=at)
        if told is not None:
            written.add(told)
        return told is not None


@bp.route("/login/second-factor", methods=["GET", "POST"])
@public
@limiter.limit("30/minute", methods=["POST"])
def set_up() -> Response:
    """Those whose role must use a second factor set it up before anything else."""
    found = pending()
    if found is None or found[0].totp_secret:
        return see(url_for("login.show"), _("Please begin again."), "warning")
    user, kept = found
    secret = kept.setdefault("secret", codes.new_secret())
    session.modified = True
    form = CodeForm()
    if form.validate_on_submit():
        step = codes.step_of(secret, form.code.data, now())
        if step is not None:
            recovery = codes.new_recovery_codes()
            with transaction() as written:
                user = written.get_one(User, user.id)
                written.add(user.start_second_factor(secret, recovery, step, at=now()))
            answer = enter(user, remember=kept["remember"], after=url_for("profile.recovery"))
            session["recovery"] = recovery
            return answer
        form.code.errors = [_("This code does not fit. Is the clock of your phone right?")]
    status = 422 if form.is_submitted() else 200
    return page("second_factor.html", status, form=form, action=url_for("login.set_up"), **shown(secret, user))


def shown(secret: str, user: User) -> dict[str, str]:
    """A new secret as the set-up page shows it."""
    return {"secret": codes.in_fours(secret), "picture": codes.picture(secret, user.email or user.name)}


@bp.post("/logout")
@signed_in
def leave() -> Response:
    with transaction() as written:
        user = me()
        written.add(event("user:left", by=user, at=now(), subject_id=user.id, details={"name": user.name}))
    session.clear()
    logout_user()
    return see(url_for("login.show"), _("You are logged out."))


@bp.before_app_request
def note_presence() -> None:
    """Keep “last seen”, a quarter of an hour exactly, outside of the request: reading must not wait for a writer."""
    if g.actor is None or request.endpoint == "static":
        return
    seen, told = current_user.seen_at, NOTED.get(g.actor.id)
    stale = now() - PRESENCE
    if (seen is None or seen < stale) and (told is None or told < stale):
        NOTED[g.actor.id] = now()
        later(saw, g.actor.id)


NOTED: dict[int, object] = {}
"""Who was noted when by this process; a queue nobody works off must not fill up."""


@job
def saw(user_id: int) -> None:
    """Write down when a user was last seen."""
    with transaction() as written:
        user = written.get(User, user_id)
        if user is not None:
            user.last_seen_at = now()
