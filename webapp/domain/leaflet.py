"""Leaflets: the page about a new product that lies with an invoice, decided when the invoice is written."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from webapp.domain.awareness import Awareness
from webapp.domain.awareness_state import AwarenessState
from webapp.domain.invoice import Invoice
from webapp.domain.launch import Launch
from webapp.domain.launch_figures import keep_figures
from webapp.domain.launch_state import Channel, LaunchState, Step, TouchState
from webapp.domain.launch_touch import LaunchClient, LaunchTouch
from webapp.domain.product import Product


def enclose(session: Session, invoices: Sequence[Invoice], day: date) -> None:
    """Lay the leaflets of running launches with the invoices that were just written. One invoice carries one leaflet,
    that of the older launch; another waits for the next. A fixed number of statements, however many invoices."""
    first: dict[int, Invoice] = {}
    for invoice in invoices:
        first.setdefault(invoice.client_id, invoice)
    known = (Awareness.client_id == LaunchTouch.client_id, Awareness.product_id == Launch.product_id)
    owned = (*known, Awareness.state == AwarenessState.OWNED)
    waiting = (
        select(LaunchTouch)
        .join(Launch, Launch.id == LaunchTouch.launch_id)
        .join(LaunchClient, LaunchClient.id == LaunchTouch.launch_client_id)
        .where(LaunchClient.refused.is_(False), LaunchClient.step < Step.BOUGHT, ~exists().where(*owned))
        .where(LaunchTouch.client_id.in_(first), LaunchTouch.channel == Channel.LEAFLET)
        .where(LaunchTouch.state == TouchState.PLANNED, Launch.state == LaunchState.RUNNING)
        .where(Launch.starts_on <= day, Launch.ends_on >= day)
        .order_by(LaunchTouch.launch_id, LaunchTouch.id)
    )
    given: set[int] = set()
    for touch in session.scalars(waiting).all() if first else ():
        carries = first.pop(touch.client_id, None)
        if carries is not None:
            touch.invoice_id = carries.id
            touch.give()
            given.add(touch.launch_id)
    keep_figures(session, given)


def leaflet_of(session: Session, invoice: Invoice) -> dict[str, Any] | None:
    """What the leaflet of an invoice says; its launch has started, so that its words no longer change."""
    found = session.execute(
        select(Product.name, Launch.leaflet)
        .join(Launch, Launch.product_id == Product.id)
        .join(LaunchTouch, LaunchTouch.launch_id == Launch.id)
        .where(LaunchTouch.invoice_id == invoice.id)
    ).one_or_none()
    return None if found is None else {"product": found.name, "text": found.leaflet}
