"""The deals board: open deals of one department by the stage of their client, with what they are worth and weigh."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy import case, ColumnElement, func, select
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
from webapp.queries.board_heads import OPEN_DEAL

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


def deal_board(
    session: Session, actor: Actor, department: Department, today: date, owner_id: int | None = None
) -> DealBoard:
    """One lane, of everybody or of one owner. Three statements."""
    mine = [OPEN_DEAL, Engagement.department == department]
    if owner_id is not None:
        mine.append(Deal.owner_id == owner_id)
    stages = session.execute(
        select(Stage.id, Stage.name, Stage.chance, StageOutcome.won, StageOutcome.decided)
        .outerjoin(StageOutcome, StageOutcome.stage_id == Stage.id)
        .where(Stage.department == department, Stage.removed_at.is_(None))
        .order_by(Stage.position, Stage.id)
    ).all()
    measured = {row.id: Share(row.won or 0, row.decided or 0) for row in stages}
    weights = {row.id: chance(row.chance, measured[row.id]) for row in stages}
    parts = _parts(session, mine, today, weights)
    cards = _cards(session, mine)
    by_stage, by_when = defaultdict[int, list[Worth]](list), defaultdict[When, list[Worth]](list)
    for stage, when, worth in parts:
        by_stage[stage].append(worth)
        if stage in weights:
            by_when[when].append(worth)
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


STAGE = case((Engagement.closed_at.is_(None), Engagement.stage_id), else_=ENDED)


def _parts(
    session: Session, mine: list[ColumnElement[bool]], today: date, weights: dict[int, Chance]
) -> list[tuple[int, When, Worth]]:
    """What the deals of a stage and currency are worth, by when they are expected; every part is rounded once."""
    following = months_on(month_of(today), 1)
    expected = case(
        (Deal.expected_on.is_(None), When.UNKNOWN.value),
        (Deal.expected_on < today, When.PAST.value),
        (Deal.expected_on < following, When.THIS.value),
        (Deal.expected_on < months_on(following, 1), When.NEXT.value),
        else_=When.LATER.value,
    )
    stage, when = STAGE.label("stage"), expected.label("at")
    rows = session.execute(
        select(stage, when, Deal.currency, func.count(), func.sum(Deal.one_off_minor), func.sum(Deal.monthly_minor))
        .join(Engagement, Engagement.id == Deal.engagement_id)
        .where(*mine)
        .group_by(stage, when, Deal.currency)
    )
    nothing = Chance(0, chance(None, Share(0, 0)).basis)
    found = []
    for stage_id, at, currency, count, one_off, monthly in rows:
        weight, sums = weights.get(stage_id, nothing), (int(one_off), int(monthly))
        found.append((stage_id, When(at), Worth(currency, count, *sums, *map(weight.of, sums))))
    return found


def _cards(session: Session, mine: list[ColumnElement[bool]]) -> defaultdict[int, list[DealCard]]:
    """The first deals of each column. Those without a day come last."""
    order = (Deal.expected_on.is_(None), Deal.expected_on, Deal.id)
    place = func.row_number().over(partition_by=Engagement.stage_id, order_by=order)
    first = (
        select(Deal.id, Engagement.stage_id, place.label("place"))
        .join(Engagement, Engagement.id == Deal.engagement_id)
        .where(*mine, Engagement.closed_at.is_(None))
        .subquery()
    )
    rows = session.execute(
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
        .where(first.c.place <= FIRST)
        .order_by(first.c.stage_id, first.c.place)
    )
    found = defaultdict[int, list[DealCard]](list)
    for stage, *card in rows:
        found[stage].append(DealCard(*card))
    return found
