"""White space: the matrix of clients and product families, its windows, and the best of one client."""

from dataclasses import replace
from typing import Any

from flask import Blueprint, request, Response, url_for
from flask_babel import gettext as _

from webapp.db import db
from webapp.domain.awareness_state import AwarenessState
from webapp.domain.client import Client
from webapp.domain.permissions import Permission
from webapp.jobs import later, queue
from webapp.nightly_white_space import reckon_white_space
from webapp.queries.people import owners
from webapp.queries.white_space import best_of, count, RIVAL, WantedSpace, WINDOW, window
from webapp.web.access import actor, LARGEST_ID, requires
from webapp.web.answers import fragment, page, see
from webapp.web.white_space_words import LOOKS, rows, shares

bp = Blueprint("white_space", __name__)

LARGEST_OFFSET = 10_000_000


@bp.get("/whitespace")
@requires(Permission.CLIENT_VIEW)
def show() -> Response:
    asked, session = wanted(), db.session()
    total = count(session, actor(), asked)
    if asked.offset >= total:
        asked = replace(asked, offset=max(0, (total - 1) // WINDOW * WINDOW))
    found = window(session, actor(), asked)
    return page(
        "white_space.html",
        asked=asked,
        view=found,
        total=total,
        window=WINDOW,
        rows=rows(found),
        bests={client: shares(prizes) for client, prizes in best_of(session, found).items()},
        families=dict(found.families),
        people=owners(session, actor(), everybody=True),
        states=[(state.value, state.label) for state in AwarenessState],
        looks=LOOKS,
        client=session.get(Client, asked.client_id) if asked.client_id else None,
        address=lambda **changes: address(asked, **changes),
    )


@bp.get("/whitespace/rows")
@requires(Permission.CLIENT_VIEW)
def part() -> Response:
    """A window of the matrix without the page around it, while somebody scrolls."""
    return Response(rows(window(db.session(), actor(), wanted())), mimetype="text/html")


@bp.get("/clients/<int:id>/whitespace")
@requires(Permission.CLIENT_VIEW, Client)
def of_client(client: Client) -> Response:
    """What a client's page asks for when it stands there: its best three."""
    found = window(db.session(), actor(), WantedSpace(client_id=client.id))
    best = shares(best_of(db.session(), found)[client.id])
    return fragment("white_space.html", "best", client_id=client.id, best=best, families=dict(found.families))


@bp.post("/whitespace/reckoning")
@requires(Permission.HEADS_VIEW)
def reckon() -> Response:
    """Compare everybody now, instead of at night."""
    if not queue().holds(reckon_white_space):
        later(reckon_white_space)
    return see(url_for(".show"), _("Everybody is being compared anew. Look again in a minute."))


def wanted() -> WantedSpace:
    """What the address asks for. What cannot be read is as if it were not asked."""
    state = request.args.get("state", "")
    offset = _number("offset") or 0
    return WantedSpace(
        actor().id if request.args.get("owner") == "me" else _number("owner"),
        _number("client"),
        _number("family"),
        state if state == RIVAL or state in set(AwarenessState) else "",
        min(offset, LARGEST_OFFSET) // WINDOW * WINDOW,
    )


def address(asked: WantedSpace, endpoint: str = "white_space.show", **changes: Any) -> str:
    """The address that asks for it."""
    asked = replace(asked, **changes)
    return url_for(
        endpoint,
        owner=asked.owner_id,
        client=asked.client_id,
        family=asked.family_id,
        state=asked.state or None,
        offset=asked.offset or None,
    )


def _number(name: str) -> int | None:
    number = request.args.get(name, type=int)
    return number if number is not None and 0 < number < LARGEST_ID else None
