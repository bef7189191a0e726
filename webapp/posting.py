"""The job that sends letters, each once.

An attempt is committed before a word is said to the server. What a crash leaves in ``sending`` may have gone out: it
becomes ``unsure``, and a person decides. Only what was certainly not taken is tried again by itself.
"""

import secrets
from dataclasses import dataclass
from hashlib import sha256
from time import monotonic

from flask import current_app
from sqlalchemy import exists, select
from werkzeug.urls import iri_to_uri

from webapp.db import db, transaction
from webapp.domain.company import Company
from webapp.domain.letter import Letter
from webapp.domain.letter_state import LetterState, LOST
from webapp.exchange import mail
from webapp.exchange.launch_letters import way_out
from webapp.jobs import later, limited, queue, sweep
from webapp.smtp import Answer, Dialogue, Known, Server
from webapp.web.clock import now

ROUND = 20
"""Seconds after which a round makes room for other jobs, and for a worker that is to stop; the next one goes on."""

TIME_LIMIT = 300
"""Seconds for one round; shorter than ``LOST``."""

DAMAGED = "The stored file does not have its recorded hash"


@dataclass(frozen=True, slots=True)
class Parcel:
    """A letter ready to be offered, read while no transaction is open."""

    id: int
    attempt: int
    server: Server
    sender: str
    address: str
    message: bytes


@limited(TIME_LIMIT)
def post_letters() -> None:
    """Send what is due, one letter after another. A server that does not let us in ends the round."""
    ends = monotonic() + ROUND
    while (letter_id := _begin()) is not None:
        if not _post(letter_id).reached:
            return
        if monotonic() > ends:
            later(post_letters)
            return


@sweep
def send_what_is_due() -> None:
    """Begin a round when a letter is due, and say of what a crash left that nobody knows."""
    at = now()
    lost = db.session.scalars(
        select(Letter.id).where(Letter.state == LetterState.SENDING, Letter.tried_at < at - LOST).limit(500)
    ).all()
    due = db.session.scalar(select(exists().where(Letter.state == LetterState.WAITING, Letter.next_attempt_at <= at)))
    db.session.rollback()
    for letter_id in lost:
        with transaction() as session:
            letter = session.get_one(Letter, letter_id, with_for_update=True)
            if letter.is_lost(at):
                session.add(letter.lose("", at=at))
    if due and not queue().holds(post_letters):
        later(post_letters)


def try_mail(company: Company, address: str, subject: str, body: str) -> Answer:
    """Send a short letter to somebody of ours at once, and tell what the server said."""
    domain = company.mail_from.rpartition("@")[2]
    try:
        message = mail.write(
            message_id=f"<{secrets.token_hex(16)}.test@{domain}>",
            sender=company.mail_from,
            sender_name=company.name,
            reply_to="",
            to=address,
            subject=subject,
            body=f"{body}\n",
            at=now(),
        )
        to, sender = mail.envelope(address), mail.envelope(company.mail_from)
    except (UnicodeError, ValueError) as error:
        return Answer(Known.NEVER, type(error).__name__)
    server = server_of(company)
    db.session.rollback()
    return Dialogue(server, patience=10).hold(sender, to, message.as_bytes())


def server_of(company: Company) -> Server:
    """The company's server, with the environment's password where it is meant for that server."""
    password = current_app.config["BATON"].password_for(company.mail_host)
    return Server(company.mail_host, company.mail_port, company.mail_security, company.mail_user, password)


def _begin() -> int | None:
    """Claim the letter that has waited longest; its attempt is committed. None when nothing is due."""
    due = (Letter.state == LetterState.WAITING, Letter.next_attempt_at <= now())
    first = select(Letter).where(*due).order_by(Letter.next_attempt_at, Letter.id).limit(1)
    company = db.session.get(Company, 1)
    idle = company is None or not company.sends_mail or not db.session.scalar(select(exists().where(*due)))
    db.session.rollback()
    if idle:
        return None
    with transaction() as session:
        letter = session.scalars(first.with_for_update(skip_locked=True)).one_or_none()
        if letter is None:
            return None
        session.add(letter.begin(at=now()))
        return letter.id


def _post(letter_id: int) -> Answer:
    """Offer a claimed letter and write down what became of it, whatever interrupts."""
    attempt, dialogue = 0, None
    try:
        parcel = _parcel(letter_id)
        if isinstance(parcel, Answer):
            return _note(letter_id, attempt, parcel)
        attempt, dialogue = parcel.attempt, Dialogue(parcel.server)
        answer = dialogue.hold(parcel.sender, parcel.address, parcel.message)
    except BaseException as error:
        handed_over = dialogue is not None and dialogue.handed_over
        _note(letter_id, attempt, Answer(Known.UNSURE if handed_over else Known.LATER, type(error).__name__))
        raise
    return _note(letter_id, attempt, answer)


def _parcel(letter_id: int) -> Parcel | Answer:
    """The letter as bytes with its envelope, or why it never can be sent."""
    letter, company = db.session.get_one(Letter, letter_id), db.session.get_one(Company, 1)
    files = [(one.name, one.file.media_type, one.file.content, one.file.sha256) for one in letter.attachments]
    author = letter.author
    try:
        if any(sha256(content).hexdigest() != recorded for _, _, content, recorded in files):
            current_app.logger.critical("a file of letter %s does not have its recorded hash", letter_id)
            return Answer(Known.NEVER, DAMAGED)
        message = mail.write(
            message_id=letter.message_id,
            sender=company.mail_from,
            sender_name=company.name,
            reply_to=(author.email if author is not None else None) or company.email,
            to=letter.address,
            subject=letter.subject,
            body=letter.body,
            at=now(),
            attachments=[(name, media_type, content) for name, media_type, content, _ in files],
            way_out=iri_to_uri(way_out(letter)),
        )
        return Parcel(
            letter.id,
            letter.attempts,
            server_of(company),
            mail.envelope(company.mail_from),
            mail.envelope(letter.address),
            message.as_bytes(),
        )
    except (UnicodeError, ValueError) as error:
        return Answer(Known.NEVER, type(error).__name__)
    finally:
        db.session.rollback()


def _note(letter_id: int, attempt: int, answer: Answer) -> Answer:
    """Keep the outcome, unless somebody decided otherwise meanwhile (``attempt`` 0: whichever)."""
    db.session.rollback()
    with transaction() as session:
        letter = session.get_one(Letter, letter_id, with_for_update=True)
        if letter.state not in (LetterState.SENDING, LetterState.UNSURE) or attempt not in (0, letter.attempts):
            return answer
        verb = {
            Known.TAKEN: letter.accept,
            Known.LATER: letter.delay,
            Known.NEVER: letter.refuse,
            Known.UNSURE: letter.lose,
        }[answer.known]
        if answer.known is not Known.UNSURE or letter.state is LetterState.SENDING:
            session.add(verb(answer.text, at=now()))
    return answer
