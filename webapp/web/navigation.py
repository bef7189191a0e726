"""The way around: which places this person sees."""

from dataclasses import dataclass
from functools import cache

from flask import current_app, Flask, g, request, url_for

from webapp.domain.permissions import Permission
from webapp.domain.words import N_
from webapp.web.access import can
from webapp.web.i18n import translated


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
    app.jinja_env.globals["navigation"] = navigation


def navigation() -> list[Place]:
    """The places of the one who asks, in order; empty for a stranger."""
    if g.get("actor") is None:
        return []
    blueprint = (request.endpoint or "").partition(".")[0]
    return [
        Place(
            endpoint,
            translated(label),
            icon,
            _address(endpoint),
            endpoint.partition(".")[0] == blueprint,
            _address(COUNTS[endpoint][0]) if endpoint in COUNTS else "",
            COUNTS[endpoint][1] if endpoint in COUNTS else "",
        )
        for endpoint, label, icon, permission in PLACES
        if endpoint in current_app.view_functions and can(permission)
    ]


@cache
def _address(endpoint: str) -> str:
    """The places are the same for everybody, and every page names them all."""
    return url_for(endpoint)
