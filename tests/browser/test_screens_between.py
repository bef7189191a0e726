"""Screens that only a form, a login or a link leads to: accessible and as wide as the window, like every other."""

import re

import pyotp
import pytest
from playwright.sync_api import expect, Page
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.demo.people import PASSWORD
from webapp.domain.company import Company
from webapp.domain.contact import Contact
from webapp.domain.engagement import Engagement
from webapp.domain.launch_touch import Channel, LaunchTouch
from webapp.domain.mailing_link import MailingLink
from webapp.domain.user import User
from webapp.domain.words import Department, Role
from webapp.web.clock import now

VCARDS = b"BEGIN:VCARD\nVERSION:3.0\nFN:Anna Berg\nTEL:+44 20 7946 0991\nEND:VCARD\nBEGIN:VCARD\nTEL:1\nEND:VCARD\n"

CATALOGUE = b"Product;Unit;Billing;Price;Currency\nBrass tap;piece;One-off;12.50;EUR\n"


def _one(session: Session, role: Role, department: Department | None = None) -> User:
    return session.scalars(select(User).filter_by(role=role, department=department, deactivated_at=None)).first()


def _log_in(page: Page, user: User) -> None:
    page.goto("/login")
    page.get_by_label("E-mail").fill(user.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()


def _type_code(page: Page, code: str, then: str) -> None:
    page.get_by_label("Code").fill(code)
    page.get_by_role("button", name=then).click()


def test_setting_up_a_second_factor_and_entering_with_it(page_for, session, look) -> None:
    user = _one(session, Role.HEAD, Department.VIP)
    session.get_one(Company, 1).second_factor_roles = [Role.HEAD]
    session.commit()
    page = page_for()
    _log_in(page, user)
    expect(page).to_have_url(re.compile("/login/second-factor$"))
    secret = page.locator("#secret").inner_text().replace(" ", "")
    _type_code(page, "000000", "Switch it on")
    expect(page.get_by_text("This code does not fit")).to_be_visible()
    look(page)
    _type_code(page, pyotp.TOTP(secret).now(), "Switch it on")
    expect(page).to_have_url(re.compile("/profile/recovery-codes$"))
    look(page)

    again = page_for()
    _log_in(again, user)
    expect(again).to_have_url(re.compile("/login/code$"))
    _type_code(again, "000000", "Continue")
    expect(again.get_by_text("This code is wrong")).to_be_visible()
    look(again)


def test_what_vcards_and_a_catalogue_would_bring(page_for, session, look) -> None:
    page = page_for(_one(session, Role.DIRECTOR), locale="ru-RU")
    client = session.scalars(select(Engagement.client_id).where(Engagement.closed_at.is_(None)).limit(1)).one()
    page.goto(f"/clients/{client}/vcards/import")
    page.locator("#file").set_input_files({"name": "people.vcf", "mimeType": "text/vcard", "buffer": VCARDS})
    page.locator("#vcard-file button").click()
    expect(page.locator("#vcard-people")).to_contain_text("Anna Berg")
    look(page)

    for content, shown in ((CATALOGUE, "#catalogue-changes"), (CATALOGUE.replace(b"12.50", b"much"), "#faults")):
        page.goto("/products/import")
        page.locator("#file").set_input_files({"name": "catalogue.csv", "mimeType": "text/csv", "buffer": content})
        page.locator("#catalogue-file button").click()
        expect(page.locator(shown)).to_be_visible()
        look(page)


def test_giving_several_clients_away_and_writing_to_several(page_for, session, look) -> None:
    company = session.get_one(Company, 1)
    company.mail_host, company.mail_from = "127.0.0.1", "baton@harbour.example"
    session.commit()
    clerk = _one(session, Role.MEMBER, Department.CLIENT)
    page = page_for(_one(session, Role.HEAD, Department.CLIENT))
    page.goto(f"/queue/several?clerk={clerk.id}")
    page.get_by_label("Colleague", exact=True).select_option(index=1)
    page.get_by_label("Why").fill("On leave")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose at least one client")
    look(page)
    for place in range(3):
        page.locator("input[name=engagement]").nth(place).check()
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("heading", name="What will happen")).to_be_visible()
    look(page)

    page.goto(f"/queue/several?clerk={clerk.id}")
    for box in page.locator("input[name=engagement]").all():
        box.check()
    page.get_by_role("button", name="Remind").click()
    expect(page.get_by_role("heading", name="Remind of invoices")).to_be_visible()
    look(page)


def test_what_a_link_in_an_e_mail_opens(page_for, session, look) -> None:
    touch = session.scalars(select(LaunchTouch).filter_by(channel=Channel.EMAIL).limit(1)).one()
    contact = session.scalars(select(Contact).filter_by(client_id=touch.client_id).limit(1)).one()
    token = MailingLink.make(session, touch, contact, at=now())
    session.commit()
    page = page_for()
    for path in (f"/m/{token}", f"/m/{token}/stop"):
        page.goto(path)
        look(page)
    page.locator("main form button").first.click()
    page.wait_for_load_state()
    look(page)
    session.expire_all()
    assert contact.no_mailings


def test_what_a_product_costs_by_a_list(page_for, session, look) -> None:
    page = page_for(_one(session, Role.DIRECTOR), locale="ru-RU")
    page.goto("/prices/1")
    link = page.locator("main a[href*='/prices/1/products/']").first
    address = link.get_attribute("href")
    link.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    look(page)
    page.goto(address)
    look(page)


def test_what_tells_the_demo_companys_logins(page_for, look) -> None:
    page = page_for()
    page.goto("/setup/demo")
    expect(page.get_by_text(PASSWORD).first).to_be_visible()
    look(page)


@pytest.mark.fresh
def test_what_waits_for_the_demo_company(page_for, look) -> None:
    page = page_for()
    page.goto("/setup/demo")
    expect(page.get_by_role("progressbar")).to_be_visible()
    look(page)
