"""Working out the open months: periods of initial attraction, then the lines; and the closing of a month."""

from collections.abc import Collection
from dataclasses import asdict, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.orm import Session

from webapp.domain.allocation import Allocation
from webapp.domain.attraction import Counted, period, Place
from webapp.domain.calendar import month_of, months_on
from webapp.domain.client import Client
from webapp.domain.commission import AttractionPeriod, closed_through, CommissionEntry, CommissionMonth, first_open
from webapp.domain.commission_entered import entered_in, Hunters, of
from webapp.domain.commission_facts import in_force, line_of, payments_of, settings, weights_of, world
from webapp.domain.commission_ledger import ledger
from webapp.domain.commission_world import Line
from webapp.domain.company import Company
from webapp.domain.errors import Refused
from webapp.domain.event import Event, event
from webapp.domain.money import apportioned
from webapp.domain.user import User
from webapp.domain.words import N_

AT_ONCE = 500
"""Clients whose payments are read at once."""


def keep_periods(session: Session, clients: Collection[int]) -> int:
    """Work out these clients' periods of initial attraction anew; how many changed. A payment for a bundle is counted
    for what was sold, and for each part with a period of its own too: with what of it falls to that part."""
    usual, own = settings(session)
    wanted, changed = sorted(clients), 0
    for start in range(0, len(wanted), AT_ONCE):
        some = wanted[start : start + AT_ONCE]
        streams: dict[tuple[int, int], list[Counted]] = {}
        weights = weights_of(session, some, own)
        for contract, client, product, received, payment, allocation, minor, currency, stands in session.execute(
            payments_of(some)
        ):
            entry = Counted(Place(received, payment, allocation), minor, currency, bool(stands))
            streams.setdefault((client, product if product in own else 0), []).append(entry)
            held = weights.get(contract, {})
            for part, part_minor in zip(held, apportioned(minor, [*held.values()]) if held else (), strict=True):
                if part in own and part_minor:
                    streams.setdefault((client, part), []).append(replace(entry, amount_minor=part_minor))
        found = {}
        for key, entries in streams.items():
            now = period(own.get(key[1], usual), entries)
            if now.started_on is not None:
                found[key] = (now.started_on, now.ended_on, *_place(now.last), now.last_minor)
        changed += _write_periods(session, some, found)
    return changed


def _place(last: Place | None) -> tuple[Any, Any, Any]:
    return (None, None, None) if last is None else (last.received_on, last.payment_id, last.allocation_id)


FIELDS = ("started_on", "ended_on", "last_on", "last_payment", "last_allocation", "last_minor")


def _write_periods(session: Session, clients: list[int], found: dict[tuple[int, int], tuple[Any, ...]]) -> int:
    columns = [AttractionPeriod.__table__.c[name] for name in ("id", "client_id", "product", *FIELDS)]
    kept = {
        (row[1], row[2]): (row[0], tuple(row[3:]))
        for row in session.execute(select(*columns).where(AttractionPeriod.client_id.in_(clients)))
    }
    gone = [kept[key][0] for key in kept.keys() - found.keys()]
    if gone:
        session.execute(delete(AttractionPeriod).where(AttractionPeriod.id.in_(gone)))
    other = [
        {"id": kept[key][0]} | dict(zip(FIELDS, row, strict=True))
        for key, row in found.items()
        if key in kept and kept[key][1] != row
    ]
    if other:
        session.execute(update(AttractionPeriod), other)
    new = [
        {"client_id": key[0], "product": key[1]} | dict(zip(FIELDS, row, strict=True))
        for key, row in found.items()
        if key not in kept
    ]
    if new:
        session.execute(insert(AttractionPeriod), new)
    return len(gone) + len(other) + len(new)


def open_months(session: Session, today: date) -> list[date]:
    """The months of the ledger that are not closed, up to the running one."""
    month, months = first_open(session), []
    while month is not None and month <= today:
        months.append(month)
        month = months_on(month, 1)
    return months


