"""Telling: wherever a person records a talk, they tick of what the client was told and how it took it."""

from datetime import timedelta

from sqlalchemy import select

from tests.cast import AT
from tests.factories import make_client, make_product
from tests.support.client import soup
from tests.web.test_queue import act, late_client
from tests.web.test_queue import kept as queued
from webapp.domain.awareness import Awareness
from webapp.queries.telling import MOST, tellable


def states(session):
    session.expire_all()
    return {(row.client_id, row.product_id): row.state for row in session.scalars(select(Awareness))}


def test_a_recorded_talk_says_what_was_told_and_how_it_was_taken(session, cast, sign_in):
    client = make_client(session, cast.hunter)
    told, liked, silent = (make_product(session, cast.hunter, name) for name in ("Hosting", "Phones", "Cables"))
    session.commit()
    browser = sign_in(cast.hunter)
    page = browser.get(f"/clients/{client.id}/interactions/new")
    rows = [row["aria-label"] for row in soup(page).select(".told-row")]
    assert rows == ["Cables", "Phones", "Hosting"], "the newest first"
    said = {f"told-{told.id}": "told", f"told-{liked.id}": "interested", f"told-{silent.id}": ""}
    answer = browser.submit(page, "#form-part form", outcome="Spoke of the news", **said)
    assert answer.status_code == 303
    assert states(session) == {(client.id, told.id): "told", (client.id, liked.id): "interested"}


def test_a_letter_tells_nobody_and_the_form_says_so(session, cast, sign_in):
    client, product = make_client(session, cast.hunter), make_product(session, cast.hunter)
    session.commit()
    browser = sign_in(cast.hunter)
    page = browser.get(f"/clients/{client.id}/interactions/new")
    sent = {"kind": "email", "outcome": "Sent the list", f"told-{product.id}": "told"}
    answer = browser.submit(page, "#form-part form", **sent)
    assert answer.status_code == 422
    assert "A letter tells nobody" in soup(answer).get_text()
    assert states(session) == {}


def test_only_what_was_offered_can_be_told_of(session, cast, sign_in):
    client, product = make_client(session, cast.hunter), make_product(session, cast.hunter, retired_at=AT)
    session.commit()
    browser = sign_in(cast.hunter)
    page = browser.get(f"/clients/{client.id}/interactions/new")
    odd = {f"told-{product.id}": "told", "told-x": "told", "told-99": "owned", "told-": "told"}
    assert browser.submit(page, "#form-part form", outcome="Spoke", **odd).status_code == 303
    assert states(session) == {}


def test_the_list_is_short_white_first_and_without_what_is_owned(session, cast):
    client = make_client(session, cast.hunter)
    products = [make_product(session, cast.hunter) for _ in range(MOST + 4)]
    for product, verb in ((products[-1], "buy"), (products[-2], "offer")):
        session.add(getattr(Awareness.of(session, client.id, product.id, at=AT), verb)(by=None, at=AT))
    session.flush()
    found = tellable(session, cast.hunter, client.id, (products[0].id,))
    numbers = [row.product_id for row in found]
    assert len(numbers) == MOST
    assert numbers[0] == products[0].id, "what the talk is about stands first"
    assert numbers[1] == products[-3].id
    assert products[-1].id not in numbers
    assert found[1].state == "not_told"


def test_a_clerk_tells_of_a_product_by_the_way_and_a_vain_call_tells_nobody(session, cast, sign_in):
    first, second = late_client(session, cast.clerk, 900_000, "First"), late_client(session, cast.clerk, 100, "Second")
    product = make_product(session, cast.clerk, at=AT - timedelta(days=1))
    queued(session)
    browser = sign_in(cast.clerk)
    page = browser.get("/queue")
    answer = act(browser, page, "done", **{f"told-{product.id}": "interested"})
    assert answer.status_code == 303
    assert states(session) == {(first.id, product.id): "interested"}
    vain = {f"told-{product.id}": "told"}
    act(browser, browser.get(answer.location), "noanswer", **vain)
    assert (second.id, product.id) not in states(session)
