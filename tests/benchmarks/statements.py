"""How many SQL statements a page costs."""

from flask import Flask
from sqlalchemy import event

from tests.benchmarks import world
from webapp.db import db
from webapp.domain.model import User
from webapp.web.session import SignedIn


def statements_of(app: Flask, pages: dict[str, tuple[str, float]]) -> dict[str, int]:
    """Statements per page, the user's own included."""
    user = db.session.query(User).filter_by(email=world.EMAIL).one()
    counted: dict[str, int] = {}
    seen: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda c, cursor, statement, *rest: seen.append(statement))
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["_user_id"] = SignedIn(user.actor, user.epoch).get_id()
    for name, (path, _) in pages.items():
        seen.clear()
        client.get(path)
        counted[name] = len([statement for statement in seen if not statement.startswith("BEGIN")])
    return counted
