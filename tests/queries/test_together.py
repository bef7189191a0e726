"""Several selects in one statement give what each gives alone."""

from datetime import date, timedelta

from sqlalchemy import bindparam, literal, select, String
from sqlalchemy.orm import Session

from tests.cast import AT, Cast
from tests.factories import make_client, make_contact
from webapp.domain.client import Client
from webapp.domain.contact import Contact
from webapp.domain.event import Event
from webapp.domain.user import User
from webapp.queries.together import Together

NAMES = ('"; DROP TABLE client; --', "[1, 2]", "null", "Ёлка & שלום 🎄 \\u0041 \\", "line\nbreak\ttab", "")

PEOPLE = (
    select(Contact.id, Contact.name, Contact.decision_role, Contact.left_at, Contact.birthday)
    .where(Contact.client_id == bindparam("client"))
    .order_by(Contact.name.desc(), Contact.id)
    .limit(bindparam("most"))
)
TOLD = select(Event.kind, Event.at, Event.details).where(Event.client_id == bindparam("client")).order_by(Event.id)
USERS = select(User.id, User.department, User.role == "head", User.deactivated_at.is_(None)).order_by(User.id.desc())
CONSTANTS = select(
    literal(2**62).label("large"), literal(-1).label("below"), literal("it's 50 % :x", String).label("word"),
    literal(date(2026, 2, 28)).label("day"),
)  # fmt: skip
ASKED = (PEOPLE, TOLD, USERS, CONSTANTS)


def test_rows_are_those_of_each_select_alone(session: Session, cast: Cast, statements) -> None:
    client = make_client(session, cast.clerk, name="Together")
    for number, name in enumerate(NAMES):
        contact = make_contact(session, client, name, decision_role="decides" if number % 2 else "pays")
        contact.left_at = AT + timedelta(microseconds=number) if number % 3 else None
        contact.birthday = date(1970, 1, 1 + number) if number % 3 else None
    empty = make_client(session, cast.clerk, name="Nothing")
    session.flush()
    together, connection = Together(*ASKED), session.connection()
    for key in (client.id, empty.id):
        values = {"client": key, "most": 4}
        with statements() as seen:
            rows = together.read(connection, values)
        assert len(seen) == 1
        alone = [[tuple(row) for row in connection.execute(each, values)] for each in ASKED]
        assert rows == alone
        assert [[type(value) for value in row] for part in rows for row in part] == [
            [type(value) for value in row] for part in alone for row in part
        ]
    assert session.get_one(Client, empty.id).name == "Nothing"
