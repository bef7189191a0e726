"""Undoing an import: what it created goes, what it changed comes back, unless somebody's later work hangs on it."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, ColumnElement, Date, delete, exists, or_, Select, select, update
from sqlalchemy.orm import aliased, Session

from webapp.domain.base import Moment
from webapp.domain.client import Client
from webapp.domain.deal import Deal, DealLine
from webapp.domain.engagement import Engagement
from webapp.domain.errors import Incomplete, Refused
from webapp.domain.event import Event, event
from webapp.domain.health_keeping import keep
from webapp.domain.held_row import HeldRow, HeldRowState
from webapp.domain.importing import Import, ImportedRecord, ImportState
from webapp.domain.model import Base
from webapp.domain.product import Product
from webapp.domain.product_family import ProductFamily
from webapp.domain.user import User
from webapp.domain.words import N_

MADE: dict[str, Any] = {
    "deal": Deal,
    "engagement": Engagement,
    "client": Client,
    "product": Product,
    "family": ProductFamily,
    "user": User,
}
"""What an import creates, in the order in which it can be deleted."""

VERSIONED = ("deal", "engagement", "client", "product", "family")

HANGS: dict[str, str] = {
    "absence": N_("absences"),
    "access_link": N_("invitations of its users"),
    "awareness": N_("what clients know of its products"),
    "bundle_part": N_("bundles"),
    "client": N_("clients below its clients, or attracted by its users"),
    "collection_plan": N_("plans of collecting"),
    "company": N_("settings"),
    "contract": N_("contracts"),
    "contact": N_("contacts"),
    "deal": N_("deals added or changed later"),
    "deal_line": N_("deals with its products"),
    "engagement": N_("clients that moved to another department, stage or owner"),
    "event": N_("what its users did"),
    "handoff": N_("hand-offs"),
    "import": N_("imports that its users started"),
    "interaction": N_("interactions"),
    "invoice": N_("invoices"),
    "operation": N_("work of the queue"),
    "payer": N_("payments"),
    "payment": N_("payments"),
    "price_entry": N_("price lists"),
    "product": N_("products changed later"),
    "product_family": N_("product families changed later"),
    "promise": N_("promises"),
    "promise_to_pay": N_("promises to pay"),
    "proposal": N_("proposals"),
    "proposal_version": N_("proposals"),
    "rival_supply": N_("what clients buy at competitors'"),
    "sold_part": N_("bundles"),
    "task": N_("tasks"),
    "user": N_("users changed later"),
}
"""What may hang on an import's records, by table; a table without words of its own is other work."""

RECKONED = frozenset({"blind_spot", "health", "health_day", "white_space"})
"""Nobody's work: it is written again by itself, and goes with its client."""

CHANGED = {**HANGS, "client": N_("clients changed later")}
OTHER = N_("other later work")


def undo(session: Session, run: Import, *, by: User | None, at: datetime) -> Event:
    """Take an applied import back, all of it or, where later work would be lost, nothing. Events stay; the health of
    the clients that stay follows."""
    if run.state is not ImportState.APPLIED:
        raise Refused(N_("Only an applied import can be undone"))
    _refuse([*_later_imports(session, run), *_completed(session, run), *_changed(session, run)])
    stages, staying = tuple(session.scalars(_stages(run.id))), set(session.scalars(_staying(run.id)))
    _restore(session, run)
    staying |= set(session.scalars(_staying(run.id)))  # who gets a deal back, too
    _refuse(list(_hanging(session, run)))
    _remove(session, run)
    run.state, run.undone_at, run.touched_at = ImportState.UNDONE, at, at
    session.flush()
    session.expire_all()
    keep(session, staying, at=at)
    return event("import:undone", by=by, at=at, subject_id=run.id, stages=stages, details={"counts": run.counts})


def _refuse(gaps: list[str]) -> None:
    if gaps:
        raise Incomplete(N_("This import cannot be undone. On it hang:"), sorted(set(gaps)))


def made(run: int, kind: str) -> Select[int]:
    """The ids of what the import created of a kind."""
    return select(ImportedRecord.record_id).where(
        ImportedRecord.import_id == run, ImportedRecord.kind == kind, ImportedRecord.before.is_(None)
    )


def _later_imports(session: Session, run: Import) -> Iterator[str]:
    """A later import that wrote on the same records has to be undone first."""
    later = aliased(ImportedRecord)
    newer = later.import_id > run.id
    same = and_(newer, later.kind == ImportedRecord.kind, later.record_id == ImportedRecord.record_id)
    held = and_(later.kind == "held_row", later.record_id.in_(select(HeldRow.id).where(HeldRow.import_id == run.id)))
    on_same = session.scalar(select(exists().where(ImportedRecord.import_id == run.id, same)))
    if on_same or session.scalar(select(exists().where(newer, held))):
        yield N_("a later import of the same records: undo that first")


