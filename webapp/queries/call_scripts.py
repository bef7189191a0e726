"""Who last changed what is said on the phone."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.domain.event import Event
from webapp.domain.user import User

LOOKED_AT = 200
"""Changes, the latest first; an older one is not told."""


def last_changes(session: Session) -> dict[str, tuple[datetime, str]]:
    """The moment and the author of each line's last change, by reason and language. One statement."""
    rows = session.execute(
        select(Event.details, Event.at, User.name)
        .join(User, User.id == Event.actor_id)
        .where(Event.kind == "script:changed")
        .order_by(Event.id.desc())
        .limit(LOOKED_AT)
    ).all()
    return {f"{details['reason']}-{details['language']}": (at, name) for details, at, name in reversed(rows)}
