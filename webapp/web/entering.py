"""Entering: from a right password to a session, through the second factor where there is one or must be one."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from flask import request, Response, session, url_for
from flask_login import login_user

from webapp.db import db, transaction
from webapp.domain.company import Company
from webapp.domain.permissions import allows, Permission
from webapp.domain.user import User
from webapp.web.answers import see
from webapp.web.clock import now
from webapp.web.session import SignedIn

PENDING = "entering"
PATIENCE = timedelta(minutes=10)
"""How long the second step may take."""
REMEMBERED = timedelta(days=30)


def begin(user: User, *, remember: bool = False, after: str = "", greeting: str | None = None) -> Response:
    """The password was right: ask for the second factor, have it set up, or let the user in."""
    company = db.session.get(Company, 1)
    required = company is not None and company.needs_second_factor(user.role)
    if not user.totp_secret and not required:
        return enter(user, remember=remember, after=after, greeting=greeting)
    session.clear()
    session[PENDING] = {
        "user": user.id,
        "epoch": user.epoch,
        "remember": remember,
        "after": after,
        "until": (now() + PATIENCE).timestamp(),
    }
    return see(url_for("login.ask_code") if user.totp_secret else url_for("login.set_up"))


def pending() -> tuple[User, dict[str, Any]] | None:
    """Who stands between password and second factor; None when nobody does, or not any more."""
    kept = session.get(PENDING)
    if not kept or kept["until"] < now().timestamp():
        session.pop(PENDING, None)
        return None
    user = db.session.get(User, kept["user"])
    return (user, kept) if user is not None and user.active and user.epoch == kept["epoch"] else None


def enter(user: User, *, remember: bool = False, after: str = "", greeting: str | None = None) -> Response:
    """Let the user in: a new session, so that nobody else knows its id, and the event."""
    with transaction() as written:
        written.add(written.get_one(User, user.id).enter(at=now()))
    admit(user, remember=remember)
    start = url_for("users.show_all") if not allows(user.actor, Permission.CLIENT_VIEW) else "/"
    return see(same_site(after) or start, greeting)


def admit(user: User, *, remember: bool = False) -> None:
    """A session of the user's in this browser, of now on; what it held before is forgotten."""
    session.clear()
    login_user(SignedIn(user.actor, user.epoch), remember=remember, duration=REMEMBERED)


def same_site(url: str) -> str:
    """The address if it is a path of ours, else nothing: a login must not send people elsewhere."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    if parts.netloc == request.host and parts.scheme in {"http", "https"}:
        parts = parts._replace(scheme="", netloc="")
        url = parts.geturl()
    forbidden = parts.scheme or parts.netloc or "\\" in url or any(ord(letter) < 33 for letter in url)
    return "" if forbidden or not url.startswith("/") or url.startswith("//") else url
