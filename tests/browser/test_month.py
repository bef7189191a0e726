"""A clerk's month, told by the people who live it: the head sets a plan, the bank's statement comes in, the rest is
matched by hand, the late are called and promise, the plan is reached; the hunter reads what it pays him, and the
director closes the month."""

from collections.abc import Callable
from datetime import datetime, timedelta, UTC
from pathlib import Path

from playwright.sync_api import expect, Page
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.domain.allocation import Allocation
from webapp.domain.client import Client
from webapp.domain.engagement import Engagement
from webapp.domain.invoice import Invoice
from webapp.domain.promise_to_pay import PromiseToPay
from webapp.domain.user import User
from webapp.domain.words import Department, Role

Owed = list[tuple[Invoice, str]]


def test_a_month_of_the_client_department(
    page_for: Callable[..., Page], session: Session, tmp_path: Path, axe, fits
) -> None:
    clerk, owed = clerk_with_debts(session)
    head, director = of(session, Role.HEAD, Department.CLIENT), of(session, Role.DIRECTOR)
    hunter = of(session, Role.MEMBER, Department.SALES)
    received = collected(session, clerk)
    expected = received + sum(invoice.outstanding_minor for invoice, _ in owed)
    file = statement_of(owed, tmp_path / "statement.csv")
    session.rollback()

    set_the_plan(page_for(head), clerk, expected)
    page = page_for(clerk)
    bring_the_statement_in(page, file, len(owed), lambda: (axe(page), fits(page)))
    match_the_rest(page, owed[-2:])
    call_and_take_a_promise(page, session)
    page.goto("/plan")
    expect(page.locator("#plan-EUR")).to_contain_text("100 %")
    read_the_statement_of_commission(page_for(hunter))
    close_the_month(page_for(director))


def of(session: Session, role: Role, department: Department | None = None) -> User:
    return session.scalars(
        select(User).where(User.role == role, User.department == department).order_by(User.id)
    ).first()


def clerk_with_debts(session: Session) -> tuple[User, Owed]:
    """A clerk, and five undisputed invoices that different clients of his owe in euros."""
    rows = session.execute(
        select(Engagement.owner_id, Invoice, Client.name)
        .join(Client, Client.id == Invoice.client_id)
        .join(Engagement, Engagement.client_id == Client.id)
        .where(Engagement.department == Department.CLIENT, Engagement.closed_at.is_(None))
        .where(Invoice.outstanding_minor > 0, Invoice.disputed_at.is_(None), Invoice.currency == "EUR")
        .order_by(Invoice.id)
    ).all()
    by_clerk: dict[int, dict[int, tuple[Invoice, str]]] = {}
    for owner, invoice, name in rows:
        by_clerk.setdefault(owner, {}).setdefault(invoice.client_id, (invoice, name))
    number, owed = max(by_clerk.items(), key=lambda item: len(item[1]))
    assert len(owed) >= 5
    return session.get_one(User, number), list(owed.values())[:5]


def collected(session: Session, clerk: User) -> int:
    """What counts for the clerk's plan already, in cents."""
    month = datetime.now(UTC).date().replace(day=1)
    mine = (Allocation.collected_by_id == clerk.id, Allocation.entered_on >= month, Allocation.currency == "EUR")
    return int(session.scalar(select(func.sum(Allocation.amount_minor)).where(*mine)) or 0)


def statement_of(owed: Owed, file: Path) -> Path:
    """The bank's table: three payments that name invoice and client, one of a stranger, one without a number."""
    today = datetime.now(UTC).date()
    lines = ["Date;Number;Received;Counterparty;Purpose"]
    for place, (invoice, name) in enumerate(owed):
        payer = "Somebody Else Ltd" if place == 3 else name
        purpose = "Thank you" if place == 4 else f"Invoice {invoice.number} of {invoice.issued_on:%d.%m.%Y}"
        major = f"{invoice.outstanding_minor // 100}.{invoice.outstanding_minor % 100:02d}"
        lines.append(f"{today:%d.%m.%Y};{place + 1};{major};{payer};{purpose}")
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def set_the_plan(page: Page, clerk: User, minor: int) -> None:
    page.goto(f"/plan?clerk={clerk.id}")
    page.locator("#set-plan").click()
    page.get_by_label("To collect").fill(f"{minor // 100}.{minor % 100:02d}")
    page.get_by_label("Why").fill("What is owed, and what came")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#plan-EUR")).to_contain_text("of")


def bring_the_statement_in(page: Page, file: Path, count: int, look: Callable[[], object]) -> None:
    page.goto("/statements")
    page.get_by_label("File", exact=True).set_input_files(file)
    page.get_by_role("button", name="Read the file").click()
    expect(page.get_by_text("Nothing is written yet.")).to_be_visible()
    state = page.locator("#statement-state")
    expect(state.locator(".tile", has_text="New payments")).to_contain_text(str(count))
    expect(state.locator(".tile", has_text="Covers invoices at once")).to_contain_text("3")
    look()
    page.set_viewport_size({"width": 360, "height": 740})
    look()
    page.set_viewport_size({"width": 1280, "height": 800})
    page.get_by_role("button", name="Import this").click()
    expect(page.get_by_text("Imported. What was certain covers its invoices")).to_be_visible()
    look()


def match_the_rest(page: Page, owed: Owed) -> None:
    """Two clicks each at most: a client is confirmed."""
    page.get_by_role("link", name="Match the rest").click()
    for _invoice, name in owed:
        confirm = page.get_by_role("button", name=f"Confirm: {name}").first
        confirm.click()
        expect(page.get_by_role("button", name=f"Confirm: {name}")).to_have_count(0)


def call_and_take_a_promise(page: Page, session: Session) -> None:
    """By keys: the first of the queue promises to pay, the second was spoken to."""
    before = session.scalar(select(func.count()).select_from(PromiseToPay)) or 0
    session.rollback()
    page.goto("/queue")
    title = page.locator("[data-queue-title]")
    expect(title).to_be_focused()
    name = title.inner_text()
    page.keyboard.press("p")
    page.keyboard.press("Enter")
    expect(title).not_to_have_text(name)
    name = title.inner_text()
    page.keyboard.press("d")
    page.keyboard.press("Enter")
    expect(title).not_to_have_text(name)
    assert session.scalar(select(func.count()).select_from(PromiseToPay)) == before + 1
    session.rollback()


def read_the_statement_of_commission(page: Page) -> None:
    """Each line says which payment of which client gave how much by which rule."""
    last = datetime.now(UTC).date().replace(day=1) - timedelta(days=1)
    page.goto("/")
    page.goto(page.url)
    link = page.locator('a[href^="/commission/people/"]').first
    expect(link).to_be_visible()
    number = str(link.get_attribute("href")).split("/")[3].split("?")[0]
    page.goto(f"/commission/people/{number}/{last:%Y-%m}")
    lines = page.locator("#lines li")
    expect(lines.first).to_be_visible()
    for told in lines.locator("small").all_inner_texts():
        assert "%" in told or "rule" in told.lower(), told


def close_the_month(page: Page) -> None:
    page.goto("/commission")
    close = page.locator("#close button")
    expect(close).to_contain_text("for good")
    close.click()
    page.get_by_role("button", name="Close for good", exact=True).click()
    expect(page.locator("#toasts")).to_contain_text("is closed for good")
    expect(page.locator("#close")).to_have_count(0)
