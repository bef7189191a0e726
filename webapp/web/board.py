"""The board: the page, its columns as fragments, and what changed on it since somebody looked."""

from collections.abc import Collection
from typing import Any

from flask import abort, Blueprint, make_response, request, Response
from flask_login import current_user
from jinja2_fragments.flask import render_block
from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from webapp.db import db
from webapp.domain.permissions import Permission
from webapp.domain.stage import Stage
from webapp.queries import board, people
from webapp.queries.board_changes import changes, cursor
from webapp.queries.board_order import FIRST, Place
from webapp.web.access import actor, requires
from webapp.web.answers import fragment, page, partial, poll_tag, polled
from webapp.web.board_asked import Asked, MINE
from webapp.web.board_words import BoardWords
from webapp.web.clock import now

bp = Blueprint("board", __name__)


@bp.get("/board")
@requires(Permission.BOARD_VIEW)
def show() -> Response:
    reached, at, asked = cursor(db.session()), now(), Asked.of(request.args)
    lanes = board.lanes(db.session(), actor(), asked.filters, at, asked.lengths)
    owners = people.owners(db.session(), actor(), everybody=True)
    return page("board.html", lanes=lanes, owners=owners, cursor=reached, mine=MINE, **context(asked))


@bp.get("/board/columns/<int:stage_id>")
@requires(Permission.BOARD_VIEW)
def column(stage_id: int) -> Response:
    """A whole column; with ``after`` the cards that follow, of which ``shown`` are on the page already."""
    asked, after = Asked.of(request.args), request.args.get("after")
    if after is None:
        found = board.columns(db.session(), actor(), asked.filters, now(), [stage_id], asked.lengths)
        return fragment("board.html", "column", column=found[0] if found else abort(404), **context(asked))
    before = request.args.get("shown", FIRST, type=int)
    following = board.following(db.session(), actor(), asked.filters, now(), stage_id, place(after), before)
    return fragment("board.html", "cards", column=following or abort(404), **context(asked))


@bp.get("/board/changes")
@requires(Permission.BOARD_VIEW)
def show_changes() -> Response:
    """304 when nothing changed since the cursor; else the changed columns, and the cursor to ask with next time."""
    found = changes(db.session(), poll_tag() or request.args.get("since", ""), current_user.newest)
    if found is None:
        return Response(status=304)
    if found.rebuilt:
        return polled(make_response("", 204), found.cursor, reload=True)
    columns = partials(found.stage_ids, request.args)
    return polled(make_response(columns, 200 if columns else 204), found.cursor)


def partials(stage_ids: Collection[int] | None, arguments: MultiDict[str, str]) -> Markup:
    """The columns of these stages, or of all, as the board that a person has open shows them."""
    asked = Asked.there(arguments)
    found = board.columns(db.session(), actor(), asked.filters, now(), stage_ids, asked.lengths)
    words = context(asked)
    return Markup("").join(
        partial(f"#stage-{column.stage_id}", render_block("board.html", "column", column=column, **words))
        for column in found
    )


def moved(engagement_id: int, left: Stage, entered: Stage, arguments: MultiDict[str, str]) -> Markup:
    """What a move changes on the board that its mover has open: two counts or heads, and the card at its place.

    A column that was emptied, or was empty, is sent whole. A card that stands behind those shown is taken away.
    """
    asked = Asked.there(arguments)
    columns, following, worth = board.moved(
        db.session(), actor(), asked.filters, now(), engagement_id, left, entered, asked.lengths
    )
    words, parts = context(asked), []
    for column in columns:
        whole, at = column.count == len(column.cards), f"#stage-{column.stage_id}"
        if not whole and not worth:
            parts.append(partial(f"{at} .count", words["words"].count(column)))
        elif whole:
            parts.append(partial(at, render_block("board.html", "column", column=column, **words)))
        else:
            parts.append(partial(f"{at} .column-head", words["words"].head(column)))
        if column.cards and not whole:
            place = f"{entered.id}-{following or ''}"
            parts.append(partial(f"#card-{engagement_id}", words["words"].cards(column, place)))
    shown = any(column.cards for column in columns)
    return Markup("").join(parts if shown else (partial(f"#card-{engagement_id}", "", "delete"), *parts))


def context(asked: Asked) -> dict[str, Any]:
    """What every block of the board's template needs."""
    return {"asked": asked, "words": BoardWords(actor().today(now())), "first": FIRST}


def place(text: str) -> Place:
    try:
        return Place.parse(text)
    except ValueError:
        abort(400)
