"""Every screen, light and dark, at a desk and on a phone: accessible to everybody, and never wider than the window."""

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import expect, Page
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.sources import nothing
from webapp.domain.commission_rule import CommissionRule
from webapp.domain.contract import Contract
from webapp.domain.deal import Deal
from webapp.domain.engagement import Engagement
from webapp.domain.handoff import HandOff
from webapp.domain.health_kept import KeptHealth
from webapp.domain.invoice import Invoice
from webapp.domain.launch import Launch
from webapp.domain.loss import Loss
from webapp.domain.payment import Payment
from webapp.domain.product import BundlePart
from webapp.domain.product_file import ProductFile
from webapp.domain.promise import Promise
from webapp.domain.stage import Stage
from webapp.domain.task import Task
from webapp.domain.thread import Thread
from webapp.domain.user import User
from webapp.domain.vip_line import VipLine
from webapp.domain.vip_review import VipReview
from webapp.domain.vip_tier import VipTier
from webapp.domain.visit import Visit
from webapp.domain.words import Role

PARTS = 3


def _unclaimed(session: Session) -> int:
    return _first(session, Payment, client_id=None, set_aside_at=None)


def _served(session: Session) -> int:
    """A client that somebody answers for: the first of the company may be lost."""
    return session.scalars(select(Engagement.client_id).where(Engagement.closed_at.is_(None)).limit(1)).one()


def _critical(session: Session) -> int:
    return session.scalars(select(KeptHealth.client_id).filter_by(band="critical").limit(1)).one()


