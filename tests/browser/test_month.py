"""A clerk's month in the demo company, told by the people who live it: the head sets a plan, the queue is worked by
keys, the bank's statement comes in, the rest is matched by hand, the plan is reached; the hunter reads what it pays
him, and the director closes the month that is over."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import expect, Page
from sqlalchemy import func, Select, select, update
from sqlalchemy.orm import Session

from tests.factories import make_invoice
from tests.support.bank import Document, Statement
from webapp.commissions import read_payments
from webapp.domain.allocation import Allocation
from webapp.domain.calendar import month_of, months_on
from webapp.domain.client import Client
from webapp.domain.commission import closed_through, CommissionEntry
from webapp.domain.company import Company
from webapp.domain.engagement import Engagement
from webapp.domain.invoice import Invoice
from webapp.domain.operation import Operation
from webapp.domain.payment import Payment
from webapp.domain.promise_to_pay import PromiseToPay, PromiseToPayState
from webapp.domain.queue import Outcome
from webapp.domain.queue_keeping import everybody, keep
from webapp.domain.task import Task, TaskKind
from webapp.domain.user import User
from webapp.domain.words import Department, Role
from webapp.web.clock import now

STRANGER, STRANGERS_INN = "ООО Никому не известное", "7702070139"
THIRD, THIRDS_INN = "ИП Плательщик за других", "7736050003"


@pytest.fixture
def state() -> str:
    """The Russian demo company: its bank writes 1CClientBankExchange, and its clients have an ИНН."""
    return "demo-ru"


@dataclass
class Debtor:
    """A client of the clerk's, with what it owes, the oldest first."""

    id: int
    name: str
    inn: str
    hunter_id: int
    owed: list[tuple[int, int, date]]
    """Number, kopecks and day of each invoice."""

    @property
    def total(self) -> int:
        return sum(minor for _, minor, _ in self.owed)


@dataclass
class Story:
    """Who is who. ``debtors``: who names the invoices, who names nothing, who pays a part, for whom another pays, and
    who disputes; ``others`` are more of the clerk's clients, to be called all the same."""

    clerk: User
    head: User
    director: User
    company: Company
    today: date
    debtors: list[Debtor]
    others: list[str]

    def documents(self) -> list[Document]:
        named, silent, part, third, _ = self.debtors
        both = named.owed[:2]
        numbers = ", ".join(f"{number} от {day:%d.%m.%Y}" for number, _, day in both)
        number, minor, _ = third.owed[0]
        tax = "В т.ч. НДС 20% - 12.34"
        return [
            self._document(9001, sum(minor for _, minor, _ in both), f"Оплата по счетам № {numbers}. {tax}", named),
            self._document(9002, silent.total, "Оплата услуг связи. Без налога (НДС)", silent),
            self._document(9003, part.owed[0][1] - 100, "За связь, часть", part),
            Document(minor, f"Счет {number}", "9004", self.today, THIRD, THIRDS_INN),
            Document(543_21, "Возврат по договору", "9005", self.today, STRANGER, STRANGERS_INN),
            Document(150_00, "Комиссия банка", "9006", self.today, "АО Банк", "", spent=True),
        ]

    def _document(self, number: int, minor: int, purpose: str, by: Debtor) -> Document:
        return Document(minor, purpose, str(number), self.today, by.name, by.inn)

    def statement(self, file: Path) -> Path:
        own = {"account": self.company.bank_account, "our_inn": self.company.inn}
        file.write_bytes(Statement.of(self.documents(), **own).bytes())
        return file


