"""A condition on many numbers at once, on both databases."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.cast import Cast
from tests.factories import make_client
from webapp.domain.among import among
from webapp.domain.client import Client


def test_those_and_no_others_are_found_with_one_parameter(session: Session, cast: Cast, statements) -> None:
    numbers = [make_client(session, cast.clerk, name=f"Client {number}").id for number in range(5)]
    wanted = numbers[1:4]
    with statements() as seen:
        found = session.scalars(select(Client.id).where(among(Client.id, [*wanted, 10**12])).order_by(Client.id)).all()
    assert found == wanted
    statement = seen[-1]
    assert statement.count("?") + statement.count("%(") == 1
    assert session.scalars(select(Client.id).where(among(Client.id, []))).all() == []