SCREENS: dict[str, Callable[[Session], int | str | None]] = {
    "/": lambda session: None,
    "/attacks": lambda session: None,
    "/attacks/report": lambda session: None,
    "/board": lambda session: None,
    "/clients": lambda session: None,
    "/clients/new": lambda session: None,
    "/clients/{}": lambda session: _open_handoff(session).client_id,
    "/clients/{}/edit": lambda session: 1,
    "/clients/{}/attacks/new": _served,
    "/clients/{}/attraction": _served,
    "/clients/{}/contacts/new": _served,
    "/clients/{}/contracts": lambda session: session.scalars(select(Contract.client_id).limit(1)).one(),
    "/clients/{}/contracts/new": _served,
    "/clients/{}/deals/new": _served,
    "/clients/{}/health": _critical,
    "/clients/{}/health/override": _critical,
    "/clients/{}/interactions/new": _served,
    "/clients/{}/lost": lambda session: session.scalars(select(Contract.client_id).limit(1)).one(),
    "/clients/{}/payments": lambda session: session.scalars(select(Contract.client_id).limit(1)).one(),
    "/clients/{}/people": lambda session: session.scalars(select(Thread.client_id).order_by(Thread.id).limit(1)).one(),
    "/clients/{}/promises/new": _served,
    "/clients/{}/vcards/import": _served,
    "/clients/retention": lambda session: None,
    "/clients/{}/tasks/new": _served,
    "/clients/{}/visits/new": _served,
    "/clients/{}/visits/plan": _served,
    "/clients/{}/won-back": lambda session: session.scalars(
        select(Loss.client_id).filter_by(won_back_at=None).limit(1)
    ).one(),
    "/competitors": lambda session: None,
    "/competitors/new": lambda session: None,
    "/commission": lambda session: None,
    "/commission/people/{}": lambda session: _first(session, User),
    "/commission/rules": lambda session: None,
    "/commission/rules/new": lambda session: None,
    "/commission/rules/{}/end": lambda session: _first(session, CommissionRule, ends_on=None),
    "/commission/rules/{}/versions/new": lambda session: _first(session, CommissionRule, ends_on=None),
    "/contacts/{}": lambda session: 1,
    "/contacts/{}/data": lambda session: 1,
    "/contacts/{}/merge": lambda session: 1,
    "/contacts/{}/personal": lambda session: 1,
    "/contracts/{}/edit": lambda session: _first(session, Contract, ends_on=None),
    "/contracts/{}/end": lambda session: _first(session, Contract, ends_on=None),
    "/deals": lambda session: None,
    "/deals/board": lambda session: None,
    "/deals/forecast": lambda session: None,
    "/deals/outcomes": lambda session: None,
    "/deals/{}": lambda session: _first(session, Deal, status="open"),
    "/deals/{}/contracts/new": lambda session: _first(session, Deal, status="won"),
    "/deals/{}/edit": lambda session: _first(session, Deal, status="open"),
    "/deals/{}/lost": lambda session: _first(session, Deal, status="open"),
    "/departments": lambda session: None,
    "/departments/leaver/{}": lambda session: _first(session, User, role="member", department="client"),
    "/engagements/{}/owner": lambda session: _first(session, Engagement, closed_at=None),
    "/engagements/{}/stage": lambda session: _first(session, Engagement, closed_at=None),
    "/handoffs": lambda session: None,
    "/handoffs/{}": lambda session: _open_handoff(session).id,
    "/health": lambda session: None,
    "/health/model": lambda session: None,
    "/health/model/new": lambda session: None,
    "/health/backtest": lambda session: None,
    "/imports": lambda session: None,
    "/imports/held": lambda session: None,
    "/invoices": lambda session: None,
    "/invoices/{}": lambda session: _first(session, Invoice, state="partly_paid"),
    "/invoices/{}/credit": lambda session: _first(session, Invoice, state="issued"),
    "/invoices/{}/dispute": lambda session: _first(session, Invoice, state="issued"),
    "/launches": lambda session: None,
    "/launches/new": lambda session: None,
    "/launches/{}": lambda session: _first(session, Launch, state="ended"),
    "/letters": lambda session: None,
    "/payments": lambda session: None,
    "/payments/new": lambda session: None,
    "/payments/{}": _unclaimed,
    "/payments/{}/aside": _unclaimed,
    "/payments/{}/return": _unclaimed,
    "/plan": lambda session: None,
    "/plan/{}/set": lambda session: _first(session, User, role="member", department="client"),
    "/products": lambda session: None,
    "/prices": lambda session: None,
    "/prices/new": lambda session: None,
    "/prices/{}": lambda session: 1,
    "/prices/{}/copy": lambda session: 1,
    "/prices/{}/edit": lambda session: 1,
    "/prices/{}/products": lambda session: 1,
    "/products/families": lambda session: None,
    "/products/families/new": lambda session: None,
    "/products/families/{}": lambda session: 1,
    "/products/import": lambda session: None,
    "/products/new": lambda session: None,
    "/products/{}": lambda session: session.scalars(select(BundlePart.bundle_id).limit(1)).one(),
    "/products/{}/edit": lambda session: 1,
    "/products/{}/eligibility": lambda session: 1,
    "/products/{}/tax": lambda session: 1,
    "/products/{}/parts": lambda session: session.scalars(select(BundlePart.bundle_id).limit(1)).one(),
    "/products/{}/files": lambda session: session.scalars(select(ProductFile.product_id).limit(1)).one(),
    "/profile": lambda session: None,
    "/profile/second-factor": lambda session: None,
    "/promises/{}/broken": lambda session: _first(session, Promise, kept_at=None, broken_at=None),
    "/proposals/{}": lambda session: 1,
    "/proposals/batches": lambda session: None,
    "/proposals/batches/new": lambda session: None,
    "/proposals/batches/{}": lambda session: 1,
    "/proposals/templates": lambda session: None,
    "/proposals/templates/new": lambda session: None,
    "/proposals/templates/{}": lambda session: 1,
    "/queue": lambda session: None,
    "/queue/scripts": lambda session: None,
    "/queue/level": lambda session: None,
    "/queue/several": lambda session: None,
    "/roles": lambda session: None,
    "/settings": lambda session: None,
    "/settings/letters": lambda session: None,
    "/settings/stages": lambda session: None,
    "/settings/stages/new/{}": lambda session: "sales",
    "/settings/stages/{}": lambda session: _first(session, Stage),
    "/settings/vip-tiers": lambda session: None,
    "/settings/vip-tiers/new": lambda session: None,
    "/settings/vip-tiers/{}": lambda session: _first(session, VipTier),
    "/statements": lambda session: None,
    "/tasks/{}/postpone": lambda session: _first(session, Task, closed_at=None),
    "/tasks/{}/visit": lambda session: _first(session, Task, kind="meeting", closed_at=None),
    "/tasks/{}/visit/plan": lambda session: _first(session, Task, kind="meeting", closed_at=None),
    "/visits": lambda session: None,
    "/visits/norm": lambda session: None,
    "/visits/{}": lambda session: _first(session, Visit, state="held"),
    "/users": lambda session: None,
    "/users/new": lambda session: None,
    "/users/{}": lambda session: _first(session, User),
    "/vip": lambda session: None,
    "/vip/lines/{}": lambda session: _first(session, VipLine, decision=None),
    "/vip/reviews": lambda session: None,
    "/vip/reviews/{}": lambda session: _first(session, VipReview, state="open"),
    "/whitespace": lambda session: None,
}
"""What a director opens, and the id that makes an address complete."""

BETWEEN = "held by tests/browser/test_screens_between.py"

