"""What Baton knows already of what an export tells: from earlier imports of the source, and by name."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.domain.client import Client
from webapp.domain.deal import Deal, DealLine
from webapp.domain.engagement import Engagement
from webapp.domain.held_row import HeldRow
from webapp.domain.importing import Import, ImportedRecord, ImportState
from webapp.domain.product import Product
from webapp.domain.product_family import ProductFamily
from webapp.domain.user import User
from webapp.domain.words import Department, Role
from webapp.exchange.incoming import KINDS

COMPARED: dict[str, tuple[str, ...]] = {
    "user": ("office", "head_id"),
    "product": ("family", "price_minor", "currency"),
    "client": ("sector", "city", "founded", "revenue_minor", "revenue_currency", "employees", "parent_id"),
    "deal": (
        "client_id", "owner_id", "product_id", "status", "opened_on", "closed_on", "price_minor", "currency",
    ),
}  # fmt: skip
"""What a later import may update. Never a role: a file appoints nobody."""

MOST_NAMES = 50_000
"""Clients among which a suggestion is looked for."""

UNIT = 1000
"""The quantity of an imported line: one, in thousandths."""

AT_ONCE = 500
"""Values in one IN list."""


@dataclass(frozen=True, slots=True)
class Known:
    """Where a key led before: the record, and what the file said then."""

    record_id: int
    values: dict[str, Any]


@dataclass(slots=True)
class Knowledge:
    """One reading of the database, before anything is planned."""

    records: dict[tuple[str, str], Known] = field(default_factory=dict)
    names: dict[str, dict[str, int]] = field(default_factory=dict)
    """Kind -> name -> id, of the names that the export mentions (users and products: of all)."""
    facts: dict[str, dict[int, dict[str, Any]]] = field(default_factory=dict)
    """Kind -> id -> what stands there now, in the words of COMPARED."""
    held: dict[tuple[str, str], Any] = field(default_factory=dict)
    """(kind, key) -> id, payload, problems, state of held-back rows."""
    engagements: dict[int, list[Any]] = field(default_factory=dict)
    """Client -> its open engagements: id, department, stage."""
    load: dict[Department, dict[int, int]] = field(default_factory=dict)
    """Department -> active member -> open engagements; heads after members."""
    matches: dict[str, dict[str, str]] = field(default_factory=dict)
    """What people answered to unknown names in earlier imports of the source."""

    def find(self, kind: str, key: str, name: str) -> Known | None:
        """By the key of an earlier import, else by exactly that name."""
        known = self.records.get((kind, key))
        if known is None and name in self.names.get(kind, {}):
            return Known(self.names[kind][name], {})
        return known


def read_knowledge(
    session: Session,
    source: str,
    mentioned: Mapping[str, Collection[str]],
    keys: Collection[str] | None = None,
    clients: Collection[int] = (),
) -> Knowledge:
    """``mentioned``: kind -> names. ``keys`` narrows earlier records to a few; ``clients`` are read in any case.

    A fixed number of statements for each 500 names or records.
    """
    knowledge = Knowledge(records=dict(_records(session, source, keys)))
    for model, kind in ((User, "user"), (Product, "product")):
        rows = session.execute(select(model.name, model.id).order_by(model.id.desc()))
        knowledge.names[kind] = dict(rows.all())
    knowledge.names["client"] = {
        name: number
        for names in _parts(mentioned.get("client", ()))
        for name, number in session.execute(
            select(Client.name, Client.id).where(Client.name.in_(names)).order_by(Client.id.desc())
        )
    }
    ids: dict[str, set[int]] = {kind: set(knowledge.names.get(kind, {}).values()) for kind in KINDS}
    ids["client"] |= set(clients)
    for (kind, _), known in knowledge.records.items():
        ids[kind].add(known.record_id)
    for kind in reversed(KINDS):
        knowledge.facts[kind] = dict(_facts(session, kind, sorted(ids[kind])))
        if kind == "deal":
            ids["client"] |= {deal["client_id"] for deal in knowledge.facts["deal"].values()}
    knowledge.records = {
        (kind, key): known
        for (kind, key), known in knowledge.records.items()
        if known.record_id in knowledge.facts[kind]
    }
    for row in _held(session, source, keys):
        knowledge.held[row.kind, row.key] = row
    for part in _parts(sorted(ids["client"])):
        for row in session.execute(
            select(Engagement.client_id, Engagement.id, Engagement.department, Engagement.stage_id)
            .where(Engagement.client_id.in_(part), Engagement.closed_at.is_(None))
            .order_by(Engagement.id)
        ):
            knowledge.engagements.setdefault(row.client_id, []).append(row)
    knowledge.load = {department: _load(session, department) for department in Department}
    knowledge.matches = _matches(session, source)
    return knowledge


def _records(session: Session, source: str, keys: Collection[str] | None) -> Iterator[tuple[tuple[str, str], Known]]:
    """The latest of each key last."""
    asked = (
        select(ImportedRecord.kind, ImportedRecord.key, ImportedRecord.record_id, ImportedRecord.values)
        .where(ImportedRecord.source == source, ImportedRecord.kind.in_(KINDS))
        .order_by(ImportedRecord.id)
    )
    for statement in _narrowed(asked, ImportedRecord.key, keys):
        for kind, key, record_id, values in session.execute(statement):
            yield (kind, key), Known(record_id, values)


def _held(session: Session, source: str, keys: Collection[str] | None) -> Iterator[Any]:
    asked = select(HeldRow.kind, HeldRow.key, HeldRow.id, HeldRow.payload, HeldRow.problems, HeldRow.state)
    for statement in _narrowed(asked.where(HeldRow.source == source), HeldRow.key, keys):
        yield from session.execute(statement)


def _narrowed(statement: Any, column: Any, keys: Collection[str] | None) -> list[Any]:
    return [statement] if keys is None else [statement.where(column.in_(part)) for part in _parts(sorted(keys))]


def learn_clients(session: Session, knowledge: Knowledge) -> None:
    """Every client's name, for suggesting one: asked only when a file names a client that nobody knows."""
    rows = session.execute(select(Client.name, Client.id).order_by(Client.id.desc()).limit(MOST_NAMES))
    knowledge.names["client"] = {**dict(rows.all()), **knowledge.names["client"]}


