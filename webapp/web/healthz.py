"""Whether the application and its database answer; for operators."""

from flask import Blueprint, current_app, Response
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from webapp.db import db
from webapp.web.access import public

bp = Blueprint("healthz", __name__)


@bp.get("/healthz")
@public
def show() -> Response:
    try:
        db.session.execute(text("SELECT 1 FROM company LIMIT 1"))
    except DBAPIError as error:
        current_app.logger.warning("the database does not answer: %s", type(error.orig).__name__)
        return Response("the database does not answer\n", 503, mimetype="text/plain")
    return Response("ok\n", mimetype="text/plain")