NOT_HERE = {
    "/calendar/{}": "read by calendars",
    "/profile/calendar": "shown once",
    "/healthz": "for operators",
    "/attacks/waiting": "a fragment",
    "/attacks/{}": "held by tests/browser/test_attacks.py",
    "/attacks/{}/defended": "held by tests/browser/test_attacks.py",
    "/attacks/{}/false-alarm": "held by tests/browser/test_attacks.py",
    "/attacks/{}/lost": "held by tests/browser/test_attacks.py",
    "/board/changes": "a fragment",
    "/board/columns/{}": "a fragment",
    "/clients/check": "a fragment",
    "/clients/search": "a fragment",
    "/clients/{}/timeline": "a fragment",
    "/competitors/{}/edit": "held by tests/browser/test_attacks.py",
    "/contracts/{}": "leads to its client's contracts",
    "/credit-notes/{}/file": "a file",
    "/commission/people/{}/{}": "held by tests/browser/test_commission.py; its files by tests/web/test_commission.py",
    "/handoffs/waiting": "a fragment",
    "/health/backtest/adopt": "held by tests/web/test_backtest.py",
    "/imports/held/clients": "a fragment",
    "/imports/{}/progress": "a fragment",
    "/invoices/{}/file": "a file",
    "/launches/{}/audience": "held by tests/browser/test_launch.py",
    "/launches/{}/edit": "held by tests/browser/test_launch.py: the form of a new one",
    "/m/{}": BETWEEN,
    "/m/{}/stop": BETWEEN,
    "/invoices/{}/letter": "held by tests/browser/test_letters.py",
    "/invoices/{}/reminder": "held by tests/browser/test_letters.py",
    "/letters/{}": "held by tests/browser/test_letters.py",
    "/letters/{}/again": "held by tests/browser/test_letters.py",
    "/letters/{}/return": "held by tests/browser/test_letters.py",
    "/payments/waiting": "a fragment",
    "/prices/{}/products/{}": BETWEEN,
    "/p/{}/attachments/{}": "a file",
    "/p/{}/logo": "a picture",
    "/p/{}": "held by tests/browser/test_closing.py",
    "/p/{}/document": "the document",
    "/p/{}/file": "a file",
    "/p/{}/record": "a file",
    "/products/files/{}": "a file",
    "/proposals/answered": "a fragment",
    "/proposals/batches/{}/progress": "a fragment",
    "/proposals/records/{}/file": "a file",
    "/proposals/style.css": "a file",
    "/proposals/templates/preview": "a fragment",
    "/proposals/templates/preview/{}": "a picture and a file",
    "/proposals/templates/{}/logo": "a picture",
    "/proposals/versions/{}/attachments/{}": "a file",
    "/proposals/versions/{}/logo": "a picture",
    "/proposals/versions/{}/edit": "held by tests/browser/test_proposals.py",
    "/proposals/versions/{}/file": "a file",
    "/proposals/versions/{}/letter": "held by tests/browser/test_letters.py",
    "/proposals/versions/{}/preview": "the document, held by tests/browser/test_proposals.py",
    "/proposals/versions/{}/progress": "a fragment",
    "/settings/letters/{}/{}": "held by tests/browser/test_letters.py",
    "/queue/items/{}": "a fragment",
    "/static/{}": "files",
    "/visits/place": "held by tests/browser/test_visits.py",
    "/visits/{}/file": "a file",
    "/statements/{}": "held by tests/browser/test_month.py",
    "/statements/{}/progress": "a fragment",
    "/imports/{}": "held by tests/browser/test_import.py",
    "/imports/held/{}": "held by tests/browser/test_import.py",
    "/link/{}": "a stranger's, below",
    "/login": "a stranger's, below",
    "/login/code": BETWEEN,
    "/login/second-factor": BETWEEN,
    "/profile/recovery-codes": BETWEEN,
    "/clients/{}/whitespace": "a fragment",
    "/clients/{}/whitespace/{}": "held by tests/browser/test_white_space.py",
    "/whitespace/rows": "a fragment",
    "/setup": "a stranger's, below",
    "/setup/demo": BETWEEN,
}
"""Addresses that are no screen of a director's, and why."""