def _parts(values: Iterable[Any]) -> Iterator[list[Any]]:
    left = iter(values)
    while part := list(islice(left, AT_ONCE)):
        yield part


def _facts(session: Session, kind: str, ids: list[int]) -> Iterator[tuple[int, dict[str, Any]]]:
    for part in _parts(ids):
        if kind == "deal":
            yield from _deal_facts(session, part)
        elif kind == "product":
            yield from _product_facts(session, part)
        else:
            model: Any = {"user": User, "client": Client}[kind]
            columns = [column for column in model.__table__.c if column.name not in ("note", "password_hash")]
            for row in session.execute(select(*columns).where(model.id.in_(part))).mappings():
                yield row["id"], _as_json(dict(row))


def _product_facts(session: Session, ids: list[int]) -> Iterator[tuple[int, dict[str, Any]]]:
    """A product with the name of its family."""
    asked = select(*Product.__table__.c, func.coalesce(ProductFamily.name, "").label("family"))
    for row in session.execute(asked.outerjoin(Product.family).where(Product.id.in_(ids))).mappings():
        yield row["id"], _as_json(dict(row))


def _deal_facts(session: Session, ids: list[int]) -> Iterator[tuple[int, dict[str, Any]]]:
    """A deal with the product and price of its line. If a person gave it other lines, only their sum is told."""
    lines: dict[int, list[Any]] = {}
    for line in session.execute(
        select(DealLine.deal_id, DealLine.product_id, DealLine.price_minor, DealLine.quantity).where(
            DealLine.deal_id.in_(ids)
        )
    ):
        lines.setdefault(line.deal_id, []).append(line)
    for deal in session.execute(select(*Deal.__table__.c).where(Deal.id.in_(ids))).mappings():
        held = lines.get(deal["id"], [])
        as_imported = len(held) == 1 and held[0].quantity == UNIT
        told = {
            "product_id": held[0].product_id if as_imported else None,
            "price_minor": held[0].price_minor if as_imported else deal["one_off_minor"],
        }
        yield deal["id"], _as_json(dict(deal)) | told


def _as_json(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}


def _load(session: Session, department: Department) -> dict[int, int]:
    """Who could answer for a client of the department, members before heads, and for how many they do."""
    counted = dict(
        session.execute(
            select(Engagement.owner_id, func.count())
            .where(Engagement.closed_at.is_(None))
            .group_by(Engagement.owner_id)
        ).all()
    )
    members = session.execute(
        select(User.id, User.role)
        .where(User.department == department, User.deactivated_at.is_(None))
        .order_by(User.role == Role.HEAD, User.id)
    ).all()
    only_members = [user for user in members if user.role is Role.MEMBER] or members
    return {user.id: counted.get(user.id, 0) for user in only_members}


def _matches(session: Session, source: str) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for options in session.scalars(
        select(Import.options).where(Import.source == source, Import.state == ImportState.APPLIED).order_by(Import.id)
    ):
        for kind, matches in options.get("matches", {}).items():
            found.setdefault(kind, {}).update(matches)
    return found
