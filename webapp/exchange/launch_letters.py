"""The e-mail of a launch: what it says, to whom it goes, and the way out that every one of them names."""

import re
from datetime import date, datetime

from sqlalchemy.orm import Session

from webapp.domain.client import Client
from webapp.domain.company import Company
from webapp.domain.contact import Contact, DecisionRole
from webapp.domain.launch_state import Missed
from webapp.domain.launch_touch import LaunchTouch
from webapp.domain.letter import Letter
from webapp.domain.letter_state import LetterKind
from webapp.domain.letter_text import fill, fill_line, SECRET, TextKind, words
from webapp.domain.mailing_link import MailingLink

WAY_OUT = "{unsubscribe}"
"""The place that no text of ours may lack; where a company's own words forgot it, it stands below them."""

STOPS = re.compile(r"https?://[^\s<>()]+/m/[\w-]{20,}/stop(?![\w/-])", re.ASCII)


def way_out(letter: Letter) -> str:
    """Where the client stops the mailings, as the letter says; nothing where it is no mailing."""
    found = STOPS.findall(letter.body) if letter.kind is LetterKind.LAUNCH else []
    return found[-1] if found else ""


def whom(client: Client) -> Contact | None:
    """Who decides, else the first of those who may be mailed."""
    there = [contact for contact in client.contacts if contact.there and contact.email and not contact.no_mailings]
    deciding = [contact for contact in there if contact.decision_role is DecisionRole.DECIDES]
    return next(iter([*deciding, *there]), None)


def give(session: Session, touch: LaunchTouch, day: date, *, at: datetime) -> None:
    """Queue the e-mail of one client. Its purpose is unique: nobody gets it twice, whatever happens."""
    contact, launch, client = whom(touch.client), touch.launch, touch.client
    if contact is None or client.lost_at is not None:
        known = any(each.there and each.email for each in client.contacts)
        touch.miss(Missed.OPTED_OUT if known else Missed.NO_ADDRESS)
        return
    company = session.get_one(Company, 1)
    language = company.language if company.language in ("en", "ru") else "en"
    token = MailingLink.make(session, touch, contact, at=at)
    values = {
        "client": client.name,
        "contact": contact.name,
        "company": company.name,
        "author": launch.owner.name,
        "product": launch.product.name,
        "message": launch.message,
        "link": f"{launch.site}/m/{token}",
        "unsubscribe": f"{launch.site}/m/{token}/stop",
    }
    subject, body = words(session, TextKind.LAUNCH, language)
    if WAY_OUT not in body:
        body = f"{body.rstrip()}\n\n{WAY_OUT}\n"
    no_keys = dict.fromkeys(SECRET[TextKind.LAUNCH], "")
    touch.letter = Letter.write(
        session,
        client,
        LetterKind.LAUNCH,
        purpose=f"launch:{launch.id}:{client.id}",
        address=contact.email,
        subject=fill_line(subject, values | no_keys),
        body=fill(body, values),
        language=language,
        by=launch.owner,
        at=at,
        contact=contact,
    )
    touch.give()
