"""What the demo company is paid: contracts, invoices, and clients who pay early, late, in part or not at all."""

from collections.abc import Callable
from datetime import datetime, time, timedelta
from itertools import groupby

from webapp.demo.world import Telling, World
from webapp.domain.calendar import month_of, months_on
from webapp.domain.client import Client
from webapp.domain.contract import Contract
from webapp.domain.deal import Deal, DealStatus
from webapp.domain.invoice import Invoice
from webapp.domain.invoicing import raise_due, write_due
from webapp.domain.payment import Payment
from webapp.domain.product import Billing
from webapp.domain.user import User
from webapp.domain.words import Department

MONTHS = 8
"""So many months before the end the company begins to write its invoices here."""

NIGHT = time(2, 10)
NEVER = 9_999
"""Days late: such a client pays no more."""

QUIT = 75
"""Days before the end on which a client ends its contract."""

HABITS: tuple[tuple[int, Callable[[World], int]], ...] = (
    (62, lambda world: world.habits.randint(-6, 0)),
    (24, lambda world: world.habits.randint(1, 9)),
    (9, lambda world: world.habits.randint(10, 45)),
    (5, lambda world: world.habits.randint(50, 110)),
)
"""Of a hundred clients so many pay within these days of the due day."""


def begin_to_invoice(world: World) -> Telling:
    """On the first of a month what was won before is written down as contracts too."""
    first = months_on(month_of(world.until.astimezone(world.zone).date()), -MONTHS)
    yield datetime.combine(first, time(0, 30), world.zone)
    for story in world.stories:
        for deal in story.client.deals:
            if deal.status is DealStatus.WON and story.client.lost_at is None:
                conclude(world, deal, begun=True)
    world.pace.write()


def conclude(world: World, deal: Deal, *, begun: bool = False) -> None:
    """A contract for each line of a won deal; of deals won before, only what is paid monthly."""
    if world.today < months_on(month_of(world.until.astimezone(world.zone).date()), -MONTHS):
        return
    starts = world.today if begun else months_on(month_of(world.today), 1)
    for line in deal.lines:
        monthly = line.billing is Billing.MONTHLY
        if not line.total_minor or (begun and not monthly):
            continue
        ends = starts + timedelta(days=world.habits.randint(200, 420)) if world.habits.random() < 0.3 else None
        contract = Contract.conclude(
            world.session,
            deal.client,
            line.name,
            line.billing,
            line.total_minor,
            deal.currency,
            starts if monthly else world.today,
            by=deal.owner,
            at=world.now,
            deal=deal,
            product_id=line.product_id,
            number=f"{deal.id}-{line.position + 1}",
            tax=world.texts.tax,
            ends_on=ends if monthly else None,
            payment_day=world.habits.choice((5, 10, 10, 10, 15, 20)),
            indexation=world.habits.choice((0, 0, 500, 800)),
        )
        world.contracts.append(contract)


def nights(world: World) -> Telling:
    """Each night's invoices, and how they are paid."""
    day = months_on(month_of(world.until.astimezone(world.zone).date()), -MONTHS)
    quits = world.until.astimezone(world.zone).date() - timedelta(days=QUIT)
    while True:
        yield datetime.combine(day, NIGHT, world.zone)
        if any(contract.next_invoice_on and contract.next_invoice_on <= day for contract in world.contracts):
            _write(world)
        if day == quits:
            _quit(world)
        day += timedelta(days=1)


def _write(world: World) -> None:
    with world.pace.at_once():
        raise_due(world.session, world.today, at=world.now, most=1000)
        write_due(world.session, world.today, at=world.now, most=1000)
    fresh = [
        contract.invoices[-1]
        for contract in world.contracts
        if contract.invoices and contract.invoices[-1].issued_on == world.today
    ]
    fresh.sort(key=lambda invoice: (invoice.client_id, invoice.due_on, invoice.currency))
    by_client = groupby(fresh, key=lambda invoice: (invoice.client_id, invoice.due_on, invoice.currency))
    for number, (_, invoices) in enumerate(by_client):
        together = list(invoices)
        world.tell(_pay(world, together, number))


