"""Held-back rows: the list, completing one or many, discarding."""

from typing import Any

from flask import abort, Blueprint, request, Response, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select

from webapp.db import db, transaction
from webapp.domain.deal import DealStatus
from webapp.domain.errors import Refused
from webapp.domain.held_row import HeldRow, HeldRowState
from webapp.domain.permissions import Permission
from webapp.domain.words import N_
from webapp.exchange.completing import complete, complete_all
from webapp.queries import clients
from webapp.queries import imports as asked
from webapp.queries.imports import MOST_AT_ONCE, Wanted
from webapp.web.access import actor, requires
from webapp.web.answers import fragment, page, see
from webapp.web.checks import clean
from webapp.web.clock import now
from webapp.web.errors import say
from webapp.web.import_words import refusal_text, WORDS
from webapp.web.session import me

bp = Blueprint("held_rows", __name__)

LAST_PAGE = 10_000
LONGEST_NUMBER = 18
"""Digits of the largest id that an address may name."""


@bp.get("/imports/held")
@requires(Permission.HELD_ROW_COMPLETE)
def show_all() -> Response:
    return _list()


def _list(status: int = 200, refused: str = "") -> Response:
    wanted = _wanted()
    found = asked.held_rows(db.session(), actor(), wanted)
    return page(
        "held_rows.html",
        status,
        wanted=wanted,
        found=found,
        refused=refused,
        typed=request.form.get("client", ""),
        reason=request.form.get("reason", ""),
        states=HeldRowState,
        statuses=DealStatus,
        limit=MOST_AT_ONCE,
        **WORDS,
    )


def _wanted() -> Wanted:
    """The filters, of the address or of the form that carries them on."""
    state = request.values.get("state", "")
    return Wanted(
        problem=clean(request.values.get("problem"))[:20],
        person=clean(request.values.get("person"))[:120],
        product=clean(request.values.get("product"))[:200],
        import_id=_number(request.values.get("import")),
        state=HeldRowState(state) if state in set(HeldRowState) else HeldRowState.HELD,
        page=min(_number(request.values.get("page")) or 1, LAST_PAGE),
    )


def _number(text: str | None) -> int | None:
    whole = text is not None and text.isascii() and text.isdigit() and len(text) < LONGEST_NUMBER
    return int(text or "") or None if whole else None


@bp.get("/imports/held/clients")
@requires(Permission.HELD_ROW_COMPLETE)
def suggest_clients() -> Response:
    """Names for the field in which a client is typed."""
    rows = clients.search(db.session(), actor(), clean(request.args.get("client"))[:200])
    names = [row.name for row in rows]
    options = [row.name if names.count(row.name) == 1 else f"{row.name} #{row.id}" for row in rows]
    return fragment("held_rows.html", "client_options", options=options)


@bp.post("/imports/held/complete")
@requires(Permission.HELD_ROW_COMPLETE)
def complete_many() -> Response:
    """Several rows become deals of one client."""
    try:
        client = _required_client()
        with transaction() as session:
            rows = _chosen(session)
            complete_all(session, rows, client, by=me(), at=now())
    except Refused as refusal:
        db.session.rollback()
        return _list(422, refusal_text(refusal))
    said = ngettext("%(num)s deal is on the board now.", "%(num)s deals are on the board now.", len(rows))
    return see(_back(), said)


@bp.post("/imports/held/discard")
@requires(Permission.HELD_ROW_COMPLETE)
def discard_many() -> Response:
    try:
        with transaction() as session:
            rows = _chosen(session)
            session.add_all([row.discard(clean(request.form.get("reason")), by=me(), at=now()) for row in rows])
    except Refused as refusal:
        db.session.rollback()
        return _list(422, say(refusal))
    return see(_back(), ngettext("%(num)s row is discarded.", "%(num)s rows are discarded.", len(rows)))


def _back() -> str:
    """The same filters, from the first page on."""
    wanted = _wanted()
    return url_for(
        "imports.held_rows.show_all",
        **{name: value for name in ("problem", "person", "product") if (value := getattr(wanted, name))},
    )


