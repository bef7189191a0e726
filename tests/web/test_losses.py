"""Recording that a client is lost, seeing it everywhere, and taking it back."""

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tests.attacks import make_attack, make_competitor
from tests.cast import Cast, seat_day
from tests.factories import engagement_of, make_client, make_contract, make_invoice, make_task
from webapp.domain.client import Client
from webapp.domain.coverage import BlindSpot
from webapp.domain.loss import Loss
from webapp.domain.queue_item import QueueItem
from webapp.web.clock import now


def test_a_client_is_lost_with_its_attack_and_taken_back(session: Session, cast: Cast, sign_in: Any) -> None:
    client = make_client(session, cast.clerk, name="Camomile", at=now())
    attack = make_attack(session, client, cast, make_competitor(session, cast.vip, "North", at=now()), at=now())
    make_contract(session, client, 250_000, seat_day().replace(day=1), name="Telephony", at=now())
    make_invoice(session, client, 100_000, seat_day(), at=now())
    session.add(attack.lose("price", "Half our price", by=cast.clerk, at=now(), seen=attack.version))
    make_task(session, client, seat_day(), at=now())
    session.commit()

    clerk = sign_in(cast.clerk)
    assert f"/clients/{client.id}/lost?attack={attack.id}" in clerk.get(f"/attacks/{attack.id}").text
    form = clerk.get(f"/clients/{client.id}/lost?attack={attack.id}").text
    assert "Telephony" in form
    assert "stays owed" in form
    assert "Half our price" in form
    assert clerk.post(f"/clients/{client.id}/lost", data={"cause": "", "lost_on": "2999-01-01"}).status_code == 422
    said = {
        "cause": "price",
        "competitor_id": attack.competitor_id,
        "lost_on": seat_day().isoformat(),
        "note": "Too dear",
    }
    assert sign_in(cast.vip).post(f"/clients/{client.id}/lost", data=said).status_code == 403
    assert clerk.post(f"/clients/{client.id}/lost", data=said).status_code == 303

    head = sign_in(cast.head_of_client)
    page = sign_in(cast.director).get(f"/clients/{client.id}").text
    assert "Cheaper elsewhere · North" in page
    assert "Lost the client" in page
    assert "is after this client" not in page
    assert "Camomile" not in clerk.get("/board").text
    assert "Camomile" not in clerk.get("/clients").text
    assert "Camomile" in clerk.get("/clients?state=lost").text
    assert "Client lost" in clerk.get("/clients/search?q=camo").text
    assert "Camomile" in head.post("/clients/export?format=csv&state=lost").text
    for held in (QueueItem, BlindSpot):
        assert session.query(held).filter_by(client_id=client.id).count() == 0
    assert clerk.get(f"/clients/{client.id}/tasks/new").status_code == 422

    owner = {"owner_id": cast.other_clerk.id}
    assert clerk.post(f"/clients/{client.id}/won-back", data=owner).status_code == 403
    assert head.get(f"/clients/{client.id}/won-back").status_code == 200
    assert head.post(f"/clients/{client.id}/won-back", data=owner | {"mistaken": "y"}).status_code == 303
    session.expire_all()
    assert engagement_of(session.get_one(Client, client.id)).owner_id == cast.other_clerk.id
    assert session.query(Loss).one().mistaken
    assert "The loss was recorded by mistake" in head.get(f"/clients/{client.id}").text
    assert head.get(f"/clients/{client.id}/won-back").status_code == 404


@pytest.mark.parametrize(
    "broken",
    ["UPDATE client SET lost_at = '2026-03-02 09:00:00+00' WHERE id = :id", "UPDATE engagement SET closed_at = NULL"],
)
def test_the_database_refuses_work_with_a_lost_client(session: Session, cast: Cast, broken: str) -> None:
    client = make_client(session, cast.hunter)
    if "engagement" in broken:
        Loss.record(session, client, "closed", cast.hunter.today(now()), by=cast.hunter, at=now())
    session.flush()
    with pytest.raises(IntegrityError, match="nobody works with a lost client"):
        session.execute(text(broken), {"id": client.id})
