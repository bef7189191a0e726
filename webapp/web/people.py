"""The people at a client: who of ours knows whom, how well, and why we think so."""

from flask import Blueprint, Response
from flask_babel import gettext as _
from flask_babel import ngettext

from webapp.db import db
from webapp.domain.client import Client
from webapp.domain.interaction import InteractionKind
from webapp.domain.permissions import Permission
from webapp.queries.client_people import client_people, ThreadRow
from webapp.queries.stakeholder_map import draw
from webapp.web.access import actor, requires
from webapp.web.answers import page
from webapp.web.clock import now
from webapp.web.i18n import ago

bp = Blueprint("people", __name__)


@bp.get("/clients/<int:id>/people")
@requires(Permission.CLIENT_VIEW, Client)
def show(client: Client) -> Response:
    view = client_people(db.session(), actor(), client, actor().today(now()))
    return page("people.html", client=client, view=view, drawing=draw(view.people), why=why)


def why(thread: ThreadRow) -> list[tuple[str, int, int, str]]:
    """What each part of the strength stands on: its name, points, the most there are, and the facts in words."""
    facts = thread.facts
    deepest = facts.get("deepest")
    words = {
        "recency": ago(thread.last_at),
        "frequency": ngettext("%(num)s day with a contact", "%(num)s days with a contact", facts.get("days", 0)),
        "both_ways": _("we began %(ours)s, they %(theirs)s", ours=facts.get("ours", 0), theirs=facts.get("theirs", 0)),
        "depth": _(InteractionKind(deepest).label) if deepest else "",
        "seniority": _("by the part in the decision"),
    }
    return [(_(part.label), part.points, part.weight, words[part.key]) for part in thread.parts]
