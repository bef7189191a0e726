"""What every request costs beside its own work."""

from contextlib import suppress
from time import time

import pytest
from itsdangerous import BadSignature, SignatureExpired, URLSafeTimedSerializer
from sqlalchemy import select

from webapp.db import db, read, transaction
from webapp.domain.user import User
from webapp.web import application
from webapp.web.security import limiter


def test_a_form_nobody_limits_is_not_looked_up_by_the_throttle(client, monkeypatch) -> None:
    looked: list[object] = []
    monkeypatch.setattr(limiter, "identify_request", lambda: looked.append(1))

    client.get("/healthz")
    assert not looked


@pytest.mark.parametrize("path", ["/board/changes", "/profile"])
def test_a_stranger_is_asked_to_log_in_and_comes_back_to_the_page(client, cast, path) -> None:
    answer = client.get(path)

    assert (answer.status_code, answer.location) == (302, f"/login?next={path}")


def test_a_cookie_that_was_verified_once_still_ends_and_another_one_is_still_refused(app, monkeypatch) -> None:
    signer, now = app.session_interface.get_signing_serializer(app), time()
    cookie = signer.dumps({"_user_id": "7.1"})
    usual = URLSafeTimedSerializer(
        signer.secret_keys, salt=signer.salt, serializer=signer.serializer, signer_kwargs=signer.signer_kwargs
    )
    assert signer.loads(cookie, max_age=60) == usual.loads(cookie, max_age=60) == {"_user_id": "7.1"}
    signer.loads(cookie)["_user_id"] = "8.1"
    assert signer.loads(cookie, max_age=60) == {"_user_id": "7.1"}, "nobody changes what is remembered"
    last = "A" if cookie[-1] != "A" else "E"  # of its six bits, the lowest two say nothing
    for wrong in (cookie[:-1] + last, cookie[1:], "", "a.b.c"):
        with pytest.raises(BadSignature):
            signer.loads(wrong, max_age=60)
    for later in (61, -2):
        monkeypatch.setattr(application, "time", lambda later=later: now + later)
        with pytest.raises(SignatureExpired):
            signer.loads(cookie, max_age=60)


def test_a_request_that_reads_opens_no_transaction_and_one_that_writes_does(app, cast, session, database) -> None:
    def alone(connection) -> bool:
        return getattr(connection.connection.driver_connection, "autocommit", None) is True

    session.commit()
    with app.test_request_context("/"):
        assert alone(read()) is (database == "postgresql")
        with suppress(ZeroDivisionError), transaction() as written:
            assert not alone(written.connection())
            written.get_one(User, cast.hunter.id).name = "Half written"
            written.flush()
            raise ZeroDivisionError
    session.refresh(cast.hunter)
    assert cast.hunter.name != "Half written"


def test_what_is_changed_without_a_transaction_is_never_written(app, cast, session) -> None:
    session.commit()
    with app.test_request_context("/"):
        read()
        db.session.get_one(User, cast.hunter.id).name = "Never written"
        with suppress(AssertionError):
            db.session.scalars(select(User.id)).all()
        db.session.rollback()
    session.refresh(cast.hunter)
    assert cast.hunter.name != "Never written"


def test_a_whole_address_names_the_host_that_is_asked_and_not_the_one_before(app) -> None:
    address = app.jinja_env.globals["url_for"]
    for host in ("one.test", "two.test"):
        with app.test_request_context(base_url=f"http://{host}"):
            assert address("login.show", _external=True) == f"http://{host}/login"
            assert address("login.show") == "/login"
