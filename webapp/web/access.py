"""Every route says who may come in: ``@requires(Permission.X, Entity)`` or ``@public``.

A route that says neither fails the suite. ``requires`` loads the entity first (404), then asks the permission
table (403), so that a view starts with something it may work on.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import abort, g
from sqlalchemy import bindparam, select

from webapp.db import db
from webapp.domain.client import Client
from webapp.domain.company import Company
from webapp.domain.permissions import allows, Permission
from webapp.domain.user import Actor
from webapp.web.session import ask_to_log_in

LARGEST_ID = 2**62

OFFICE_PERMISSIONS = frozenset(
    {Permission.USERS_ADMINISTER, Permission.USER_CHANGE, Permission.SETTINGS_EDIT, Permission.ROLES_VIEW}
)


def actor() -> Actor:
    """Who asks. Only behind ``requires`` or ``signed_in``."""
    found: Actor = g.actor
    return found


def can(permission: Permission | str, subject: Any = None) -> bool:
    """Whether the one who asks may do this; False for a stranger."""
    return allows(g.get("actor"), Permission(permission), subject)


def need(permission: Permission, subject: Any = None) -> None:
    """403 unless allowed: for a permission whose subject is known only inside the view."""
    if not can(permission, subject):
        abort(403)


_WITH_COMPANY = select(Client, Company).outerjoin(Company, Company.id == 1).where(Client.id == bindparam("key"))
"""Hardly anything of a client is shown without the company's rules: both come by one statement."""


def load(entity: type[Any], key: int) -> Any:
    """The entity of that id, or 404."""
    if not 0 < key < LARGEST_ID:
        abort(404)
    found = db.session.scalar(_WITH_COMPANY, {"key": key}) if entity is Client else db.session.get(entity, key)
    return found if found is not None else abort(404)


def requires(permission: Permission, entity: type[Any] | None = None) -> Callable[[Any], Any]:
    """Allow the view to those whom the permission table allows.

    With ``entity`` the route's ``<int:id>`` is loaded and given to the view in its place, and the permission
    is asked of it.
    """

    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if g.actor is None:
                return ask_to_log_in()
            if entity is None:
                need(permission)
                return view(*args, **kwargs)
            if not _may_look(permission):
                abort(403)
            subject = load(entity, kwargs.pop("id"))
            need(permission, subject)
            return view(subject, *args, **kwargs)

        guarded.access = permission  # type: ignore[attr-defined]
        return guarded

    return decorate


def _may_look(permission: Permission) -> bool:
    """Whether this role may look at such entities at all; asked before anything is read (rule 10)."""
    return can(Permission.USERS_ADMINISTER if permission in OFFICE_PERMISSIONS else Permission.CLIENT_VIEW)


def signed_in(view: Callable[..., Any]) -> Callable[..., Any]:
    """Allow the view to everyone who is logged in: own profile, log out."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        return ask_to_log_in() if g.actor is None else view(*args, **kwargs)

    guarded.access = "signed in"  # type: ignore[attr-defined]
    return guarded


def public(view: Callable[..., Any]) -> Callable[..., Any]:
    """Allow the view to strangers: log in, first run, health."""
    view.access = "public"  # type: ignore[attr-defined]
    return view
