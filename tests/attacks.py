"""Rivals and their attacks to test with, made by the domain's own verbs."""

from datetime import datetime

from sqlalchemy.orm import Session

from tests.cast import AT, Cast
from tests.factories import number
from webapp.domain.attack import Attack
from webapp.domain.attack_state import Severity, SignalKind
from webapp.domain.client import Client
from webapp.domain.competitor import Competitor
from webapp.domain.user import User


def make_competitor(session: Session, by: User, name: str = "", *, at: datetime = AT) -> Competitor:
    """A rival of the registry."""
    return Competitor.add(session, name or f"Rival {number()}", by=by, at=at)


def make_attack(
    session: Session,
    client: Client,
    cast: Cast,
    rival: Competitor | None = None,
    *,
    severity: Severity = Severity.HIGH,
    kind: SignalKind = SignalKind.OFFER,
    evidence: str = "Their offer lay on the table",
    by: User | None = None,
    at: datetime = AT,
) -> Attack:
    """A signal of the clerk's, and the attack that it raises or joins."""
    rival = rival or make_competitor(session, cast.head_of_vip)
    return Attack.signal(
        session, client, rival, kind, evidence, severity, by=by or cast.clerk, at=at, company=cast.company
    )
