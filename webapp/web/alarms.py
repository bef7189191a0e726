"""The alarm that a view raises: by e-mail, with the address of the attack's page."""

from datetime import datetime

from sqlalchemy.orm import Session

from webapp.domain.attack import Attack
from webapp.domain.user import User
from webapp.exchange import alarms
from webapp.web.address import outside


def alarm(session: Session, attack: Attack, evidence: str, *, by: User, at: datetime) -> int:
    """How many letters wait; a round of the post takes them within a minute, or at once when the view asks for it."""
    link = outside("attacks.show", id=attack.id)
    return alarms.alarm(session, attack, evidence, by=by, at=at, link=link)
