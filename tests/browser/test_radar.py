"""The radar in the demo company: whom we are losing, and why, in one click, down to where each fact is written."""

import re
from datetime import datetime, UTC

from playwright.sync_api import expect, Page
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.domain.health import PARTS
from webapp.domain.health_keeping import everybody, keep
from webapp.domain.health_kept import KeptHealth
from webapp.domain.health_model import terms_in_force
from webapp.domain.user import User
from webapp.domain.words import Role


def test_a_red_client_says_why(page_for, session: Session) -> None:
    keep(session, everybody(session), at=datetime.now(UTC))
    session.commit()
    director = session.scalars(select(User).where(User.role == Role.DIRECTOR)).first()
    start = terms_in_force(session).start
    page: Page = page_for(director)
    page.goto("/health?band=critical")
    red = page.get_by_role("row").nth(1)
    name = red.get_by_role("rowheader").inner_text()
    red.get_by_role("link", name="Why").click()

    expect(page.get_by_role("heading", name="Why this health?")).to_be_visible()
    expect(page.get_by_role("link", name=name)).to_be_visible()
    client = int(re.search(r"/clients/(\d+)/health", page.url)[1])
    kept = session.scalars(select(KeptHealth).filter_by(client_id=client)).one()
    head = page.get_by_role("region", name="Health", exact=True)
    expect(head).to_contain_text("critical", ignore_case=True)
    assert head.locator(".why-number").inner_text() == str(kept.level)

    told = {part.key: page.locator(f"#part-{part.key} .why-part-head .num").inner_text() for part in PARTS}
    points = {key: int(text.split()[0].replace("−", "-")) for key, text in told.items()}
    assert points == kept.points
    assert kept.level == max(0, min(100, start + sum(points.values())))
    lifts = page.get_by_role("region", name="What would lift it most").get_by_role("listitem")
    expect(lifts.first).to_contain_text("up to +")

    fact = page.locator(".why-facts li", has=page.locator(".why-points.bad")).first
    expect(fact.locator("small")).to_contain_text(re.compile(r"20\d\d"))
    fact.get_by_role("link").click()
    assert "/health" not in page.url.split(str(client))[-1], "it leads to where the fact is written"
    expect(page.locator("main h1")).to_be_visible()
