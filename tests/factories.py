"""Small true things to test with: each is made by the domain's own verb, with its event, and flushed.

``session`` first, then what it belongs to; whoever owns the client did it, at AT, unless the test says otherwise.
"""

from datetime import date, datetime
from itertools import count
from typing import Any

from sqlalchemy.orm import Session

from tests.cast import AT, stages, TODAY
from webapp.domain.bundling import Part
from webapp.domain.client import Client
from webapp.domain.company import Company
from webapp.domain.contact import Contact
from webapp.domain.contract import Contract
from webapp.domain.deal import Deal, Line
from webapp.domain.engagement import Engagement
from webapp.domain.handoff import HandOff
from webapp.domain.interaction import Interaction, InteractionKind
from webapp.domain.invoice import Invoice
from webapp.domain.letter import Letter
from webapp.domain.letter_state import LetterKind
from webapp.domain.payment import Payment
from webapp.domain.product import Billing, Product
from webapp.domain.promise import Promise
from webapp.domain.stage import Stage
from webapp.domain.task import Task, TaskKind
from webapp.domain.user import User
from webapp.domain.words import Department

_numbers = count(1)


def number() -> int:
    """The next number that makes a name one of its own within a test."""
    return next(_numbers)


def number_anew() -> None:
    """From one again: on the other database a test then shows the same pages, which are not read strictly again."""
    global _numbers  # noqa: PLW0603 - there is one row of numbers
    _numbers = count(1)


def make_client(
    session: Session, owner: User, *, name: str = "", stage: Stage | int = 0, at: datetime = AT, **fields: Any
) -> Client:
    """A client in the owner's lane, which the owner answers for; ``stage`` is a stage or its position."""
    assert owner.department is not None, "a director or administrator owns no client"
    where = stage if isinstance(stage, Stage) else stages(session, owner.department)[stage]
    client = Client.add(session, name or f"Client {number()}", by=owner, at=at, **fields)
    Engagement.open(session, client, where, owner, by=owner, at=at)
    return client


def engagement_of(client: Client, department: Department | None = None) -> Engagement:
    """The client's open engagement: the department's, or its only one."""
    if department is None:
        (found,) = client.open_engagements
        return found
    opened = client.open_engagement(department)
    assert opened is not None
    return opened


def make_engagement(session: Session, client: Client, owner: User, *, stage: int = 0, at: datetime = AT) -> Engagement:
    """A further department's work with the client."""
    assert owner.department is not None
    return Engagement.open(session, client, stages(session, owner.department)[stage], owner, by=owner, at=at)


def make_contact(
    session: Session, client: Client, name: str = "Ivan Petrov", *, at: datetime = AT, **fields: Any
) -> Contact:
    """A contact with a phone and an e-mail."""
    details = {"phone": "+79161234567", "email": "ivan@client.test"} | fields
    return Contact.add(session, client, name, by=_owner(client), at=at, **details)


def make_task(
    session: Session,
    client: Client,
    due_on: date = TODAY,
    *,
    subject: str = "Call about the need",
    kind: TaskKind = TaskKind.CALL,
    department: Department | None = None,
    at: datetime = AT,
    **fields: Any,
) -> Task:
    """An open task in the client's engagement."""
    engagement = engagement_of(client, department)
    return Task.plan(session, engagement, kind, subject, due_on, by=engagement.owner, at=at, **fields)


def make_interaction(
    session: Session,
    client: Client,
    kind: InteractionKind = InteractionKind.CALL,
    outcome: str = "They want to see prices",
    *,
    by: User | None = None,
    at: datetime = AT,
    **fields: Any,
) -> Interaction:
    """A contact that happened."""
    return Interaction.record(session, client, kind, outcome, by=by or _owner(client), at=at, **fields)


def make_promise(
    session: Session, client: Client, text: str = "Free delivery in May", *, at: datetime = AT, **fields: Any
) -> Promise:
    """An open promise of the owner's."""
    return Promise.make(session, client, text, by=fields.pop("by", None) or _owner(client), at=at, **fields)


def make_product(
    session: Session,
    by: User,
    name: str = "",
    *,
    price_minor: int = 100_00,
    currency: str = "RUB",
    billing: Billing = Billing.ONE_OFF,
    at: datetime = AT,
    **fields: Any,
) -> Product:
    """A product of the catalogue."""
    return Product.add(
        session, name or f"Product {number()}", price_minor, currency, by=by, at=at, billing=billing, **fields
    )


