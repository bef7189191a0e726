"""The deals board: open deals of one department by the stage of their client, with what they are worth and weigh."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import Any

from sqlalchemy import bindparam, case, ColumnElement, func, literal_column, Select, select
from sqlalchemy.orm import Session

from webapp.domain.calendar import month_of, months_on
from webapp.domain.client import Client
from webapp.domain.deal import Deal
from webapp.domain.deal_chance import Chance, chance
from webapp.domain.engagement import Engagement
from webapp.domain.share import Share
from webapp.domain.stage import Stage
from webapp.domain.stage_outcome import StageOutcome
from webapp.domain.user import Actor, User
from webapp.domain.words import Department, N_
from webapp.queries.board_heads import OPEN_DEAL, WORK_OF_DEALS
from webapp.queries.deal_proposals import DealProposal, proposals_of

FIRST = 8
"""Deals shown in a column; the list holds the rest."""

ENDED = 0
"""In place of a stage: the department's work has ended, and the deal stayed open."""


class When(StrEnum):
    """When open deals are expected to close."""

    PAST = "past"
    THIS = "this"
    NEXT = "next"
    LATER = "later"
    UNKNOWN = "unknown"

    @property
    def label(self) -> str:
        return {
            "past": N_("Their day is past"),
            "this": N_("This month"),
            "next": N_("Next month"),
            "later": N_("Later"),
            "unknown": N_("No day named"),
        }[self.value]


@dataclass(frozen=True, slots=True)
class Worth:
    """Deals of one currency, in minor units: as they stand, and weighed by the chance of their stages."""

    currency: str
    count: int = 0
    one_off_minor: int = 0
    monthly_minor: int = 0
    weighted_one_off_minor: int = 0
    weighted_monthly_minor: int = 0


@dataclass(frozen=True, slots=True)
class DealCard:
    id: int
    name: str
    client_id: int
    client: str
    owner: str
    currency: str
    one_off_minor: int
    monthly_minor: int
    expected_on: date | None
    proposal: DealProposal | None


@dataclass(frozen=True, slots=True)
class DealColumn:
    """A stage: the chance by which its deals are weighed, and what became of those before them."""

    stage_id: int
    name: str
    chance: Chance
    measured: Share
    count: int
    worth: tuple[Worth, ...]
    """Per currency, over all of its deals."""
    cards: tuple[DealCard, ...]
    """The first by the day they are expected."""


@dataclass(frozen=True, slots=True)
class DealBoard:
    columns: tuple[DealColumn, ...]
    totals: tuple[Worth, ...]
    whens: tuple[tuple[When, tuple[Worth, ...]], ...]
    """The same deals by when they are expected; those without any are left out."""
    ended: int
    """Open deals of work that has ended: they are in no column, and weigh nothing."""


def _word(when: When) -> ColumnElement[str]:
    """As a literal: PostgreSQL takes two parameters of one value for two expressions."""
    return literal_column(f"'{when.value}'")


STAGE = case((Engagement.closed_at.is_(None), Engagement.stage_id), else_=ENDED).label("stage")
WHEN = case(
    (Deal.expected_on.is_(None), _word(When.UNKNOWN)),
    (Deal.expected_on < bindparam("today"), _word(When.PAST)),
    (Deal.expected_on < bindparam("following"), _word(When.THIS)),
    (Deal.expected_on < bindparam("after"), _word(When.NEXT)),
    else_=_word(When.LATER),
).label("at")

STAGES = (
    select(Stage.id, Stage.name, Stage.chance, StageOutcome.won, StageOutcome.decided)
    .outerjoin(StageOutcome, StageOutcome.stage_id == Stage.id)
    .where(Stage.department == bindparam("department"), Stage.removed_at.is_(None))
    .order_by(Stage.position, Stage.id)
)