def _chosen(session: Any) -> list[HeldRow]:
    """The ticked rows, or all that the filters let through, locked."""
    if request.form.get("all"):
        numbers = asked.held_ids(session, actor(), _wanted())
    else:
        numbers = [number for text in request.form.getlist("row")[:MOST_AT_ONCE] if (number := _number(text))]
    rows = list(session.scalars(select(HeldRow).where(HeldRow.id.in_(numbers)).order_by(HeldRow.id).with_for_update()))
    if not rows:
        raise Refused(N_("Choose at least one row"))
    return rows


def _required_client() -> int:
    client = _client(clean(request.form.get("client")))
    if client is None:
        raise Refused(N_("Name the client"), field="client")
    return client


def _client(text: str) -> int | None:
    """The client whose name was typed; None where nothing was."""
    if not text.strip():
        return None
    found = asked.clients_named(db.session(), actor(), text)
    if len(found) != 1:
        several = N_("Several clients are called that: choose one of the list")
        raise Refused(several if found else N_("No client is called that"), field="client")
    return found[0]


@bp.route("/imports/held/<int:id>", methods=["GET", "POST"])
@requires(Permission.HELD_ROW_COMPLETE, HeldRow)
def show(row: HeldRow) -> Response:
    """One row with its cells; sent, it comes in with what was filled in."""
    if request.method == "GET":
        return _one(row)
    cells = {
        column: clean(request.form[f"cell-{column}"])[:2000]
        for column in row.payload
        if f"cell-{column}" in request.form
    }
    try:
        chosen = _named()
        with transaction() as session:
            held = session.get_one(HeldRow, row.id, with_for_update=True)
            made = complete(session, held, cells, chosen, by=me(), at=now())
    except Refused as refusal:
        db.session.rollback()
        return _one(row, cells, 422, refusal_text(refusal))
    url = {"deal": "deals.show", "client": "clients.show"}.get(row.kind)
    return see(url_for(url, id=made) if url else url_for("imports.held_rows.show_all"), _("The row has come in."))


def _named() -> dict[str, int]:
    """What was chosen of our own records."""
    chosen = {
        "client_id": _client(clean(request.form.get("client"))),
        "product_id": _number(request.form.get("product_id")),
        "owner_id": _number(request.form.get("owner_id")),
    }
    known = {
        "product_id": dict(asked.products(db.session(), actor())),
        "owner_id": dict(asked.sellers(db.session(), actor())),
    }
    for name, records in known.items():
        if chosen[name] is not None and chosen[name] not in records:
            abort(404)
    return {name: number for name, number in chosen.items() if number is not None}


def _one(row: HeldRow, cells: dict[str, str] | None = None, status: int = 200, refused: str = "") -> Response:
    products, sellers = asked.products(db.session(), actor()), asked.sellers(db.session(), actor())
    return page(
        "held_row.html",
        status,
        row=row,
        cells={**row.payload, **(cells or {})},
        refused=refused,
        typed=request.form.get("client", ""),
        products=products,
        sellers=sellers,
        product_id=_number(request.form.get("product_id")) or _named_so(products, row.product),
        owner_id=_number(request.form.get("owner_id")) or _named_so(sellers, row.person),
        states=HeldRowState,
        **WORDS,
    )


def _named_so(records: list[tuple[int, str]], name: str) -> int | None:
    """The record of exactly that name, as the file means it."""
    return next((number for number, known in records if known == name), None)


@bp.post("/imports/held/<int:id>/discard")
@requires(Permission.HELD_ROW_COMPLETE, HeldRow)
def discard(row: HeldRow) -> Response:
    try:
        with transaction() as session:
            held = session.get_one(HeldRow, row.id, with_for_update=True)
            session.add(held.discard(clean(request.form.get("reason")), by=me(), at=now()))
    except Refused as refusal:
        db.session.rollback()
        return _one(row, None, 422, say(refusal))
    return see(url_for("imports.held_rows.show_all"), _("The row is discarded."))
