"""One quarter's review: its lines with figures and reasons, how far it is decided, what the list weighs in sales."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from sqlalchemy import func, Select, select
from sqlalchemy.orm import aliased, Session

from webapp.domain.client import Client
from webapp.domain.handoff import HandOff
from webapp.domain.handoff_state import HandOffState
from webapp.domain.sales_class import SalesClass
from webapp.domain.user import Actor, User
from webapp.domain.vip_line import VipLine, VipSum
from webapp.domain.vip_place import VipPlace
from webapp.domain.vip_review import VipReview
from webapp.domain.vip_rules import CHANGES, VipStep
from webapp.domain.vip_tier import VipTier

PAGE = 50


@dataclass(frozen=True, slots=True)
class WantedLines:
    """``step`` narrows to what is proposed, ``best`` to a class of sales; ``after`` is the cursor, a line's number."""

    step: VipStep | None = None
    best: SalesClass | None = None
    undecided: bool = False
    changes: bool = False
    after: int | None = None


@dataclass(frozen=True, slots=True)
class LineSum:
    """Basis points of growth are None where nothing was paid before."""

    currency: str
    paid_minor: int
    before_minor: int
    sales_class: SalesClass

    @property
    def growth(self) -> int | None:
        """Percent, rounded down."""
        return (self.paid_minor - self.before_minor) * 100 // self.before_minor if self.before_minor else None


@dataclass(frozen=True, slots=True)
class LineRow:
    id: int
    version: int
    client_id: int
    client: str
    was_tier: str | None
    proposed: VipStep
    proposed_tier: str | None
    best: SalesClass | None
    reasons: tuple[str, ...]
    decision: VipStep | None
    tier: str | None
    reason: str
    decided_by: str | None
    handoff_id: int | None
    handoff: HandOffState | None
    """Where the hand-off stands that carries the decision out."""
    since: date | None
    """Since when the client holds a place in the programme now."""
    sums: tuple[LineSum, ...]


ROW = tuple(each.name for each in fields(LineRow))[:-1]
"""What ``_lines`` selects, in its order."""


@dataclass(frozen=True, slots=True)
class Weight:
    """One currency: the company's sales and classes, and what of them the list brings; shares in percent, down."""

    currency: str
    clients: int
    paid_minor: int
    level_minor: int
    a_clients: int
    a_share: int
    b_clients: int
    b_share: int
    listed_share: int
    mono: bool


@dataclass(frozen=True, slots=True)
class ReviewPage:
    rows: tuple[LineRow, ...]
    after: int | None
    counts: Mapping[VipStep, int]
    """Lines by what is proposed."""
    undecided: int
    """Proposed changes on which nobody decided."""
    weights: tuple[Weight, ...]


def review_page(session: Session, actor: Actor, review: VipReview, wanted: WantedLines) -> ReviewPage:
    """A page of the review's lines. Four statements."""
    found = session.execute(_lines(review, wanted).limit(PAGE + 1)).all()
    rows, after = found[:PAGE], found[PAGE - 1].id if len(found) > PAGE else None
    sums = _sums(session, [row.id for row in rows])
    counts: dict[VipStep, int] = {}
    undecided = 0
    for proposed, open_ones, count in session.execute(
        select(VipLine.proposed, func.count().filter(VipLine.decision.is_(None)), func.count())
        .where(VipLine.review_id == review.id)
        .group_by(VipLine.proposed)
    ):
        counts[proposed] = count
        undecided += open_ones if proposed in CHANGES else 0
    return ReviewPage(
        tuple(_row(row, sums.get(row.id, ())) for row in rows), after, counts, undecided, _weights(session, review)
    )


def line_row(session: Session, actor: Actor, line: VipLine) -> LineRow:
    """One line as the list shows it. Two statements."""
    row = session.execute(_lines(line.review, WantedLines()).where(VipLine.id == line.id)).one()
    return _row(row, _sums(session, [line.id]).get(line.id, ()))


def _lines(review: VipReview, wanted: WantedLines) -> Select[*tuple[Any, ...]]:
    was, proposed, decided = aliased(VipTier), aliased(VipTier), aliased(VipTier)
    page: Select[*tuple[Any, ...]] = (
        select(
            VipLine.id,
            VipLine.version,
            VipLine.client_id,
            Client.name,
            was.name,
            VipLine.proposed,
            proposed.name,
            VipLine.best,
            VipLine.reasons,
            VipLine.decision,
            decided.name,
            VipLine.reason,
            User.name,
            VipLine.handoff_id,
            HandOff.state,
            VipPlace.since,
        )
        .join(Client, Client.id == VipLine.client_id)
        .outerjoin(was, was.id == VipLine.was_tier_id)
        .outerjoin(proposed, proposed.id == VipLine.proposed_tier_id)
        .outerjoin(decided, decided.id == VipLine.tier_id)
        .outerjoin(User, User.id == VipLine.decided_by_id)
        .outerjoin(HandOff, HandOff.id == VipLine.handoff_id)
        .outerjoin(VipPlace, (VipPlace.client_id == VipLine.client_id) & VipPlace.until.is_(None))
        .where(VipLine.review_id == review.id)
        .order_by(VipLine.id)
    )
    if wanted.step is not None:
        page = page.where(VipLine.proposed == wanted.step)
    if wanted.best is not None:
        page = page.where(VipLine.best == wanted.best)
    if wanted.undecided:
        page = page.where(VipLine.decision.is_(None))
    if wanted.changes:
        page = page.where(VipLine.decision.in_(CHANGES))
    return page.where(VipLine.id > wanted.after) if wanted.after is not None else page


def _row(row: Any, sums: tuple[LineSum, ...]) -> LineRow:
    return LineRow(**{**dict(zip(ROW, row, strict=True)), "reasons": tuple(row[8])}, sums=sums)


def _sums(session: Session, lines: list[int]) -> dict[int, tuple[LineSum, ...]]:
    found: dict[int, tuple[LineSum, ...]] = {}
    rows: Any = session.execute(
        select(VipSum.line_id, VipSum.currency, VipSum.paid_minor, VipSum.before_minor, VipSum.sales_class)
        .where(VipSum.line_id.in_(lines))
        .order_by(VipSum.id)
    )
    for line_id, *rest in rows:
        found[line_id] = (*found.get(line_id, ()), LineSum(*rest))
    return found


def _weights(session: Session, review: VipReview) -> tuple[Weight, ...]:
    """The currencies of the review, each by itself."""
    step = func.coalesce(VipLine.decision, VipLine.proposed)
    listed = {
        currency: int(minor)
        for currency, minor in session.execute(
            select(VipSum.currency, func.sum(VipSum.paid_minor))
            .join(VipLine, VipLine.id == VipSum.line_id)
            .where(VipLine.review_id == review.id, step.in_([VipStep.ENTER, VipStep.MOVE, VipStep.STAY]))
            .group_by(VipSum.currency)
        )
    }
    return tuple(_weight(one, listed.get(one["currency"], 0), review.rules["mono"]) for one in review.figures)


def _weight(one: dict[str, Any], listed: int, mono: int) -> Weight:
    whole = one["paid_minor"] or 1
    return Weight(
        one["currency"],
        one["clients"],
        one["paid_minor"],
        one["level_minor"],
        one["a_clients"],
        one["a_minor"] * 100 // whole,
        one["b_clients"],
        one["b_minor"] * 100 // whole,
        listed * 100 // whole,
        listed * 100 > whole * mono,
    )