def reckon(session: Session, month: date, hunters: Hunters = None) -> tuple[int, int]:
    """Work out an open month for some hunters' clients or for all; lines taken out and put in. The same facts leave
    everything as it is."""
    closed = closed_through(session)
    through = None if closed is None else closed.month
    if through is not None and month <= through:
        raise Refused(N_("That month is closed: nothing in it changes any more"))
    entered = entered_in(session, month, closed, hunters)
    lines = ledger(entered, world(session, entered, hunters, through, in_force(session)), through)
    return _write(session, month, hunters, lines)


def _write(session: Session, month: date, hunters: Hunters, lines: list[Line]) -> tuple[int, int]:
    wanted = {(line.allocation_id, line.portion, line.version_id, line.person_id): line for line in lines}
    kept = session.scalars(
        select(CommissionEntry)
        .join(Client, Client.id == CommissionEntry.client_id)
        .where(CommissionEntry.month == month, of(hunters))
    ).all()
    gone = []
    for entry in kept:
        key = (entry.allocation_id, entry.portion, entry.version_id, entry.person_id)
        if wanted.get(key) == line_of(entry, entry.corrects):
            del wanted[key]
        else:
            gone.append(entry.id)
    for start in range(0, len(gone), 1_000):
        session.execute(delete(CommissionEntry).where(CommissionEntry.id.in_(gone[start : start + 1_000])))
    if wanted:
        rows = [_row(month, line) for line in wanted.values()]
        session.execute(insert(CommissionEntry), rows)
    session.expire_all() if gone else None
    return len(gone), len(wanted)


def _row(month: date, line: Line) -> dict[str, Any]:
    row = asdict(line)
    row["told"] = dict(row.pop("values"))
    return row | {"month": month}


def close(session: Session, month: date, *, by: User, at: datetime) -> Event:
    """Close a month for good: its lines are worked out once more and never change again. Months close in order."""
    if session.get_bind().dialect.name == "postgresql":  # nobody enters an allocation between reading and closing
        session.execute(text("LOCK TABLE allocation IN SHARE MODE"))
        session.execute(text("LOCK TABLE commission_entry IN SHARE ROW EXCLUSIVE MODE"))
    closed, following = closed_through(session), first_open(session)
    if closed is not None and month <= closed.month:
        raise Refused(N_("This month is closed already"))
    if following is None or month < following:
        raise Refused(N_("The ledger begins with the first rule: there is nothing to close"))
    if month > following:
        raise Refused(N_("Close the months before it first"))
    if month >= month_of(session.get_one(Company, 1).today(at)):
        raise Refused(N_("This month is not over yet"))
    reckon(session, month)
    last = session.scalar(select(func.max(Allocation.id))) or 0
    session.add(CommissionMonth(month=month, closed_at=at, closed_by_id=by.id, last_allocation_id=last))
    session.flush()
    sums = select(CommissionEntry.currency, func.sum(CommissionEntry.amount_minor)).where(
        CommissionEntry.month == month
    )
    paid = {currency: int(minor) for currency, minor in session.execute(sums.group_by(CommissionEntry.currency))}
    return event("commission:closed", by=by, at=at, details={"month": month.isoformat(), "paid": paid})


def tell_matured(session: Session, today: date, *, at: datetime) -> int:
    """Tell once of each client that a period of initial attraction of it is over: it is to be handed off."""
    ended = session.scalars(
        select(AttractionPeriod)
        .where(AttractionPeriod.told_at.is_(None), AttractionPeriod.ended_on <= today)
        .order_by(AttractionPeriod.ended_on, AttractionPeriod.client_id)
    ).all()
    for one in ended:
        one.told_at = at
    clients = dict.fromkeys(one.client_id for one in ended)
    session.add_all(event("client:matured", by=None, at=at, client_id=client, subject_id=client) for client in clients)
    return len(clients)


def keep(session: Session, today: date, *, at: datetime, hunters: Hunters = None) -> dict[str, int]:
    """Everything anew for these hunters' clients, or for all: periods, those that ended, the open months in order."""
    clients = session.scalars(select(Client.id).where(of(hunters))).all()
    periods = keep_periods(session, clients)
    matured = tell_matured(session, today, at=at)
    written = [reckon(session, month, hunters) for month in open_months(session, today)]
    return {"periods": periods, "matured": matured, "out": sum(o for o, _ in written), "in": sum(i for _, i in written)}
