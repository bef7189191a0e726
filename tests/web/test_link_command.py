"""The operator of the machine lets in who is locked out."""

from sqlalchemy import select

from tests.cast import Cast
from webapp.domain.access_link import AccessLink


def test_the_operator_makes_a_link_for_a_director_without_a_colleague(app, client, cast: Cast, session) -> None:
    cast.director.totp_secret = "JBSWY3DPEHPK3PXP"
    session.commit()
    told = app.test_cli_runner().invoke(args=["link", "DINA@baton.test", "--without-second-factor"])
    assert told.exit_code == 0, told.output
    link = told.output.strip()[told.output.index("/link/") :]
    answer = client.post(link, data={"password": "four words of mine", "again": "four words of mine"})
    assert answer.location == "/"


def test_a_link_alone_leaves_the_second_factor_on(app, cast: Cast, session) -> None:
    cast.director.totp_secret = "JBSWY3DPEHPK3PXP"
    session.commit()
    assert app.test_cli_runner().invoke(args=["link", "dina@baton.test"]).exit_code == 0
    session.expire_all()
    assert cast.director.totp_secret is not None


def test_nobody_and_those_who_left_get_none(app, cast: Cast, session) -> None:
    session.commit()
    for email in ("nobody@baton.test", "fyodor@baton.test"):
        assert app.test_cli_runner().invoke(args=["link", email]).exit_code == 1
    assert session.scalar(select(AccessLink)) is None
