"""The first page: what do I do next."""

from flask import Blueprint, request, Response, url_for

from webapp.db import db
from webapp.domain.calendar import gone, month_of
from webapp.domain.company import Company
from webapp.domain.permissions import Permission
from webapp.domain.words import Department
from webapp.queries import attacks, attraction, commission, home
from webapp.queries.birthdays import birthdays
from webapp.queries.blind_spots import blind_spots
from webapp.queries.health_moves import health_moves
from webapp.queries.visits import norm_and_fact
from webapp.queries.visits_due import due_clients
from webapp.web.access import actor, can, signed_in
from webapp.web.answers import page, see
from webapp.web.clock import now

bp = Blueprint("home", __name__)

MOST_DUE = 6
"""Clients that the norm asks for, beside what is planned; the planner shows the others."""


@bp.get("/")
@signed_in
def show() -> Response:
    asker, at = actor(), now()
    if not can(Permission.CLIENT_VIEW):
        return see(url_for("users.show_all"))
    if asker.department is Department.CLIENT and asker.is_member and "all" not in request.args:
        return see(url_for("queue.show"))  # a clerk's whole day
    today = asker.today(at)
    own = home.own_work(db.session, asker, today) if asker.department is not None else None
    selling = home.selling(db.session, asker) if asker.department is Department.SALES else None
    earned = commission.earned(db.session(), asker, asker.id, month_of(today)) if selling else ()
    giving = asker.department is Department.SALES or (asker.is_head and asker.department is Department.CLIENT)
    ready = attraction.ready(db.session(), asker, today) if giving else ()
    lanes = home.lanes(db.session, asker, today, at) if can(Permission.HEADS_VIEW) else ()
    heads = can(Permission.HEADS_VIEW)
    visiting = asker.department is Department.VIP
    company = db.session.get_one(Company, 1)
    due, due_count = due_clients(db.session(), asker.id, company, today) if visiting else ([], 0)
    held = norm_and_fact(db.session(), asker, month_of(today)) if heads and (visiting or asker.is_director) else ()
    return page(
        "home.html",
        alarms=attacks.alarming(db.session(), asker),
        birthdays=birthdays(db.session(), asker, today) if own is not None else (),
        blind=blind_spots(db.session(), asker, today) if heads else None,
        due=due[:MOST_DUE],
        due_count=due_count,
        earned=earned,
        even=gone(today),
        health=health_moves(db.session(), asker, today) if heads else None,
        lanes=lanes,
        norm=[row for row in held if row.norm or row.held],
        own=own,
        ready=ready,
        selling=selling,
        today=today,
    )