def _completed(session: Session, run: Import) -> Iterator[str]:
    by_person = exists().where(
        HeldRow.import_id == run.id, HeldRow.state == HeldRowState.COMPLETED, HeldRow.closed_by_id.is_not(None)
    )
    if session.scalar(select(by_person)):
        yield N_("held-back rows that were completed")


def _changed(session: Session, run: Import) -> Iterator[str]:
    """Records that somebody changed after the import wrote them."""
    for kind, model in MADE.items():
        rows = session.execute(
            select(ImportedRecord.values, ImportedRecord.before, *model.__table__.c).join(
                model.__table__, and_(model.__table__.c.id == ImportedRecord.record_id)
            )
            .where(ImportedRecord.import_id == run.id, ImportedRecord.kind == kind)
        ).mappings()  # fmt: skip
        if any(_differs(kind, dict(row)) for row in rows):
            yield CHANGED[model.__tablename__]


def _differs(kind: str, row: dict[str, Any]) -> bool:
    before, values = row["before"], row["values"]
    if kind in VERSIONED:
        return before != {} and bool(row["version"] != (1 if before is None else before.get("version", 0) + 1))
    written = set(values) & set(row) if before is None else set(before)
    entered = kind == "user" and before is None and (row["email"] or row["password_hash"] or row["deactivated_at"])
    return bool(entered) or any(row[name] != values[name] for name in written)


def _stages(run: int) -> Select[int]:
    """The board's columns in which something of the import stands."""
    deals = select(ImportedRecord.record_id).where(ImportedRecord.import_id == run, ImportedRecord.kind == "deal")
    engagements = select(Deal.engagement_id).where(Deal.id.in_(deals))
    touched = or_(Engagement.id.in_(made(run, "engagement")), Engagement.id.in_(engagements))
    return select(Engagement.stage_id).where(Engagement.closed_at.is_(None), touched).distinct()


def _staying(run: int) -> Select[int]:
    """The clients that were there before the import, and of whom it tells something."""
    written = and_(ImportedRecord.import_id == run, ImportedRecord.kind == "client")
    clients = select(ImportedRecord.record_id).where(written, ImportedRecord.before.is_not(None))
    deals = select(ImportedRecord.record_id).where(ImportedRecord.import_id == run, ImportedRecord.kind == "deal")
    touched = or_(Client.id.in_(clients), Client.id.in_(select(Deal.client_id).where(Deal.id.in_(deals))))
    return select(Client.id).where(touched, Client.id.not_in(made(run, "client")))


def _restore(session: Session, run: Import) -> None:
    """Put back what was replaced, the version too: a form opened before the import is right again."""
    tables: dict[str, Any] = {kind: model.__table__ for kind, model in MADE.items()}
    tables |= {"held_row": HeldRow.__table__, "line": DealLine.__table__}
    changes = session.execute(
        select(ImportedRecord.kind, ImportedRecord.record_id, ImportedRecord.before)
        .where(ImportedRecord.import_id == run.id, ImportedRecord.before.is_not(None))
        .order_by(ImportedRecord.id)
    ).all()
    for kind, number, before in changes:
        line = before.pop("line", None)
        table = tables[kind]
        if before:
            session.execute(update(table).where(table.c.id == number).values(**_typed(table, before)))
        if line:
            lines = tables["line"]
            session.execute(update(lines).where(lines.c.deal_id == number).values(**_typed(lines, line)))


def _typed(table: Any, values: dict[str, Any]) -> dict[str, Any]:
    """JSON values as the table's columns hold them."""
    return {name: _of_type(table.c[name].type, value) for name, value in values.items()}


def _of_type(column_type: Any, value: Any) -> Any:
    if isinstance(value, str) and isinstance(column_type, Moment):
        return datetime.fromisoformat(value)
    if isinstance(value, str) and isinstance(column_type, Date):
        return date.fromisoformat(value)
    return value


def _hanging(session: Session, run: Import) -> Iterator[str]:
    """Every reference in the schema to what is to be removed, from what is not."""
    doomed = {model.__tablename__: made(run.id, kind) for kind, model in MADE.items()}
    for table in Base.metadata.sorted_tables:
        for key in table.foreign_keys:
            target = key.column.table.name
            if target not in doomed or table.name in RECKONED:
                continue
            stays: ColumnElement[bool] = key.parent.in_(doomed[target])
            if table.name in doomed:
                stays = and_(stays, table.c.id.not_in(doomed[table.name]))
            elif table.name == "deal_line":
                stays = and_(stays, table.c.deal_id.not_in(doomed["deal"]))
            if session.scalar(select(exists().where(stays).select_from(table))):
                yield HANGS.get(table.name, OTHER)


def _remove(session: Session, run: Import) -> None:
    session.execute(delete(DealLine).where(DealLine.deal_id.in_(made(run.id, "deal"))))
    for kind, model in MADE.items():
        session.execute(delete(model).where(model.id.in_(made(run.id, kind))))
    session.execute(delete(HeldRow).where(HeldRow.import_id == run.id))
    session.execute(delete(ImportedRecord).where(ImportedRecord.import_id == run.id))
