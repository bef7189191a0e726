"""Clients as rows of a table, read in portions, so that a million of them need no memory."""

from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.domain.client import Client
from webapp.domain.deal import Deal, DealStatus
from webapp.domain.user import Actor, User
from webapp.domain.words import N_
from webapp.queries.clients import ClientRow, conditions, Wanted, with_lanes

PORTION = 500

HEAD = (
    N_("Number"),
    N_("The client"),
    N_("ИНН"),
    N_("КПП"),
    N_("ОГРН"),
    N_("Sector"),
    N_("City"),
    N_("Website"),
    N_("Attracted by"),
    N_("Departments"),
    N_("Stages"),
    N_("Owners"),
    N_("Next touch"),
    N_("Deals won"),
)
"""Contacts are not exported: their data stays here."""


def count(session: Session, wanted: Wanted) -> int:
    """How many clients the export will hold."""
    return session.scalar(select(func.count()).select_from(Client).where(*conditions(session, wanted))) or 0


def rows(session: Session, actor: Actor, wanted: Wanted) -> Iterator[tuple[tuple[str | int, ...], ClientRow]]:
    """Each client that matches, by id: its own cells, and where it stands."""
    where, last = conditions(session, wanted), 0
    won = (
        select(func.count())
        .where(Deal.client_id == Client.id, Deal.status == DealStatus.WON)
        .correlate(Client)
        .scalar_subquery()
    )
    while True:
        portion = session.execute(
            select(
                Client.id,
                Client.name,
                Client.inn,
                Client.kpp,
                Client.ogrn,
                Client.sector,
                Client.city,
                Client.website,
                func.coalesce(User.name, "").label("hunter"),
                won.label("won"),
                Client.lost_at,
            )
            .outerjoin(User, User.id == Client.attracted_by_id)
            .where(*where, Client.id > last)
            .order_by(Client.id)
            .limit(PORTION)
        ).all()
        if not portion:
            return
        last = portion[-1].id
        yield from zip((tuple(row)[:-1] for row in portion), with_lanes(session, portion), strict=True)
