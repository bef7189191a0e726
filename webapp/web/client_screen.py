"""What the client's page is rendered from; every change that keeps a person on it answers with it."""

from datetime import date
from typing import Any

from flask import request, Response, url_for
from flask_babel import gettext as _

from webapp.db import db
from webapp.domain.client import Client
from webapp.domain.loss import LOSS_CAUSES
from webapp.domain.words import Department, N_
from webapp.queries import attacks, letters
from webapp.queries.client_money import client_money
from webapp.queries.client_page import client_page
from webapp.queries.client_rows import ClientPage
from webapp.queries.timeline import GROUPS, NEWEST, timeline
from webapp.web.access import actor, LARGEST_ID
from webapp.web.answers import by_htmx, fragment, see, toast
from webapp.web.assets import asset
from webapp.web.clock import now
from webapp.web.i18n import day, money, number
from webapp.web.story import days

TABS = [("", N_("All")), *((key, label) for key, (label, _kinds) in GROUPS.items())]


def context(client: Client) -> dict[str, Any]:
    """Everything that ``client.html`` takes."""
    at = now()
    today = actor().today(at)
    page = client_page(db.session, actor(), client, today)
    return {
        "client": client,
        "loss_causes": LOSS_CAUSES,
        "page": page,
        "today": today,
        "touch": page.tasks[0] if page.tasks else None,
        "client_line": " · ".join(filter(None, (f"ИНН {client.inn}" if client.inn else "", client.city))),
        "client_facts": _facts(client),
        "money": client_money(db.session(), actor(), client.id, today),
        "ended_on": _ended(client, page),
        "attacks": attacks.of_client(db.session(), actor(), client.id),
        "letters": letters.of_client(db.session(), actor(), client.id),
    } | entries(client)


def _ended(client: Client, page: ClientPage) -> date | None:
    """When the period of initial attraction ended, of a client whom only Sales serves."""
    if client.open_engagement(Department.SALES) is None or client.open_engagement(Department.CLIENT) is not None:
        return None
    return page.attraction_over


def entries(client: Client) -> dict[str, Any]:
    """What the timeline's part of it takes: the group and the cursor stand in the address."""
    before = request.args.get("before", default=NEWEST, type=int)
    found = timeline(
        db.session, actor(), client.id, group=request.args.get("group", ""), before=min(max(before, 0), LARGEST_ID)
    )
    told = days(found, actor(), now())
    return {"timeline": found, "days": told, "groups": TABS, "sprite": asset("icons.svg")}


def stay(client: Client, message: str) -> Response:
    """After a change: the client's page again, in place where htmx asked from it."""
    if by_htmx() and request.form.get("here") == "client":
        answer = fragment("client.html", "client", **context(client))
        answer.data += toast(message).encode()
        return answer
    if request.form.get("here") == "home":
        return see(url_for("home.show"), message)
    return see(url_for("clients.show", id=client.id), message)


def _facts(client: Client) -> list[tuple[str, str]]:
    revenue, currency = client.revenue_minor, client.revenue_currency
    pairs = [
        ("ИНН", client.inn),
        ("КПП", client.kpp),
        ("ОГРН", client.ogrn),
        (_("Sector"), client.sector),
        (_("City"), client.city),
        (_("Address"), client.address),
        (_("Founded"), str(client.founded or "")),
        (_("Employees"), number(client.employees) if client.employees else ""),
        (_("Yearly revenue"), money(revenue, currency, whole=True) if revenue is not None and currency else ""),
        (_("Client since"), day(actor().today(client.added_at))),
    ]
    return [(name, value) for name, value in pairs if value]
