"""The way around: which places this person sees, and the frame that stands around every page."""

from dataclasses import dataclass
from functools import cache, lru_cache

from flask import current_app, Flask, g, request, url_for
from jinja2_fragments.flask import render_block
from markupsafe import Markup

from webapp.domain.permissions import Permission
from webapp.domain.words import N_
from webapp.web.access import can
from webapp.web.i18n import locale, translated


@dataclass(frozen=True, slots=True)
class Place:
    endpoint: str
    label: str
    icon: str
    url: str
    active: bool
    count: str
    """The address that tells how much waits there; open pages ask it. Empty where nothing does."""
    slot: str
    """Where that number goes."""


PLACES: tuple[tuple[str, str, str, Permission], ...] = (
    ("home.show", N_("Home"), "home", Permission.CLIENT_VIEW),
    ("queue.show", N_("Queue"), "list-numbers", Permission.QUEUE_VIEW),
    ("board.show", N_("Board"), "layout-kanban", Permission.BOARD_VIEW),
    ("clients.show_all", N_("Clients"), "building", Permission.CLIENT_VIEW),
    ("planner.show", N_("Visits"), "map-pin", Permission.CLIENT_VIEW),
    ("deals.show_all", N_("Deals"), "coin", Permission.CLIENT_VIEW),
    ("products.show_all", N_("Products"), "package", Permission.CLIENT_VIEW),
    ("white_space.show", N_("White space"), "grid-dots", Permission.CLIENT_VIEW),
    ("invoices.show_all", N_("Invoices"), "file-invoice", Permission.CLIENT_VIEW),
    ("payments.show_all", N_("Payments"), "cash", Permission.PAYMENT_ENTER),
    ("health.show_all", N_("Radar"), "heartbeat", Permission.CLIENT_VIEW),
    ("attacks.show_all", N_("Attacks"), "alert-circle", Permission.CLIENT_VIEW),
    ("launches.show_all", N_("Launches"), "rocket", Permission.CLIENT_VIEW),
    ("vip.show", N_("VIP list"), "diamond", Permission.VIP_VIEW),
    ("handoffs.inbox", N_("Hand-offs"), "arrows-exchange", Permission.CLIENT_VIEW),
    ("letters.show_all", N_("Letters"), "mail", Permission.CLIENT_VIEW),
    ("heads.show", N_("Departments"), "users-group", Permission.HEADS_VIEW),
    ("commission.show", N_("Commission"), "percentage", Permission.COMMISSION_REVIEW),
    ("imports.show_all", N_("Imports"), "upload", Permission.HELD_ROW_COMPLETE),
    ("users.show_all", N_("Users"), "users", Permission.USERS_ADMINISTER),
    ("settings.show", N_("Settings"), "settings", Permission.SETTINGS_EDIT),
)
"""Endpoint, label, icon, and the permission without which it is not shown."""

COUNTS = {
    "attacks.show_all": ("attacks.waiting", "alarms"),
    "deals.show_all": ("sharing.waiting", "answered"),
    "handoffs.inbox": ("handoffs.waiting", "waiting"),
    "payments.show_all": ("payments.waiting", "unclaimed"),
}
"""Places with a number beside them, and what its elements are called.
It comes by a request of its own, so that no page waits for it."""


def register(app: Flask) -> None:
    app.jinja_env.globals.update(navigation=navigation, frame=frame)


def frame(part: str) -> Markup:
    """A part of the frame around every page. It took a quarter of most answers, and is the same for all who read one
    language, may go to the same places and are at the same one: so it is rendered once for them."""
    actor = g.get("actor")
    role, department = (actor.role, actor.department) if actor else (None, None)
    return _frame(part, str(locale()), role, department, _here())


@lru_cache(4096)
def _frame(part: str, *shared_by: object) -> Markup:
    return Markup(render_block("frame.html", part).strip())  # noqa: S704 - a block of ours, escaped by Jinja


def navigation() -> list[Place]:
    """The places of the one who asks, in order; empty for a stranger."""
    if g.get("actor") is None:
        return []
    here = _here()
    return [
        Place(
            endpoint,
            translated(label),
            icon,
            _address(endpoint),
            endpoint.partition(".")[0] == here,
            _address(COUNTS[endpoint][0]) if endpoint in COUNTS else "",
            COUNTS[endpoint][1] if endpoint in COUNTS else "",
        )
        for endpoint, label, icon, permission in PLACES
        if endpoint in current_app.view_functions and can(permission)
    ]


def _here() -> str:
    """The blueprint that answers."""
    return (request.endpoint or "").partition(".")[0]


@cache
def _address(endpoint: str) -> str:
    """The places are the same for everybody, and every page names them all."""
    return url_for(endpoint)
