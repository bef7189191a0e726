"""Heads of the board's columns: counts and sums over all rows, not only over those shown."""

from collections.abc import Collection, Iterable
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import func, Select, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.functions import FunctionElement

from webapp.domain.among import among
from webapp.domain.base import Whole
from webapp.domain.model import Deal, Engagement
from webapp.queries.board_order import conditions, Filters
from webapp.queries.together import Together

OPEN_DEAL = Deal.closed_on.is_(None)
"""As the index of open deals has it."""


class Given(FunctionElement[int]):
    """A column by which SQLite looks nothing up: it would guess wrong which of two tables has fewer rows. PostgreSQL
    knows. Source: sqlite.org/optoverview.html, on the unary + operator."""

    type = Whole
    inherit_cache = True


@compiles(Given)
def _as_it_is(element: Given, compiler: Any, **how: Any) -> str:
    return str(compiler.process(element.clauses, **how))


@compiles(Given, "sqlite")
def _not_sought(element: Given, compiler: Any, **how: Any) -> str:
    return f"+{compiler.process(element.clauses, **how)}"


WORK_OF_DEALS = Engagement.id == Given(Deal.engagement_id)
DEALS_OF_WORK = Deal.engagement_id == Given(Engagement.id)
"""All open deals are gone through, and each one's engagement found; or some engagements, as one owner's, and their
deals."""


class Sum(NamedTuple):
    """Open deals of one currency, in minor units: what is paid once, and what is paid each month."""

    currency: str
    one_off_minor: int
    monthly_minor: int


def heads(
    session: Session, filters: Filters, today: date, stage_ids: Collection[int] | None
) -> tuple[dict[int, int], dict[int, tuple[Sum, ...]]]:
    """Clients, and sums of their open deals, per stage; of all stages where none are named. One statement."""
    values = {**filters.values(today), "stages": list(stage_ids or ())}
    counted, totalled = _both(filters.shape, stage_ids is not None).read(session.connection(), values)
    return dict(counted), sums(totalled)


def count(session: Session, filters: Filters, today: date, stage_ids: Collection[int]) -> dict[int, int]:
    """Clients per stage. One statement."""
    values = {**filters.values(today), "stages": list(stage_ids)}
    return dict(session.connection().execute(_statements(filters.shape, some=True)[0], values).all())


@lru_cache
def _statements(
    shape: tuple[bool, bool, bool], some: bool
) -> tuple[Select[*tuple[Any, ...]], Select[*tuple[Any, ...]]]:
    met = conditions(shape)
    if some:
        met.append(among(Engagement.stage_id, "stages"))
    counted = select(Engagement.stage_id, func.count()).where(*met).group_by(Engagement.stage_id)
    totalled = (
        select(Engagement.stage_id, Deal.currency, func.sum(Deal.one_off_minor), func.sum(Deal.monthly_minor))
        .join(Engagement, DEALS_OF_WORK if some or shape[0] else WORK_OF_DEALS)
        .where(OPEN_DEAL, *met)
        .group_by(Engagement.stage_id, Deal.currency)
    )
    return counted, totalled


@lru_cache
def _both(shape: tuple[bool, bool, bool], some: bool) -> Together:
    return Together(*_statements(shape, some))


def sums(rows: Iterable[Any]) -> dict[int, tuple[Sum, ...]]:
    """Sums per currency by the rows' first column. PostgreSQL adds up whole numbers as decimals: made whole."""
    found: dict[int, tuple[Sum, ...]] = {}
    for key, currency, one_off, monthly in rows:
        found[key] = tuple(sorted((*found.get(key, ()), Sum(currency, int(one_off), int(monthly)))))
    return found
