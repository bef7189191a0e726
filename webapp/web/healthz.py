"""Whether the application and its database answer; for operators."""

from flask import Blueprint, Response
from sqlalchemy import text

from webapp.db import db
from webapp.web.access import public

bp = Blueprint("healthz", __name__)


@bp.get("/healthz")
@public
def show() -> Response:
    db.session.execute(text("SELECT 1 FROM company LIMIT 1"))
    return Response("ok\n", mimetype="text/plain")