def test_a_month_of_the_client_department(
    page_for: Callable[..., Page], session: Session, app: Flask, tmp_path: Path, axe, fits
) -> None:
    story = tell(session)
    file = story.statement(tmp_path / "kl_to_1c.txt")
    documents = story.documents()
    received = collected(session, story)
    coming = sum(document.minor for document in documents[:4])
    plan = (received + coming * 9 // 10) // 100 * 100
    session.rollback()

    set_the_plan(page_for(story.head), story, plan)
    page = page_for(story.clerk)
    work_the_queue(page, session, story, documents[0].minor)
    before = reached(page)
    assert before < 100
    shown = look_at_the_statement(page, file, documents, lambda: (axe(page), fits(page)))
    bring_it_in(page, lambda: axe(page))
    assert entered(session) == shown, "what was shown is what was done"
    imported = sum(document.minor for document in documents[:2])
    assert reached(page) == (received + imported) * 100 // plan > before
    match_the_rest(page, story)
    assert reached(page) == (received + coming) * 100 // plan >= 100
    assert collected(session, story) == received + coming
    the_promise_is_kept(page, session, story)

    with app.app_context():
        read_payments()  # what each minute does
    hunters = sorted({debtor.hunter_id for debtor in story.debtors[:4]})
    paid = [read_the_statement_of_commission(page_for, session, story, hunter) for hunter in hunters]
    assert any(paid), "it is their reason to keep records"
    close_the_month(page_for(story.director), session, app, story)


def tell(session: Session) -> Story:
    """The clerk with the most debtors, on whatever day of the month this is. The director asks for a call to each of
    them, and to some more, so that all of them stand in the queue. Everybody reads English."""
    session.execute(update(User).values(language="en"))
    company, at = session.get_one(Company, 1), now()
    number, debtors = max(found_debtors(session).items(), key=lambda item: (len(item[1]), -item[0]))
    if len(debtors) < 5:  # at a month's end few owe anything
        invoice_some(session, number, 5 - len(debtors), company.today(at))
        debtors = found_debtors(session)[number]
    debtors.sort(key=lambda debtor: (-len(debtor.owed), debtor.id))
    clerk, director = session.get_one(User, number), of(session, Role.DIRECTOR)
    served = select(Engagement).where(Engagement.owner_id == number, Engagement.closed_at.is_(None))
    five = Engagement.client_id.in_([debtor.id for debtor in debtors[:5]])
    waiting = Engagement.client_id.not_in(resting())
    others = session.scalars(served.where(~five, waiting).order_by(Engagement.id).limit(3)).all()
    for lane in (*session.scalars(served.where(five)), *others):
        Task.plan(session, lane, TaskKind.CALL, "Call them", company.today(at), by=director, at=at)
    session.flush()
    keep(session, everybody(session), at=at)
    called = [lane.client.name for lane in others]
    session.commit()
    people = (clerk, of(session, Role.HEAD, Department.CLIENT), director)
    for each in (*people, company):
        session.refresh(each)
        session.expunge(each)
    return Story(*people, company, company.today(at), debtors[:5], called)


def resting() -> Select[tuple[int]]:
    """Clients whom somebody called lately, and who are not to be called again yet."""
    return select(Operation.client_id).where(Operation.back_at > now())


def of(session: Session, role: Role, department: Department | None = None) -> User:
    found = select(User).where(User.role == role, User.department == department, User.deactivated_at.is_(None))
    return session.scalars(found.order_by(User.id)).first()


def found_debtors(session: Session) -> dict[int, list[Debtor]]:
    """By clerk: clients whose hunter works here still, and who owe roubles, none of them disputed."""
    hunters = select(User.id).where(User.deactivated_at.is_(None))
    disputing = select(Invoice.client_id).where(Invoice.disputed_at.is_not(None), Invoice.outstanding_minor > 0)
    rows = session.execute(
        select(Engagement.owner_id, Client, Invoice)
        .join(Client, Client.id == Invoice.client_id)
        .join(Engagement, Engagement.client_id == Client.id)
        .where(Engagement.department == Department.CLIENT, Engagement.closed_at.is_(None))
        .where(Invoice.outstanding_minor > 0, Invoice.currency == "RUB", Client.id.not_in(disputing))
        .where(Client.attracted_by_id.in_(hunters), Client.inn != "", Client.id.not_in(resting()))
        .order_by(Invoice.due_on, Invoice.id)
    )
    found: dict[int, dict[int, Debtor]] = {}
    for owner, client, invoice in rows:
        known = found.setdefault(owner, {})
        debtor = known.setdefault(client.id, Debtor(client.id, client.name, client.inn, client.attracted_by_id, []))
        debtor.owed.append((invoice.number, invoice.outstanding_minor, invoice.issued_on))
    return {owner: list(known.values()) for owner, known in found.items()}


def invoice_some(session: Session, clerk_id: int, count: int, today: date) -> None:
    """An invoice of today for so many clients of the clerk's who owe nothing."""
    owing = select(Invoice.client_id).where(Invoice.outstanding_minor > 0)
    lanes = select(Engagement.client_id).where(Engagement.owner_id == clerk_id, Engagement.closed_at.is_(None))
    clients = select(Client).where(Client.id.in_(lanes), Client.id.not_in(owing), Client.inn != "")
    clients = clients.where(Client.attracted_by_id.in_(select(User.id).where(User.deactivated_at.is_(None))))
    clients = clients.where(Client.id.not_in(resting()))
    for place, client in enumerate(session.scalars(clients.order_by(Client.id).limit(count))):
        make_invoice(session, client, 12_345_00 + place * 1_000_00, today, at=now())
    session.flush()


def collected(session: Session, story: Story) -> int:
    """What counts for the clerk's plan of this month by now, in kopecks."""
    session.rollback()
    mine = (Allocation.collected_by_id == story.clerk.id, Allocation.currency == "RUB")
    month = Allocation.entered_on >= month_of(story.today)
    return int(session.scalar(select(func.sum(Allocation.amount_minor)).where(*mine, month)) or 0)


def set_the_plan(page: Page, story: Story, minor: int) -> None:
    page.goto(f"/plan?clerk={story.clerk.id}")
    page.locator("#set-plan").click()
    page.get_by_label("To collect").fill(f"{minor // 100}")
    page.get_by_label("Why").fill("What is owed, and what came")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#plan-RUB .plan-bar-line")).to_contain_text(f"of RUB {minor // 100:,}")


def reached(page: Page) -> int:
    """Percent of the plan, as the bar above the queue and the plan's own page say alike."""
    page.goto("/queue")
    above = page.locator(".plan-lines .plan-bar-line").first.locator("b").last.inner_text()
    page.goto("/plan")
    expect(page.locator("#plan-RUB .plan-bar-line b").last).to_have_text(above)
    return int(above.removesuffix("%"))


def work_the_queue(page: Page, session: Session, story: Story, promised: int) -> None:
    """By keys alone, in the order of the queue, until everybody who is looked for was dealt with."""
    named, *_, disputes = story.debtors
    wanted = {named.name: "p", disputes.name: "x"} | dict(zip(story.others, "dlh", strict=True))
    debtors = {debtor.name for debtor in story.debtors}
    session.rollback()
    first = session.scalar(select(func.max(Operation.id))) or 0
    session.rollback()
    title = page.locator("[data-queue-title]")
    page.goto("/queue")
    done: dict[str, str] = {}
    while wanted.keys() - done:
        expect(title).to_be_focused()
        name = title.inner_text()
        if not page.locator('[data-key="N"]').count():  # an offered client is answered on its own page
            page.keyboard.press("j")
            expect(title).not_to_have_text(name)
            continue
        key = wanted.get(name, "d" if name in debtors else "n")
        page.keyboard.press(key)
        if key == "p":
            page.keyboard.type(f"{promised // 100}.{promised % 100:02d}")
            due = story.today + timedelta(days=3)
            page.locator("#due-on").fill(due.isoformat())
        if key == "x":
            page.keyboard.press("Tab")
            if not page.locator("details[open] [name=invoice]").first.is_checked():
                page.keyboard.press("Space")
        page.keyboard.press("Enter")
        expect(title).not_to_have_text(name)
        done[name] = key
    session.rollback()
    kept = select(Operation).where(Operation.id > first).order_by(Operation.id)
    meant = {"p": "promised", "x": "disputed", "d": "done", "l": "postponed", "h": "handed", "n": "noanswer"}
    operations = session.scalars(kept).all()
    assert {each.client.name: each.outcome.value for each in operations} == {
        name: meant[key] for name, key in done.items()
    }
    assert all(each.interaction is not None for each in operations), "each outcome stands on the timeline"
    given = next(each.client for each in operations if each.outcome is Outcome.HANDED)
    assert given.open_engagement(Department.CLIENT).owner_id != story.clerk.id
    disputed = select(Invoice).where(Invoice.client_id == disputes.id, Invoice.disputed_at.is_not(None))
    assert session.scalars(disputed).all()


Shown = dict[str, str]
"""By the number of the bank's document: what it covers, as the preview says it."""


def look_at_the_statement(page: Page, file: Path, documents: list[Document], look: Callable[[], object]) -> Shown:
    page.goto("/statements")
    page.get_by_label("File", exact=True).set_input_files(file)
    page.get_by_role("button", name="Read the file").click()
    expect(page.get_by_text("Nothing is written yet.")).to_be_visible()
    state = page.locator("#statement-state")
    for tile, count in (("New payments", "5"), ("Covers invoices at once", "2"), ("For a person", "3")):
        expect(state.locator(".tile", has_text=tile)).to_contain_text(count)
    expect(state).to_contain_text("The balance of account")
    look()
    page.set_viewport_size({"width": 360, "height": 740})
    look()
    page.set_viewport_size({"width": 1280, "height": 800})
    shown = {}
    for row in state.locator("tbody tr").all():
        (document,) = [each for each in documents if each.purpose in row.locator("th").inner_text()]
        covers = row.locator("td").last.inner_text().splitlines()
        shown[document.number] = covers[0] if len(covers) > 1 else ""
    assert len(shown) == 5
    return shown


def bring_it_in(page: Page, look: Callable[[], object]) -> None:
    page.get_by_role("button", name="Import this").click()
    expect(page.get_by_text("Imported. What was certain covers its invoices")).to_be_visible()
    look()


def entered(session: Session) -> Shown:
    """The same of what stands in the books."""
    session.rollback()
    found = {}
    for payment in session.scalars(select(Payment).where(Payment.document_number.in_(map(str, range(9001, 9007))))):
        labels = [each.invoice.label for each in sorted(payment.allocations, key=lambda each: each.id)]
        found[payment.document_number] = f"{payment.client.name} · {', '.join(labels)}" if labels else ""
    return found


def match_the_rest(page: Page, story: Story) -> None:
    """Two clicks at most: a suggestion is confirmed, and that the third party pays for the client is remembered."""
    page.goto("/payments")
    _, _, part, third, _ = story.debtors
    row = page.locator("li.payment", has_text="No. 9003")
    expect(row).to_contain_text("The client pays, but neither number nor sum fits: the oldest invoices first")
    row.get_by_role("button", name=f"Confirm: {part.name}").click()
    expect(row).to_have_count(0)
    row = page.locator("li.payment", has_text="No. 9004")
    expect(row).to_contain_text("Number and sum of the invoice fit, but somebody else pays")
    suggested = row.locator(".suggestion", has_text=third.name)
    suggested.get_by_label("This payer pays for this client").check()
    suggested.get_by_role("button", name=f"Confirm: {third.name}").click()
    expect(row).to_have_count(0)
    row = page.locator("li.payment", has_text="No. 9005")
    expect(row).to_contain_text("Nothing fits by number, payer or sum.")
    row.get_by_role("link", name="Set it aside").click()
    page.get_by_label("Why").fill("They will ask for it back")
    page.get_by_role("button", name="Save").click()
    expect(row).to_have_count(0)


def the_promise_is_kept(page: Page, session: Session, story: Story) -> None:
    named = story.debtors[0]
    session.rollback()
    newest = select(PromiseToPay).where(PromiseToPay.client_id == named.id).order_by(PromiseToPay.id.desc()).limit(1)
    promise = session.scalars(newest).one()
    assert (promise.state, promise.amount_minor) == (PromiseToPayState.KEPT, story.documents()[0].minor)
    page.goto(f"/clients/{named.id}")
    expect(page.locator("main")).to_contain_text("Kept a promise to pay")


def lines_of(page: Page, person_id: int, month: date) -> list[str]:
    """Every line of a person's statement of commission, over all its pages."""
    told: list[str] = []
    number = 1
    while True:
        page.goto(f"/commission/people/{person_id}/{month:%Y-%m}?page={number}")
        told += [text.replace("\xa0", " ") for text in page.locator("#lines li").all_inner_texts()]
        if len(told) < 50 * number:
            return told
        number += 1


def read_the_statement_of_commission(
    page_for: Callable[..., Page], session: Session, story: Story, hunter_id: int
) -> bool:
    """Each payment that the statement brought has its line, which says in a sentence what it gave by which rule, or
    why it gave nothing. Whether any gave something."""
    session.rollback()
    hunter = session.get_one(User, hunter_id)
    brought = (
        select(Client.name, Allocation.amount_minor)
        .select_from(Allocation)
        .join(Payment, Payment.id == Allocation.payment_id)
        .join(Client, Client.id == Allocation.client_id)
        .where(Payment.document_number.in_(["9001", "9002", "9003", "9004"]), Client.attracted_by_id == hunter_id)
    )
    allocations = session.execute(brought).all()
    assert allocations
    session.rollback()
    lines, told = lines_of(page_for(hunter), hunter_id, month_of(story.today)), list[str]()
    for name, minor in allocations:
        major = f"RUB {minor // 100:,}.{minor % 100:02d}"
        mine = [line for line in lines if name in line and f"{major} by {name} of" in line]
        assert mine, (name, major, lines)
        told += mine
    paid = [line for line in told if "% of the" in line and "by the rule" in line]
    assert all(line in paid or ": nothing" in line for line in told), told
    return bool(paid)


def ledger(session: Session, month: date) -> list[tuple[object, ...]]:
    session.rollback()
    rows = select(CommissionEntry.__table__).where(CommissionEntry.month == month).order_by(CommissionEntry.id)
    return [tuple(row) for row in session.execute(rows)]


def close_the_month(page: Page, session: Session, app: Flask, story: Story) -> None:
    """The running month is a preview that holds what was worked on; those that are over close one after the other,
    and never change."""
    running = month_of(story.today)
    over = months_on(closed_through(session).month, 1)
    assert over < running, "the demo leaves a month to be closed, and a month may end while the tests run"
    page.goto("/commission")
    expect(page.locator("#months li", has_text=f"{running:%B %Y}")).to_contain_text("not closed yet")
    while over < running:
        close = page.locator("#close button")
        expect(close).to_contain_text(f"{over:%B %Y} for good")
        expect(close).to_have_count(1)
        close.click()
        page.get_by_role("button", name="Close for good", exact=True).click()
        expect(page.locator("#toasts")).to_contain_text(f"{over:%B %Y} is closed for good")
        over = months_on(over, 1)
    over = months_on(running, -1)
    expect(page.locator("#close")).to_have_count(0)
    closed = ledger(session, over)
    assert closed
    give_back_what_a_closed_month_paid_for(session, story, over)
    with app.app_context():
        read_payments()
    assert ledger(session, over) == closed
    session.rollback()
    corrected = select(CommissionEntry.amount_minor).where(
        CommissionEntry.month == running, CommissionEntry.corrects == over, CommissionEntry.amount_minor < 0
    )
    assert session.scalars(corrected).all(), "the correction stands in the running month"


def give_back_what_a_closed_month_paid_for(session: Session, story: Story, over: date) -> None:
    paid = select(Allocation).join(CommissionEntry, CommissionEntry.allocation_id == Allocation.id)
    paid = paid.where(CommissionEntry.month == over, CommissionEntry.amount_minor > 0).order_by(Allocation.id.desc())
    allocation = next(each for each in session.scalars(paid) if each in each.payment.standing)
    clerk = session.get_one(User, story.clerk.id)
    allocation.payment.free(session, allocation, by=clerk, at=now(), on=story.today)
    session.commit()
