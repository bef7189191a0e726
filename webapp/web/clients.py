"""Clients: the list, the search, one client's page, adding and changing."""

from flask import Blueprint, request, Response, url_for
from flask_babel import gettext as _

from webapp.db import db, transaction
from webapp.domain.client import Client
from webapp.domain.contact import Contact
from webapp.domain.engagement import Engagement
from webapp.domain.errors import Refused, Stale
from webapp.domain.permissions import Permission
from webapp.domain.stage import first_stage
from webapp.domain.user import User
from webapp.queries import clients, duplicates, people
from webapp.queries.health_marks import marks
from webapp.web import client_screen, fields, once
from webapp.web.access import actor, requires
from webapp.web.answers import fragment, page, see
from webapp.web.checks import inn_fault
from webapp.web.client_form import ClientForm, NewClientForm, ReattributeForm
from webapp.web.client_list import Filters
from webapp.web.clock import now
from webapp.web.forms import refuse
from webapp.web.session import me

bp = Blueprint("clients", __name__)
bp.add_app_template_filter(fields.phone, "phone")


@bp.get("/clients")
@requires(Permission.CLIENT_VIEW)
def show_all() -> Response:
    filters = Filters.asked()
    found = filters.found()
    health = marks(db.session(), [row.id for row in found.rows], actor().today(now()))
    return page("clients.html", filters=filters, **filters.choices(), found=found, health=health)


@bp.get("/clients/search")
@requires(Permission.CLIENT_VIEW)
def search() -> Response:
    rows = clients.search(db.session, actor(), request.args.get("q", ""))
    return fragment("clients.html", "search", rows=[_option(row) for row in rows])


def _option(row: clients.ClientRow) -> dict[str, object]:
    """A client as an option of the search box."""
    lane = row.lanes[0] if row.lanes else None
    stands = f"{_(lane.stage)}, {lane.owner}" if lane is not None else _("Client lost") if row.lost_at else ""
    return {
        "id": row.id,
        "url": url_for("clients.show", id=row.id),
        "name": row.name,
        "detail": " · ".join(filter(None, (row.city, stands))),
        "department": lane.department if lane is not None else None,
    }


@bp.get("/clients/check")
@requires(Permission.CLIENT_ADD)
def check() -> Response:
    """What is wrong with the ИНН that is being typed, and which clients may be the same firm."""
    form = NewClientForm(request.args)
    return fragment("client_form.html", "check", **_checked(form))


@bp.route("/clients/new", methods=["GET", "POST"])
@requires(Permission.CLIENT_ADD)
def add() -> Response:
    form = NewClientForm()
    form.offer(people.owners(db.session, actor()), with_department=actor().department is None)
    once.recall(db.session())
    found = _checked(form) if form.is_submitted() else {"inn_state": "", "inn_remark": "", "found": ()}
    doubtful = any(not duplicate.certain for duplicate in found["found"]) and not form.another.data
    if form.validate_on_submit() and not doubtful:
        try:
            return see(_add(form), _("%(name)s is added. Now plan the next touch.", name=form.name.data))
        except Refused as refusal:
            refuse(form, refusal)
    status = 422 if form.is_submitted() else 200
    return page("client_form.html", status, form=form, client=None, doubtful=doubtful, **found)


def _add(form: NewClientForm) -> str:
    """The client with its first engagement and contact, in one transaction (rule 1); its page's address."""
    with transaction() as session:
        once.take(session)
        by, at = me(), now()
        owner = session.get_one(User, form.owner_id.data)
        client = Client.add(
            session, form.name.data, by=by, at=at, inn=form.inn.data, city=form.city.data, sector=form.sector.data
        )
        Engagement.open(session, client, first_stage(session, owner.department), owner, by=by, at=at)
        if form.contact_name.data:
            Contact.add(
                session,
                client,
                form.contact_name.data,
                by=by,
                at=at,
                position=form.contact_position.data,
                phone=form.phone.data,
                email=form.email.data,
            )
        return once.leads_to(url_for("clients.show", id=client.id))


def _checked(form: NewClientForm) -> dict:
    inn = "".join((form.inn.data or "").split())
    fault = inn_fault(inn) if inn else ""
    phone, email = fields.typed_phone(form.phone.data), (form.email.data or "").lower()
    found = duplicates.duplicates(
        db.session, actor(), name=form.name.data or "", inn=inn if not fault else "", phone=phone, email=email
    )
    return {"inn_state": ("bad" if fault else "good") if inn else "", "inn_remark": fault, "found": found}


@bp.get("/clients/<int:id>")
@requires(Permission.CLIENT_VIEW, Client)
def show(client: Client) -> Response:
    return page("client.html", **client_screen.context(client))


@bp.get("/clients/<int:id>/timeline")
@requires(Permission.CLIENT_VIEW, Client)
def timeline(client: Client) -> Response:
    """The timeline with its tabs; with ``before`` only the entries that follow."""
    block = "entries" if "before" in request.args else "timeline"
    return fragment("client.html", block, **client_screen.entries(client))


@bp.route("/clients/<int:id>/edit", methods=["GET", "POST"])
@requires(Permission.CLIENT_EDIT, Client)
def change(client: Client) -> Response:
    form, status = ClientForm(obj=client), 200
    if form.validate_on_submit():
        try:
            with transaction() as session:
                session.add(client.change(by=me(), at=now(), seen=form.seen, **form.fields))
            return see(url_for("clients.show", id=client.id), _("Changed."))
        except Refused as refusal:
            refuse(form, refusal)
            status = 409 if isinstance(refusal, Stale) else 422
            form.version.data = str(client.version)
    elif form.is_submitted():
        status = 422
    return page("client_change.html", status, form=form, client=client)


@bp.route("/clients/<int:id>/attraction", methods=["GET", "POST"])
@requires(Permission.CLIENT_REATTRIBUTE, Client)
def reattribute(client: Client) -> Response:
    form = ReattributeForm(hunter_id=client.attracted_by_id)
    form.hunter_id.choices = people.hunters(db.session, actor())
    if form.validate_on_submit():
        try:
            with transaction() as session:
                hunter = session.get_one(User, form.hunter_id.data)
                session.add(client.attract(hunter, by=me(), at=now(), reason=form.reason.data))
            return see(url_for("clients.show", id=client.id), _("Changed."))
        except Refused as refusal:
            refuse(form, refusal)
    return page(
        "form.html",
        422 if form.is_submitted() else 200,
        form=form,
        title=_("Who attracted %(name)s", name=client.name),
        back=url_for("clients.show", id=client.id),
    )
