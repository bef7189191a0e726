"""Completing held-back rows: a person names what was missing, and the row comes in through the same plan."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from webapp.domain.errors import Refused
from webapp.domain.held_row import HeldRow, PROBLEMS
from webapp.domain.importing import Import
from webapp.domain.user import User
from webapp.domain.words import N_
from webapp.exchange.apply import apply_plan
from webapp.exchange.incoming import Incoming, NAMELESS
from webapp.exchange.plan import make_plan
from webapp.exchange.planned import Completion, New
from webapp.exchange.running import SOURCES


def complete(
    session: Session, held: HeldRow, cells: Mapping[str, str], chosen: Mapping[str, int], *, by: User, at: datetime
) -> int:
    """Bring one row in. ``cells`` replace those of the file by column; ``chosen`` are ids by ``client_id``,
    ``product_id``, ``owner_id``. Returns what it became. Refused with the first problem that is left."""
    payload = {**held.payload, **{column: cell for column, cell in cells.items() if column in held.payload}}
    return _complete(session, [held], {held.key: payload}, dict(chosen), by=by, at=at)[0]


def complete_all(session: Session, held: Sequence[HeldRow], client_id: int, *, by: User, at: datetime) -> list[int]:
    """Bring several deals in as deals of one client, import by import. Refused, if one of them cannot come in."""
    made: list[int] = []
    for number in sorted({row.import_id for row in held}):
        rows = [row for row in held if row.import_id == number]
        payloads = {row.key: row.payload for row in rows}
        made += _complete(session, rows, payloads, {"client_id": client_id}, by=by, at=at)
    return made


def _complete(
    session: Session,
    held: Sequence[HeldRow],
    payloads: Mapping[str, dict[str, str]],
    chosen: dict[str, int],
    *,
    by: User,
    at: datetime,
) -> list[int]:
    first = held[0]
    if any(row.kind != first.kind for row in held):
        raise Refused(N_("Choose only deals for one client"))
    run = session.get_one(Import, first.import_id)
    source, currency = SOURCES[first.source], str(run.options.get("currency") or SOURCES[first.source].currency)
    rows = [_keyed(row, source.read_row(row.kind, payloads[row.key], currency)) for row in held]
    originals: dict[str, Incoming] = {
        told.key: source.read_row(row.kind, row.payload, currency) for row, told in zip(held, rows, strict=True)
    }
    plan = make_plan(session, first.source, currency, rows, {}, Completion(chosen, originals))
    for still in plan.held:
        raise Refused(PROBLEMS[still.problems[0].code], **still.problems[0].values)
    if len(plan.creations[first.kind]) != len(held):
        raise Refused(N_("This is known already, or it is held back for another reason"))
    plan.released.clear()
    ids = apply_plan(session, plan, run, by=by, at=at).ids
    clients = {each.incoming.key: each.values.get("client_id") for each in plan.creations[first.kind]}
    for row, told in zip(held, rows, strict=True):
        session.add(row.become(ids[New(row.kind, told.key)], clients[told.key], by=by, at=at))
    return [ids[New(told.kind, told.key)] for told in rows]


def _keyed(row: HeldRow, told: Incoming) -> Incoming:
    """The row keeps its key, so that the next import finds it; one that named none gets what the person wrote."""
    return told if row.key.startswith(NAMELESS) else replace(told, key=row.key)
