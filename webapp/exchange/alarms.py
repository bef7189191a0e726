"""The alarm by e-mail: a competitor is after a client. It goes to our own people, never to the client."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from webapp.domain.attack import Attack
from webapp.domain.company import Company
from webapp.domain.letter import Letter
from webapp.domain.letter_state import LetterKind
from webapp.domain.letter_text import fill, fill_line, TextKind, words
from webapp.domain.user import User
from webapp.domain.words import Role
from webapp.pdf.words import long_date


def alarm(session: Session, attack: Attack, evidence: str, *, by: User, at: datetime, link: str) -> int:
    """Write to who defends the client and to the heads, but not to who raised the alarm. How many letters that were.

    Each gets one letter for an attack, and one more when a graver signal brings the deadline forward. Without a mail
    server there is none: the menu and the first page tell it all the same. ``link`` is the attack's page.
    """
    company = session.get_one(Company, 1)
    if not company.sends_mail:
        return 0
    purposes = {f"alarm:{attack.id}:{attack.severity}:{user.id}": user for user in _alarmed(session, attack, by)}
    written = Letter.queued(session, purposes)
    for purpose, user in purposes.items():
        if purpose not in written:
            _write(session, company, attack, user, purpose, evidence, by=by, at=at, link=link)
    return len(purposes) - len(written)


def _alarmed(session: Session, attack: Attack, by: User) -> list[User]:
    return list(
        session.scalars(
            select(User)
            .where(or_(User.id == attack.owner.id, User.role == Role.HEAD), User.id != by.id)
            .where(User.deactivated_at.is_(None), User.email.is_not(None), User.alarmed_by_mail)
            .order_by(User.id)
        )
    )


def _write(
    session: Session,
    company: Company,
    attack: Attack,
    user: User,
    purpose: str,
    evidence: str,
    *,
    by: User,
    at: datetime,
    link: str,
) -> None:
    language = user.language or company.language
    subject, body = words(session, TextKind.ALARM, language)
    due = attack.due_at.astimezone(ZoneInfo(user.timezone))
    values = {
        "contact": user.name,
        "client": attack.client.name,
        "company": company.name,
        "author": by.name,
        "competitor": attack.competitor.name,
        "evidence": evidence,
        "due": f"{long_date(due.date().isoformat(), language)}, {due:%H:%M}",
        "link": link,
    }
    Letter.write(
        session,
        attack.client,
        LetterKind.ALARM,
        purpose=purpose,
        address=user.email or "",
        subject=fill_line(subject, values),
        body=fill(body, values),
        language=language,
        by=by,
        at=at,
    )