def make_bundle(session: Session, by: User, *parts: Product, at: datetime = AT, **fields: Any) -> Product:
    """A product that holds one of each of these."""
    bundle = make_product(session, by, billing=parts[0].billing, at=at, **fields)
    held = [Part(part.id, 1000) for part in parts]
    session.add(bundle.bundle(session, held, None, by=by, at=at, seen=bundle.version))
    session.flush()
    return bundle


def line(
    price_minor: int = 1_000_00, *, quantity: int = 1, billing: Billing = Billing.ONE_OFF, name: str = "Line"
) -> Line:
    """One line of a deal; ``quantity`` in whole units."""
    return Line(name, quantity * 1000, price_minor, billing)


def make_deal(
    session: Session,
    client: Client,
    *lines: Line,
    name: str = "Deal",
    currency: str = "RUB",
    department: Department | None = None,
    at: datetime = AT,
    expected_on: date | None = None,
) -> Deal:
    """An open deal of the engagement's owner, with one line of 1 000 unless the test gives lines."""
    engagement = engagement_of(client, department)
    return Deal.add(
        session,
        engagement,
        name,
        currency,
        by=engagement.owner,
        at=at,
        lines=lines or (line(),),
        expected_on=expected_on,
    )


def make_handoff(
    session: Session, client: Client, receiver: Department, *, giver: Department | None = None, at: datetime = AT
) -> HandOff:
    """A drafted hand-off whose required checklist lines are answered."""
    engagement = engagement_of(client, giver)
    handoff = HandOff.draft(session, engagement, receiver, by=engagement.owner, at=at)
    answers = {item.key: f"About {item.key}" for item in handoff.route.required}
    session.add(handoff.fill(answers, by=engagement.owner, at=at, seen=handoff.version))
    session.flush()
    return handoff


def make_offer(
    session: Session, client: Client, receiver: Department, *, giver: Department | None = None, at: datetime = AT
) -> HandOff:
    """An offered hand-off: its SLA clock runs."""
    handoff = make_handoff(session, client, receiver, giver=giver, at=at)
    company = session.get_one(Company, 1)
    session.add(handoff.offer(by=handoff.engagement.owner, at=at, company=company, seen=handoff.version))
    session.flush()
    return handoff


def _owner(client: Client) -> User:
    return client.open_engagements[0].owner


def make_contract(
    session: Session,
    client: Client,
    amount_minor: int = 100_000,
    starts_on: date = date(2026, 1, 1),
    *,
    name: str = "Internet access",
    billing: Billing = Billing.MONTHLY,
    currency: str = "RUB",
    at: datetime = AT,
    **fields: Any,
) -> Contract:
    """A contract that the client pays monthly."""
    given = {"by": _owner(client)} | fields
    return Contract.conclude(session, client, name, billing, amount_minor, currency, starts_on, at=at, **given)


def make_invoice(
    session: Session, client: Client, total_minor: int = 100_000, on: date = TODAY, *, at: datetime = AT, **fields: Any
) -> Invoice:
    """An invoice of that sum, of a one-off contract made for it, issued and due on the day."""
    contract = make_contract(session, client, total_minor, on, billing=Billing.ONE_OFF, payment_day=on.day, **fields)
    number = Invoice.next_number(session, on.year)
    invoice = Invoice.issue(session, contract, on.replace(day=1), number, by=None, at=at, on=on)
    session.flush()
    session.add(invoice.issued(by=None, at=at))
    return invoice


def make_payment(
    session: Session,
    amount_minor: int = 100_000,
    received_on: date = TODAY,
    *,
    client: Client | None = None,
    by: User | None = None,
    at: datetime = AT,
    **fields: Any,
) -> Payment:
    """Money that came in, which covers nothing yet."""
    return Payment.receive(session, amount_minor, "RUB", received_on, by=by, at=at, client=client, **fields)


def make_letter(session: Session, client: Client, *, at: datetime = AT, **fields: Any) -> Letter:
    """A letter that waits; the company's e-mail is set up by it where it is not yet."""
    company = session.get_one(Company, 1)
    company.mail_host, company.mail_from = company.mail_host or "localhost", company.mail_from or "office@baton.test"
    given = {
        "kind": LetterKind.INVOICE,
        "purpose": f"test:{number()}",
        "address": "ivan@client.test",
        "subject": "Invoice 17/2026",
        "body": "Dear Ivan,\n\nplease pay.\n",
        "language": "en",
        "by": _owner(client),
    } | fields
    return Letter.write(session, client, at=at, **given)
