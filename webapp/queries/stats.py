"""Counts and sums of everything, for operators and for checks."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.domain.client import Client
from webapp.domain.deal import Deal, DealStatus
from webapp.domain.engagement import Engagement
from webapp.domain.handoff import HandOff
from webapp.domain.handoff_state import HandOffState
from webapp.domain.held_row import HeldRow, HeldRowState
from webapp.domain.importing import Import
from webapp.domain.money import Money
from webapp.domain.product import Product
from webapp.domain.stage import Stage
from webapp.domain.user import User
from webapp.domain.words import Department


def stats(session: Session) -> dict[str, Any]:
    """A JSON object: clients; engagements per lane and stage; deals per status with sums per currency; held-back rows;
    hand-offs per state; users. Nine statements. Sums are ``minor`` units and an exact ``major`` text."""
    return {
        "clients": _count(session, Client),
        "products": _count(session, Product),
        "users": _users(session),
        "engagements": _engagements(session),
        "deals": _deals(session),
        "held_rows": _held_rows(session),
        "handoffs": _by(session, HandOff.state, HandOffState),
        "imports": _count(session, Import),
    }


def _count(session: Session, model: Any) -> int:
    return session.scalars(select(func.count()).select_from(model)).one()


def _by(session: Session, column: Any, words: Iterable[Any], *conditions: Any) -> dict[str, int]:
    """How many of each word; a word that does not occur has none."""
    rows = session.execute(select(column, func.count()).where(*conditions).group_by(column)).all()
    counted = {str(word): count for word, count in rows}
    return {str(word): counted.pop(str(word), 0) for word in words} | counted


def _users(session: Session) -> dict[str, Any]:
    rows = session.execute(
        select(User.role, User.department, User.deactivated_at.is_(None), func.count()).group_by(
            User.role, User.department, User.deactivated_at.is_(None)
        )
    ).all()
    found: dict[str, Any] = {"total": 0, "active": 0, "by_role": {}, "by_department": {}}
    for role, department, active, count in rows:
        found["total"] += count
        found["active"] += count if active else 0
        found["by_role"][role.value] = found["by_role"].get(role.value, 0) + count
        if department:
            found["by_department"][department.value] = found["by_department"].get(department.value, 0) + count
    return found


def _engagements(session: Session) -> dict[str, Any]:
    """Open engagements. Stages stand in their order, empty ones too; a removed one only while somebody stands there."""
    open_ones = Engagement.closed_at.is_(None)
    rows = session.execute(
        select(Stage.department, Stage.name, Stage.removed_at, func.count(Engagement.id))
        .outerjoin(Engagement, (Engagement.stage_id == Stage.id) & open_ones)
        .group_by(Stage.id, Stage.department, Stage.name, Stage.removed_at, Stage.position)
        .order_by(Stage.department, Stage.position, Stage.id)
    ).all()
    found: dict[str, Any] = {"total": 0} | {lane.value: {"count": 0, "stages": {}} for lane in Department}
    for lane, name, removed_at, count in rows:
        if count or removed_at is None:
            stages = found[lane.value]["stages"]
            stages[name] = stages.get(name, 0) + count
        found[lane.value]["count"] += count
        found["total"] += count
    return found


def _deals(session: Session) -> dict[str, Any]:
    """``count`` counts every deal that is known: those on the board (or in its history) and those held back."""
    sums = session.execute(
        select(Deal.status, Deal.currency, func.count(), func.sum(Deal.one_off_minor), func.sum(Deal.monthly_minor))
        .group_by(Deal.status, Deal.currency)
        .order_by(Deal.currency)
    ).all()
    held = _by(session, HeldRow.status, DealStatus, HeldRow.state == HeldRowState.HELD, HeldRow.kind == "deal")
    found: dict[str, Any] = {}
    for status in DealStatus:
        rows = [row for row in sums if row[0] is status]
        kept = sum(row[2] for row in rows)
        place = "on_the_board" if status is DealStatus.OPEN else "in_the_history"
        found[status.value] = {
            "count": kept + held[status.value],
            "of_which_held_back": held[status.value],
            place: kept,
            "amounts": {
                currency: {**_sum("", one_off, currency), **_sum("monthly_", monthly, currency)}
                for _, currency, _, one_off, monthly in rows
            },
        }
    return found


def _sum(prefix: str, minor: Any, currency: str) -> dict[str, Any]:
    money = Money(int(minor), currency)
    return {f"{prefix}minor": money.minor, f"{prefix}major": str(money.amount)}


def _held_rows(session: Session) -> dict[str, Any]:
    is_held = HeldRow.state == HeldRowState.HELD
    return {
        **_by(session, HeldRow.state, HeldRowState),
        "by_kind": _by(session, HeldRow.kind, (), is_held),
        "by_problem": _by(session, HeldRow.problem, (), is_held),
    }
