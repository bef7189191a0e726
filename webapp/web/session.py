"""Who is logged in."""

from datetime import datetime, timedelta

from flask import Flask, g, make_response, redirect, request, Response, url_for
from flask_login import AnonymousUserMixin, current_user, LoginManager, UserMixin
from sqlalchemy import bindparam, func, select

from webapp.db import db, read
from webapp.domain.event import Event
from webapp.domain.user import Actor, User
from webapp.web.answers import by_htmx, current_page


class Login(LoginManager):
    """Flask-Login without its protection of sessions: it would only mark what nothing asks for, whether a session is
    fresh, and hashes the browser's name with every request to do so."""

    def _session_protection_failed(self) -> bool:
        return False


login = Login()

WHO = select(
    *(User.id, User.name, User.role, User.department, User.timezone, User.language, User.last_seen_at),
    select(func.max(Event.id)).scalar_subquery(),
).where(User.id == bindparam("number"), User.epoch == bindparam("epoch"), User.deactivated_at.is_(None))
"""What an Actor is made of, and the newest event: most requests only ask whether there is a newer one. Columns, not the
entity: this is asked with every request."""


class SignedIn(UserMixin):
    """A logged-in user. Its id carries the epoch, so that ending sessions ends this one."""

    def __init__(self, actor: Actor, epoch: int, seen_at: datetime | None = None, newest: int | None = None) -> None:
        self.actor, self.epoch, self.seen_at, self.newest = actor, epoch, seen_at, newest

    def get_id(self) -> str:
        return f"{self.actor.id}.{self.epoch}"


class Stranger(AnonymousUserMixin):
    actor = None


def register(app: Flask) -> None:
    app.config["PERMANENT_SESSION_LIFETIME"] = timedelta(days=14)
    app.config["REMEMBER_COOKIE_HTTPONLY"] = True
    app.config["REMEMBER_COOKIE_SAMESITE"] = "Lax"
    app.config["REMEMBER_COOKIE_SECURE"] = app.config["SESSION_COOKIE_SECURE"]
    login.anonymous_user = Stranger
    login.user_loader(load_user)
    login.unauthorized_handler(ask_to_log_in)
    login.init_app(app)
    app.before_request(name_actor)


def load_user(key: str) -> SignedIn | None:
    """The user of a session, unless it was ended, or the user deactivated."""
    number, _, epoch = key.partition(".")
    if not (number.isdigit() and epoch.isdigit()):
        return None
    found = read().execute(WHO, {"number": int(number), "epoch": int(epoch)}).one_or_none()
    if found is None:
        return None
    *about, seen_at, newest = found
    return SignedIn(Actor(*about), int(epoch), seen_at, newest or 0)


def name_actor() -> None:
    g.actor = current_user.actor


def me() -> User:
    """The logged-in user's own entity, for a verb's ``by=``."""
    return db.session.get_one(User, g.actor.id)


def ask_to_log_in() -> Response:
    """To the login, and back to the page (never to a fragment) afterwards. It says so where something was sent."""
    told = {"ended": 1} if request.method == "POST" else {}
    url = url_for("login.show", next=current_page(), **told)
    if by_htmx():
        answer = make_response("", 401)
        answer.headers["HX-Redirect"] = url
        return answer
    return make_response(redirect(url, 302))
