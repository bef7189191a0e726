"""The database itself refuses to rewrite what happened, whoever asks."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from tests.factories import make_client
from webapp.db import db, transaction
from webapp.domain.client import Client

REFUSED = [
    ("event", "update", "events are append-only"),
    ("event", "delete", "events are append-only"),
    ("stored_file", "update", "a stored file is immutable"),
    ("allocation", "update", "an allocation is undone by a new entry"),
    ("allocation", "delete", "an allocation is undone by a new entry"),
    ("invoice", "delete", "an invoice is credited, not deleted"),
    ("payment", "delete", "a payment is returned, not deleted"),
]


@pytest.mark.demo
@pytest.mark.parametrize(("table", "action", "words"), REFUSED)
def test_what_happened_cannot_be_rewritten(session: Session, table: str, action: str, words: str) -> None:
    first = session.execute(text(f"SELECT min(id) FROM {table}")).scalar_one()
    change = f"UPDATE {table} SET id = id" if action == "update" else f"DELETE FROM {table}"
    with pytest.raises(DBAPIError, match=words):
        session.execute(text(f"{change} WHERE id = :id"), {"id": first})
    session.rollback()
    assert session.execute(text(f"SELECT min(id) FROM {table}")).scalar_one() == first


def test_a_change_without_an_event_is_never_written(app, session: Session, cast) -> None:
    client = make_client(session, cast.hunter, name="Told of", city="Tver")
    session.commit()
    with app.app_context():
        with pytest.raises(AssertionError, match="Client changed without an event"), transaction() as silent:
            silent.get_one(Client, client.id).city = "Nowhere"
        db.session.remove()
    session.expire_all()
    assert client.city == "Tver"
