"""What the clients that a person brought pay them: per client and month, and how many of them pay."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from webapp.domain.calendar import months_on
from webapp.domain.client import Client
from webapp.domain.commission import CommissionEntry
from webapp.domain.user import Actor

MONTHS = 12
SHOWN = 20
"""Clients of a currency that have a row of their own; the others share one."""


@dataclass(frozen=True, slots=True)
class ClientRow:
    """One client's commission month by month, in minor units."""

    client_id: int
    name: str
    sums: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Earnings:
    """One currency. ``paying`` counts the clients that gave more than nothing in each month."""

    currency: str
    clients: tuple[ClientRow, ...]
    others: tuple[int, ...]
    """All clients without a row of their own."""
    totals: tuple[int, ...]
    paying: tuple[int, ...]

    @property
    def total(self) -> int:
        return sum(self.totals)


def months_shown(running: date) -> tuple[date, ...]:
    """The last year, the running month included, the oldest first."""
    return tuple(months_on(running, ago - MONTHS + 1) for ago in range(MONTHS))


def earnings(session: Session, actor: Actor, person_id: int, months: tuple[date, ...]) -> tuple[Earnings, ...]:
    """The largest currency by its number of clients first. Three statements."""
    mine = (CommissionEntry.person_id == person_id) & CommissionEntry.month.between(months[0], months[-1])
    columns = CommissionEntry.client_id, CommissionEntry.currency, CommissionEntry.month
    minor = func.sum(CommissionEntry.amount_minor)
    each = select(*columns, minor.label("minor")).where(mine).group_by(*columns).subquery()
    by_month = session.execute(
        select(each.c.currency, each.c.month, func.sum(each.c.minor), func.sum(case((each.c.minor > 0, 1), else_=0)))
        .group_by(each.c.currency, each.c.month)
        .order_by(each.c.currency)
    ).all()
    place = func.row_number().over(
        partition_by=each.c.currency, order_by=(func.sum(each.c.minor).desc(), each.c.client_id)
    )
    ranked = select(each.c.client_id, each.c.currency, place.label("place"))
    ranked_rows = ranked.group_by(each.c.client_id, each.c.currency).subquery()
    first = session.execute(
        select(ranked_rows.c.currency, ranked_rows.c.client_id, Client.name)
        .join(Client, Client.id == ranked_rows.c.client_id)
        .where(ranked_rows.c.place <= SHOWN)
        .order_by(ranked_rows.c.currency, ranked_rows.c.place)
    ).all()
    shown = {client for _, client, _ in first}
    cells = session.execute(select(*columns, minor).where(mine, columns[0].in_(shown)).group_by(*columns))
    sums = {(client, currency, month): int(paid) for client, currency, month, paid in cells}
    found = []
    for currency in dict.fromkeys(row[0] for row in by_month):
        figures = {month: (int(paid), int(count)) for each_, month, paid, count in by_month if each_ == currency}
        clients = tuple(
            ClientRow(client, name, tuple(sums.get((client, currency, month), 0) for month in months))
            for each_, client, name in first
            if each_ == currency
        )
        totals = tuple(figures.get(month, (0, 0))[0] for month in months)
        others = tuple(total - sum(row.sums[at] for row in clients) for at, total in enumerate(totals))
        paying = tuple(figures.get(month, (0, 0))[1] for month in months)
        found.append(Earnings(currency, clients, others, totals, paying))
    return tuple(sorted(found, key=lambda one: (-sum(one.paying), one.currency)))
