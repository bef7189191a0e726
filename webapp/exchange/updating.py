"""Updating what an export tells anew. Each changed record keeps what was replaced, and tells it."""

from typing import Any

from sqlalchemy import select, update

from webapp.domain.client import Client
from webapp.domain.deal import Deal, DealLine
from webapp.domain.product import Product
from webapp.domain.user import User
from webapp.exchange.planned import Update
from webapp.exchange.writing import Desk, plain, typed

TOLD = {"user": "user:changed", "product": "product:changed", "client": "client:changed", "deal": "deal:changed"}
MODELS: dict[str, Any] = {"user": User, "product": Product, "client": Client, "deal": Deal}
VERSIONED = ("client", "deal", "product")


def update_records(desk: Desk) -> None:
    """Write the planned changes; a form that somebody has open on such a record is refused afterwards."""
    for kind, updates in desk.plan.updates.items():
        for each in updates.values():
            changed = desk.resolve(each.changed)
            before = _update_deal(desk, each, changed) if kind == "deal" else _update(desk, each, changed)
            desk.remember(kind, each.key, each.record_id, desk.resolve(each.values), before)
            _tell(desk, each, changed)
            desk.done(1)


def _update(desk: Desk, each: Update, columns: dict[str, Any]) -> dict[str, Any]:
    """Write the columns; what stood there before."""
    table: Any = MODELS[each.kind].__table__
    facts = desk.plan.knowledge.facts[each.kind][each.record_id]
    if each.kind == "product" and "family" in columns:
        family = columns["family"]
        columns = {name: value for name, value in columns.items() if name != "family"}
        columns["family_id"] = desk.families([family]).get(family)
    written = typed(columns)
    before = {name: facts[name] for name in columns}
    if each.kind in VERSIONED:
        before["version"], written["version"] = facts["version"], facts["version"] + 1
    desk.session.execute(update(table).where(table.c.id == each.record_id).values(**written))
    return before


def _update_deal(desk: Desk, each: Update, changed: dict[str, Any]) -> dict[str, Any]:
    """A deal and its line: the line's product and price, the deal's sum, and where an open deal belongs."""
    line: dict[str, Any] = {name: changed[name] for name in ("product_id", "price_minor") if name in changed}
    columns = {name: value for name, value in changed.items() if name not in line}
    facts = {**desk.plan.knowledge.facts["deal"][each.record_id], **changed}
    if "price_minor" in line:
        columns["one_off_minor"] = line["price_minor"] or 0
    if "status" in changed:
        columns["lost_reason"] = "unknown" if facts["status"] == "lost" else ""
    if facts["status"] == "open" and {"status", "client_id"} & set(changed):
        columns["engagement_id"] = desk.engagements[facts["client_id"]][0]
    if facts["client_id"] in desk.engagements:
        desk.stages.add(desk.engagements[facts["client_id"]][1])
    before = _update(desk, each, columns)
    if line:
        before["line"] = _update_line(desk, each.record_id, line)
    return before


def _update_line(desk: Desk, deal: int, line: dict[str, Any]) -> dict[str, Any]:
    if "product_id" in line:
        line["name"] = desk.session.scalars(select(Product.name).where(Product.id == line["product_id"])).one()
    table: Any = DealLine.__table__
    where = table.c.deal_id == deal
    found = desk.session.execute(select(*(table.c[name] for name in line)).where(where)).mappings().one()
    desk.session.execute(update(table).where(where).values(**line))
    return {name: plain(value) for name, value in found.items()}


def _tell(desk: Desk, each: Update, changed: dict[str, Any]) -> None:
    facts = {**desk.plan.knowledge.facts[each.kind][each.record_id], **changed}
    details = {"name": facts["name"], "fields": sorted(changed), "import": desk.import_id}
    if each.kind == "deal":
        details |= {
            "status": facts["status"],
            "currency": facts["currency"],
            "one_off_minor": facts["price_minor"] or 0,
        }
    client = {"client": each.record_id, "deal": facts.get("client_id")}.get(each.kind)
    if each.kind == "deal":  # it may have been another's
        desk.concerned.add(desk.plan.knowledge.facts["deal"][each.record_id]["client_id"])
    desk.tell(TOLD[each.kind], client_id=client, subject_id=each.record_id, details=details)
