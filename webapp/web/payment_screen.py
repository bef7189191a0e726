"""One payment's screen: what it takes to show it, and to find whose it is."""

from typing import Any

from flask import request

from webapp.db import db
from webapp.domain.client import Client
from webapp.domain.covering import spread
from webapp.domain.matching import REASONS
from webapp.domain.payment import Payment
from webapp.queries import clients
from webapp.queries.payment_matches import resembled, suggestions_for
from webapp.queries.payment_page import invoices_numbered, open_invoices, OpenInvoice, payment_page
from webapp.web.access import actor, load
from webapp.web.checks import clean
from webapp.web.payment_forms import Typed, whole


def payment_context(payment: Payment, typed: Typed | None = None, wrong: str = "") -> dict[str, Any]:
    """What the template takes. ``typed`` are the sums of a spread that was refused, ``wrong`` what is said above."""
    session = db.session()
    chosen = chosen_client(payment) if payment.free_minor else None
    invoices = open_invoices(session, actor(), chosen.id, payment.currency) if chosen is not None else ()
    search = clean(request.args.get("q"))[:100]
    asks = bool(payment.free_minor) and payment.set_aside_at is None
    may_move = bool(payment.free_minor) and not payment.allocated_minor
    return {
        "payment": payment,
        "view": payment_page(session, actor(), payment),
        "matches": suggestions_for(session, actor(), [payment])[payment.id] if asks and chosen is None else (),
        "resembled": resembled(session, actor(), [payment]).get(payment.id) if payment.free_minor else None,
        "chosen": chosen,
        "invoices": invoices,
        "typed": typed or offered(payment, invoices),
        "search": search,
        "found_clients": clients.search(session, actor(), search) if search and may_move else (),
        "found_invoices": invoices_numbered(session, actor(), search.removeprefix("№").strip(), payment.currency)
        if search and may_move
        else (),
        "reasons": REASONS,
        "may_move": may_move,
        "wrong": wrong,
    }


def chosen_client(payment: Payment) -> Client | None:
    """Whose invoices are offered: the one that was looked for, else the payment's own."""
    asked = whole(request.values.get("client"))
    return load(Client, asked) if asked is not None and not payment.allocated_minor else payment.client


def offered(payment: Payment, invoices: tuple[OpenInvoice, ...]) -> Typed:
    """The sums that stand in the fields at first: the invoice that was looked for, then the oldest."""
    first = whole(request.args.get("invoice"))
    order = sorted(invoices, key=lambda invoice: invoice.id != first)
    undisputed = [(each.id, each.outstanding_minor) for each in order if not each.disputed or each.id == first]
    parts = spread(payment.free_minor, undisputed)
    return Typed({number: f"{minor // 100}.{minor % 100:02d}" for number, minor in parts}, [], {})