@pytest.mark.one_database
def test_every_address_is_a_screen_here_or_says_why_not(app: Flask) -> None:
    addresses = {_shape(rule.rule) for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    nothing(sorted(addresses ^ (SCREENS.keys() | NOT_HERE.keys())), "every screen is looked at in the browser")


@pytest.mark.parametrize("state", ["demo-ru"])
@pytest.mark.parametrize("part", range(PARTS))
def test_a_directors_screens_are_accessible_and_fit(page_for, session, look, part: int) -> None:
    """In Russian, whose words are the longer ones."""
    page = page_for(session.scalars(select(User).where(User.role == Role.DIRECTOR)).first())
    session.rollback()
    wrong: list[str] = []
    for path, key in [*SCREENS.items()][part::PARTS]:
        wrong += _looked_at(page, path.format(key(session)), look)
    nothing(wrong, "every screen is accessible, and fits the window")


@pytest.mark.parametrize("department", ["sales", "client", "vip"])
def test_everybodys_first_page_is_accessible_and_fits(page_for, session, look, department) -> None:
    wrong: list[str] = []
    for role, paths in ((Role.MEMBER, ("/", "/board")), (Role.HEAD, ("/",))):
        user = session.scalars(select(User).where(User.role == role, User.department == department)).first()
        page = page_for(user)
        for path in paths:
            wrong += _looked_at(page, path, look)
    nothing(wrong, "every screen is accessible, and fits the window")


def test_a_strangers_screens_are_accessible_and_fit(page_for, look) -> None:
    page = page_for()
    wrong = _looked_at(page, "/login", look) + _looked_at(page, "/link/not-one", look, status=410)
    nothing(wrong, "every screen is accessible, and fits the window")


@pytest.mark.fresh
def test_the_first_page_of_all_is_accessible_and_fits(page_for, look) -> None:
    nothing(_looked_at(page_for(), "/setup", look), "the first page is accessible")


HIDDEN = """() => {
  const focused = document.activeElement;
  if (focused === document.body || focused.closest(".bar, .rail, .skip-link")) return "";
  const { left, top, width, height } = focused.getBoundingClientRect();
  const { outlineStyle, outlineWidth } = getComputedStyle(focused);
  const above = document.elementFromPoint(left + width / 2, top + height / 2)?.closest(".bar, .rail");
  if (!above && outlineStyle === "solid" && parseFloat(outlineWidth) >= 2) return "";
  return `${focused.textContent.trim()}: ${above ? "under a bar" : `ring ${outlineStyle} ${outlineWidth}`}`;
}"""
"""Why what has the keyboard is not seen to have it, or nothing."""


def test_what_has_the_keyboard_on_a_phone_is_seen_to_have_it(page_for, session) -> None:
    page = page_for(session.scalars(select(User).where(User.role == Role.DIRECTOR)).first(), width=360, height=740)
    page.goto("/prices/1")
    hidden = []
    for _stop in range(page.locator("main").locator("a, button, summary").count() + 8):
        page.keyboard.press("Tab")
        hidden.append(page.evaluate(HIDDEN))
    nothing([why for why in hidden if why], "what has the keyboard stands between the bars, in its ring")


def test_everything_in_a_directors_menu_is_reached_on_a_phone(page_for, session) -> None:
    page = page_for(session.scalars(select(User).where(User.role == Role.DIRECTOR)).first(), width=360, height=600)
    page.goto("/")
    page.locator(".rail-more summary").click()
    links = page.locator(".rail-more .menu-list a")
    for link in (links.last, links.first):
        link.scroll_into_view_if_needed()
        expect(link).to_be_in_viewport(ratio=1)


def test_the_menu_folds_and_stays_folded(page_for, session, axe, fits) -> None:
    page = page_for(session.scalars(select(User).where(User.role == Role.HEAD)).first())
    page.goto("/clients")
    rail = page.get_by_role("navigation", name="Main")
    expect(rail).to_have_css("width", "212px")
    page.get_by_role("button", name="Fold the menu").click()
    expect(rail).to_have_css("width", "56px")
    page.reload()
    expect(rail).to_have_css("width", "56px")
    axe(page)
    fits(page)
    page.get_by_role("button", name="Fold the menu").click()
    expect(rail).to_have_css("width", "212px")


def _looked_at(page: Page, path: str, look: Callable[..., None], status: int = 200) -> list[str]:
    """What is wrong with the screen at that address; nothing where it is right."""
    answer = page.goto(path)
    if answer is None or answer.status != status:
        return [f"{path} answers {answer.status if answer else 'nothing'}"]
    try:
        look(page, last=True)
    except AssertionError as error:
        return [f"{path}, {page.viewport_size['width']} px: {error}"]
    return []


def _first(session: Session, entity: type, **conditions: object) -> int:
    """The first such entity of the demo company."""
    return session.scalars(select(entity.id).filter_by(**conditions).order_by(entity.id).limit(1)).one()


def _open_handoff(session: Session) -> HandOff:
    return session.scalars(select(HandOff).filter_by(state="offered").order_by(HandOff.id).limit(1)).one()


def _shape(rule: str) -> str:
    """``/clients/<int:id>`` as ``/clients/{}``."""
    return "/".join("{}" if part.startswith("<") else part for part in rule.split("/"))
