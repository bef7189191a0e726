"""Completing, correcting and discarding what an import held back."""

import pytest
from sqlalchemy import select

from tests.support.export import make_export
from tests.support.upload import bring_in, numbers, upload
from webapp.domain.client import Client
from webapp.domain.deal import Deal, DealStatus
from webapp.domain.held_row import HeldRow, HeldRowState


@pytest.fixture
def director(cast, sign_in):
    return sign_in(cast.director)


def test_held_rows_are_completed_one_by_one_and_together(director, session) -> None:
    export = make_export(4)
    bring_in(director, export.files())
    client = session.scalars(select(Client).order_by(Client.id).limit(1)).one()
    rows = session.scalars(select(HeldRow).order_by(HeldRow.id)).all()
    one = director.get(f"/imports/held/{rows[0].id}")
    assert director.submit(one, "form#complete", client="No such firm").status_code == 422
    assert director.submit(one, "form#complete", client=client.name).status_code == 303
    deal = session.get(Deal, session.get(HeldRow, rows[0].id).record_id)
    assert (deal.client_id, deal.status, deal.engagement.client_id) == (client.id, DealStatus.OPEN, client.id)
    page = director.get("/imports/held")
    together = director.submit(page, "form#rows-form", client=client.name, row=[str(row.id) for row in rows[1:4]])
    assert together.status_code == 303
    done = session.scalars(select(HeldRow).where(HeldRow.state == HeldRowState.COMPLETED)).all()
    assert len(done) == 4
    assert director.submit(one, "form#complete", client=client.name).status_code == 422
    again = director.get(upload(director, export.files()).location)
    assert numbers(again)["updated-deal"] == numbers(again)["held_back-deal"] == numbers(again)["created-deal"] == 0


def test_everything_of_a_filter_is_completed_at_once(director, session) -> None:
    export = make_export(4)
    bring_in(director, export.files())
    client = session.scalars(select(Client).limit(1)).one()
    person = session.scalars(select(HeldRow.person).limit(1)).one()
    page = director.get("/imports/held", query_string={"person": person})
    assert director.submit(page, "form#rows-form", client=client.name, all="1").status_code == 303
    left = session.scalars(select(HeldRow).where(HeldRow.state == HeldRowState.HELD)).all()
    assert left
    assert person not in {row.person for row in left}


def test_a_discarded_row_needs_a_reason_and_stays_discarded(director, session) -> None:
    export = make_export(4)
    bring_in(director, export.files())
    row = session.scalars(select(HeldRow).limit(1)).one()
    page = director.get(f"/imports/held/{row.id}")
    assert director.submit(page, "form#discard", reason=" ").status_code == 422
    assert director.submit(page, "form#discard", reason="A duplicate").status_code == 303
    again = numbers(director.get(upload(director, export.files()).location))
    assert again["held_back-deal"] == 0
    assert session.get(HeldRow, row.id).state is HeldRowState.DISCARDED


def test_broken_rows_can_be_corrected(director, session) -> None:
    export = make_export(4)
    won = export.rows(deal_stage="Won")[0]
    won["close_date"] = "2017-02-30"
    bring_in(director, export.files())
    row = session.scalars(select(HeldRow).where(HeldRow.problem == "bad_date")).one()
    page = director.get(f"/imports/held/{row.id}")
    corrected = {"cell-close_date": "28.02.2018", "cell-close_value": "1000.50"}
    assert director.submit(page, "form#complete", **corrected).status_code == 303
    deal = session.scalars(select(Deal).where(Deal.name.endswith(won["opportunity_id"]))).one()
    assert (deal.status, str(deal.closed_on), deal.one_off_minor) == (DealStatus.WON, "2018-02-28", 100_050)


def test_a_row_without_a_number_gets_the_one_a_person_writes(director, session) -> None:
    export = make_export(4)
    export.rows(deal_stage="Won")[0]["opportunity_id"] = ""
    bring_in(director, export.files())
    row = session.scalars(select(HeldRow).where(HeldRow.problem == "missing")).one()
    page = director.get(f"/imports/held/{row.id}")
    refused = director.submit(page, "form#complete", **{"cell-opportunity_id": "D0000001"})
    assert refused.status_code == 422
    assert director.submit(page, "form#complete", **{"cell-opportunity_id": "BY-HAND"}).status_code == 303
    assert session.get(Deal, session.get(HeldRow, row.id).record_id).name.endswith(", BY-HAND")
    again = numbers(director.get(upload(director, export.files()).location))
    assert again["created-deal"] == again["held_back-deal"] == 0


@pytest.mark.parametrize(
    "address",
    [
        "/imports/held?page=-1",
        "/imports/held?page=99999999999999999999999",
        "/imports/held?page=000000000000000000000000000001",
        "/imports/held?state=nonsense&problem=%00&person=%00&import=x",
        "/imports/held/clients?client=%00%25_",
    ],
)
def test_addresses_that_make_no_sense_filter_nothing(director, address) -> None:
    assert director.get(address).status_code == 200
