"""A new product goes through a launch: audience, a call from the queue, a visit from the planner, the client's own
answer, and the funnel that shows who was told against what was sent."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect, Page
from sqlalchemy import select

from tests.factories import make_client, make_contact, make_product
from webapp.db import db, transaction
from webapp.domain.awareness import Awareness
from webapp.domain.interaction import Interaction, InteractionKind
from webapp.domain.launch import Launch
from webapp.domain.launch_touch import LaunchTouch
from webapp.domain.letter import Letter
from webapp.domain.user import User
from webapp.web.clock import now


@pytest.mark.fresh
def test_a_product_is_launched_and_the_funnel_counts_who_was_told(
    session, cast, world, page_for, axe, fits, site
) -> None:
    cast.company.mail_host, cast.company.mail_from = "127.0.0.1", "office@baton.test"
    product = make_product(session, cast.director, "Видеонаблюдение из облака")
    called = make_client(session, cast.clerk, name="Ромашка", sector="Trade")
    mailed = make_client(session, cast.clerk, name="Сокол", sector="Trade")
    visited = make_client(session, cast.vip, name="Северсталь-Снаб", sector="Trade")
    make_client(session, cast.clerk, name="Не из торговли", sector="Building")
    for client in (called, mailed, visited):
        make_contact(session, client)
    session.commit()

    head: Page = page_for(cast.head_of_vip)
    head.goto("/products")
    head.get_by_role("link", name="Launch it").click()
    head.get_by_label("What the launch is called").fill("Tell of the cameras")
    head.get_by_label("What the e-mail says").fill("You see every shop on your phone.")
    head.get_by_label("What the leaflet says").fill("**See** every shop.")
    head.get_by_label("Clients told in person").fill("2")
    axe(head)
    head.get_by_role("button", name="Save").click()
    head.locator("#sectors-field").get_by_label("Trade").check()
    head.get_by_role("button", name="Look who fits").click()
    expect(head.locator("#fits")).to_contain_text("3 clients fit")
    expect(head.locator("#sample")).not_to_contain_text("Не из торговли")
    axe(head)
    head.get_by_role("button", name="Freeze these 3 clients").click()
    head.get_by_role("button", name="Start").click()
    head.get_by_role("alertdialog").get_by_role("button", name="Start").click()
    expect(head.locator("#untold")).to_contain_text("Call: Clara Clerk on")

    clerk: Page = page_for(cast.clerk)
    clerk.goto("/queue")
    expect(clerk.get_by_role("main")).to_contain_text("We have something new: Видеонаблюдение из облака.")
    vip: Page = page_for(cast.vip)
    vip.goto("/visits")
    expect(vip.locator(f"#due-{visited.id}")).to_contain_text("Tell of: Видеонаблюдение из облака")

    with world.app.app_context(), transaction() as change:  # what the forms of interactions and visits write
        by = change.get_one(User, cast.clerk.id)
        for touch in change.scalars(select(LaunchTouch).where(LaunchTouch.client_id.in_([called.id, visited.id]))):
            if touch.channel in ("call", "visit"):
                kind = InteractionKind.CALL if touch.channel == "call" else InteractionKind.MEETING
                talk = Interaction.record(change, touch.client, kind, "Told", by=by, at=now())
                Awareness.note_all(change, touch.client_id, [product.id], "tell", interaction=talk, by=by, at=now())
        db.session.flush()
    session.rollback()
    letter = session.scalars(select(Letter).where(Letter.client_id == mailed.id)).one()
    stranger: Page = page_for(width=360)
    stranger.goto(letter.body.split(f"{site}")[1].split()[0])
    expect(stranger.get_by_role("main")).to_contain_text("You see every shop on your phone.")
    fits(stranger)
    axe(stranger)
    stranger.get_by_role("button", name="I am interested").click()
    expect(stranger.get_by_role("main")).to_contain_text("We call you back soon")

    launch = session.scalars(select(Launch)).one()
    head.goto(f"/launches/{launch.id}")
    expect(head.locator(".funnel-told")).to_contain_text("2 67 %")
    expect(head.locator(".funnel-other")).to_contain_text("1 33 %")
    expect(head.locator(".funnel-sent").first).to_contain_text("0 0 %")
    expect(head.locator("#channels").get_by_role("row", name="Visit")).to_contain_text("1")
    assert launch.ends_on - launch.starts_on == timedelta(days=60)
    head.set_viewport_size({"width": 360, "height": 800})
    fits(head)
    axe(head)