def deal_board(
    session: Session, actor: Actor, department: Department, today: date, owner_id: int | None = None
) -> DealBoard:
    """One lane, of everybody or of one owner. Four statements."""
    following = months_on(month_of(today), 1)
    values = {"today": today, "following": following, "after": months_on(following, 1), "owner": owner_id}
    totals, first = _statements(owner_id is not None)
    read = session.connection().execute
    stages = read(STAGES, {"department": department}).all()
    measured = {row.id: Share(row.won or 0, row.decided or 0) for row in stages}
    weights = {row.id: chance(row.chance, measured[row.id]) for row in stages}
    by_stage, by_when = defaultdict[int, list[Worth]](list), defaultdict[When, list[Worth]](list)
    for stage, when, currency, count, one_off, monthly in read(totals, {"department": department, **values}):
        weight, sums = weights.get(stage), (int(one_off), int(monthly))
        worth = Worth(currency, count, *sums, *(weight.of(each) if weight else 0 for each in sums))
        by_stage[stage].append(worth)
        if weight is not None:
            by_when[When(when)].append(worth)
    cards = defaultdict[int, list[DealCard]](list)
    shown = read(first, {"department": department, **values}).all()
    proposals = proposals_of(session, [deal for _stage, deal, *_ in shown], today)
    for stage, deal, *card in shown:
        cards[stage].append(DealCard(*(deal, *card, proposals.get(deal))))
    columns = tuple(
        DealColumn(
            row.id,
            row.name,
            weights[row.id],
            measured[row.id],
            sum(worth.count for worth in by_stage[row.id]),
            added_up(by_stage[row.id]),
            tuple(cards[row.id]),
        )
        for row in stages
    )
    return DealBoard(
        columns,
        added_up(worth for column in columns for worth in column.worth),
        tuple((when, added_up(by_when[when])) for when in When if by_when[when]),
        sum(worth.count for stage, worths in by_stage.items() if stage not in weights for worth in worths),
    )


def added_up(worths: Iterable[Worth]) -> tuple[Worth, ...]:
    """Per currency, in the order of their codes."""
    found: dict[str, list[int]] = {}
    for worth in worths:
        sums = found.setdefault(worth.currency, [0] * 5)
        figures = (
            worth.count,
            worth.one_off_minor,
            worth.monthly_minor,
            worth.weighted_one_off_minor,
            worth.weighted_monthly_minor,
        )
        found[worth.currency] = [one + other for one, other in zip(sums, figures, strict=True)]
    return tuple(Worth(currency, *sums) for currency, sums in sorted(found.items()))


@lru_cache
def _statements(of_one: bool) -> tuple[Select[*tuple[Any, ...]], Select[*tuple[Any, ...]]]:
    """What the deals of a stage and currency are worth, by when they are expected; and the first deals of each stage,
    those without a day last."""
    mine = [OPEN_DEAL, Engagement.department == bindparam("department")]
    mine += [Deal.owner_id == bindparam("owner")] if of_one else []
    totals = (
        select(STAGE, WHEN, Deal.currency, func.count(), func.sum(Deal.one_off_minor), func.sum(Deal.monthly_minor))
        .join(Engagement, WORK_OF_DEALS)
        .where(*mine)
        .group_by(STAGE, WHEN, Deal.currency)
    )
    order = (Deal.expected_on.is_(None), Deal.expected_on, Deal.id)
    place = func.row_number().over(partition_by=Engagement.stage_id, order_by=order)
    placed = (
        select(Deal.id, Engagement.stage_id, place.label("place"))
        .join(Engagement, WORK_OF_DEALS)
        .where(*mine, Engagement.closed_at.is_(None))
        .subquery()
    )
    first = select(placed).where(placed.c.place <= FIRST).subquery()
    cards = (
        select(
            first.c.stage_id,
            Deal.id,
            Deal.name,
            Deal.client_id,
            Client.name,
            User.name,
            Deal.currency,
            Deal.one_off_minor,
            Deal.monthly_minor,
            Deal.expected_on,
        )
        .join(first, first.c.id == Deal.id)
        .join(Client, Client.id == Deal.client_id)
        .join(User, User.id == Deal.owner_id)
        .order_by(first.c.stage_id, first.c.place)
    )
    return totals, cards
