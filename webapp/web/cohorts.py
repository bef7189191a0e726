"""How long clients stay: curves of survival by group, and what they lead to expect."""

from datetime import date
from typing import Any

from flask import Blueprint, request, Response, url_for
from flask_babel import gettext as _

from webapp import studies
from webapp.db import db
from webapp.domain.permissions import Permission
from webapp.domain.study import Study, StudyKind
from webapp.domain.words import N_
from webapp.proof.cohorts import IN, MARKS, OUT
from webapp.web.access import requires
from webapp.web.answers import page, see
from webapp.web.curves import draw
from webapp.web.i18n import month
from webapp.web.session import me

bp = Blueprint("cohorts", __name__)

GROUPINGS = {
    "all": N_("All"),
    "programme": N_("VIP programme"),
    "hunter": N_("Hunter"),
    "product": N_("Product"),
    "month": N_("Month of attraction"),
}
PROGRAMME = {IN: N_("In the VIP programme"), OUT: N_("Outside it")}
DRAWN = 5
"""Curves in one picture; the table holds all."""


@bp.get("/clients/retention")
@requires(Permission.HEADS_VIEW)
def show() -> Response:
    session, by = db.session(), request.args.get("by", "all")
    by = by if by in GROUPINGS else "all"
    study, newest = Study.last_done(session, StudyKind.COHORTS), Study.newest(session, StudyKind.COHORTS)
    groups = [_named(group, by) for group in study.found.get(by, [])] if study is not None else []
    drawn = [group for group in groups if group["points"]]
    drawn = drawn[-DRAWN:] if by == "month" else drawn[:DRAWN]
    return page(
        "cohorts.html",
        study=study,
        newest=newest,
        by=by,
        groupings=GROUPINGS,
        groups=groups,
        chart=draw(drawn) if drawn else None,
        drawn=[group["key"] for group in drawn],
        marks=MARKS,
    )


@bp.post("/clients/retention")
@requires(Permission.HEADS_VIEW)
def make() -> Response:
    studies.begin(StudyKind.COHORTS, by=me())
    return see(url_for(".show"), _("It is being worked out; the page shows it when it is done."))


def _named(group: dict[str, Any], by: str) -> dict[str, Any]:
    """The group with what it is called for people, and what is left of it by the marks of the table."""
    at = {str(point[0]): point for point in group["points"]}
    names = {
        "all": lambda: _("All clients"),
        "programme": lambda: _programme(group["key"]),
        "month": lambda: month(date.fromisoformat(group["key"])),
    }
    name = names[by]() if by in names else group["name"]
    return {"marks": {}, **group, "name": name, "at": {mark: at.get(str(mark)) for mark in MARKS}}


def _programme(key: str) -> str:
    return _(PROGRAMME[key])
