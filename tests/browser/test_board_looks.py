"""The board as everybody can see and hear it: light and dark, on a desk and on a phone."""

import pytest
from playwright.sync_api import expect

from tests.factories import engagement_of, line, make_client, make_contact, make_deal, make_offer, make_task
from webapp.domain.words import Department

pytestmark = [pytest.mark.fresh, pytest.mark.one_database]


@pytest.mark.parametrize("width", [1280, 360])
def test_everybody_can_use_the_board(page_for, session, cast, axe, fits, width) -> None:
    acme = make_client(session, cast.hunter, name="Acme")
    make_contact(session, acme)
    make_task(session, acme)
    make_deal(session, acme, line(100_000_00))
    make_offer(session, make_client(session, cast.hunter, name="Offered", stage=1), Department.CLIENT)
    session.commit()
    page = page_for(cast.hunter, width=width)

    page.goto("/board")
    axe(page)
    fits(page)
    page.get_by_role("link", name="Move: Acme").click()
    expect(page.get_by_role("dialog", name="Move Acme")).to_be_visible()
    axe(page)
    page.goto(f"/engagements/{engagement_of(acme).id}/stage")
    axe(page)
    fits(page)


def test_a_phone_shows_one_column_at_a_time_and_a_list_of_them_all(page_for, session, cast) -> None:
    make_client(session, cast.hunter, name="Acme", stage=3)
    session.commit()
    page = page_for(cast.hunter, width=360, height=740)
    page.goto("/board")
    expect(page.get_by_role("article", name="Acme")).not_to_be_in_viewport()

    page.get_by_role("combobox", name="Stage").select_option("Got our proposal · 1")

    expect(page.get_by_role("article", name="Acme")).to_be_in_viewport()