def _pay(world: World, invoices: list[Invoice], number: int) -> Telling:
    """A client pays what fell due together, by its habit; some pay a part first, one in a hundred too much."""
    client = invoices[0].client
    habit = client.id * 37 % 100
    within = next(days for share, days in _bands() if habit < share)(world)
    later = world.leaving.get(client.id, 0)
    due = invoices[0].due_on + timedelta(days=within + later)
    moment = world.on(max(due, world.today))
    yield moment
    if number % 40 == 7 and within > 0:
        yield from _dispute(world, invoices[0])
    owed = sum(invoice.outstanding_minor for invoice in invoices)
    if client.id % 11 == 3 and owed:
        _receive(world, client, invoices, owed * 60 // 100)
        yield world.later(9, 30)
        owed = sum(invoice.outstanding_minor for invoice in invoices)
    if owed:
        _receive(world, client, invoices, owed + (5_000 if number % 97 == 13 else 0))


def _bands() -> list[tuple[int, Callable[[World], int]]]:
    total, found = 0, []
    for share, days in HABITS:
        total += share
        found.append((total, days))
    return found


def _receive(world: World, client: Client, invoices: list[Invoice], minor: int) -> None:
    by = _clerk(world, client)
    numbers = ", ".join(invoice.label for invoice in invoices)
    payment = Payment.receive(
        world.session,
        minor,
        invoices[0].currency,
        world.today,
        by=by,
        at=world.now,
        client=client,
        payer_name=client.name,
        payer_inn=client.inn,
        purpose=world.texts.purpose.format(numbers=numbers),
    )
    for invoice in invoices:
        if invoice.is_owed and payment.free_minor:
            payment.allocate(world.session, invoice, by=by, at=world.now)


def _dispute(world: World, invoice: Invoice) -> Telling:
    """The client does not accept an invoice; a part of it is taken back, unless history ends before."""
    by = _clerk(world, invoice.client)
    if not invoice.is_owed:
        return
    world.session.add(invoice.dispute("service", world.texts.dispute, by=by, at=world.now))
    yield world.later(12, 25)
    with world.pace.at_once():
        minor = invoice.total_minor // 10
        invoice.credit(
            world.session, minor, world.texts.credit, by=by, at=world.now, on=world.today, seen=invoice.version
        )
    world.session.add(invoice.agree(by=by, at=world.now))
    yield world.later(1, 4)


def _quit(world: World) -> None:
    """One client ends a contract at the end of the next month."""
    ending = next(c for c in world.contracts if c.is_monthly and c.ends_on is None and c.invoices)
    last = months_on(month_of(world.today), 2) - timedelta(days=1)
    by = _clerk(world, ending.client)
    world.session.add(ending.end(last, world.texts.quits, by=by, at=world.now, seen=ending.version))


def unsettled(world: World) -> Telling:
    """In the last days a client who is late says why, and nothing is settled yet."""
    yield world.worked_ago(26)
    owed = [invoice for contract in world.contracts for invoice in contract.invoices if invoice.is_owed]
    latest = min((i for i in owed if i.disputed_at is None), key=lambda invoice: (invoice.due_on, invoice.id))
    by = _clerk(world, latest.client)
    world.session.add(latest.dispute("documents", world.texts.dispute, by=by, at=world.now))


def strangers(world: World) -> Telling:
    """In the last days money comes whose client nobody knows: for an invoice of somebody's, or for nothing of ours."""
    for number, stranger in enumerate(world.texts.strangers):
        yield world.worked_ago(20 - 6 * number)
        name, _, purpose = stranger.partition("|")
        meant = _longest_owed(world, number)
        Payment.receive(
            world.session,
            meant.outstanding_minor if number == 0 else 1_234_500 + number * 311_100,
            world.company.currency,
            world.today,
            by=world.users["head_of_client"],
            at=world.now,
            payer_name=name,
            payer_account=f"{40817810000000000011 + number}",
            purpose=purpose.format(number=meant.number),
        )


def _longest_owed(world: World, place: int) -> Invoice:
    """One of those that nobody will pay soon: the oldest ones that are owed, and not disputed."""
    invoices = (invoice for contract in world.contracts for invoice in contract.invoices)
    owed = [each for each in invoices if each.is_owed and each.disputed_at is None]
    alike = [each for each in owed if each.currency == world.company.currency]
    return sorted(alike, key=lambda invoice: (invoice.due_on, invoice.id))[2 * place + 2]


def _clerk(world: World, client: Client) -> User:
    lane = client.open_engagement(Department.CLIENT)
    return lane.owner if lane is not None else world.users["head_of_client"]
