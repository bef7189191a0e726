"""Users: the list, inviting, one user's page and what an administrator does there."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, request, Response, session, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from webapp.db import db, transaction
from webapp.domain.access_link import AccessLink
from webapp.domain.errors import Refused
from webapp.domain.event import Event, EVENT_KINDS
from webapp.domain.leaving import hand_over, holdings
from webapp.domain.permissions import Permission
from webapp.domain.user import User
from webapp.domain.words import Department, Role
from webapp.queries import users
from webapp.queries.users import UserFilters, UserState
from webapp.web import once
from webapp.web.access import actor, load, requires
from webapp.web.address import outside
from webapp.web.answers import page, see
from webapp.web.clock import now
from webapp.web.forms import refuse
from webapp.web.session import me
from webapp.web.users_form import HandOverForm, number, UserForm

bp = Blueprint("users", __name__)

LINK = "access_link"
"""Where the session keeps a new link until the next page has shown it, once."""


@bp.get("/users")
@requires(Permission.USERS_ADMINISTER)
def show_all() -> Response:
    filters = asked()
    found = users.show_all(db.session, actor(), filters, at=now(), page=number(request.args.get("page")) or 1)
    return page("users.html", filters=filters, found=found, states=UserState)


def asked() -> UserFilters:
    """The filters of the address; words that do not exist filter nothing."""

    def word(name: str, words: Any) -> Any:
        text = request.args.get(name, "")
        return words(text) if text in set(words) else None

    return UserFilters(
        request.args.get("q", "")[:100], word("department", Department), word("role", Role), word("state", UserState)
    )


@bp.route("/users/new", methods=["GET", "POST"])
@requires(Permission.USERS_ADMINISTER)
def invite() -> Response:
    form = UserForm().offer(users.heads(db.session))
    if form.validate_on_submit():
        try:
            return see(_invite(form), _("%(name)s is invited. Copy the link and send it.", name=form.name.data))
        except Refused as refusal:
            refuse(form, refusal)
    return page("user_new.html", 422 if form.is_submitted() else 200, form=form)


def _invite(form: UserForm) -> str:
    with transaction() as written:
        once.take(written)
        by, at = me(), now()
        user = User.invite(written, **form.said(), timezone=by.timezone, by=by, at=at)
        token = AccessLink.make(written, user, by=by, at=at)
        url = once.leads_to(url_for(".show", id=user.id))
    session[LINK] = {"user": user.id, "token": token}
    return url


@bp.get("/users/<int:id>")
@requires(Permission.USER_CHANGE, User)
def show(user: User) -> Response:
    return screen(user)


def screen(user: User, status: int = 200, **forms: Any) -> Response:
    """The page of one user, with the form that was refused in its place."""
    shown = users.show(db.session, actor(), user, at=now())
    kept = session.get(LINK)
    link = session.pop(LINK) if kept and kept["user"] == user.id else None
    untouched = {
        "form": UserForm(formdata=None, obj=user).offer(users.heads(db.session), now=user.role),
        "handing": HandOverForm(formdata=None).offer(shown.colleagues),
    }
    return page(
        "user.html",
        status,
        user=user,
        shown=shown,
        words=EVENT_KINDS,
        link=link and outside("links.show", token=link["token"]),
        **(untouched | forms),
    )


@bp.post("/users/<int:id>")
@requires(Permission.USER_CHANGE, User)
def change(user: User) -> Response:
    form = UserForm().offer(users.heads(db.session), now=user.role)
    if not form.validate_on_submit():
        return screen(user, 422, form=form)
    try:
        with transaction() as written:
            held = holdings(written, user.id)
            written.add(user.change(written, by=me(), at=now(), holds=held.total, **form.said()))
    except Refused as refusal:
        refuse(form, refusal)
        return screen(user, 422, form=form)
    return see(url_for(".show", id=user.id), _("Saved."))


@bp.post("/users/<int:id>/work")
@requires(Permission.USER_CHANGE, User)
def hand_work_over(user: User) -> Response:
    """All open work to one colleague, in one transaction."""
    form = HandOverForm().offer(users.show(db.session, actor(), user, at=now()).colleagues)
    if not form.validate_on_submit():
        return screen(user, 422, handing=form)
    try:
        with transaction() as written:
            colleague = load(User, form.colleague_id.data or 0)
            held = hand_over(written, user, colleague, by=me(), at=now(), reason=form.reason.data)
    except Refused as refusal:
        refuse(form, refusal)
        return screen(user, 422, handing=form)
    moved = ngettext("%(num)s client has a new owner.", "%(num)s clients have a new owner.", held.engagements)
    return see(url_for(".show", id=user.id), moved)


@bp.post("/users/<int:id>/link")
@requires(Permission.USER_CHANGE, User)
def make_link(user: User) -> Response:
    """A link by which the user chooses a password. Earlier ones stop working."""
    with transaction() as written:
        token = AccessLink.make(written, user, by=me(), at=now())
    session[LINK] = {"user": user.id, "token": token}
    return see(url_for(".show", id=user.id))


@bp.post("/users/<int:id>/deactivation")
@requires(Permission.USER_CHANGE, User)
def deactivate(user: User) -> Response:
    done = _("%(name)s can no longer log in.", name=user.name)
    return told(
        user, lambda written: user.deactivate(written, by=me(), at=now(), holds=holdings(written, user.id).total), done
    )


@bp.post("/users/<int:id>/activation")
@requires(Permission.USER_CHANGE, User)
def reactivate(user: User) -> Response:
    done = _("%(name)s can log in again.", name=user.name)
    return told(user, lambda written: user.reactivate(by=me(), at=now()), done)


@bp.post("/users/<int:id>/sessions")
@requires(Permission.USER_CHANGE, User)
def end_sessions(user: User) -> Response:
    done = _("%(name)s is logged out everywhere.", name=user.name)
    return told(user, lambda written: user.end_sessions(by=me(), at=now()), done)


@bp.post("/users/<int:id>/second-factor")
@requires(Permission.USER_CHANGE, User)
def reset_second_factor(user: User) -> Response:
    """For somebody who lost the telephone and the recovery codes."""
    done = _("The second factor of %(name)s is off.", name=user.name)
    return told(user, lambda written: user.stop_second_factor(by=me(), at=now(), required=True), done)


def told(user: User, verb: Callable[[Session], Event], done: str) -> Response:
    """Do it in one transaction, and look at the user again."""
    with transaction() as written:
        written.add(verb(written))
    return see(url_for(".show", id=user.id), done)
